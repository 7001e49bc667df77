"""The manager that has as many threads as the load needs."""

import subprocess
import sys
import threading

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Message, UsageError
from netmail.delivery import DeliveryFailed, Mailer, MailerNotRunning, TransportFailed


def mailer(scripted, **directives):
    """Return a mailer whose manager grows with the load."""
    manager = {"use": "dynamic", "retry": {"delay": 0.001}, **directives}
    return Mailer({"transport.use": scripted, "manager": manager})


def messages(count):
    """Yield messages to recipients of their own."""
    for number in range(count):
        yield Message("a@x.test", f"{number}@x.test")


def pool_threads():
    """Return the threads that deliver."""
    return [each for each in threading.enumerate() if each.name == "netmail-delivery"]


def join_pool():
    """Wait until all threads have left by themselves."""
    for thread in pool_threads():
        thread.join(60)


def test_results():
    """Each message has the future of its own result."""
    scripted = ScriptedTransport()
    with mailer(scripted) as running:
        futures = [running.send(each) for each in messages(200)]
        found = [future.result().recipients[0].address for future in futures]

    assert found == [f"{number}@x.test" for number in range(200)]
    assert scripted.count("startup") == scripted.count("shutdown")
    assert not pool_threads()


def test_nothing_before_the_first_message():
    """No thread and no transport is there until it is needed."""
    scripted = ScriptedTransport()
    with mailer(scripted):
        assert not pool_threads()
    assert not scripted.events


def test_grows_up_to_workers():
    """Messages that wait bring threads, but never more than `workers`, each with a transport."""
    together = threading.Barrier(4)
    scripted = ScriptedTransport([lambda _: together.wait(60) * 0 or None] * 8)
    with mailer(scripted, workers=3) as running:
        futures = [running.send(each) for each in messages(6)]

        assert len(pool_threads()) == 3
        together.wait(60)
        together.wait(60)
        assert all(future.result(60) for future in futures)
    assert scripted.count("startup") == 3


def test_one_thread_is_enough_for_a_small_load():
    """A message that finds an idle thread starts no other."""
    scripted = ScriptedTransport()
    with mailer(scripted, divisor=100) as running:
        for each in messages(20):
            running.send(each).result(60)
            # The thread is idle again when it waits for the queue's lock.
            while not running._manager._threads._idle:
                pass

    assert scripted.count("startup") == 1


def test_divisor():
    """After so many messages the transport is shut down, and the thread leaves."""
    scripted = ScriptedTransport()
    with mailer(scripted, workers=1, divisor=3) as running:
        for each in messages(6):
            future = running.send(each)
        future.result(60)
        join_pool()

        assert not pool_threads()
        assert running.send(Message("a@x.test", "last@x.test")).result(60)
    lives = ["startup", "deliver", "deliver", "deliver", "shutdown"]
    assert [name for name, _ in scripted.events[:10]] == lives * 2
    assert [name for name, _ in scripted.events[10:]] == ["startup", "deliver", "shutdown"]


def test_timeout():
    """A thread without a message leaves, and its transport is shut down with it."""
    scripted = ScriptedTransport()
    with mailer(scripted, timeout=0.01) as running:
        running.send(Message("a@x.test", "b@x.test")).result(60)
        join_pool()

        assert not pool_threads()
        assert scripted.count("shutdown") == 1
        assert running.send(Message("a@x.test", "c@x.test")).result(60)
    assert scripted.delivered == ["b@x.test", "c@x.test"]


def test_leaving_threads_lose_no_message():
    """Whether a message comes just before a thread leaves or just after, it is delivered."""
    scripted = ScriptedTransport()
    with mailer(scripted, workers=3, divisor=2, timeout=0) as running:
        futures = [running.send(each) for each in messages(2000)]

        assert all(future.result(60) for future in futures)
    assert len(scripted.delivered) == len(set(scripted.delivered)) == 2000
    assert scripted.count("startup") == scripted.count("shutdown")


def test_errors():
    """The error is in the future, and the thread delivers the next message."""
    scripted = ScriptedTransport([TransportFailed("down"), ValueError("odd")])
    with mailer(scripted, workers=1) as running:
        futures = [running.send(Message("a@x.test", "b@x.test", retries=0)) for _ in range(3)]

        with pytest.raises(DeliveryFailed, match="down"):
            futures[0].result(60)
        with pytest.raises(ValueError, match="odd"):
            futures[1].result(60)
        assert futures[2].result(60)


