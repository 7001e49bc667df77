"""The manager that has as many threads as the load needs.

This file must not know any transport.
"""

from dataclasses import dataclass

from netmail import RetryPolicy, UsageError
from netmail.delivery.attempts import DEFAULT_RETRY
from netmail.delivery.directives import read_directives
from netmail.delivery.interfaces import TransportFactory
from netmail.delivery.threads import DeliveryThreads, ThreadManager


@dataclass(frozen=True)
class DynamicDirectives:
    """The directives of `dynamic`.

    Attributes:
        workers: How many threads there are at most, each with a transport of its own.
        divisor: How many messages a thread delivers before its transport is shut down; the thread
            leaves then, unless others wait.
        timeout: Seconds without a message after which a thread leaves.
        retry: When a message is tried again; how often, a `Message` says itself.
    """

    workers: int = 10
    divisor: int = 10
    timeout: float = 60
    retry: RetryPolicy = DEFAULT_RETRY

    def __post_init__(self) -> None:
        for name in ("workers", "divisor"):
            if getattr(self, name) < 1:
                raise UsageError(f"manager dynamic: {name} is a number from 1 on")
        if not self.timeout >= 0:
            raise UsageError("manager dynamic: timeout is a number of seconds from 0 on")


class DynamicManager(ThreadManager):
    """Delivers in threads that come with the load and leave after it."""

    def __init__(self, config: dict[str, object], transport: TransportFactory) -> None:
        self._directives = read_directives(DynamicDirectives, config, "manager dynamic")
        self._transport = transport

    def startup(self) -> None:
        """Prepare; threads and connections are made for messages."""
        given = self._directives
        self._threads = DeliveryThreads(
            self._transport, given.retry, given.workers, given.divisor, given.timeout
        )
