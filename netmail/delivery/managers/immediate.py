"""The manager that delivers within the call.

This file must not know any transport.
"""

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import cast

from netmail import MessageResult, RetryPolicy, Sendable
from netmail.delivery.attempts import DEFAULT_RETRY, HeldTransport
from netmail.delivery.directives import read_directives
from netmail.delivery.interfaces import TransportFactory


@dataclass(frozen=True)
class ImmediateDirectives:
    """The directives of `immediate`.

    Attributes:
        retry: When a message is tried again; how often, a `Message` says itself.
    """

    retry: RetryPolicy = DEFAULT_RETRY


class ImmediateManager:
    """Delivers each message before `deliver()` returns; several threads take turns."""

    def __init__(self, config: dict[str, object], transport: TransportFactory) -> None:
        self._directives = read_directives(ImmediateDirectives, config, "manager immediate")
        self._transport = transport
        self._lock = threading.Lock()

    def startup(self) -> None:
        """Prepare; no connection is made before the first message."""
        self._stopping = threading.Event()
        self._held = HeldTransport(self._transport, self._directives.retry, self._stopping)

    def deliver(self, message: Sendable) -> "Future[MessageResult]":
        """Deliver a message.

        Returns:
            A `Future` that is done.

        Raises:
            DeliveryFailed: As its `result()` would.
        """
        future: Future[MessageResult] = Future()
        with self._lock:
            future.set_result(cast("MessageResult", self._held.deliver(message)))
        return future

    def shutdown(self) -> None:
        """Wait for a message that is being delivered, not for its next attempt."""
        self._stopping.set()
        with self._lock:
            self._held.close()
