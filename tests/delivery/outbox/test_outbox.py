"""The outbox from adding a message to its result, over real connections."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

import netmail
from netmail import Message, MessageError, UsageError
from netmail.delivery.outbox import Outbox, OutboxError, OutboxState
from netmail.testing import MailServer


@pytest.fixture
def outbox(tmp_path):
    """An outbox in a file of its own."""
    with Outbox(tmp_path / "outbox.sqlite") as opened:
        yield opened


def message(number=0, to="user@example.test", **fields):
    """Return a message."""
    return Message("ann@example.test", to, f"number {number}", plain="See you.", **fields)


def test_sent(outbox):
    """Messages are sent over one connection, and their rows have the server's replies."""
    numbers = [outbox.add(message(count)) for count in range(20)]
    with MailServer() as server:
        report = outbox.work(netmail.Transport(server.smtp_url))
        sent = [mail.subject for mail in map(netmail.parse, server.messages())]

    assert (report.sent, report.error) == (20, None)
    assert sorted(sent) == sorted(f"number {count}" for count in range(20))
    assert [each.id for each in outbox.messages("sent")] == numbers
    first = outbox.get(numbers[0])
    assert (first.recipients[0].code, first.recipients[0].tries, first.reason) == (250, 1, "")
    assert outbox.history(numbers[0]) == ()
    assert outbox.result(numbers[0]).recipients[0].accepted


def test_states_by_recipient(outbox):
    """Each recipient has its own fate: only the one that was refused for now is tried again."""
    to = ["user@example.test", "stranger@example.test", "full@example.test"]
    with MailServer(["user@example.test", "full@example.test"]) as server:
        number = outbox.add(message(to=to))
        server.fail(full="full@example.test", times=1)
        client = netmail.Transport(server.smtp_url)
        first = outbox.work(client)
        before = outbox.get(number)
        outbox.retry(number)
        second = outbox.work(client)
        after = outbox.get(number)
        count = len(server.sent)

    assert (first.deferred, second.refused) == (1, 1)
    assert [each.state for each in before.recipients] == ["sent", "refused", "queued"]
    assert (before.state, after.state) == (OutboxState.DEFERRED, OutboxState.REFUSED)
    assert [each.state for each in after.recipients] == ["sent", "refused", "sent"]
    assert count == 2
    assert "stranger@example.test refused: 550" in after.reason
    assert [event.text.split(":")[0] for event in outbox.history(number)] == [
        "deferred",
        "deferred",
        "refused",
    ]


def test_lost_reply(outbox):
    """What may have been delivered is not sent again, until a person says so."""
    number = outbox.add(message())
    with MailServer() as server:
        server.fail(content="*", drop="after", times=1)
        client = netmail.Transport(server.smtp_url)
        first = outbox.work(client)
        again = outbox.work(client)
        parked = outbox.get(number)
        outbox.retry(number)
        last = outbox.work(client)
        count = len(server.sent)

    assert (first.uncertain, again.uncertain, again.sent, last.sent) == (1, 0, 0, 1)
    assert parked.state is OutboxState.UNCERTAIN
    assert "user@example.test" in parked.reason
    assert count == 2
    assert len(outbox.history(number)) == 3


def test_no_server(outbox):
    """A server that cannot be reached costs no try, and the messages stay."""
    number = outbox.add(message())
    with MailServer() as server:
        url = server.smtp_url
    report = outbox.work(netmail.Transport(url))

    assert report.error is not None
    assert outbox.get(number).recipients[0].tries == 0
    assert outbox.get(number).state is OutboxState.QUEUED
    assert outbox.status().queued == 1


def test_closing_server(outbox):
    """A 421 pauses the transport, and costs no message a try."""
    numbers = [outbox.add(message(count)) for count in range(5)]
    with MailServer() as server:
        server.fail(mail="*", code=421, drop=True, after=2)
        report = outbox.work(netmail.Transport(server.smtp_url))
        server.reset()
        states = [outbox.get(each).state for each in numbers]
        tries = [outbox.get(each).recipients[0].tries for each in numbers]
        for each in numbers:
            if outbox.get(each).state is OutboxState.QUEUED:
                outbox.retry(each)
        rest = outbox.work(netmail.Transport(server.smtp_url))

    assert report.error is not None
    assert states.count(OutboxState.SENT) == report.sent == tries.count(1) == 2
    assert tries.count(0) == 3
    assert rest.sent == 3


def test_defective(outbox):
    """A message that cannot be sent belongs to itself: the others are sent."""
    content = b"From: a@example.test\r\n\r\n" + b"x" * 2000 + b"\r\n"
    long_line = netmail.Envelope("a@example.test", ("user@example.test",), content)
    numbers = [outbox.add(each) for each in (message(1), long_line, message(2))]
    with MailServer() as server:
        report = outbox.work(netmail.Transport(server.smtp_url))

    assert (report.sent, report.refused) == (2, 1)
    assert outbox.get(numbers[1]).state is OutboxState.REFUSED
    assert "998" in outbox.get(numbers[1]).reason


