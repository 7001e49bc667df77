"""Write outcomes: the results of a group, in one transaction.

This file must not know transports, nor what a result means.
"""

import sqlite3
from typing import Final

from netmail.delivery.outbox.outcomes import Outcome, message_state
from netmail.delivery.outbox.states import OutboxState

_HELD: Final = "SELECT id FROM outbox_message WHERE token = ? AND state IN ('sending', 'uncertain')"
_MESSAGE: Final = """
UPDATE outbox_message
SET state = ?, due = ?, changed = ?, tries = ?, losses = ?, reason = ?, token = NULL
WHERE id = ? AND token = ?
"""
_RECIPIENT: Final = """
UPDATE outbox_recipient SET state = ?, tries = ?, code = ?, enhanced = ?, text = ?
WHERE message = ? AND position = ?
"""
_EVENT: Final = "INSERT INTO outbox_event (message, at, text) VALUES (?, ?, ?)"


def write(
    connection: sqlite3.Connection, token: int, outcomes: list[Outcome], now: float
) -> list[Outcome]:
    """Write outcomes of messages that this worker holds.

    Returns:
        Those that were written, with the state of the whole message. The others are no longer this
        worker's.
    """
    held = {number for (number,) in connection.execute(_HELD, (token,)).fetchall()}
    written = [_whole(connection, each) for each in outcomes if each.id in held]
    # Recipients by position: the same address in another case is another recipient.
    connection.executemany(
        _RECIPIENT,
        [
            (row.state, row.tries, row.code, row.enhanced, row.text, each.id, row.position)
            for each in written
            for row in each.recipients
        ],
    )
    connection.executemany(
        _MESSAGE,
        [
            (_stored(each), each.due, now, each.tries, each.losses, each.reason, each.id, token)
            for each in written
        ],
    )
    # Of a message that is sent at its first try, its rows tell all.
    history = [each for each in written if each.state is not OutboxState.SENT or not each.is_first]
    connection.executemany(
        _EVENT, [(each.id, now, f"{each.state}: {each.reason}".rstrip(": ")) for each in history]
    )
    return written


def _whole(connection: sqlite3.Connection, outcome: Outcome) -> Outcome:
    """Return an outcome with the state of all recipients, those of earlier attempts too."""
    # The first attempt is for all of them.
    if outcome.is_first or outcome.state in {OutboxState.QUEUED, OutboxState.DEFERRED}:
        return outcome
    query = "SELECT position, address, state, code, text FROM outbox_recipient WHERE message = ?"
    now = {row.position for row in outcome.recipients}
    earlier = [each for each in connection.execute(query, (outcome.id,)) if each[0] not in now]
    states = {row.state for row in outcome.recipients}
    states.update(OutboxState(state) for _, _, state, _, _ in earlier)
    # Why the whole message counts as refused may lie in an earlier attempt.
    reasons = [
        f"{address} {state}: {code or ''} {text}"
        for _, address, state, code, text in earlier
        if state != OutboxState.SENT
    ]
    reason = "; ".join(filter(None, [outcome.reason, *reasons]))
    return outcome._replace(state=message_state(states), reason=reason)


def _stored(outcome: Outcome) -> OutboxState:
    """Return the state as the table has it: one that was tried waits as `DEFERRED`."""
    if outcome.state is OutboxState.QUEUED and outcome.tries:
        return OutboxState.DEFERRED
    return outcome.state
