"""What a person decides: a message is sent again, or counts as settled; old ones are removed.

This file must not know workers. It never touches what a worker holds.
"""

import sqlite3
from typing import Final

from netmail import UsageError
from netmail.delivery.outbox.errors import understood
from netmail.delivery.outbox.outcomes import message_state
from netmail.delivery.outbox.states import OutboxState

_EVENT: Final = "INSERT INTO outbox_event (message, at, text) VALUES (?, ?, ?)"
# The token of a parked message goes: the result of its worker would come too late now.
_MESSAGE: Final = """
UPDATE outbox_message
SET state = ?, due = ?, changed = ?, losses = 0, token = NULL, reason = ''
WHERE id = ?
"""
_OLD: Final = """
SELECT id FROM outbox_message
WHERE state IN ('sent', 'refused', 'dead') AND changed < ? AND id > ? ORDER BY id LIMIT ?
"""
SLICE: Final = 500
"""Messages that are removed in one transaction."""


def retry(connection: sqlite3.Connection, number: int, now: float) -> None:
    """Queue a message again for the recipients that do not have it for certain.

    Raises:
        UsageError: If there is none of this number, or it is sent, waits, or is with a worker.
    """
    state = _state(connection, number)
    # A message that waits only loses its wait: its tries count on.
    if state in {OutboxState.DEFERRED, OutboxState.QUEUED}:
        update = "UPDATE outbox_message SET due = ? WHERE id = ?"
        connection.execute(update, (now, number))
    elif state in {OutboxState.REFUSED, OutboxState.UNCERTAIN, OutboxState.DEAD}:
        update = (
            "UPDATE outbox_recipient SET state = 'queued', tries = 0"
            " WHERE message = ? AND state != 'sent'"
        )
        connection.execute(update, (number,))
        # Its age begins again too: it would be given up at once.
        connection.execute("UPDATE outbox_message SET added = ? WHERE id = ?", (now, number))
        connection.execute(_MESSAGE, (OutboxState.QUEUED, now, now, number))
    else:
        raise UsageError(f"message {number} is {state}: there is nothing to be sent again")
    connection.execute(_EVENT, (number, now, f"{state}: to be sent again"))


def settle(
    connection: sqlite3.Connection, number: int, state: OutboxState, reason: str, now: float
) -> None:
    """Give the recipients whose state is uncertain the one that a person has found out.

    Raises:
        UsageError: If there is none of this number, or it is not uncertain.
    """
    found = _state(connection, number)
    if found is not OutboxState.UNCERTAIN:
        raise UsageError(f"message {number} is {found}, not uncertain")
    update = (
        "UPDATE outbox_recipient SET state = ?, text = ? WHERE message = ? AND state = 'uncertain'"
    )
    connection.execute(update, (state, reason, number))
    query = "SELECT state FROM outbox_recipient WHERE message = ?"
    states = {OutboxState(each) for (each,) in connection.execute(query, (number,)).fetchall()}
    connection.execute(_MESSAGE, (message_state(states), now, now, number))
    connection.execute(_EVENT, (number, now, f"{state}: {reason}"))


def purge(connection: sqlite3.Connection, before: float, last: int) -> list[int]:
    """Remove some messages whose last change is older, and that are sent, refused or dead.

    Args:
        connection: A connection, in a transaction.
        before: The time.
        last: The number of the last one that was removed, from which this continues; 0 for none.

    Returns:
        Their numbers, which ascend; empty if there are no more.
    """
    # Not all at once: workers wait for the lock no longer than their time limit.
    old = connection.execute(_OLD, (before, last, SLICE)).fetchall()
    # By hand: foreign keys are a setting of each connection, which the caller's may lack.
    for table in ("content", "part", "recipient", "event"):
        delete = f"DELETE FROM outbox_{table} WHERE message = ?"  # noqa: S608 -- four constants
        connection.executemany(delete, old)
    connection.executemany("DELETE FROM outbox_message WHERE id = ?", old)
    return [number for (number,) in old]


def _state(connection: sqlite3.Connection, number: int) -> OutboxState:
    query = "SELECT state FROM outbox_message WHERE id = ?"
    try:
        row = connection.execute(query, (number,)).fetchone()
    except OverflowError:  # SQLite cannot hold it
        row = None
    if row is None:
        raise UsageError(f"the outbox has no message {number}")
    with understood():
        return OutboxState(row[0])
