"""The manager with a fixed number of threads."""

import threading

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Message, UsageError
from netmail.delivery import DeliveryFailed, Mailer, TransportFailed


def mailer(scripted, workers=1, **directives):
    """Return a mailer whose manager has threads."""
    manager = {"use": "futures", "workers": workers, "retry": {"delay": 0.001}, **directives}
    return Mailer({"transport.use": scripted, "manager": manager})


def messages(count):
    """Yield messages to recipients of their own."""
    for number in range(count):
        yield Message("a@x.test", f"{number}@x.test")


def test_results():
    """Each message has the future of its own result."""
    scripted = ScriptedTransport()
    with mailer(scripted, 3) as running:
        futures = [running.send(each) for each in messages(50)]
        found = [future.result().recipients[0].address for future in futures]

    assert found == [f"{number}@x.test" for number in range(50)]
    assert scripted.count("startup") == scripted.count("shutdown") <= 3


def test_errors():
    """The error is in the future."""
    scripted = ScriptedTransport([TransportFailed("down")] * 4)
    with mailer(scripted) as running:
        future = running.send(Message("a@x.test", "b@x.test", retries=3))

        with pytest.raises(DeliveryFailed, match="down"):
            future.result()


def test_workers_deliver_at_the_same_time():
    """Each has a transport of its own."""
    barrier = threading.Barrier(3)
    scripted = ScriptedTransport([lambda _: barrier.wait(60) * 0 or None] * 3)
    with mailer(scripted, 3) as running:
        futures = [running.send(each) for each in messages(3)]

        assert all(future.result() for future in futures)
    assert scripted.count("startup") == 3


def test_stop_delivers_what_is_queued():
    """No message is dropped; no attempt is waited for."""
    held = threading.Event()
    scripted = ScriptedTransport([lambda _: not held.wait(60) or None])
    running = mailer(scripted).start()
    futures = [running.send(each) for each in messages(20)]
    held.set()
    running.stop()

    assert all(future.done() for future in futures)
    assert len(scripted.delivered) == 20


def test_stop_does_not_wait_for_another_attempt():
    """What is left is in the future's error."""
    failing = threading.Event()

    def fail(_):
        failing.set()
        raise TransportFailed("down")

    scripted = ScriptedTransport([fail] * 9)
    running = mailer(scripted, retry={"delay": 300}).start()
    future = running.send(Message("a@x.test", "b@x.test"))
    failing.wait(60)
    running.stop()

    with pytest.raises(DeliveryFailed, match="down"):
        future.result(timeout=0)


def test_started_again():
    """A second life has threads of its own."""
    scripted = ScriptedTransport()
    running = mailer(scripted)
    for _ in range(2):
        with running:
            assert running.send(Message("a@x.test", "b@x.test")).result()

    assert scripted.count("startup") == 2


def test_workers():
    """There is one at least."""
    with pytest.raises(UsageError, match="workers"):
        mailer(ScriptedTransport(), 0)
