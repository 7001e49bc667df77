"""The manager that keeps messages in a file."""

import sqlite3
import subprocess
import sys
import textwrap
import threading

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Message, UsageError
from netmail.delivery import Mailer, TransportFailed
from netmail.delivery.outbox import Outbox, StillQueued
from netmail.delivery.results import refused_result
from netmail.testing import MailServer


def mailer(path, transport, **directives):
    """Return a mailer with an outbox."""
    manager = {"use": "outbox", "file": str(path), **directives}
    return Mailer({"transport.use": transport, "manager": manager})


def message(to="b@x.test"):
    """Return a message."""
    return Message("a@x.test", to, plain="x")


def test_results(tmp_path):
    """Each future has the result of its own message, refusals too."""
    scripted = ScriptedTransport([None, lambda envelope: refused_result(envelope, "no")])
    with mailer(tmp_path / "o", scripted) as running:
        futures = [running.send(message(f"{number}@x.test")) for number in range(20)]
        results = [future.result(60) for future in futures]

    assert [result.recipients[0].address for result in results] == [
        f"{number}@x.test" for number in range(20)
    ]
    assert [bool(result) for result in results].count(False) == 1


def test_smtp(tmp_path):
    """Over SMTP the messages are sent as one batch, over one connection."""
    with MailServer() as server:
        config = {
            "manager": {"use": "outbox", "file": str(tmp_path / "o"), "workers": "2"},
            "transport": {"use": "smtp", "url": server.smtp_url},
        }
        with Mailer(config) as running:
            futures = [running.send(message("user@example.test")) for _ in range(10)]
            codes = [future.result(60).recipients[0].code for future in futures]
        count = len(server.sent)

    assert codes == [250] * 10
    assert count == 10


def test_left_in_the_file(tmp_path):
    """What could not be sent before the end stays, and is sent by the next run."""
    down = ScriptedTransport([TransportFailed("down")] * 9)
    with mailer(tmp_path / "o", down) as running:
        future = running.send(message())
    with pytest.raises(StillQueued, match="message 1 stays") as raised:
        future.result(0)
    scripted = ScriptedTransport()
    with mailer(tmp_path / "o", scripted):
        pass

    assert raised.value.id == 1
    assert scripted.delivered == ["b@x.test"]


def test_another_process_delivers(tmp_path):
    """Without workers, the result is another's; it is there at the end, or later."""
    scripted = ScriptedTransport()
    with mailer(tmp_path / "o", scripted, workers=0) as running:
        first = running.send(message())
        with Outbox(tmp_path / "o") as outbox:
            outbox.work(scripted)
        second = running.send(message())

    assert first.result(0)
    assert isinstance(second.exception(0), StillQueued)


def test_stop_without_time(tmp_path):
    """With no time to stop, what is on the line is sent, and the rest stays."""
    begun, held = threading.Event(), threading.Event()
    scripted = ScriptedTransport([lambda _: begun.set() or held.wait(60) * 0 or None])
    running = mailer(tmp_path / "o", scripted, stop_timeout=0).start()
    futures = [running.send(message()) for _ in range(5)]
    begun.wait(60)
    threading.Timer(0.05, held.set).start()
    running.stop()

    assert futures[0].result(0)
    assert len(scripted.delivered) < 5
    assert all(future.done() for future in futures)


def test_lease_lost(tmp_path, caplog):
    """A worker that was taken for dead says so, and continues with the next message."""
    path = tmp_path / "o"

    def take_over(_):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE outbox_lease SET ends = 0")
        connection.close()
        with Outbox(path) as outbox:
            outbox.work(ScriptedTransport())

    with mailer(path, ScriptedTransport([take_over])) as running:
        first = running.send(message()).result(60)
        second = running.send(message()).result(60)

    assert first
    assert second
    assert "another worker" in caplog.text


def test_left_by_a_dead_worker(tmp_path):
    """Its future ends when another worker finds it: a program does not wait for the stop."""
    path, let_go = tmp_path / "o", threading.Event()

    def stand_still(_):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE outbox_lease SET ends = 0")
        connection.close()
        let_go.wait(60)

    with mailer(path, ScriptedTransport([stand_still]), workers=2, poll=0.01) as running:
        result = running.send(message()).result(60)
        let_go.set()

    assert result.uncertain


def test_program_without_stop(tmp_path):
    """A program that only ends does not wait for ever, and its messages are sent or kept."""
    program = textwrap.dedent("""
        from netmail import Message
        from netmail.delivery import Mailer
        import sys
        config = {"manager.use": "outbox", "manager.file": sys.argv[1], "transport.use": "mock"}
        Mailer(config).start().send(Message("a@x.test", "b@x.test", plain="x"))
    """)
    path = tmp_path / "o"
    subprocess.run([sys.executable, "-c", program, path], check=True, timeout=120)
    with Outbox(path) as outbox:
        assert outbox.status().sent == 1


@pytest.mark.parametrize(
    ("directives", "why"),
    [
        ({"workers": -1}, "workers"),
        ({"group": 0}, "group"),
        ({"lease": 0}, "lease"),
        ({"durability": "fast"}, "durability"),
        ({"fil": "x"}, "'file'"),
    ],
)
def test_directives(tmp_path, directives, why):
    """A wrong one is found when the mailer is made."""
    with pytest.raises(UsageError, match=why):
        mailer(tmp_path / "o", ScriptedTransport(), **directives)


def test_callback_that_stops_the_mailer(tmp_path):
    """The worker whose callback stops the mailer ends all, and waits for itself not."""
    running = mailer(tmp_path / "o", ScriptedTransport([None]), poll=0.01).start()
    stopped = threading.Event()
    first = running.send(message())
    first.add_done_callback(lambda _: (running.stop(), stopped.set()))

    assert first.result(60)
    assert stopped.wait(60)
    for thread in running.manager._threads:
        thread.join(60)

    assert not any(thread.is_alive() for thread in running.manager._threads)
    assert running.manager._outbox._database._connection is None


def test_callback_that_ends_threads(tmp_path):
    """A callback that raises SystemExit does not end the worker."""

    def leave(_):
        raise SystemExit(1)

    gate = threading.Event()

    def hold(_):
        gate.wait(60)

    with mailer(tmp_path / "o", ScriptedTransport([hold, None]), poll=0.01) as running:
        first = running.send(message())
        first.add_done_callback(leave)
        gate.set()

        assert first.result(60)
        assert running.send(message()).result(60)
