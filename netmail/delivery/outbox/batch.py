"""Several messages in one transaction of the outbox.

This file must not know files, nor transactions: it has a connection that is in one.
"""

from datetime import datetime
from time import time
from typing import TYPE_CHECKING

from netmail import Sendable, UsageError, envelope_of
from netmail.delivery.outbox import adding

if TYPE_CHECKING:
    import sqlite3


class OutboxBatch:
    """A transaction of an outbox, as `Outbox.transaction()` yields it."""

    _connection: "sqlite3.Connection"

    def __init__(self, connection: "sqlite3.Connection") -> None:
        self._connection = connection

    def add(
        self, message: Sendable, not_before: datetime | None = None, key: str | None = None
    ) -> int:
        """Add a message; it is in the file after the transaction.

        Args:
            message: As for `Outbox.add()`.
            not_before: As there.
            key: As there.

        Returns:
            The message's number.

        Raises:
            MessageError: If it cannot be written, or has no recipient.
            UsageError: If it is no message, `not_before` has no time zone, `key` is no text, or
                the transaction is over.
        """
        # Outside of it each row would be written by itself.
        if not self._connection.in_transaction:
            raise UsageError("the transaction is over: add messages within the `with` block")
        _check_key(key)
        # Written before the first INSERT: a message that is defective costs no lock.
        envelope = envelope_of(message)
        now = time()
        due = now if not_before is None else seconds_of(not_before, "not_before")
        return adding.insert(self._connection, envelope, due, key, now)


def _check_key(key: object) -> None:
    try:
        if key is None or (isinstance(key, str) and key.encode() is not None):
            return
    except UnicodeEncodeError:  # a lone surrogate
        pass
    raise UsageError(f"key is {key!a:.40}, and no text that SQLite can hold")


def seconds_of(time: object, name: str) -> float:
    """Return a time as seconds since 1970.

    Raises:
        UsageError: If it has no time zone.
    """
    # A time without a zone would mean another moment to a worker on a machine of another zone.
    if not isinstance(time, datetime) or time.tzinfo is None:
        raise UsageError(f"{name} has no time zone: give it one, such as datetime.now(UTC)")
    return time.timestamp()
