"""The event that a manager sets, and the end of the program does."""

import subprocess
import sys
import threading
import time

import pytest

from netmail.delivery.stopping import Stopping

ENDS = """
import threading, time
from netmail.delivery.stopping import Stopping
stopping = Stopping()
def wait():
    print(stopping.wait({limit}), stopping.is_set(), flush=True)
threading.Thread(target=wait).start()
"""


@pytest.mark.parametrize("limit", ["None", "3600"])
def test_end_of_the_program(limit):
    """A thread that waits without limit, or for an hour, does not hold the program up."""
    run = subprocess.run(
        [sys.executable, "-c", ENDS.format(limit=limit)],
        capture_output=True,
        check=True,
        timeout=60,
        text=True,
    )

    assert run.stdout.split() == ["True", "True"]
    assert not run.stderr


def test_set():
    """A waiting thread is released, and a later one does not wait."""
    stopping, found = Stopping(), []
    thread = threading.Thread(target=lambda: found.append(stopping.wait(3600)))
    thread.start()
    stopping.set()
    thread.join()

    assert found == [True]
    assert stopping.wait()


def test_time_limit():
    """The wait is as long as asked for, though it looks around in between."""
    began = time.monotonic()

    assert not Stopping().wait(0.6)
    assert time.monotonic() - began >= 0.6
    assert not Stopping().wait(0)
