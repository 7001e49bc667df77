"""What the managers have in common whose messages wait in the queue of an engine.

This file must not know any engine: a manager says how a task is queued.
"""

import uuid
from abc import ABC, abstractmethod
from typing import ClassVar

from netmail import Sendable
from netmail.delivery.claims.deliveries import Deliveries, ParkedMessage, Receipt
from netmail.delivery.claims.queued import queued_message
from netmail.delivery.claims.store import Json
from netmail.delivery.errors import DeliveryFailed


class EngineManager(ABC):
    """Queues each message as a task, and lists what is parked.

    Args:
        deliveries: Claims and delivers, in the workers.
        max_size: Octets of the largest message.
    """

    _unreachable: ClassVar[type[Exception]]
    """What the engine raises where its queue cannot be reached."""

    def __init__(self, deliveries: Deliveries, max_size: int) -> None:
        self._deliveries = deliveries
        self._max_size = max_size

    @abstractmethod
    def _enqueue(self, payload: Json, delay: float = 0) -> None:
        """Queue a task that begins after so many seconds."""

    def deliver(self, message: Sendable) -> Receipt:
        """Queue a message; its `Receipt` has the result once a worker has delivered it.

        Raises:
            DeliveryFailed: If it is too large, or the queue cannot be reached.
        """
        # Not the Message-ID: an application may send the same message twice on purpose.
        queued = queued_message(uuid.uuid4().hex, message, self._max_size)
        try:
            self._enqueue(queued.to_json())
        except self._unreachable as error:
            raise DeliveryFailed(message, f"the queue cannot be reached: {error}") from error
        return Receipt(self._deliveries.store, queued.key, message)

    def parked(self) -> list[ParkedMessage]:
        """Return the messages for which nothing is certain."""
        return self._deliveries.parked()

    def retry(self, key: str) -> None:
        """Queue a parked message again, which may deliver it twice.

        Raises:
            UsageError: If no message is parked under this key.
        """
        self._enqueue(self._deliveries.again(key))
