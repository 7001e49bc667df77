"""What the outbox holds: counts, messages, and their history.

This file must not know workers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from netmail import Envelope, MessageResult, RecipientResult, SendStage, SendStatus, UsageError
from netmail.delivery.outbox import content, leasing
from netmail.delivery.outbox.database import Fetch
from netmail.delivery.outbox.errors import understood
from netmail.delivery.outbox.states import (
    FINAL,
    OutboxEvent,
    OutboxMessage,
    OutboxRecipient,
    OutboxState,
    OutboxStatus,
)
from netmail.delivery.results import made_result

PAGE: Final = 100
"""How many messages are read at once; no query stays open while the caller looks at them."""

_MESSAGES: Final = """
SELECT m.id, m.key, m.state, c.sender, m.added, m.due, m.changed, m.reason, c.size
FROM outbox_message AS m JOIN outbox_content AS c ON c.message = m.id
"""
_RECIPIENTS: Final = """
SELECT address, state, tries, code, enhanced, text FROM outbox_recipient
WHERE message = ? ORDER BY position
"""
_STATUSES: Final = {
    OutboxState.SENT: (SendStatus.ACCEPTED, SendStage.DONE),
    OutboxState.REFUSED: (SendStatus.REFUSED, SendStage.REPLY),
    OutboxState.DEAD: (SendStatus.REFUSED, SendStage.REPLY),
    OutboxState.UNCERTAIN: (SendStatus.UNCERTAIN, SendStage.REPLY),
    OutboxState.QUEUED: (SendStatus.NOT_SENT, SendStage.CONNECT),
}


def status(fetch: Fetch) -> OutboxStatus:
    """Count the messages by state."""
    counts = dict(fetch("SELECT state, count(*) FROM outbox_message GROUP BY state"))
    due = leasing.next_due(fetch)
    with understood():
        return OutboxStatus(**counts, next_due=None if due is None else time_of(due))


def messages(fetch: Fetch, state: OutboxState | None) -> Iterator[OutboxMessage]:
    """Yield the messages of a state, or all, in the order in which they were added."""
    where = "WHERE m.id > ? AND (m.state = ? OR ?) ORDER BY m.id LIMIT ?"
    # By number, not by OFFSET: messages that change their state meanwhile shift no page.
    last = 0
    while rows := fetch(_MESSAGES + where, last, state or "", state is None, PAGE):
        for row in rows:
            yield _message(fetch, row)
        last = rows[-1][0]


def message(fetch: Fetch, number: int) -> OutboxMessage:
    """Return one message.

    Raises:
        UsageError: If there is none of this number.
    """
    rows = fetch(_MESSAGES + "WHERE m.id = ?", number)
    if not rows:
        raise UsageError(f"the outbox has no message {number}")
    return _message(fetch, rows[0])


def envelope(fetch: Fetch, number: int) -> Envelope:
    """Return a message with its content, for all its recipients.

    Raises:
        UsageError: If there is none of this number.
    """
    found = message(fetch, number)
    return content.load(fetch, number, tuple([each.address for each in found.recipients]))


def history(fetch: Fetch, number: int) -> tuple[OutboxEvent, ...]:
    """Return what happened to a message, the oldest first."""
    query = "SELECT at, text FROM outbox_event WHERE message = ? ORDER BY id"
    return tuple([OutboxEvent(time_of(at), text) for at, text in fetch(query, number)])


def result(fetch: Fetch, number: int) -> MessageResult | None:
    """Return what has become of a message as a transport would, or `None` before it is final.

    Raises:
        UsageError: If there is none of this number.
    """
    found = message(fetch, number)
    # A recipient that waits may still be refused: there is no result before all are decided.
    if found.state not in FINAL:
        return None
    recipients = tuple([_recipient_result(each) for each in found.recipients])
    return made_result(envelope(fetch, number), recipients)


def time_of(seconds: float) -> datetime:
    """Return seconds since 1970 as a time of UTC; before or after the calendar as its end."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime(9999 if seconds > 0 else 1, 1, 1, tzinfo=UTC)


def _message(fetch: Fetch, row: tuple[Any, ...]) -> OutboxMessage:
    number, key, state, sender, added, due, changed, reason, size = row
    with understood():
        its_own = OutboxState(state)
        recipients = [
            OutboxRecipient(address, OutboxState(its_state), *rest)
            for address, its_state, *rest in fetch(_RECIPIENTS, number)
        ]
    return OutboxMessage(
        number,
        key,
        its_own,
        sender,
        tuple(recipients),
        time_of(added),
        time_of(due),
        time_of(changed),
        reason,
        size,
    )


def _recipient_result(each: OutboxRecipient) -> RecipientResult:
    status, stage = _STATUSES[each.state]
    return RecipientResult(each.address, status, each.code, each.enhanced, each.text, stage)
