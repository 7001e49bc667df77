"""A task that its engine repeats delivers its message once."""

import pytest

from delivery.scripted import ScriptedTransport
from netmail import (
    DeliveryOptions,
    Message,
    RecipientOptions,
    RecipientResult,
    RetryPolicy,
    SendStatus,
    UsageError,
    envelope_of,
)
from netmail.delivery import DeliveryFailed, MessageFailed, TransportFailed
from netmail.delivery.claims.deliveries import Deliveries, Receipt
from netmail.delivery.claims.queued import QueuedMessage, queued_message
from netmail.delivery.results import made_result, uncertain_result

QUICK = RetryPolicy(attempts=2, delay=1, jitter=0)


class MemoryClaims:
    """A store that any test can look into."""

    def __init__(self):
        self.outcomes = {}
        self.waiting = {}

    def claim(self, key, attempt):
        """Claim an attempt."""
        if (key, attempt) in self.outcomes:
            return False
        self.outcomes[key, attempt] = None
        return True

    def outcome(self, key, attempt):
        """Return an outcome."""
        return self.outcomes.get((key, attempt))

    def finish(self, key, attempt, outcome, parked):
        """Store an outcome."""
        self.outcomes[key, attempt] = outcome
        self.waiting.pop(key, None)
        if parked is not None:
            self.waiting[key] = parked

    def park(self, key, attempt, outcome, parked):
        """Store an outcome where there is none."""
        if self.outcomes[key, attempt] is None:
            self.finish(key, attempt, outcome, parked)

    def final(self, key):
        """Return the last final outcome."""
        found = [each for (name, _), each in sorted(self.outcomes.items()) if name == key]
        return next((each for each in reversed(found) if each and each["final"]), None)

    def parked(self):
        """Return what is parked."""
        return dict(self.waiting)

    def take(self, key):
        """Remove what is parked."""
        return self.waiting.pop(key, None)


def made(script=(), **policy):
    """Return deliveries, their store and their transport."""
    scripted, store = ScriptedTransport(script), MemoryClaims()
    return Deliveries(store, scripted, RetryPolicy(**policy) if policy else QUICK), store, scripted


def payload(key="k", retries=2):
    """Return what a task carries."""
    message = Message("a@x.test", ["b@x.test", "c@x.test"], "S", retries, plain="t")
    return queued_message(key, message, 10_000).to_json()


def result(store, key="k"):
    """Return what its sender sees."""
    return Receipt(store, key, "message").result(0)


def later(envelope):
    """Accept the first recipient, and refuse the others for now."""
    first, *others = envelope.recipients
    refused = [RecipientResult(each, SendStatus.REFUSED, 451) for each in others]
    return made_result(envelope, (RecipientResult(first, SendStatus.ACCEPTED, 250), *refused))


def test_repeated_task():
    """The second run of a finished task sends nothing."""
    deliveries, store, scripted = made()

    assert deliveries.deliver(payload()) is None
    assert deliveries.deliver(payload()) is None
    assert scripted.delivered == ["b@x.test,c@x.test"]
    assert result(store)


def test_claim_without_outcome():
    """Its worker was lost: the message is parked, and never sent by a further run."""
    deliveries, store, scripted = made()
    store.claim("k", 0)

    for _ in range(2):
        assert deliveries.deliver(payload()) is None
    assert scripted.delivered == []
    assert result(store).uncertain
    (parked,) = deliveries.parked()
    assert parked.key == "k"
    assert parked.recipients == ("b@x.test", "c@x.test")
    assert "lost" in parked.reason


def test_parked_message_is_sent_when_a_user_says_so():
    """Once: the first task, repeated again, neither sends it nor parks it."""
    deliveries, store, scripted = made()
    store.claim("k", 0)
    deliveries.deliver(payload())

    assert deliveries.deliver(deliveries.again("k")) is None
    assert deliveries.deliver(payload()) is None
    assert scripted.delivered == ["b@x.test,c@x.test"]
    assert result(store)
    assert not deliveries.parked()
    with pytest.raises(UsageError, match="'k'"):
        deliveries.again("k")


