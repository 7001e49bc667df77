"""What a person decides: retry, settle, and the removal of what is old."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from netmail import (
    Envelope,
    Message,
    RecipientResult,
    RetryPolicy,
    SendStatus,
    UsageError,
    envelope_of,
)
from netmail.delivery.outbox import Outbox, deciding
from netmail.delivery.results import made_result
from netmail.delivery.transports.mock import MockTransport

ACCEPTED, REFUSED, UNCERTAIN = SendStatus.ACCEPTED, SendStatus.REFUSED, SendStatus.UNCERTAIN
TABLES = ("message", "recipient", "content", "part", "event")


class Fates(MockTransport):
    """Gives each recipient the fate that its address begins with."""

    def deliver(self, message):
        """Return the result; nothing is sent."""
        super().deliver(message)
        envelope = envelope_of(message)
        return made_result(envelope, tuple(map(fate, envelope.recipients)))


def fate(address):
    """Return the result of an address such as "refused2@x.test"."""
    name = address.partition("@")[0].rstrip("0123456789")
    if name == "deferred":
        return RecipientResult(address, REFUSED, 450, text="later")
    status = {"sent": ACCEPTED, "refused": REFUSED, "uncertain": UNCERTAIN}[name]
    return RecipientResult(address, status, 550 if status is REFUSED else 250)


@pytest.fixture
def outbox(tmp_path):
    """An outbox without messages."""
    with Outbox(tmp_path / "outbox.sqlite") as opened:
        yield opened


def add(outbox, *names, **options):
    """Add a message for recipients that have these fates."""
    addresses = tuple(f"{name}@x.test" for name in names)
    return outbox.add(Envelope("a@x.test", addresses, b"Subject: x\r\n\r\nx\r\n"), **options)


def counts(outbox):
    """Return how many rows each table has."""
    with closing(sqlite3.connect(outbox.path)) as connection:
        query = "SELECT count(*) FROM outbox_{}"
        return [connection.execute(query.format(each)).fetchone()[0] for each in TABLES]


@pytest.mark.parametrize(
    ("names", "sent", "state"),
    [
        (["uncertain"], True, "sent"),
        (["uncertain"], False, "dead"),
        (["sent", "uncertain"], True, "sent"),
        (["sent", "uncertain"], False, "dead"),
        (["refused", "uncertain"], True, "refused"),
        (["uncertain1", "uncertain2"], True, "sent"),
    ],
)
def test_settle(outbox, names, sent, state):
    """A person says what became of the recipients that are uncertain; the others keep theirs."""
    number = add(outbox, *names)
    assert outbox.work(Fates({})).uncertain == 1
    outbox.settle(number, sent=sent, reason="seen in the log")

    assert outbox.get(number).state == state
    decided = {
        each.address: str(each.state)
        for each in outbox.get(number).recipients
        if each.address.startswith("uncertain")
    }
    assert set(decided.values()) == {"sent" if sent else "dead"}
    assert "seen in the log" in outbox.history(number)[-1].text
    assert bool(outbox.result(number)) is (state == "sent")
    # It is never sent again, and settled once only.
    again = Fates({})
    outbox.work(again)
    assert not again.messages
    with pytest.raises(UsageError, match="not uncertain"):
        outbox.settle(number, sent=True)


@pytest.mark.parametrize("name", ["sent", "refused", "deferred"])
def test_settle_only_what_is_uncertain(outbox, name):
    """What a server has decided, and what waits, is not changed."""
    number = add(outbox, name)
    outbox.work(Fates({}))
    before = outbox.get(number)
    with pytest.raises(UsageError, match="not uncertain"):
        outbox.settle(number, sent=True)
    with pytest.raises(UsageError, match="no message 99"):
        outbox.settle(99, sent=True)

    assert outbox.get(number) == before


def test_retry_of_what_is_uncertain(outbox):
    """Only the recipients that do not have it for certain get it again, if a person says so."""
    number = add(outbox, "sent", "uncertain", "refused")
    outbox.work(Fates({}))
    outbox.retry(number)
    again = Fates({})
    outbox.work(again)

    assert again.messages[0].recipients == ("uncertain@x.test", "refused@x.test")


def test_dead_letter(outbox):
    """It keeps its content and its history, and is sent whole if a person says so."""
    number = add(outbox, "deferred", key="k")
    before = outbox.envelope(number)
    outbox.work(Fates({}), retry=RetryPolicy(attempts=1))

    assert outbox.get(number).state == "dead"
    assert outbox.envelope(number) == before
    assert "450 later" in outbox.get(number).reason
    assert [each.text.partition(":")[0] for each in outbox.history(number)] == ["dead"]
    assert outbox.get(number).recipients[0].tries == 1
    outbox.retry(number)
    accepting = MockTransport({})
    outbox.work(accepting)
    assert outbox.get(number).state == "sent"
    assert accepting.messages[0].content == before.content


def test_purge(outbox):
    """What is decided is removed with everything of it; the rest stays, whatever its age."""
    kept = {name: add(outbox, name) for name in ("uncertain", "deferred")}
    old = [add(outbox, "sent", key="k"), add(outbox, "refused")]
    # Its file is large enough for parts.
    large = Message("a@x.test", "sent@x.test", plain="x")
    large.attachment(bytes(3 << 20), "large.bin")
    old.append(outbox.add(large))
    outbox.work(Fates({}))
    kept["queued"] = add(outbox, "sent")
    now = datetime.now(UTC)

    assert outbox.purge(now - timedelta(hours=1)) == 0
    assert outbox.purge(now + timedelta(seconds=1)) == 3
    assert {each.id for each in outbox.messages()} == set(kept.values())
    assert counts(outbox)[:4] == [3, 3, 3, 0]
    for number in old:
        assert outbox.history(number) == ()
        with pytest.raises(UsageError, match=f"no message {number}"):
            outbox.get(number)
    # The key is free, and no number is given twice.
    assert add(outbox, "sent", key="k") > max(*kept.values(), *old)
    assert outbox.purge(now + timedelta(seconds=1)) == 0


def test_purge_counts_from_the_decision(outbox):
    """Not from when it was added; a settled message counts from then."""
    number = add(outbox, "uncertain")
    outbox.work(Fates({}))
    between = datetime.now(UTC)
    outbox.settle(number, sent=True)

    assert outbox.purge(between) == 0
    assert outbox.purge(datetime.now(UTC) + timedelta(seconds=1)) == 1


def test_purge_of_many(outbox, monkeypatch):
    """They are removed some at a time: another program can write meanwhile."""
    monkeypatch.setattr(deciding, "SLICE", 3)
    with outbox.transaction() as batch:
        for number in range(10):
            batch.add(Envelope("a@x.test", (f"sent{number}@x.test",), b"\r\nx\r\n"))
    outbox.work(Fates({}))
    waiting = add(outbox, "sent")
    statements = []
    outbox._database._connection.set_trace_callback(statements.append)

    assert outbox.purge(datetime.now(UTC) + timedelta(seconds=1)) == 10
    assert statements.count("COMMIT") == 5  # 3 + 3 + 3 + 1, and a look
    assert [each.id for each in outbox.messages()] == [waiting]


def test_purge_needs_a_time_zone(outbox):
    """A time without one would be another moment on another machine."""
    with pytest.raises(UsageError, match="before has no time zone"):
        outbox.purge(datetime(2030, 1, 1))  # noqa: DTZ001 -- refused
