"""The durable outbox: messages in an SQLite file, sent by workers, which a crash does not lose."""

from netmail.delivery.outbox.batch import OutboxBatch
from netmail.delivery.outbox.database import Durability
from netmail.delivery.outbox.errors import (
    LeaseLost,
    OutboxError,
    OutboxFull,
    OutboxLocked,
    StillQueued,
)
from netmail.delivery.outbox.outbox import Outbox
from netmail.delivery.outbox.senders import OutboxTransport
from netmail.delivery.outbox.states import (
    OutboxEvent,
    OutboxMessage,
    OutboxRecipient,
    OutboxState,
    OutboxStatus,
    WorkReport,
)
from netmail.delivery.outbox.stop_signal import StopSignal

__all__ = [
    "Durability",
    "LeaseLost",
    "Outbox",
    "OutboxBatch",
    "OutboxError",
    "OutboxEvent",
    "OutboxFull",
    "OutboxLocked",
    "OutboxMessage",
    "OutboxRecipient",
    "OutboxState",
    "OutboxStatus",
    "OutboxTransport",
    "StillQueued",
    "StopSignal",
    "WorkReport",
]
