"""Leases: one worker for each message, and what becomes of those of a dead one."""

from datetime import timedelta
from time import time

import pytest

from netmail import Message
from netmail.delivery.outbox import LeaseLost, Outbox, boots, leasing
from netmail.delivery.outbox.database import Database
from netmail.delivery.outbox.heartbeat import Heartbeat
from netmail.delivery.transports.mock import MockTransport


@pytest.fixture(params=["normal", "full"])
def outbox(tmp_path, request):
    """An outbox with three messages."""
    with Outbox(tmp_path / "outbox.sqlite", request.param) as opened:
        for number in range(3):
            opened.add(Message("a@x.test", f"{number}@x.test", plain="x"))
        yield opened


@pytest.fixture
def database(outbox):
    """A worker's connection."""
    opened = Database(outbox.path, "normal", 5.0)
    yield opened
    opened.close()


def hold(database, outbox, seconds=60.0, sending=1):
    """Hold the messages as a worker does that dies then; return its token and the messages."""
    durable = "full" in repr(outbox)
    with database.transaction() as connection:
        token = leasing.begin(connection, seconds, durable=durable)
        held = leasing.take(connection, token, 2)
        leasing.mark_sending(connection, token, held[:sending])
    return token, held


def states(outbox):
    """Return the states of all messages."""
    return [str(each.state) for each in outbox.messages()]


def test_taken_once(outbox, database):
    """Two workers get different messages."""
    _, first = hold(database, outbox)
    _, second = hold(database, outbox)

    assert [each.id for each in first] == [1, 2]
    assert [each.id for each in second] == [3]
    assert states(outbox) == ["sending", "leased", "sending"]
    assert outbox.work(MockTransport({})).sent == 0


def test_over(outbox, database):
    """When the lease is over, what was not begun is sent, and the rest is for a person."""
    hold(database, outbox, seconds=-1)
    report = outbox.work(MockTransport({}))

    assert report.sent == 2
    assert states(outbox) == ["uncertain", "sent", "sent"]
    assert "its worker ended" in outbox.get(1).reason
    assert "its worker ended" in outbox.history(1)[0].text


def test_earlier_boot(outbox, database):
    """After a power loss a lease may be all that is left of messages that were sent."""
    hold(database, outbox)
    with database.transaction() as connection:
        connection.execute("UPDATE outbox_lease SET boot = 'another'")
    outbox.work(MockTransport({}))

    # Where each commit waits for the disk, a message that was sent is marked as being sent.
    leased = "sent" if "full" in repr(outbox) else "uncertain"
    assert states(outbox) == ["uncertain", leased, "sent"]


def test_unknown_boot(outbox, database, monkeypatch, tmp_path):
    """Where the machine has no identifier, each lease that is over may be of an earlier boot."""
    monkeypatch.setattr(boots, "BOOT_ID", tmp_path / "none")
    boots.boot_id.cache_clear()
    hold(database, outbox, seconds=-1)
    outbox.work(MockTransport({}))
    boots.boot_id.cache_clear()

    leased = "sent" if "full" in repr(outbox) else "uncertain"
    assert states(outbox) == ["uncertain", leased, "sent"]


def test_fencing(outbox, database):
    """A worker that was taken for dead can change nothing that was given to others."""
    token, held = hold(database, outbox, seconds=-1)
    outbox.work(MockTransport({}))

    with pytest.raises(LeaseLost), database.transaction() as connection:
        leasing.extend(connection, token, 60)
    with pytest.raises(LeaseLost), database.transaction() as connection:
        leasing.mark_sending(connection, token, held[1:])
    with database.transaction() as connection:
        leasing.release(connection, token, held)
    assert states(outbox) == ["uncertain", "sent", "sent"]


def test_late_result(outbox):
    """A result that comes after the lease tells what a person would have to find out."""

    class Slow(MockTransport):
        """Another worker takes over while this one delivers."""

        def deliver(self, message):
            if not self.messages:
                with outbox._database.transaction() as connection:
                    connection.execute("UPDATE outbox_lease SET ends = 0")
                outbox.work(MockTransport({}))
                assert states(outbox)[0] == "uncertain"
            return super().deliver(message)

    slow = Slow({})
    with pytest.raises(LeaseLost):
        outbox.work(slow)

    assert states(outbox) == ["sent", "sent", "sent"]
    assert len(slow.messages) == 1


def test_heartbeat(outbox, database):
    """A worker that waits for a server stays alive."""
    token, _ = hold(database, outbox, seconds=0.2)
    before = database.read("SELECT ends FROM outbox_lease")
    with Heartbeat(database, token, 0.2):
        while database.read("SELECT ends FROM outbox_lease") == before:
            pass

    assert leasing.is_work_due(database.read, time() + 10)
    # One that has lost its lease meets that itself.
    with Heartbeat(database, token + 1, 0.001) as lost:
        while lost.beats < 2:
            pass


def test_released(outbox):
    """A worker whose transport fails gives back what it has not sent, at once."""

    class Down(MockTransport):
        """Cannot begin."""

        def startup(self):
            raise ConnectionRefusedError("refused")

    report = outbox.work(Down({}), lease=timedelta(hours=1))

    assert "refused" in str(report.error)
    assert states(outbox) == ["queued"] * 3
    assert outbox.work(MockTransport({})).sent == 3
