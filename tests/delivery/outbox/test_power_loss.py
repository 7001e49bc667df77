"""Power loss: the write-ahead log is cut where the disk may have ended it."""

import random
import shutil
import sqlite3

import pytest

from netmail import Message
from netmail.delivery.outbox import Outbox
from netmail.delivery.transports.mock import MockTransport
from support.timing import full

COUNT = 30


class Recording(MockTransport):
    """Notes how long the log is when each message leaves; refuses some for now."""

    def __init__(self, log):
        super().__init__({})
        self.log = log
        self.sizes = []

    def deliver(self, message):
        """Note the recipient and the size, and that of the transport's first message."""
        self.sizes.append((message.recipients[0], self.log.stat().st_size))
        return super().deliver(message)


def write(path, durability):
    """Add and send messages; return the sizes of the log at each step, and the last of all."""
    log = path.with_name(path.name + "-wal")
    added, sent = {}, []
    with Outbox(path, durability) as outbox:
        outbox.status()
        for round_ in range(2):
            for number in range(COUNT):
                address = f"{round_}.{number}@x.test"
                outbox.add(Message("a@x.test", address, plain="x"))
                added[address] = log.stat().st_size
            transport = Recording(log)
            outbox.work(transport, group=2)  # few are marked when the power fails
            # All of a round are leased together, in a commit that waits for the disk.
            leased = transport.sizes[0][1]
            sent += [(address, size, leased) for address, size in transport.sizes]
        for name in (path, log):
            shutil.copy(name, name.with_name(name.name.replace("outbox", "whole")))
        octets = log.read_bytes()
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
def test_cut(tmp_path, durability):
    """The database opens; nothing is sent twice, and with "full" nothing that was added is lost."""
    added, sent, octets = write(tmp_path / "outbox.sqlite", durability)
    chance = random.Random(20261122)
    again_at_all = 0
    for _ in range(full(200, quick=12)):
        last = chance.randrange(len(sent))
        _, now, leased = sent[last]
        # With "full" the disk has all that was committed; otherwise the lease, and perhaps more.
        cut = chance.randint(leased, now) if durability == "normal" else now
        # What the disk has begun to write may be there too, in part.
        cut += chance.choice([0, 0, 1, 24, 4000])
        delivered = {address for address, _, _ in sent[: last + 1]}
        again, states = reopened(tmp_path, octets[:cut])
        again_at_all += len(again)

        assert not again & delivered
        assert set(states.values()) <= {"sent", "uncertain"}
        # Those that the lease found are there, and with "full" all that add() has returned.
        assert {address for address, size in added.items() if size <= cut} <= set(states)
        assert delivered <= set(states)

    # Otherwise this would prove nothing: messages that had not left are sent after the restart.
    assert again_at_all > 0 or durability == "normal"