def test_stop_delivers_what_is_queued():
    """No message is dropped."""
    held = threading.Event()
    scripted = ScriptedTransport([lambda _: not held.wait(60) or None])
    running = mailer(scripted, workers=1).start()
    futures = [running.send(each) for each in messages(20)]
    held.set()
    running.stop()

    assert all(future.done() for future in futures)
    assert len(scripted.delivered) == 20
    assert scripted.count("startup") == scripted.count("shutdown")


def test_stop_does_not_wait_for_another_attempt():
    """What is left is in the future's error."""
    failing = threading.Event()

    def fail(_):
        failing.set()
        raise TransportFailed("down")

    running = mailer(ScriptedTransport([fail] * 9), retry={"delay": 300}).start()
    future = running.send(Message("a@x.test", "b@x.test"))
    failing.wait(60)
    running.stop()

    with pytest.raises(DeliveryFailed, match="down"):
        future.result(timeout=0)


def test_cancelled_message_is_not_delivered():
    """Before its turn a message can be taken back."""
    held = threading.Event()
    scripted = ScriptedTransport([lambda _: not held.wait(60) or None])
    with mailer(scripted, workers=1) as running:
        futures = [running.send(each) for each in messages(3)]

        assert futures[1].cancel()
        held.set()
    assert scripted.delivered == ["0@x.test", "2@x.test"]


def test_stop_within_a_callback():
    """A thread that stops its own mailer does not wait for itself."""
    stopped = threading.Event()
    running = mailer(ScriptedTransport()).start()
    future = running.send(Message("a@x.test", "b@x.test"))
    future.add_done_callback(lambda _: (running.stop(), stopped.set()))

    assert stopped.wait(60)
    join_pool()


def test_started_again():
    """A second life has threads of its own."""
    scripted = ScriptedTransport()
    running = mailer(scripted)
    for _ in range(3):
        with running:
            assert running.send(Message("a@x.test", "b@x.test")).result(60)

    assert scripted.count("startup") == scripted.count("shutdown") == 3


def test_message_after_the_manager_was_shut_down():
    """A call that comes too late is refused; its message is not lost in the queue."""
    running = mailer(ScriptedTransport()).start()
    running._manager.shutdown()

    with pytest.raises(MailerNotRunning):
        running.send(Message("a@x.test", "b@x.test"))
    running.stop()


def test_no_thread(monkeypatch):
    """Without any thread the call fails; with one, the message waits for it."""
    held = threading.Event()
    scripted = ScriptedTransport([lambda _: not held.wait(60) or None])
    running = mailer(scripted).start()
    start = threading.Thread.start

    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(DeliveryFailed, match="start new thread"):
        running.send(Message("a@x.test", "lost@x.test"))
    monkeypatch.setattr(threading.Thread, "start", start)
    running.send(Message("a@x.test", "0@x.test"))
    monkeypatch.setattr(threading.Thread, "start", refuse)
    late = running.send(Message("a@x.test", "1@x.test"))
    held.set()
    running.stop()

    assert late.result(0)
    assert scripted.delivered == ["0@x.test", "1@x.test"]


ENDS = """
import os, sys
from netmail import Message, envelope_of
from netmail.delivery import Mailer, TransportFailed

class Slow:
    def __init__(self, config):
        pass
    def startup(self):
        pass
    def deliver(self, message):
        (address,) = envelope_of(message).recipients
        if address == "fails@x.test":
            raise TransportFailed("down")
        os.write(1, f"{address}\\n".encode())
    def shutdown(self):
        os.write(1, b"shutdown\\n")

manager = {"use": sys.argv[1], "workers": 2, "retry": {"delay": 3600}}
mailer = Mailer({"transport.use": Slow, "manager": manager}).start()
mailer.send(Message("a@x.test", "fails@x.test"))
for number in range(40):
    mailer.send(Message("a@x.test", f"{number}@x.test"))
"""


@pytest.mark.parametrize("use", ["dynamic", "futures"])
def test_program_that_ends_without_stop(use):
    """What was accepted is delivered; neither an attempt in an hour nor an idle thread holds it."""
    run = subprocess.run(
        [sys.executable, "-c", ENDS, use], capture_output=True, check=True, timeout=60, text=True
    )
    delivered = [line for line in run.stdout.split() if line != "shutdown"]

    assert "shutdown" in run.stdout
    assert sorted(delivered) == sorted(f"{number}@x.test" for number in range(40))
    assert not run.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("workers", 0), ("divisor", 0), ("timeout", -1), ("timeout", "nan")]
)
def test_directives(name, value):
    """Values that mean nothing are refused."""
    with pytest.raises(UsageError, match=name):
        mailer(ScriptedTransport(), **{name: value})
