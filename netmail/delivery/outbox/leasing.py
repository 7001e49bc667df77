"""Leases: which worker holds which messages, until when, and what becomes of those of a dead one.

This file must not know transports. Each worker has a token, which no other one ever has, and every
change of a message that is held names it: a worker that was taken for dead changes nothing.
"""

import sqlite3
from time import time
from typing import Final, NamedTuple

from netmail.delivery.outbox.boots import boot_id
from netmail.delivery.outbox.database import Fetch
from netmail.delivery.outbox.errors import LeaseLost, OutboxError
from netmail.delivery.outbox.states import OutboxState

LEASED: Final = OutboxState.LEASED
SENDING: Final = OutboxState.SENDING

_TAKE: Final = """
UPDATE outbox_message SET state = 'leased', token = ?
WHERE id IN (
    SELECT id FROM outbox_message
    WHERE state IN ('queued', 'deferred') AND due <= ? ORDER BY due, id LIMIT ?)
"""
_TAKEN: Final = """
SELECT m.id, m.due, m.added, m.tries, m.losses, r.position, r.address, r.tries
FROM outbox_message AS m JOIN outbox_recipient AS r ON r.message = m.id
WHERE m.token = ? AND m.state = 'leased' AND r.state = 'queued'
ORDER BY m.due, m.id, r.position
"""
_RELEASE: Final = """
UPDATE outbox_message
SET state = CASE WHEN tries > 0 THEN 'deferred' ELSE 'queued' END, token = NULL
WHERE token = ? AND state = ?
"""
_HELD: Final = "SELECT id FROM outbox_message WHERE token = ? AND state = ? ORDER BY id"
_PARK: Final = """
UPDATE outbox_message SET state = 'uncertain', reason = ?, changed = ?
WHERE token = ? AND state = ?
"""
_PARK_RECIPIENTS: Final = """
UPDATE outbox_recipient SET state = 'uncertain', text = ?
WHERE state = 'queued'
    AND message IN (SELECT id FROM outbox_message WHERE token = ? AND state = ?)
"""
_PARK_EVENTS: Final = """
INSERT INTO outbox_event (message, at, text)
SELECT id, ?, ? FROM outbox_message WHERE token = ? AND state = ?
"""


class Held(NamedTuple):
    """A message that this worker holds.

    Attributes:
        id: Its number.
        added: When it was added.
        tries: Decisions so far, of the recipient with the most.
        losses: How often a connection ended in the middle of it.
        recipients: Those that are left: position, address and tries of each.
    """

    id: int
    added: float
    tries: int
    losses: int
    recipients: list[tuple[int, str, int]]


def begin(connection: sqlite3.Connection, seconds: float, *, durable: bool) -> int:
    """Register a worker; return its token.

    Args:
        connection: A connection, in a transaction.
        seconds: How long it holds what it takes, unless it says more.
        durable: Whether what it writes survives a power loss at once.
    """
    insert = "INSERT INTO outbox_lease (boot, durable, ends) VALUES (?, ?, ?)"
    token = connection.execute(insert, (boot_id(), durable, time() + seconds)).lastrowid
    if token is None:  # SQLite has one after each INSERT
        raise AssertionError("no token")
    return token


def extend(connection: sqlite3.Connection, token: int, seconds: float) -> None:
    """Hold on for so many seconds from now.

    Raises:
        LeaseLost: If this worker was taken for dead.
    """
    # No look at the time: a machine that slept still holds what no other worker has taken over.
    update = "UPDATE outbox_lease SET ends = ? WHERE token = ?"
    if not connection.execute(update, (time() + seconds, token)).rowcount:
        raise LeaseLost("another worker has taken over the lease, which was over: this one stops")


