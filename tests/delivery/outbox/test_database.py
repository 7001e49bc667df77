"""The file: with a disk that is full, after a fork, and with another version's tables."""

import multiprocessing
import sqlite3
import subprocess
import sys
import textwrap
import threading
from datetime import timedelta

import pytest

from netmail import Message, UsageError
from netmail.delivery.outbox import Outbox, OutboxError, OutboxLocked
from netmail.delivery.transports.mock import MockTransport

FULL = textwrap.dedent("""
    import os, resource, signal, sys
    from pathlib import Path
    from netmail import Message
    from netmail.delivery.outbox import Outbox, OutboxFull
    from netmail.delivery.transports.mock import MockTransport

    path, step, kind = sys.argv[1:]

    def fill():
        if kind == "limit":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
            return
        ballast = os.open(Path(path).with_name("ballast"), os.O_CREAT | os.O_WRONLY)
        try:
            while True:
                os.write(ballast, bytes(4096))
        except OSError:
            os.close(ballast)

    class Filling(MockTransport):
        def deliver(self, message):
            if len(self.messages) == 3:
                fill()
            return super().deliver(message)

    transport = Filling({})
    with Outbox(path) as outbox:
        for number in range(200):
            outbox.add(Message("a@x.test", f"{number}@x.test", plain="x" * 500))
        try:
            if step == "adding":
                fill()
                for number in range(200):
                    outbox.add(Message("a@x.test", f"{number}@x.test", plain="x" * 500))
            else:
                # The log of the adding has room for more: the disk would not matter so soon.
                outbox.close()
                outbox.work(transport)
        except OutboxFull as error:
            print(*[each.recipients[0] for each in transport.messages])
            print(error, file=sys.stderr)
""")


@pytest.fixture(params=["limit", "tmpfs"])
def disk(request, tmp_path):
    """A folder that can be filled, and how: its own file system where this user may mount one."""
    if request.param == "limit":
        yield tmp_path, "limit"
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", tmp_path]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        yield tmp_path, "limit"
        return
    try:
        yield tmp_path, "tmpfs"
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def fill(disk, step):
    """Run a program that fills the disk in the middle of a step; return what it prints."""
    folder, kind = disk
    command = [sys.executable, "-c", FULL, folder / "o", step, kind]
    ended = subprocess.run(command, check=True, timeout=120, capture_output=True, text=True)
    assert "no room on the disk" in ended.stderr
    (folder / "ballast").unlink(missing_ok=True)
    with sqlite3.connect(folder / "o") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("UPDATE outbox_lease SET ends = 0")
    connection.close()
    return ended.stdout.split()


def test_full_while_adding(disk):
    """What was added before is there, and is sent when there is room again."""
    fill(disk, "adding")
    with Outbox(disk[0] / "o") as outbox:
        before = outbox.status().queued
        outbox.add(Message("a@x.test", "b@x.test", plain="x"))

        assert before >= 200
        assert outbox.work(MockTransport({})).sent == before + 1


def test_full_while_working(disk):
    """A result that could not be written is for a person; no message is sent twice or lost."""
    delivered = fill(disk, "working")
    later = MockTransport({})
    with Outbox(disk[0] / "o") as outbox:
        written = outbox.status().sent
        outbox.work(later)
        states = {each.recipients[0].address: str(each.state) for each in outbox.messages()}

    again = {each.recipients[0] for each in later.messages}
    assert not again & set(delivered)
    assert len(states) == 200
    assert set(states.values()) <= {"sent", "uncertain"}
    uncertain = {address for address, state in states.items() if state == "uncertain"}
    assert again | set(delivered) | uncertain == set(states)
    # Nothing was sent whose mark could not be written.
    assert len(uncertain) <= 64
    assert len(delivered) - written <= len(uncertain)


def test_fork(tmp_path):
    """A child process is refused the parent's connection, and makes its own."""

    def child(outbox, path, pipe):
        try:
            outbox.status()
        except UsageError as error:
            pipe.send(str(error))
        outbox.close()
        with Outbox(path) as own:
            pipe.send(own.status().queued)

    ours, theirs = multiprocessing.Pipe()
    with Outbox(tmp_path / "o") as outbox:
        outbox.add(Message("a@x.test", "b@x.test", plain="x"))
        process = multiprocessing.get_context("fork").Process(
            target=child, args=(outbox, tmp_path / "o", theirs)
        )
        process.start()
        found = [ours.recv(), ours.recv()]
        process.join()
        process.close()
        ours.close()
        theirs.close()

        assert outbox.status().queued == 1
    assert "fork" in found[0]
    assert found[1] == 1


def test_other_version(tmp_path):
    """Tables of another version are refused, and left as they are."""
    path = tmp_path / "o"
    with Outbox(path) as outbox:
        outbox.status()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE outbox_schema SET version = 9")
    connection.commit()
    connection.close()

    with Outbox(path) as outbox, pytest.raises(OutboxError, match="version 9"):
        outbox.status()


def test_log(tmp_path):
    """A file that cannot have a write-ahead log is refused."""
    path = tmp_path / "o"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE t (n)")
    other.execute("BEGIN EXCLUSIVE")
    with Outbox(path, timeout=timedelta(seconds=0.05)) as outbox, pytest.raises(OutboxLocked):
        outbox.status()
    other.close()


def test_threads(tmp_path):
    """Several threads add at once, each message once."""
    with Outbox(tmp_path / "o") as outbox:

        def add():
            for number in range(50):
                outbox.add(Message("a@x.test", "b@x.test", plain="x"), key=str(number))

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert outbox.status().queued == 50
