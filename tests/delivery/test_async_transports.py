"""Transports in an event loop: kept ones, and those that block."""

import asyncio
import threading

import pytest

from delivery.scripted import ScriptedTransport
from netmail import Message, RetryPolicy
from netmail.delivery import DeliveryFailed, MessageFailed, TransportExhausted, TransportFailed
from netmail.delivery.async_transports import AsyncHeldTransport, ThreadedTransport, async_form
from netmail.delivery.results import refused_result
from netmail.delivery.transports.mock import MockTransport
from netmail.delivery.transports.smtp import LmtpTransport, SmtpTransport
from support.loops import run

MESSAGE = Message("a@x.test", "b@x.test", retries=0)
QUICK = RetryPolicy(attempts=2, delay=0.001)


def outcomes(script, count=1):
    """Deliver messages by one held transport; return what comes of them, and what was done."""
    scripted = ScriptedTransport(script)

    async def work():
        held, found = AsyncHeldTransport(scripted, QUICK, asyncio.Event()), []
        for _ in range(count):
            try:
                found.append(await held.deliver(MESSAGE))
            except DeliveryFailed as error:
                found.append(error)
        await held.close()
        await held.close()
        return found

    return run(work()), [name for name, _ in scripted.events]


def test_kept():
    """One instance delivers all messages; `None` means that all recipients were accepted."""
    found, events = outcomes([None, None], 2)

    assert all(found)
    assert events == ["startup", "deliver", "deliver", "shutdown"]


@pytest.mark.parametrize(
    ("step", "events"),
    [
        (MessageFailed("bad"), ["startup", "deliver", "shutdown"]),
        (TransportFailed("down"), ["startup", "shutdown", "startup", "deliver", "shutdown"]),
        (
            TransportExhausted("done"),
            ["startup", "deliver", "shutdown", "startup", "deliver", "shutdown"],
        ),
    ],
)
def test_exceptions(step, events):
    """What each says of the transport: it is used for the next message, or renewed."""
    found, done = outcomes([step], 2)

    assert done == events
    assert found[1]
    assert bool(found[0]) is isinstance(step, TransportExhausted) or found[0].reason == str(step)


def test_refusal():
    """It is in the result, and leaves the transport usable."""
    found, events = outcomes([lambda envelope: refused_result(envelope, "no")], 2)

    assert [bool(each) for each in found] == [False, True]
    assert events.count("startup") == 1


def test_forms():
    """SMTP and LMTP have their own form for event loops; the others get a thread."""
    config = {"url": "smtp://localhost"}
    own = [type(async_form(kind(config))).__name__ for kind in (SmtpTransport, LmtpTransport)]

    assert own == ["AsyncSmtpTransport"] * 2
    assert isinstance(async_form(MockTransport({})), ThreadedTransport)


def test_cancelled_call_waits_for_its_thread():
    """A thread cannot be interrupted: when the call is cancelled, the transport is at rest."""
    begun, released = threading.Event(), threading.Event()

    def deliver(_):
        begun.set()
        released.wait(60)
        raise TransportFailed("seen by nothing")

    scripted = ScriptedTransport([deliver])

    async def work():
        held = AsyncHeldTransport(scripted, QUICK, asyncio.Event())
        task = asyncio.create_task(held.deliver(MESSAGE))
        await asyncio.to_thread(begun.wait, 60)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        released.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(work())
    assert scripted.events[-1][0] == "shutdown"