def take(connection: sqlite3.Connection, token: int, count: int) -> list[Held]:
    """Lease messages that are due, those that have waited longest first.

    The commit must wait for the disk: after a power loss a message that is not leased is sent.
    """
    # RETURNING would give the rows in the order of their numbers, not in that of `due`.
    if not connection.execute(_TAKE, (token, time(), count)).rowcount:
        return []
    held: dict[int, Held] = {}
    for number, _, added, tries, losses, position, address, tried in connection.execute(
        _TAKEN, (token,)
    ).fetchall():
        if number not in held:
            held[number] = Held(number, added, tries, losses, [])
        held[number].recipients.append((position, address, tried))
    # Another program has removed them: the message would be taken again and again.
    if not held:
        raise OutboxError("the outbox holds messages without recipients, which netmail never adds")
    return list(held.values())


def mark_sending(connection: sqlite3.Connection, token: int, held: list[Held]) -> None:
    """Mark messages before anything of them is sent; committed before they are.

    Raises:
        LeaseLost: If one of them is no longer this worker's.
    """
    update = "UPDATE outbox_message SET state = ? WHERE id = ? AND token = ? AND state = ?"
    rows = [(SENDING, each.id, token, LEASED) for each in held]
    if connection.executemany(update, rows).rowcount != len(held):
        raise LeaseLost("another worker has taken over messages of this one, which stops")


def release(connection: sqlite3.Connection, token: int, unsent: list[Held]) -> None:
    """Give back what is leased, and those that were marked and never handed to the transport."""
    update = "UPDATE outbox_message SET state = ? WHERE id = ? AND token = ? AND state = ?"
    connection.executemany(update, [(LEASED, each.id, token, SENDING) for each in unsent])
    connection.execute(_RELEASE, (token, LEASED))


def end(connection: sqlite3.Connection, token: int) -> None:
    """Remove the worker, which holds nothing any more."""
    connection.execute("DELETE FROM outbox_lease WHERE token = ?", (token,))


def is_work_due(fetch: Fetch, now: float) -> bool:
    """Return whether a message is due, or held by a worker that is dead."""
    query = (
        "SELECT EXISTS (SELECT 1 FROM outbox_message"
        " WHERE state IN ('queued', 'deferred') AND due <= ?)"
        " OR EXISTS (SELECT 1 FROM outbox_lease WHERE ends < ? OR boot != ?)"
    )
    ((found,),) = fetch(query, now, now, boot_id())
    return bool(found)


def next_due(fetch: Fetch) -> float | None:
    """Return when the next message that waits is due, or `None` for none."""
    query = "SELECT min(due) FROM outbox_message WHERE state IN ('queued', 'deferred')"
    ((due,),) = fetch(query)
    return None if due is None else float(due)


def recover(connection: sqlite3.Connection, token: int) -> list[int]:
    """Take what dead workers have left: release what they had not begun, park the rest.

    Returns:
        The messages that are uncertain now.
    """
    boot = boot_id()
    query = (
        "SELECT token, boot, durable FROM outbox_lease WHERE token != ? AND (ends < ? OR boot != ?)"
    )
    parked: list[int] = []
    # Never queued again by itself: what a dead worker was sending may have arrived.
    for dead, its_boot, durable in connection.execute(query, (token, time(), boot)).fetchall():
        parked += _park(connection, dead, SENDING, "its worker ended while it was being sent")
        # What a worker has written since it took the message may be gone with the power, and with
        # it that the message was sent.
        if not durable and (its_boot != boot or not boot):
            reason = "the machine was started again while a worker had it"
            parked += _park(connection, dead, LEASED, reason)
        connection.execute(_RELEASE, (dead, LEASED))
        end(connection, dead)
    return parked


def _park(connection: sqlite3.Connection, token: int, state: OutboxState, reason: str) -> list[int]:
    """Mark what a dead worker may have sent; its token stays, for a result that comes late."""
    now = time()
    held = (token, state)
    numbers = [number for (number,) in connection.execute(_HELD, held).fetchall()]
    connection.execute(_PARK_RECIPIENTS, (reason, *held))
    connection.execute(_PARK_EVENTS, (now, f"uncertain: {reason}", *held))
    connection.execute(_PARK, (reason, now, *held))
    return numbers
