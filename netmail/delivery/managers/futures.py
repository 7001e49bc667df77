"""The manager with a fixed number of threads.

This file must not know any transport.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import cast

from netmail import MessageResult, RetryPolicy, Sendable, UsageError
from netmail.delivery.attempts import DEFAULT_RETRY, HeldTransport
from netmail.delivery.directives import read_directives
from netmail.delivery.interfaces import TransportFactory


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


class FuturesManager:
    """Delivers in threads; each message has a `Future` of its result."""

    def __init__(self, config: dict[str, object], transport: TransportFactory) -> None:
        self._directives = read_directives(FuturesDirectives, config, "manager futures")
        self._transport = transport

    def startup(self) -> None:
        """Prepare; threads and connections are made for the first messages."""
        self._stopping = threading.Event()
        self._idle: SimpleQueue[HeldTransport] = SimpleQueue()
        for _ in range(self._directives.workers):
            self._idle.put(HeldTransport(self._transport, self._directives.retry, self._stopping))
        self._threads = ThreadPoolExecutor(self._directives.workers, "netmail-delivery")

    def deliver(self, message: Sendable) -> "Future[MessageResult]":
        """Queue a message; its `Future` has the result, or the `DeliveryFailed`."""
        return self._threads.submit(self._deliver, message)

    def _deliver(self, message: Sendable) -> MessageResult:
        held = self._idle.get()  # there are as many as threads: it never waits
        try:
            return cast("MessageResult", held.deliver(message))
        finally:
            self._idle.put(held)

    def shutdown(self) -> None:
        """Deliver what is queued, without waiting for further attempts."""
        self._stopping.set()
        self._threads.shutdown(wait=True)
        for _ in range(self._directives.workers):
            self._idle.get().close()