def test_worker_that_was_slow_only():
    """Its outcome takes the place of the parked one."""
    deliveries, store, _ = made()
    repeated = made()[0]
    repeated.store = store

    def deliver(envelope):
        assert repeated.deliver(payload()) is None
        assert result(store).uncertain

    slow = ScriptedTransport([deliver])
    deliveries = Deliveries(store, slow, QUICK)
    assert deliveries.deliver(payload()) is None
    assert result(store)
    assert not deliveries.parked()


def test_refused_for_now():
    """The next attempt is for the recipients that are left; the result has all of them."""
    deliveries, store, scripted = made([later])
    following, delay = deliveries.deliver(payload())

    assert delay == 1
    assert following["recipients"] == ["c@x.test"]
    with pytest.raises(TimeoutError):
        result(store)
    assert deliveries.deliver(following) is None
    assert scripted.delivered == ["b@x.test,c@x.test", "c@x.test"]
    assert [each.address for each in result(store).accepted] == ["b@x.test", "c@x.test"]


def test_killed_before_the_next_task():
    """A repeated run has the same next attempt, and sends nothing."""
    deliveries, _, scripted = made([later])

    task = payload()

    assert deliveries.deliver(task) == deliveries.deliver(task)
    assert len(scripted.delivered) == 1


def test_attempts_come_to_their_end():
    """As often as the message says; the waits grow, then what was decided is the result."""
    deliveries, store, scripted = made([TransportFailed("down")] * 9)
    following, delays = payload(retries=3), []
    while (found := deliveries.deliver(following)) is not None:
        following, delay = found
        delays.append(delay)

    assert delays == [1, 2, 4]
    assert scripted.count("startup") == 4
    with pytest.raises(DeliveryFailed, match="down"):
        result(store)


def test_failure_that_stays():
    """A defective message, and a wrong configuration, are not tried again."""
    for error in (MessageFailed("bad"), TransportFailed("bad", transient=False)):
        deliveries, store, _ = made([error])

        assert deliveries.deliver(payload()) is None
        with pytest.raises(DeliveryFailed, match="bad"):
            result(store)


def test_partly_delivered_then_failed():
    """What an earlier attempt has decided is not lost."""
    deliveries, store, _ = made([later, TransportFailed("down")])
    following, _ = deliveries.deliver(payload(retries=1))

    assert deliveries.deliver(following) is None
    assert [each.status for each in result(store).recipients] == [
        SendStatus.ACCEPTED,
        SendStatus.REFUSED,
    ]


@pytest.mark.parametrize(
    "step", [lambda envelope: uncertain_result(envelope, "no reply"), ValueError("odd")]
)
def test_uncertain(step):
    """A lost final reply, or an error that says nothing, parks the message."""
    deliveries, store, _ = made([step])

    assert deliveries.deliver(payload()) is None
    assert result(store).uncertain
    assert len(deliveries.parked()) == 1


def test_longest_wait():
    """A wait is never longer than the engine bears."""
    scripted = ScriptedTransport([TransportFailed("down")])
    deliveries = Deliveries(MemoryClaims(), scripted, RetryPolicy(9, 50, 50, 0), longest=7)

    assert deliveries.deliver(payload())[1] == 7


def test_round_trip():
    """Octets, envelope and options come out of a task as they went in."""
    options = DeliveryOptions(
        ret="HDRS", envid="e", recipients={"b@x.test": RecipientOptions(notify=("NEVER",))}
    )
    message = Message("a@x.test", ["b@x.test", "ø@x.test"], "S", plain="\xf8")
    queued = queued_message("k", message, 10_000)
    queued = QueuedMessage(
        "k",
        type(queued.envelope)("a@x.test", ("b@x.test", "c@x.test"), b"\xff\r\n", options),
        None,
    )

    assert QueuedMessage.from_json(queued.to_json()) == queued
    left = queued.next(["c@x.test"], None)
    assert QueuedMessage.from_json(left.to_json()).envelope.recipients == ("c@x.test",)
    assert not QueuedMessage.from_json(left.to_json()).envelope.options.recipients
    with pytest.raises(UsageError, match="form 9"):
        QueuedMessage.from_json({**queued.to_json(), "format": 9})


def test_too_large():
    """The error says how large, and which directive allows more; nothing is queued."""
    message = Message("a@x.test", "b@x.test", plain="t" * 500)
    size = len(envelope_of(message).content)

    with pytest.raises(DeliveryFailed, match=f"{size} octets.*max_size"):
        queued_message("k", message, 500)
