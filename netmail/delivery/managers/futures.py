"""The manager with a fixed number of threads.

This file must not know any transport.
"""

from dataclasses import dataclass

from netmail import RetryPolicy, UsageError
from netmail.delivery.attempts import DEFAULT_RETRY
from netmail.delivery.directives import read_directives
from netmail.delivery.interfaces import TransportFactory
from netmail.delivery.threads import DeliveryThreads, ThreadManager


@dataclass(frozen=True)
class FuturesDirectives:
    """The directives of `futures`.

    Attributes:
        workers: How many threads deliver, each with a transport of its own.
        retry: When a message is tried again; how often, a `Message` says itself.
    """

    workers: int = 1
    retry: RetryPolicy = DEFAULT_RETRY

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise UsageError("manager futures: workers is a number from 1 on")


class FuturesManager(ThreadManager):
    """Delivers in threads, which stay; each message has a `Future` of its result."""

    def __init__(self, config: dict[str, object], transport: TransportFactory) -> None:
        self._directives = read_directives(FuturesDirectives, config, "manager futures")
        self._transport = transport

    def startup(self) -> None:
        """Prepare; threads and connections are made for the first messages."""
        given = self._directives
        self._threads = DeliveryThreads(self._transport, given.retry, given.workers)
