"""The errors of the outbox, and what SQLite's own mean.

This file must not know tables.

    OutboxError(DeliveryError)
      OutboxLocked   another program held the database for longer than the time limit
      OutboxFull     the disk, or the database, has no room
      LeaseLost      another worker has taken over what this one held
      StillQueued    the message is not final: it stays in the file (.id)
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from netmail.delivery.errors import DeliveryError


class OutboxError(DeliveryError):
    """The outbox could not read or write its file; what it held before is unchanged."""


class OutboxLocked(OutboxError):
    """Another connection held the database for longer than the time limit: nothing was written."""


class OutboxFull(OutboxError):
    """The disk has no room: nothing was written."""


class LeaseLost(OutboxError):
    """This worker was taken for dead, and what it held was given to others: it stops."""


class StillQueued(OutboxError):
    """The manager has stopped before the message was final: it stays in the outbox.

    Attributes:
        id: The message's number in the outbox.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"message {number} stays in the outbox, for the next worker")
        self.id = number

    def __reduce__(self) -> "tuple[type[StillQueued], tuple[int]]":
        return type(self), (self.id,)


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Raise what SQLite raises as an error of the outbox.

    Args:
        path: The file, for the sentence.

    Raises:
        OutboxLocked: If another connection holds the database.
        OutboxFull: If there is no room.
        OutboxError: For all else.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _explanation(path, error) from error


@contextmanager
def understood() -> Iterator[None]:
    """Raise what a table holds that no netmail has written as an error of the outbox.

    Raises:
        OutboxError: If a value is none of those that are known.
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        raise OutboxError(f"the outbox holds what netmail has not written: {error}") from error


def _explanation(path: str, error: sqlite3.Error) -> OutboxError:
    # The lower eight bits are the primary code: SQLITE_BUSY_SNAPSHOT is a SQLITE_BUSY.
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return OutboxLocked(
            f"outbox {path}: another program holds the database ({error}); nothing was written,"
            " try again"
        )
    # A file size limit shows as an I/O error of a write, not as SQLITE_FULL.
    if code == sqlite3.SQLITE_FULL or _is_failed_write(error):
        return OutboxFull(
            f"outbox {path}: no room on the disk ({error}); nothing was written, make room and"
            " try again"
        )
    return OutboxError(f"outbox {path}: {error}")


def _is_failed_write(error: sqlite3.Error) -> bool:
    # The log's index is a file too, and grows by 32 kB at once.
    failed = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
    return getattr(error, "sqlite_errorcode", None) in failed
