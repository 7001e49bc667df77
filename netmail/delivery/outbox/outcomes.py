"""What a result means for a message in the outbox: its states, and when it is tried again.

This file must not know SQL, nor a transport.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final, NamedTuple

from netmail import MessageResult, RecipientResult, RetryPolicy, SendStage, SendStatus
from netmail.delivery.outbox.leasing import Held
from netmail.delivery.outbox.states import OutboxState

CLOSING: Final = 421
"""RFC 5321 section 3.8: the server closes the channel; it has not decided about the message."""


class Limits(NamedTuple):
    """When a temporary refusal is tried again, and when it is given up.

    Attributes:
        retry: The number of tries, and the waits between them.
        max_age: For how long after it was added a message is tried.
    """

    retry: RetryPolicy
    max_age: timedelta


class RecipientRow(NamedTuple):
    """What is written for a recipient."""

    position: int
    state: OutboxState
    tries: int
    code: int
    enhanced: str
    text: str


class Outcome(NamedTuple):
    """What is written for a message after one attempt.

    Attributes:
        id: Its number.
        recipients: Those of this attempt.
        state: `QUEUED` if it was not sent, `DEFERRED`, or final.
        due: When it is tried again.
        tries: Decisions so far.
        losses: How often a connection ended in the middle of it.
        reason: Why it is not sent, or "".
        result: What the transport has returned.
        is_first: Whether nothing was decided about any recipient before.
    """

    id: int
    recipients: list[RecipientRow]
    state: OutboxState
    due: float
    tries: int
    losses: int
    reason: str
    result: MessageResult
    is_first: bool


def is_unavailable(result: MessageResult) -> bool:
    """Return whether the server was not there, or closed the session, for a recipient."""
    return any(map(_is_unsent, result.recipients))


def outcome_of(
    held: Held,
    result: MessageResult,
    limits: Limits,
    now: float,
    chance: Callable[[], float] = random.random,
) -> Outcome:
    """Decide what becomes of a message.

    Args:
        held: The message.
        result: The transport's result; a recipient that it leaves out may have the message.
        limits: When it is tried again.
        now: The time.
        chance: Returns a number from 0 to 1.
    """
    found = {each.address: each for each in result.recipients}
    is_old = now - held.added >= limits.max_age.total_seconds()
    rows = []
    for position, address, tries in held.recipients:
        row = _row(position, tries, found.get(address), limits.retry, is_old=is_old)
        rows.append(row)
    # What is left to be sent decides first, so that one refusal does not hold up the others.
    states = {row.state for row in rows}
    state = message_state(states)
    tries = max(held.tries, *[row.tries for row in rows])
    losses, due = held.losses, now
    if state is OutboxState.QUEUED:
        if any(row.tries > tried for row, (_, _, tried) in zip(rows, held.recipients, strict=True)):
            state = OutboxState.DEFERRED
            due += _wait(limits.retry, max(row.tries for row in rows), result, chance)
        # A message that ends connections would otherwise be the first on each new one.
        elif result.stage is not SendStage.CONNECT:
            losses += 1
            due += _wait(limits.retry, losses, result, chance)
    return Outcome(
        held.id,
        rows,
        state,
        due,
        tries,
        losses,
        _reason(result, state),
        result,
        is_first=not held.tries,
    )


def message_state(states: set[OutboxState]) -> OutboxState:
    """Return the state of a message from those of its recipients."""
    order = (
        OutboxState.QUEUED,
        OutboxState.UNCERTAIN,
        OutboxState.DEAD,
        OutboxState.REFUSED,
    )
    return next((each for each in order if each in states), OutboxState.SENT)


def _row(
    position: int, tries: int, found: RecipientResult | None, retry: RetryPolicy, *, is_old: bool
) -> RecipientRow:
    if found is None:
        text = "the transport does not tell what became of it"
        return RecipientRow(position, OutboxState.UNCERTAIN, tries + 1, 0, "", text)
    state, counts = _state(found, tries + 1, retry, is_old=is_old)
    return RecipientRow(position, state, tries + counts, found.code, found.enhanced, found.text)


def _state(
    found: RecipientResult, tries: int, retry: RetryPolicy, *, is_old: bool
) -> tuple[OutboxState, bool]:
    """Return a recipient's state, and whether this attempt counts as a try."""
    if found.status is SendStatus.ACCEPTED:
        return OutboxState.SENT, True
    # RFC 1047: a client that tries again after a lost reply delivers twice.
    if found.status is SendStatus.UNCERTAIN:
        return OutboxState.UNCERTAIN, True
    # The server was not there, or has left: it has decided nothing about this recipient.
    if _is_unsent(found):
        return (OutboxState.DEAD if is_old else OutboxState.QUEUED), False
    if not found.transient:
        return OutboxState.REFUSED, True
    # RFC 5321 section 4.5.4.1: "Retries continue until the message is transmitted or the sender
    # gives up".
    is_over = is_old or (retry.attempts is not None and tries >= retry.attempts)
    return (OutboxState.DEAD if is_over else OutboxState.QUEUED), True


def _is_unsent(found: RecipientResult) -> bool:
    return found.status is SendStatus.NOT_SENT or (found.refused and found.code == CLOSING)


def _wait(
    retry: RetryPolicy, tries: int, result: MessageResult, chance: Callable[[], float]
) -> float:
    """Return the seconds before the next try; no fewer than the server asks for."""
    asked = result.error.retry_after if result.error is not None else None
    return max(full_jitter(retry, tries, chance), asked or 0.0)


def full_jitter(retry: RetryPolicy, tries: int, chance: Callable[[], float]) -> float:
    """Return the seconds before the next try: anything up to a limit that doubles each time.

    What was refused together does not come back together.

    Args:
        retry: The policy; its own jitter is not used.
        tries: How many were made, from 1 on.
        chance: Returns a number from 0 to 1.
    """
    # Doubled at most so often: a float has an end.
    doubled = _seconds(retry.delay) * 2.0 ** min(tries - 1, 60)
    return min(_seconds(retry.max_delay), doubled) * chance()


def _seconds(value: float | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def _reason(result: MessageResult, state: OutboxState) -> str:
    if state is OutboxState.SENT:
        return ""
    left = [str(each) for each in result.recipients if not each.accepted]
    return "; ".join(left) or str(result.error or "")
