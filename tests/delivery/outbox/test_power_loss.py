"""Power loss: the write-ahead log is cut where the disk may have ended it."""

import random
import shutil
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from netmail import Message
from netmail.delivery.outbox import Outbox
from netmail.delivery.transports.mock import MockTransport
from support.timing import full

COUNT = 30


class Syncing(sqlite3.Connection):
    """A connection that notes how much of the log the disk has for certain.

    SQLite waits for the disk after a commit with synchronous = FULL, and never with NORMAL while
    the log is not copied back.
    """

    log: Path
    is_full = True
    certain = 0

    def execute(self, statement, *values):
        """Run a statement; after a commit that waits for the disk, what is in the log is safe."""
        cursor = super().execute(statement, *values)
        if statement.startswith("PRAGMA synchronous ="):
            self.is_full = statement.endswith("FULL")
        if statement == "COMMIT" and self.is_full and self.log.exists():
            Syncing.certain = self.log.stat().st_size
        return cursor


class Recording(MockTransport):
    """Notes for each message that leaves how long the log is, and how much of it is certain."""

    def __init__(self, log):
        super().__init__({})
        self.log = log
        self.sent = []

    def deliver(self, message):
        """Note the recipient and the sizes."""
        self.sent.append((message.recipients[0], self.log.stat().st_size, Syncing.certain))
        return super().deliver(message)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The file of an outbox whose connections note what the disk has."""
    path = tmp_path / "outbox.sqlite"
    Syncing.log, Syncing.certain = path.with_name(path.name + "-wal"), 0
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Syncing))
    return path


def write(path, durability):
    """Add and send messages.

    Returns:
        The size of the log when each `add()` had returned; of each message that was sent the size
        then, and how much was certain; and the log.
    """
    added, sent = {}, []
    with Outbox(path, durability) as outbox:
        outbox.status()
        for round_ in range(2):
            for number in range(COUNT):
                address = f"{round_}.{number}@x.test"
                outbox.add(Message("a@x.test", address, plain="x"))
                added[address] = Syncing.log.stat().st_size
            transport = Recording(Syncing.log)
            outbox.work(transport, group=2)  # few are marked when the power fails
            sent += transport.sent
        for name in (path, Syncing.log):
            shutil.copy(name, name.with_name(name.name.replace("outbox", "whole")))
        octets = Syncing.log.read_bytes()
    assert len(octets) < 1000 * 4096, "a checkpoint would have moved the beginning"
    return added, sent, octets


def reopened(folder, octets):
    """Open the file with a log of these octets after a restart; return what is sent, and states."""
    path = folder / "cut.sqlite"
    shutil.copy(folder / "whole.sqlite", path)
    path.with_name("cut.sqlite-wal").write_bytes(octets)
    path.with_name("cut.sqlite-shm").unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables:
        connection.execute("UPDATE outbox_lease SET boot = 'an earlier one'")
        connection.commit()
    connection.close()
    transport = MockTransport({})
    with Outbox(path) as outbox:
        outbox.work(transport)
        states = {each.recipients[0].address: str(each.state) for each in outbox.messages()}
    return {each.recipients[0] for each in transport.messages}, states


@pytest.mark.parametrize("durability", ["normal", "full"])
def test_cut(path, durability):
    """The database opens; nothing is sent twice, and with "full" nothing that was added is lost."""
    added, sent, octets = write(path, durability)
    chance = random.Random(20261122)
    again_at_all = 0
    for _ in range(full(200, quick=25)):
        last = chance.randrange(len(sent))
        _, now, certain = sent[last]
        # The disk has what SQLite has waited for. Of the rest it may have a part, and the end of
        # what it was writing.
        cut = certain if chance.random() < 0.5 else chance.randint(certain, now)
        cut += chance.choice([0, 0, 1, 24, 4000])
        delivered = {address for address, _, _ in sent[: last + 1]}
        again, states = reopened(path.parent, octets[:cut])
        again_at_all += len(again)

        assert not again & delivered
        assert delivered <= set(states)
        assert set(states.values()) <= {"sent", "uncertain"}
        if durability == "full":
            assert {address for address, size in added.items() if size <= now} <= set(states)

    # Otherwise this would prove nothing: messages that had not left are sent after the restart.
    assert again_at_all > 0 or durability == "normal"
