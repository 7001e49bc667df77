"""The locks of an mbox file, and their order."""

import fcntl
import os
import subprocess
import sys
import time

import pytest

from netmail.delivery import TransportFailed
from netmail.delivery.transports.file_locks import STALE_SECONDS, locked
from support.timing import takes

HOLD = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def box(tmp_path):
    """An mbox file."""
    path = tmp_path / "box"
    path.touch()
    return path


@pytest.fixture
def holder(box):
    """Another program, which holds fcntl's lock."""
    command = [sys.executable, "-c", HOLD, str(box)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout.readline() == b"held\n"
        yield program


@pytest.mark.parametrize("kinds", [("fcntl",), ("dotlock",), ("fcntl", "dotlock")])
def test_held_and_released(box, kinds):
    """Both are held within the block, and gone after it, also after an error."""
    for error in (None, ZeroDivisionError):
        with box.open("r+b") as file:
            try:
                with locked(file.fileno(), str(box), kinds, 1):
                    assert (box.parent / "box.lock").exists() == ("dotlock" in kinds)
                    if error:
                        raise error
            except ZeroDivisionError:
                pass
        assert list(box.parent.iterdir()) == [box]


def test_content_of_the_dotlock(box):
    """It names the process that holds it."""
    with box.open("r+b") as file, locked(file.fileno(), str(box), ("dotlock",), 1):
        assert int((box.parent / "box.lock").read_text()) == os.getpid()


@pytest.mark.parametrize("kinds", [("fcntl", "dotlock"), ("dotlock", "fcntl")])
def test_first_is_released(box, holder, kinds, monkeypatch):
    """While the other program has one of them, the other one is free between the attempts."""
    seen = []

    def look(seconds):
        seen.append((box.parent / "box.lock").exists())
        if len(seen) == 3:
            holder.communicate()

    monkeypatch.setattr("netmail.delivery.transports.file_locks.sleep", look)
    with box.open("r+b") as file, locked(file.fileno(), str(box), kinds, 30):
        pass

    assert seen[:3] == [False] * 3


def test_fcntl_is_released_for_the_dotlock(box, monkeypatch):
    """The other order: fcntl's lock is free while the dotlock is another's."""
    (box.parent / "box.lock").touch()
    taken = []

    def look(seconds):
        command = [sys.executable, "-c", HOLD, str(box)]
        taken.append(subprocess.check_output(command, input=b"", timeout=30))
        (box.parent / "box.lock").unlink()

    monkeypatch.setattr("netmail.delivery.transports.file_locks.sleep", look)
    with box.open("r+b") as file, locked(file.fileno(), str(box), ("fcntl", "dotlock"), 30):
        pass

    assert taken == [b"held\n"]


def test_timeout(box, holder):
    """The wait has an end, and a later try may succeed."""
    with (
        box.open("r+b") as file,
        takes(most=20),
        pytest.raises(TransportFailed, match="box is locked by another") as caught,
        locked(file.fileno(), str(box), ("fcntl",), 0.05),
    ):
        raise AssertionError
    assert caught.value.transient
    holder.communicate()


def test_timeout_of_threads(box):
    """A thread of the same process holds it."""
    with (
        box.open("r+b") as file,
        locked(file.fileno(), str(box), ("fcntl",), 1),
        pytest.raises(TransportFailed),
        locked(file.fileno(), str(box), ("fcntl",), 0.01),
    ):
        raise AssertionError


def test_stale_dotlock(box):
    """A dotlock of a program that ended long ago is removed; a younger one is not."""
    lock = box.parent / "box.lock"
    lock.touch()
    with box.open("r+b") as file:
        with pytest.raises(TransportFailed), locked(file.fileno(), str(box), ("dotlock",), 0.01):
            raise AssertionError
        past = time.time() - STALE_SECONDS - 1
        os.utime(lock, (past, past))
        with locked(file.fileno(), str(box), ("dotlock",), 1):
            assert int(lock.read_text()) == os.getpid()


def test_dotlock_taken_for_stale(box):
    """One that another program has removed is no error at the end."""
    with box.open("r+b") as file, locked(file.fileno(), str(box), ("dotlock",), 1):
        (box.parent / "box.lock").unlink()

    assert list(box.parent.iterdir()) == [box]


def test_no_lock_on_this_file(box):
    """What the operating system refuses is no wait."""
    with box.open("rb") as file:
        refused = pytest.raises(OSError, match="Bad file descriptor")
        with refused, locked(file.fileno(), str(box), ("fcntl",), 5):
            raise AssertionError
        fcntl.lockf(file, fcntl.LOCK_SH)
