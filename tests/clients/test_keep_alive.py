"""The option `keep_alive`: NOOP over connections that are idle, and TCP's own keep-alive."""

import asyncio
import gc
import socket
import weakref
from datetime import timedelta

import pycurl
import pytest

from netmail import AsyncImap, Imap, MailTimeout, Message
from netmail.clients.async_transport import AsyncTransport
from netmail.results.events import ConnectionClosed, ServerAlert
from servers.scripted import Close, Drip, Expect, Reply, Send, Silence
from support.reconnecting import HELLO, SEARCH, SELECT, lost_maker, tagged
from support.twins import maker

NOOP = tagged(b"NOOP")
SOON = 0.02
"""Seconds after which a connection is idle."""


ALERT = (Expect(rb"(\w+) NOOP"), Send(b"* OK [ALERT] in the middle\r\n"))


class Seen(asyncio.Event):
    """Set when an event of a kind has come."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def __call__(self, event):
        if isinstance(event, self.kind):
            self.set()


def options(server, **others):
    """Return the options of a client."""
    return {"host": "127.0.0.1", "port": server.port, "tls": 0, "timeout": 5000, **others}


def run(test):
    """Run a test in an event loop; no task is left."""

    async def alone():
        async with asyncio.timeout(20):
            await test()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(alone())


def test_noop_while_idle(scripted):
    """NOOP is sent again and again; the end of the connection is found without a call."""
    server = scripted(*HELLO, *SELECT, *NOOP, *NOOP, *NOOP, Close())

    async def test():
        closed = Seen(ConnectionClosed)
        imap = AsyncImap(options(server), keep_alive=SOON, on_event=closed)
        await imap.select("Archive")
        await closed.wait()

        assert not imap.is_connected

    run(test)
    assert server.join().count(b"NOOP") == 3


def test_a_call_waits_for_noop(scripted):
    """A call that is made while NOOP is in flight is no BusyError, and comes after it."""
    slow = (*ALERT, Drip(b"* OK wait\r\n", pause=0.01), Reply(rb"\1 OK x\r\n"))
    server = scripted(*HELLO, *SELECT, *slow, *SEARCH)

    async def test():
        alert = Seen(ServerAlert)
        imap = AsyncImap(options(server), keep_alive=SOON, on_event=alert)
        await imap.select("Archive")
        await alert.wait()

        assert await imap.search("UNSEEN") == [5, 9]
        await imap.abort()

    run(test)


def test_no_noop_within_a_loop(scripted):
    """A conversation that hands over values has the connection between its steps."""
    clock = scripted(*HELLO, *NOOP, *NOOP, *NOOP, Close())
    fetch = (Expect(rb"(\w+) UID FETCH .*"), Send(b"* 1 FETCH (UID 5 FLAGS ())\r\n"))
    server = scripted(*HELLO, *SELECT, *fetch, Silence())

    async def test():
        closed = Seen(ConnectionClosed)
        other = AsyncImap(options(clock), keep_alive=SOON, on_event=closed)
        imap = AsyncImap(options(server), keep_alive=SOON / 4)
        await imap.select("Archive")
        async for _ in imap.fetch_many("1:*", "FLAGS"):
            await other.connect()
            await closed.wait()
            break
        await imap.abort()

    run(test)
    assert b"NOOP" not in server.join()


def test_abort_ends_noop(scripted):
    """abort() waits for no reply to NOOP."""
    server = scripted(*HELLO, *ALERT, Silence())

    async def test():
        alert = Seen(ServerAlert)
        imap = AsyncImap(options(server, timeout=60_000), keep_alive=SOON, on_event=alert)
        await imap.connect()
        await alert.wait()
        await imap.abort()

    run(test)


def test_freed(scripted):
    """A timer keeps no client that the program has let go of."""
    server = scripted(*HELLO, Silence())

    async def test():
        imap = AsyncImap(options(server), keep_alive=3600)
        await imap.connect()
        seen = weakref.ref(imap._connection)
        del imap
        gc.collect()

        assert seen() is None

    run(test)


def test_another_loop(scripted):
    """A client outlives its event loop, and its timer does not."""
    server = scripted(*HELLO, *NOOP, *NOOP, *NOOP)
    imap = AsyncImap(options(server), keep_alive=3600)
    asyncio.run(imap.noop())
    asyncio.run(imap.noop())
    asyncio.run(imap.noop())
    asyncio.run(imap.abort())


def test_messages_before_a_loop():
    """Messages are added while no loop runs."""
    smtp = AsyncTransport(keep_alive=SOON)
    smtp.add_message(Message(author="ann@x.test", to="bob@x.test", subject="x", plain="y"))

    assert len(smtp.queue) == 1


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


def test_noop_before_a_call(scripted):
    """A blocking client tries a connection that was idle for long before it sends anything else."""
    lost = lost_maker(Imap, scripted)
    forgotten = (*NOOP, *SELECT, Expect(rb"(\w+) NOOP"), Silence())
    copy = tagged(rb'UID COPY 5 "Trash"')
    short = timedelta(milliseconds=200)
    imap, _ = lost(forgotten, (*HELLO, *SELECT, *copy), keep_alive=1e-6, timeout=short)
    imap.select("Archive")

    assert imap.copy(5, "Trash")
    imap.abort()


def test_without_a_policy(scripted):
    """Without the option `reconnect` a blocking client sends nothing of its own."""
    imap = Imap(options(scripted(*HELLO, *SELECT, *SEARCH)), keep_alive=1e-6)
    imap.select("Archive")

    assert imap.search("UNSEEN") == [5, 9]
    imap.abort()


def test_deadline_of_noop(scripted):
    """NOOP before a call counts as a part of it."""
    lost = lost_maker(Imap, scripted)
    imap, _ = lost((Expect(rb"(\w+) NOOP"), Silence()), keep_alive=1e-6, deadline=0.3)

    with pytest.raises(MailTimeout) as caught:
        imap.search("UNSEEN")
    assert caught.value.limit == "deadline"


def test_tcp(client, scripted):
    """The system asks the peer after as many seconds, rounded up, and as often."""
    imap = client(options(scripted(*HELLO)), keep_alive=6.5)
    imap.connect()
    with socket.socket(fileno=socket.dup(imap.get_handle().getinfo(pycurl.ACTIVESOCKET))) as own:
        seconds = [
            own.getsockopt(socket.IPPROTO_TCP, name)
            for name in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL)
        ]

        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert seconds == [7, 7]
    imap.abort()
