"""SQLite's errors, as those of the outbox."""

import pickle
import sqlite3
import subprocess
import sys
import textwrap
import threading
from datetime import timedelta

import pytest

from netmail import Message, MessageError
from netmail.delivery import DeliveryError
from netmail.delivery.outbox import Outbox, OutboxError, OutboxLocked, StillQueued
from netmail.delivery.outbox.errors import explained
from netmail.delivery.transports.mock import MockTransport


def test_locked(tmp_path):
    """Another program's transaction is waited for, and named; afterwards all is as before."""
    message = Message("a@x.test", "b@x.test", plain="x")
    with Outbox(tmp_path / "o", timeout=timedelta(seconds=0.05)) as outbox:
        outbox.add(message)
        other = sqlite3.connect(tmp_path / "o", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutboxLocked, match="try again"):
            outbox.add(message)

        assert outbox.status().queued == 1
        other.close()
        assert outbox.add(message) == 2


LOCK = textwrap.dedent("""
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("locked", flush=True)
    sys.stdin.read()
    connection.close()
""")


class Locking(MockTransport):
    """Another process takes the file when this one has delivered some messages."""

    def __init__(self, path, after, seconds=None):
        super().__init__({})
        self.path = path
        self.after = after
        self.timer = seconds and threading.Timer(seconds, self.release)

    def deliver(self, message):
        """Deliver; the lock comes before the result is known."""
        if len(self.messages) == self.after:
            command = [sys.executable, "-c", LOCK, self.path]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self.process = subprocess.Popen(command, **pipes)
            assert self.process.stdout.readline() == b"locked\n"
            if self.timer:
                self.timer.start()
        return super().deliver(message)

    def release(self):
        """End the other process."""
        self.process.communicate(timeout=60)


@pytest.mark.parametrize("after", [0, 1, 7])
def test_locked_while_working(tmp_path, after):
    """The error is clear; what was delivered is for a person, and all else is sent later, once."""
    with Outbox(tmp_path / "o", timeout=timedelta(seconds=0.1)) as outbox:
        for number in range(40):
            outbox.add(Message("a@x.test", f"{number}@x.test", plain="x"))
        first, later = Locking(tmp_path / "o", after), MockTransport({})
        reported = {}
        with pytest.raises(OutboxLocked, match="another program holds the database"):
            outbox.work(first, lease=timedelta(seconds=0.01), on_result=reported.__setitem__)
        with pytest.raises(OutboxLocked):
            outbox.work(later)
        assert not later.messages
        first.release()
        report = outbox.work(later, on_result=reported.__setitem__)
        states = {each.recipients[0].address: str(each.state) for each in outbox.messages()}

    before, after = ({each.recipients[0] for each in one.messages} for one in (first, later))
    assert not before & after
    assert len(states) == 40
    assert set(states.values()) <= {"sent", "uncertain"}
    uncertain = {address for address, state in states.items() if state == "uncertain"}
    assert before | after | uncertain == set(states)
    assert uncertain
    # They are reported, and not only found by a look at the table.
    assert report.uncertain == len(uncertain)
    assert len(reported) == 40
    assert len([each for each in reported.values() if each.uncertain]) == len(uncertain)


def test_locked_for_a_moment(tmp_path):
    """Within the time limit the worker waits, and all is sent."""
    with Outbox(tmp_path / "o", timeout=timedelta(seconds=60)) as outbox:
        for number in range(20):
            outbox.add(Message("a@x.test", f"{number}@x.test", plain="x"))
        transport = Locking(tmp_path / "o", 3, seconds=0.3)
        report = outbox.work(transport)
        transport.timer.join()

    assert report.sent == len(transport.messages) == 20


def test_no_database(tmp_path):
    """Another file is not taken for an outbox."""
    path = tmp_path / "o"
    path.write_bytes(b"Not a database at all." * 100)

    with Outbox(path) as outbox, pytest.raises(OutboxError, match="not a database"):
        outbox.status()


def test_others_pass():
    """An error that is not SQLite's stays what it is."""
    with pytest.raises(KeyError), explained("o"):
        raise KeyError

    assert issubclass(OutboxError, DeliveryError)


def test_number_survives_pickling():
    """The number is still there after a queue or another process."""
    error = StillQueued(7)

    copied = pickle.loads(pickle.dumps(error))

    assert (str(copied), copied.id) == (str(error), 7)


def changed(path, statement):
    """An outbox of one message that another program has changed."""
    with Outbox(path) as outbox:
        outbox.add(Message("a@x.test", "b@x.test", plain="x"))
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    return Outbox(path)


def everything(outbox):
    """Each call that reads, and a worker."""
    outbox.status()
    for each in outbox.messages():
        outbox.history(each.id), outbox.result(each.id)
    outbox.work(MockTransport({}))


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("UPDATE outbox_message SET state = 'x'", "not written"),
        ("UPDATE outbox_recipient SET state = 'x'", "not written"),
        ("DELETE FROM outbox_recipient", "without recipients"),
        ("DELETE FROM outbox_schema", "version None"),
        ("INSERT INTO outbox_schema VALUES (2)", "version 1, 2"),
        ("DROP TABLE outbox_lease", "no such table"),
    ],
)
def test_changed_tables(statement, text, tmp_path):
    """What netmail has not written is an error of the outbox, and takes no time."""
    with pytest.raises(OutboxError, match=text), changed(tmp_path / "o", statement) as outbox:
        everything(outbox)


@pytest.mark.parametrize(
    "setting",
    [
        *("options = '{'", "options = '{}'", "options = '[]'", "options = '5'"),
        *('options = \'{"hold_until": "x"}\'', "size = -1"),
    ],
)
def test_changed_content(setting, tmp_path):
    """A message that cannot be read is never sent as another one."""
    statement = f"UPDATE outbox_content SET {setting}"
    with changed(tmp_path / "o", statement) as outbox:
        with pytest.raises(MessageError, match="netmail has not written"):
            outbox.envelope(1)
        with pytest.raises(MessageError, match="netmail has not written"):
            outbox.work(MockTransport({}))


@pytest.mark.parametrize("column", ["due", "added", "changed"])
@pytest.mark.parametrize("seconds", ["1e300", "9e999", "-9e999", "1e15", "-1e15"])
def test_changed_times(column, seconds, tmp_path):
    """A time that no calendar has is the end of it: the messages can be listed."""
    statement = f"UPDATE outbox_message SET {column} = {seconds}"
    with changed(tmp_path / "o", statement) as outbox:
        outbox.status()
        [found] = outbox.messages()

    assert getattr(found, column).year in {1, 9999}
