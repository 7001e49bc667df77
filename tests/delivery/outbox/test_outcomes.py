"""What a result means for a message in the outbox."""

from datetime import timedelta

import pytest

from netmail import Envelope, RecipientResult, RetryPolicy, SendStage, SendStatus
from netmail.delivery.outbox.leasing import Held
from netmail.delivery.outbox.outcomes import (
    Limits,
    full_jitter,
    is_unavailable,
    message_state,
    outcome_of,
)
from netmail.delivery.outbox.states import OutboxState
from netmail.delivery.results import made_result

LIMITS = Limits(RetryPolicy(attempts=3, delay=10, max_delay=100), timedelta(days=1))
ACCEPTED = (SendStatus.ACCEPTED, 250)
LATER = (SendStatus.REFUSED, 450)
NEVER = (SendStatus.REFUSED, 550)
CHECKED = (SendStatus.REFUSED, 0)
CLOSED = (SendStatus.REFUSED, 421)
LOST = (SendStatus.UNCERTAIN, 0)
UNSENT = (SendStatus.NOT_SENT, 0)


def outcome(*fates, tries=0, now=100.0, stage=SendStage.CONTENT):
    """Return the outcome of a message for as many recipients as there are fates."""
    names = [f"{number}@x.test" for number in range(len(fates))]
    held = Held(1, 0.0, tries, 0, [(place, name, tries) for place, name in enumerate(names)])
    results = tuple(
        RecipientResult(name, status, code, stage=stage)
        for name, (status, code) in zip(names, fates, strict=True)
    )
    result = made_result(Envelope("a@x.test", tuple(names), b""), results)
    return outcome_of(held, result, LIMITS, now, lambda: 0.5)


@pytest.mark.parametrize(
    ("fates", "state"),
    [
        ([ACCEPTED, ACCEPTED], OutboxState.SENT),
        ([ACCEPTED, NEVER], OutboxState.REFUSED),
        ([ACCEPTED, CHECKED], OutboxState.REFUSED),
        ([ACCEPTED, LATER], OutboxState.DEFERRED),
        ([NEVER, LATER], OutboxState.DEFERRED),
        ([LOST, NEVER], OutboxState.UNCERTAIN),
        ([LOST, LATER], OutboxState.DEFERRED),
        ([UNSENT], OutboxState.QUEUED),
        ([CLOSED], OutboxState.QUEUED),
    ],
)
def test_state(fates, state):
    """What is left to be done comes first, and what is uncertain before what is refused."""
    assert outcome(*fates).state is state


def test_tries():
    """A decision counts as a try; a server that was not there does not."""
    found = outcome(LATER, UNSENT, CLOSED, ACCEPTED, tries=1)

    assert [row.tries for row in found.recipients] == [2, 1, 1, 2]
    assert found.tries == 2


def test_limits():
    """The last try, or the age, ends what is refused for now; age alone, what is never sent."""
    day = 86_400.0

    assert outcome(LATER, tries=1).state is OutboxState.DEFERRED
    assert outcome(LATER, tries=2).state is OutboxState.DEAD
    assert outcome(LATER, now=day).state is OutboxState.DEAD
    assert outcome(UNSENT, tries=2).state is OutboxState.QUEUED
    assert outcome(UNSENT, now=day).state is OutboxState.DEAD
    assert outcome(LOST, now=day).state is OutboxState.UNCERTAIN


def test_due():
    """Waits double up to the longest; a message that ends connections waits too."""
    assert outcome(LATER).due == 100 + 5
    assert outcome(LATER, tries=1).due == 100 + 10
    assert outcome(UNSENT, stage=SendStage.CONNECT).due == 100
    assert (outcome(UNSENT).due, outcome(UNSENT).losses) == (100 + 5, 1)
    assert full_jitter(LIMITS.retry, 2000, lambda: 1.0) == 100


def test_left_out():
    """A recipient that the transport does not name may have the message."""
    held = Held(1, 0.0, 0, 0, [(0, "a@x.test", 0), (1, "b@x.test", 0)])
    result = made_result(
        Envelope("", ("a@x.test",), b""), (RecipientResult("a@x.test", SendStatus.ACCEPTED, 250),)
    )

    assert outcome_of(held, result, LIMITS, 1.0).state is OutboxState.UNCERTAIN


def test_unavailable():
    """A 421 and a lost connection say that the server is not there."""
    assert is_unavailable(outcome(CLOSED).result)
    assert is_unavailable(outcome(ACCEPTED, UNSENT).result)
    assert not is_unavailable(outcome(LATER, NEVER, LOST, ACCEPTED).result)
    assert message_state(set()) is OutboxState.SENT
