"""The manager for an event loop."""

import asyncio
import logging
import threading

import pytest

from delivery.recording_server import RecordingServer
from delivery.scripted import ScriptedTransport
from netmail import Envelope, Message, SendStatus, UsageError
from netmail.delivery import DeliveryFailed, Mailer, MailerNotRunning, TransportFailed
from support.loops import LOOP, LOOPS, run


@pytest.fixture(params=LOOPS, autouse=True)
def loop(request):
    """Each test runs in asyncio's own loop and in uvloop's."""
    token = LOOP.set(request.param)
    yield
    LOOP.reset(token)


@pytest.fixture
def server():
    """An SMTP server that records."""
    with RecordingServer() as running:
        yield running


def mailer(transport, **directives):
    """Return a mailer for an event loop; the transport is a URL, or a class."""
    manager = {"use": "asyncio", "retry": {"delay": 0.001}, **directives}
    use = {"use": "smtp", "url": transport} if isinstance(transport, str) else {"use": transport}
    return Mailer({"transport": use, "manager": manager})


def message(name="b", **fields):
    """Return a message to one recipient."""
    return Message("a@x.test", f"{name}@x.test", **fields)


def test_results(server):
    """Each message has the awaitable of its own result; connections are as many as tasks."""

    async def work():
        async with mailer(server.url, workers=3) as running:
            waiting = [running.send(message(number)) for number in range(50)]
            return await asyncio.gather(*waiting)

    results = run(work())
    assert [each.recipients[0].address for each in results] == [f"{n}@x.test" for n in range(50)]
    assert all(results)
    assert len(server.delivered) == len(set(server.delivered)) == 50
    assert server.most == 3
    assert server.wait_until_closed()


def test_smtp_needs_no_thread(server):
    """Sending happens in the event loop."""

    async def work():
        async with mailer(server.url) as running:
            await running.send(message())
            return [each.name for each in threading.enumerate()]

    assert not [name for name in run(work()) if name.startswith("netmail-delivery")]


def test_refusal_is_in_the_result(server):
    """As with every other manager."""

    async def work():
        async with mailer(server.url) as running:
            return await running.send(Message("a@x.test", ["b@x.test", "refused@x.test"]))

    first, second = run(work()).recipients
    assert (first.status, second.status) == (SendStatus.ACCEPTED, SendStatus.REFUSED)


def test_transport_that_blocks():
    """It is called in a thread, always the same, and the loop runs meanwhile."""
    released, threads = threading.Event(), set()

    def deliver(_):
        threads.add(threading.get_ident())
        assert released.wait(60)

    scripted = ScriptedTransport([deliver] * 5)

    async def work():
        async with mailer(scripted, workers=1) as running:
            waiting = [running.send(message(number)) for number in range(5)]
            await asyncio.sleep(0)
            released.set()
            return await asyncio.gather(*waiting)

    assert all(run(work()))
    assert len(threads) == 1
    assert threading.get_ident() not in threads
    assert scripted.count("startup") == scripted.count("shutdown") == 1


def test_errors():
    """They are raised where the message is awaited; the next one is delivered."""
    scripted = ScriptedTransport([TransportFailed("down"), ValueError("odd")])

    async def work():
        async with mailer(scripted, workers=1) as running:
            waiting = [running.send(message(retries=0)) for _ in range(3)]
            return await asyncio.gather(*waiting, return_exceptions=True)

    failed, odd, delivered = run(work())
    assert isinstance(failed, DeliveryFailed)
    assert isinstance(odd, ValueError)
    assert delivered


def test_tried_again():
    """As often as the message says."""
    scripted = ScriptedTransport([TransportFailed("down")] * 3)

    async def work():
        async with mailer(scripted) as running:
            return await running.send(message(retries=3))

    assert run(work())
    assert scripted.count("startup") == 4


def test_stop_does_not_wait_for_another_attempt():
    """What is left is in the error."""
    failing = threading.Event()

    def fail(_):
        failing.set()
        raise TransportFailed("down")

    async def work():
        async with mailer(ScriptedTransport([fail] * 9), retry={"delay": 300}) as running:
            waiting = running.send(message())
            await asyncio.to_thread(failing.wait, 60)
        assert waiting.done()
        await waiting

    with pytest.raises(DeliveryFailed, match="down"):
        run(work())


def test_too_many_messages():
    """The queue has a limit: a message beyond it is refused at once, and the rest is delivered."""
    scripted = ScriptedTransport()

    async def work():
        async with mailer(scripted, queue=10) as running:
            waiting = [running.send(message(number)) for number in range(10)]
            with pytest.raises(DeliveryFailed, match=r"manager\.queue") as caught:
                running.send(message("late"))
            await asyncio.gather(*waiting)
            await running.send(caught.value.message)

    run(work())
    assert len(scripted.delivered) == 11


