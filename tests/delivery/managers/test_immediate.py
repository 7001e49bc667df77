"""The manager that delivers within the call."""

import threading

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Message
from netmail.delivery import DeliveryFailed, Mailer, MessageFailed


def mailer(scripted):
    """Return a mailer with the immediate manager."""
    return Mailer({"transport.use": scripted, "manager.retry.delay": 0.001})


def test_future_is_done():
    """The message is delivered when send() returns."""
    scripted = ScriptedTransport()
    with mailer(scripted) as running:
        future = running.send(Message("a@x.test", "b@x.test"))

        assert future.done()
        assert scripted.delivered == ["b@x.test"]


def test_transport_is_shut_down():
    """After stop() nothing is left open."""
    scripted = ScriptedTransport()
    with mailer(scripted) as running:
        running.send(Message("a@x.test", "b@x.test"))

    assert scripted.count("shutdown") == 1


def test_error_leaves_the_manager_usable():
    """The next message is delivered."""
    scripted = ScriptedTransport([MessageFailed("no")])
    with mailer(scripted) as running:
        with pytest.raises(DeliveryFailed, match="no"):
            running.send(Message("a@x.test", "b@x.test"))
        running.send(Message("a@x.test", "c@x.test"))

    assert scripted.delivered == ["c@x.test"]


def test_threads_take_turns():
    """One transport is never used by two threads at once."""
    inside, overlaps = [], []

    def deliver(envelope):
        inside.append(envelope)
        overlaps.append(len(inside) > 1)
        inside.pop()

    scripted = ScriptedTransport([deliver] * 40)
    with mailer(scripted) as running:
        threads = [
            threading.Thread(
                target=lambda: [running.send(Message("a@x.test", "b@x.test")) for _ in range(10)]
            )
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(scripted.delivered) == 40
    assert not any(overlaps)
    assert scripted.count("startup") == 1
