"""Signals that end a worker process."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from netmail import Message, UsageError
from netmail.delivery.outbox import Outbox
from netmail.delivery.outbox.stop_signal import caught_signals

PROGRAM = textwrap.dedent("""
    import os, signal, sys
    from datetime import timedelta
    from netmail.delivery.outbox import Outbox
    from netmail.delivery.transports.mock import MockTransport

    class Transport(MockTransport):
        def deliver(self, message):
            if len(self.messages) == 5:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().deliver(message)

    with Outbox(sys.argv[1]) as outbox:
        report = outbox.serve(Transport({}), poll=timedelta(minutes=1))
    print(report.sent)
""")


def test_terminated(tmp_path):
    """A worker process sends what is on the line, writes its results, and ends."""
    path = tmp_path / "o"
    with Outbox(path) as outbox:
        for number in range(50):
            outbox.add(Message("a@x.test", f"{number}@x.test", plain="x"))
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, path], check=True, timeout=120, capture_output=True
        )
        status = outbox.status()

    assert status.sent == int(ended.stdout) == 6
    assert (status.queued, status.leased, status.sending, status.uncertain) == (44, 0, 0, 0)


def test_caught():
    """A signal ends a wait at once; afterwards the earlier handlers are there again."""
    before = signal.getsignal(signal.SIGTERM)
    with caught_signals() as stop:
        assert not stop.wait(0)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(60)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.is_set()
        assert stop.wait(60)

    assert signal.getsignal(signal.SIGTERM) is before


def test_other_thread(tmp_path):
    """Handlers belong to the main thread."""
    errors = []

    def serve():
        with pytest.raises(UsageError, match="main thread") as raised:
            Outbox(tmp_path / "o").serve(None)
        errors.append(raised.value)

    thread = threading.Thread(target=serve)
    thread.start()
    thread.join()
    assert errors