def test_cancelled_message_is_not_delivered():
    """Before its turn a message can be taken back."""
    scripted = ScriptedTransport()

    async def work():
        async with mailer(scripted, workers=1) as running:
            waiting = [running.send(message(number)) for number in range(3)]
            waiting[1].cancel()

    run(work())
    assert scripted.delivered == ["0@x.test", "2@x.test"]


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
def test_block_that_fails_delivers_what_is_queued(server, error):
    """An exception in the block is no reason to drop messages."""

    async def work():
        async with mailer(server.url, workers=2) as running:
            for number in range(20):
                running.send(message(number))
            raise error

    with pytest.raises(error):
        run(work())
    assert len(server.delivered) == 20
    assert server.wait_until_closed()


def test_cancelled_stop_gives_back(server, caplog):
    """Nothing is open after it; what waits is cancelled, and what was on its path is uncertain."""

    async def work():
        running = mailer(server.url, workers=1).start()
        first, second = running.send(message("stall")), running.send(message())
        await asyncio.to_thread(server.stalled.wait, 60)
        stopping = asyncio.create_task(running.astop())
        await asyncio.sleep(0)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        assert len(asyncio.all_tasks()) == 1
        return first.result(), second.cancelled()

    with caplog.at_level(logging.WARNING, "netmail.delivery"):
        result, given_back = run(work())
    assert result.recipients[0].status is SendStatus.UNCERTAIN
    assert given_back
    assert "messages not delivered: 1;" in caplog.text


def test_loop_that_ends_without_stop(server, caplog):
    """Nothing is lost silently: the log has the number, and the futures are cancelled."""
    left = []

    async def work():
        running = mailer(server.url, workers=1).start()
        left.extend(running.send(message(name)) for name in ("stall", "b", "c"))
        await asyncio.to_thread(server.stalled.wait, 60)

    with caplog.at_level(logging.WARNING, "netmail.delivery"):
        run(work())
    assert left[0].result().recipients[0].status is SendStatus.UNCERTAIN
    assert left[1].cancelled()
    assert left[2].cancelled()
    assert "messages not delivered: 2;" in caplog.text


def test_stop_without_waiting():
    """stop() accepts no more; the tasks deliver while the loop runs."""
    scripted = ScriptedTransport()

    async def work():
        running = mailer(scripted).start()
        waiting = [running.send(message(number)) for number in range(20)]
        running.stop()
        with pytest.raises(MailerNotRunning):
            running.send(message())
        with pytest.raises(MailerNotRunning):
            running._manager.deliver(message())
        return await asyncio.gather(*waiting)

    assert all(run(work()))
    assert scripted.count("startup") == scripted.count("shutdown")


def test_timeout():
    """A task without a message leaves, and its transport is shut down with it."""
    scripted = ScriptedTransport()

    async def work():
        async with mailer(scripted, timeout=0) as running:
            await running.send(message())
            if others := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(others)
            assert scripted.count("shutdown") == 1
            await running.send(message("c"))

    run(work())
    assert scripted.delivered == ["b@x.test", "c@x.test"]


def test_leaving_tasks_lose_no_message():
    """Whether a message comes just before a task leaves or just after, it is delivered."""
    scripted = ScriptedTransport()

    async def work():
        async with mailer(scripted, workers=3, timeout=0) as running:
            for number in range(300):
                running.send(message(number))
                await asyncio.sleep(0)

    run(work())
    assert len(scripted.delivered) == len(set(scripted.delivered)) == 300
    assert scripted.count("startup") == scripted.count("shutdown")


def test_started_again():
    """A second life can be in another event loop."""
    scripted = ScriptedTransport()
    made = mailer(scripted)

    async def work():
        async with made:
            return await made.send(message())

    assert run(work())
    assert run(work())
    assert scripted.count("startup") == scripted.count("shutdown") == 2


def test_other_loop():
    """Outside of its event loop the manager refuses to start, and to take messages."""
    made = mailer(ScriptedTransport())
    with pytest.raises(UsageError, match="async with"):
        made.start()

    async def work():
        async with made:
            with pytest.raises(UsageError, match="event loop"):
                await asyncio.to_thread(made.send, message())

    assert not made.running
    run(work())


@pytest.mark.parametrize("use", ["immediate", "futures", "dynamic"])
def test_other_managers_in_an_event_loop(use):
    """`async with` ends them without blocking the loop; futures are wrapped to be awaited."""
    scripted = ScriptedTransport()

    async def work():
        async with Mailer({"transport.use": scripted, "manager.use": use}) as running:
            return await asyncio.wrap_future(running.send(message()))

    assert run(work())
    assert scripted.count("startup") == scripted.count("shutdown") == 1


def test_envelope(server):
    """Messages of every kind, as everywhere."""

    async def work():
        async with mailer(server.url) as running:
            await running.send(Envelope("a@x.test", ("b@x.test",), b"Subject: s\r\n\r\nt\r\n"))

    run(work())
    assert server.delivered == ["b@x.test"]


@pytest.mark.parametrize(
    ("name", "value"), [("workers", 0), ("queue", 0), ("timeout", -1), ("worker", 1)]
)
def test_directives(name, value):
    """Values that mean nothing are refused."""
    with pytest.raises(UsageError, match=name):
        mailer(ScriptedTransport(), **{name: value})