def test_not_before(outbox):
    """A message waits for its time."""
    number = outbox.add(message(), not_before=datetime.now(UTC) + timedelta(hours=1))
    with MailServer() as server:
        client = netmail.Transport(server.smtp_url)
        early = outbox.work(client)
        outbox.retry(number)
        late = outbox.work(client)

    assert (early.sent, late.sent) == (0, 1)
    with pytest.raises(UsageError, match="time zone"):
        outbox.add(message(), not_before=datetime(2030, 1, 1))  # noqa: DTZ001 -- refused


def test_key(outbox):
    """A key is added once, until it is purged."""
    first = outbox.add(message(1), key="invoice 17")

    assert outbox.add(message(2), key="invoice 17") == first
    assert outbox.add(message(2), key="invoice 18") != first
    assert outbox.status().queued == 2


def test_refused_at_once(outbox):
    """What cannot be written, or has no recipient, is not added."""
    with pytest.raises(MessageError):
        outbox.add(Message("a@example.test", subject="to nobody"))

    assert list(outbox.messages()) == []


def test_arguments(tmp_path):
    """A wrong value is named."""
    with pytest.raises(UsageError, match="durability"):
        Outbox(tmp_path / "a", "fast")
    with pytest.raises(UsageError, match="file"):
        Outbox(":memory:")
    with Outbox(tmp_path / "a") as outbox:
        with pytest.raises(UsageError, match="no transport"):
            outbox.work(7)
        with pytest.raises(UsageError, match="group"):
            outbox.work(netmail.Transport("smtp://localhost"), group=0)
        with pytest.raises(UsageError, match="no state"):
            outbox.messages("lost")
        with pytest.raises(UsageError, match="no message 7"):
            outbox.get(7)
        assert "durability=normal" in repr(outbox)
        assert outbox.path == tmp_path / "a"
    with pytest.raises(OutboxError, match="folder"):
        Outbox(tmp_path / "none" / "a").status()


def test_persists(tmp_path):
    """Another process finds what was added, with either durability."""
    for durability in ("normal", "full"):
        with Outbox(tmp_path / durability, durability) as outbox:
            number = outbox.add(message(), key="k")
        with Outbox(tmp_path / durability) as outbox:
            assert outbox.get(number).key == "k"
            assert netmail.parse(outbox.envelope(number).content).subject == "number 0"


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**200])
def test_number_that_no_message_has(number, tmp_path):
    """A number that SQLite cannot hold is that of no message."""
    with Outbox(tmp_path / "o") as outbox:
        assert outbox.history(number) == ()
        for call in (outbox.get, outbox.envelope, outbox.result, outbox.retry):
            with pytest.raises(UsageError, match="no message"):
                call(number)
        with pytest.raises(UsageError, match="no message"):
            outbox.settle(number, sent=True)


@pytest.mark.parametrize("zone", [0, -23, 23])
@pytest.mark.parametrize("moment", [(9999, 12, 31, 23, 59, 59), (1, 1, 1)])
def test_ends_of_the_calendar(moment, zone, tmp_path):
    """A message for then is added, and the outbox can be read."""
    due = datetime(*moment, tzinfo=timezone(timedelta(hours=zone)))
    with Outbox(tmp_path / "o") as outbox:
        outbox.add(Message("a@x.test", "b@x.test", plain="x"), due)

        assert outbox.status().next_due.year in {1, 9999}
        assert len(list(outbox.messages())) == 1


@pytest.mark.parametrize("key", ["\ud800", 5, b"x", True])
def test_key_that_is_no_text(key, tmp_path):
    """Nothing is added."""
    with Outbox(tmp_path / "o") as outbox:
        with pytest.raises(UsageError, match="key is"):
            outbox.add(Message("a@x.test", "b@x.test", plain="x"), key=key)

        assert list(outbox.messages()) == []


@pytest.mark.parametrize("path", ["a\0b", "\ud800"])
def test_path_that_no_system_has(path):
    """It is found before anything is added."""
    with pytest.raises(UsageError, match="an outbox is a file"):
        Outbox(path)


def test_batch_after_its_end(tmp_path):
    """Each row would be written by itself: a batch ends with its block."""
    message = Message("a@x.test", "b@x.test", plain="x")
    with Outbox(tmp_path / "o") as outbox:
        with outbox.transaction() as batch:
            batch.add(message)

        with pytest.raises(UsageError, match="transaction is over"):
            batch.add(message)

        assert len(list(outbox.messages())) == 1
