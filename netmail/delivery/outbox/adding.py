"""Add a message: its rows, once for each key, in a transaction of the outbox or of the caller.

This file must not know workers.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from netmail import Envelope, UsageError
from netmail.delivery.outbox import content, schema
from netmail.delivery.outbox.states import OutboxState

_MESSAGE: Final = (
    "INSERT INTO outbox_message (key, state, due, added, changed) VALUES (?, ?, ?, ?, ?)"
)
_RECIPIENT: Final = (
    "INSERT INTO outbox_recipient (message, position, address, state) VALUES (?, ?, ?, ?)"
)


def insert(
    connection: sqlite3.Connection, envelope: Envelope, due: float, key: str | None, now: float
) -> int:
    """Insert a message in the transaction that is open; return its number.

    With a key that is there already, nothing is inserted: the number is that message's.

    Raises:
        MessageError: If an attached file cannot be read.
    """
    # The transaction writes: between this look and the INSERT no other program can add the key.
    if key is not None:
        query = "SELECT id FROM outbox_message WHERE key = ?"
        if (row := connection.execute(query, (key,)).fetchone()) is not None:
            return int(row[0])
    number = connection.execute(_MESSAGE, (key, OutboxState.QUEUED, due, now, now)).lastrowid
    if number is None:  # SQLite has one after each INSERT
        raise AssertionError("no number")
    state = OutboxState.QUEUED
    rows = [(number, place, each, state) for place, each in enumerate(envelope.recipients)]
    connection.executemany(_RECIPIENT, rows)
    content.store(connection, number, envelope)
    return number


@contextmanager
def joined(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Write within the transaction that the caller has begun: all of it or nothing, no commit.

    Args:
        connection: The caller's.
        path: The outbox's file, which must be the connection's.

    Raises:
        UsageError: If it is another file's, or has no transaction.
    """
    _check_file(connection, path)
    if not connection.in_transaction:
        if connection.isolation_level is None:
            raise UsageError(
                "the connection has no transaction that the message could join: BEGIN one, or"
                " leave `connection` out"
            )
        # What sqlite3 itself does before an INSERT; a SAVEPOINT alone would be committed by its
        # RELEASE, and a later rollback would not take the message back.
        connection.execute(f"BEGIN {connection.isolation_level}")
    connection.execute("SAVEPOINT netmail_outbox")
    try:
        # The tables may be as new as the caller's own: they come with its commit, or not at all.
        schema.prepare(connection)
        yield
    except BaseException:
        # SQLite ends the whole transaction itself where the disk is full.
        if connection.in_transaction:
            connection.execute("ROLLBACK TO netmail_outbox")
            connection.execute("RELEASE netmail_outbox")
        raise
    connection.execute("RELEASE netmail_outbox")


def _check_file(connection: sqlite3.Connection, path: Path) -> None:
    query = "SELECT file FROM pragma_database_list WHERE name = 'main'"
    ((file,),) = connection.execute(query).fetchall()
    # A transaction over two files is not all or nothing in WAL mode.
    if not file or not path.exists() or not Path(file).samefile(path):
        raise UsageError(
            f"the connection is of {file or 'a database in memory'}, and the outbox lies in {path}:"
            " keep the outbox in the program's own database to join its transactions"
        )
