"""Messages that are sent as they come, over servers that end a session; asyncio; callbacks."""

import asyncio
import socket

import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.curl import pull
from netmail.envelope import Envelope
from netmail.errors import (
    ConnectError,
    ConnectionLost,
    TransportError,
    UsageError,
)
from netmail.options.options import TLS_NONE
from netmail.results.smtp import SendStage
from netmail.testing import MailServer
from servers.limited import LimitedServer, Limits
from servers.process import LOOPBACK
from servers.steps import Close, Expect, ExpectData, Send
from support.numbered import number_of, numbered, numbers
from support.twins import maker


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


# -- connections -------------------------------------------------------------------------------

ENDS = {
    "421 (Exim)": Limits(messages=3),
    "452, left open (OpenSMTPD)": Limits(messages=3, full="452 4.5.3 Too many messages sent"),
    "closed": Limits(messages=3, drop=True),
}


@pytest.fixture
def limited(make):
    """Start a server with limits; return it and a client of it."""
    opened = []

    def start(limits=None, **options):
        server = LimitedServer(limits or Limits()).__enter__()
        opened.append(server)
        return server, make(host=LOOPBACK, port=server.port, tls=TLS_NONE, **options)

    yield start
    for server in opened:
        server.__exit__()


@pytest.mark.parametrize("limits", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("window", [1, 64])
def test_session_ends_after_some_messages(limited, limits, window):
    """stream() reconnects and continues, each message once."""
    server, client = limited(limits, window=window)
    results = list(client.stream(numbered(8)))
    client.quit()

    assert all(results)
    assert numbers(results) == list(range(8))
    assert [len(session) for session in server.seen.sessions] == [3, 3, 2]
    assert client.queue == client.uncertain == ()


def test_max_messages(limited):
    """The option ends each connection after so many messages."""
    server, client = limited(max_messages=2)
    assert len(list(client.stream(numbered(5)))) == 5
    client.quit()

    assert [len(session) for session in server.seen.sessions] == [2, 2, 1]


def test_uncertain_message_is_not_sent_again(limited):
    """After a lost final reply the others are sent over a new connection, and this one is not."""
    server, client = limited(Limits(lose=True))
    results = list(client.stream(numbered(3)))

    assert [each.uncertain for each in results] == [False, True, False]
    assert [len(session) for session in server.seen.sessions] == [2, 1]
    assert [number_of(each) for each in client.uncertain] == [1]


@pytest.mark.parametrize("drop", [False, True], ids=["421", "closed"])
def test_server_that_takes_nothing(limited, drop):
    """What was read has a result; then the reason is raised, and no more is read."""
    _, client = limited(Limits(messages=0, drop=drop), window=2)
    results = client.stream(numbered(50))
    got = []
    with pytest.raises(ConnectionLost):
        got.extend(results)

    assert [each.stage for each in got] == [SendStage.MAIL] + [SendStage.CONNECT] * (len(got) - 1)
    assert numbers(got) == list(range(len(got)))
    assert 1 <= len(got) <= 3
    assert [number_of(each.retryable) for each in got] == numbers(got)
    assert client.queue == ()


def test_no_connection(make):
    """If no connection can be made nothing is read, and the call can be made again."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    client = make(host=LOOPBACK, port=port, tls=TLS_NONE)
    messages = numbered(2)
    for _ in range(2):
        with pytest.raises(ConnectError):
            next(client.stream(messages))

    assert number_of(next(messages)) == 0


def test_refused_for_now_is_with_the_result(limited):
    """What is left of a message is the caller's, and not in the queue."""
    _, client = limited(Limits(recipients=0))
    (result,) = client.stream(numbered(1))

    assert result.retryable == next(numbered(1))
    assert client.queue == ()


def test_queue_stays(limited):
    """What was added before is not sent by stream()."""
    server, client = limited()
    (waiting,) = numbered(1, 7)
    client.add_message(waiting)
    assert all(client.stream(numbered(2)))
    client.quit()

    assert client.queue == (waiting,)
    assert server.seen.sessions == [[("r0@x.test",), ("r1@x.test",)]]


def test_more_recipients_than_the_server_takes(limited):
    """A message of several transactions has one result, in its place."""
    _, client = limited(Limits(recipients=2))
    many = Envelope("a@x.test", tuple(f"r{n}@x.test" for n in range(5)), b"\r\nhello\r\n")
    results = list(client.stream([many, *numbered(2)]))

    assert [len(each.accepted) for each in results] == [5, 1, 1]


IDLE = (
    Send(b"220 mx\r\n"),
    Expect(rb"EHLO .*"),
    Send(b"250 mx\r\n"),
    Expect(rb"MAIL .*"),
    Send(b"250 Ok\r\n"),
    Expect(rb"RCPT .*"),
    Send(b"250 Ok\r\n"),
    Expect(rb"DATA"),
    Send(b"354 go\r\n"),
    ExpectData(b"\r\nhello\r\n.\r\n"),
    Send(b"250 Ok\r\n421 4.4.2 idle\r\n"),
    Close(),
)


def test_closed_while_the_caller_makes_a_message(make, scripted, monkeypatch):
    """A server that does not wait so long is connected to again, within the loop."""
    monkeypatch.setattr(pull, "QUICK", -1.0)
    server = scripted(*IDLE, connections=3)
    client = make(host=LOOPBACK, port=server.port, tls=TLS_NONE)

    assert [bool(each) for each in client.stream(numbered(3))] == [True] * 3


@pytest.mark.parametrize("count", [1, 3])
def test_lmtp(make, count):
    """An LMTP server decides for each recipient, and the result has all its replies."""
    with MailServer(["a@example.test", "b@example.test"]) as server:
        server.fail(content="b@example.test", code=452)
        each = Envelope("me@x.test", ("a@example.test", "b@example.test"), b"\r\nhello\r\n")
        with make(server.lmtp_url) as client:
            results = list(client.stream([each] * count))

    assert [[reply.code for reply in result.replies] for result in results] == [[250, 452]] * count
    assert [[str(each.stage) for each in result.recipients] for result in results] == [
        ["done", "reply"]
    ] * count


# -- asyncio -----------------------------------------------------------------------------------


async def as_they_come(count, error=None):
    """Messages that have to be waited for."""
    for each in numbered(count):
        await asyncio.sleep(0)
        yield each
    if error is not None:
        raise error


def test_asynchronous_iterable():
    """The asyncio client takes one, and what it raises comes unchanged."""
    own = ValueError("my own")

    async def main(port):
        got = []
        async with AsyncTransport(host=LOOPBACK, port=port, tls=TLS_NONE) as client:
            got += [each async for each in client.stream(as_they_come(5))]
            with pytest.raises(ValueError, match="my own") as caught:
                got += [each async for each in client.stream(as_they_come(2, own))]
            assert caught.value is own
        return got

    with LimitedServer(Limits()) as server:
        assert numbers(asyncio.run(main(server.port))) == [0, 1, 2, 3, 4]
        assert [len(each) for each in server.seen.sessions] == [7]


def test_asynchronous_iterable_for_the_blocking_client():
    """It cannot be waited for there."""
    with (
        LimitedServer(Limits()) as server,
        Transport(host=LOOPBACK, port=server.port, tls=TLS_NONE) as client,
        pytest.raises(UsageError, match="asyncio"),
    ):
        next(client.stream(as_they_come(1)))


def test_cancelled_while_it_waits_for_a_message():
    """The stream continues with the next message that comes."""

    class Messages:
        def __init__(self):
            self.begun = asyncio.Event()
            self.given = asyncio.Queue()

        def __aiter__(self):
            return self

        async def __anext__(self):
            self.begun.set()
            if (found := await self.given.get()) is None:
                raise StopAsyncIteration
            return found

    async def main(port):
        messages = Messages()
        async with AsyncTransport(host=LOOPBACK, port=port, tls=TLS_NONE) as client:
            results = client.stream(messages)
            task = asyncio.ensure_future(anext(results))
            await messages.begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            for each in [*numbered(1), None]:
                messages.given.put_nowait(each)
            return [each async for each in results]

    with LimitedServer(Limits()) as server:
        assert all(asyncio.run(main(server.port)))


# -- callbacks of send() -----------------------------------------------------------------------


@pytest.mark.parametrize("own", [UsageError("mine"), KeyError("mine"), TransportError("mine")])
def test_callback_that_raises_in_the_middle_of_a_group(limited, own):
    """What it raises is raised unchanged; what was sent ahead is never read as another reply."""
    _, client = limited()

    def fail(_result):
        raise own

    with pytest.raises(type(own)) as caught:
        client.send(*numbered(3), on_result=fail)

    assert caught.value is own
    assert [number_of(each) for each in client.queue] == [1, 2]
    assert client.uncertain == ()
    with pytest.raises(ConnectionLost):
        client.noop()
