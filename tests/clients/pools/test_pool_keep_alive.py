"""The option `keep_alive` in each of the four pools: NOOP over connections that nobody uses."""

import asyncio
import socket

import pycurl

from netmail import AsyncImapPool, AsyncTransportPool, ImapPool, TransportPool
from netmail.results.events import ConnectionClosed
from servers.scripted import Close, Expect, Send
from support.pools import envelope
from support.reconnecting import HELLO, POLICY, SEARCH, SELECT, tagged

SOON = 0.02
AT_ONCE = 1e-6
"""Seconds after which a connection is idle: at a timer, or whenever the next call comes."""
NOOP = (Expect(b"NOOP"), Send(b"250 fine\r\n"))
GREETING = (Send(b"220 mx\r\n"), Expect(b"EHLO .*"), Send(b"250-mx\r\n250 8BITMIME\r\n"))
MAIL = (
    *(Expect(b"MAIL .*"), Send(b"250 ok\r\n"), Expect(b"RCPT .*"), Send(b"250 ok\r\n")),
    *(Expect(b"DATA"), Send(b"354 go\r\n"), Expect(b"Subject: .*"), Expect(b""), Expect(b"hello")),
    *(Expect(rb"\."), Send(b"250 ok\r\n")),
)


def of(server, **others):
    """Return the options of a pool of one connection."""
    return {"host": "127.0.0.1", "port": server.port, "tls": 0, "timeout": 5000, **others}


def closed(loop):
    """Return a callback for events, and what is set when a connection has ended."""
    seen = asyncio.Event()

    def note(event):
        if isinstance(event, ConnectionClosed):
            loop.call_soon_threadsafe(seen.set)

    return note, seen


def run(test):
    """Run a test in an event loop."""

    async def bounded():
        async with asyncio.timeout(20):
            await test()

    asyncio.run(bounded())


def test_async_imap_pool(scripted):
    """NOOP is sent while no lease has the connection; its end is found before the next lease."""
    server = scripted(*HELLO, *tagged(b"NOOP"), *tagged(b"NOOP"), Close(), connections=2)

    async def test():
        note, seen = closed(asyncio.get_running_loop())
        async with AsyncImapPool(of(server), size=1, keep_alive=SOON, on_event=note) as pool:
            for _ in range(2):
                seen.clear()
                async with pool.lease() as imap:
                    assert imap.is_connected
                await seen.wait()

    run(test)
    assert server.join().count(b"NOOP") == 4


def test_async_transport_pool(scripted):
    """NOOP is sent between two messages; a connection that ends meanwhile costs no message."""
    server = scripted(*GREETING, *MAIL, *NOOP, *NOOP, Close(), connections=2)

    async def test():
        note, seen = closed(asyncio.get_running_loop())
        given = {"size": 1, "keep_alive": SOON, "on_event": note}
        async with AsyncTransportPool(of(server), **given) as pool:
            for number in range(2):
                seen.clear()
                result = await pool.send(envelope(number, "bob@example.test"))
                assert result.error is None
                await seen.wait()

    run(test)
    assert server.join().count(b"NOOP") == 4


def test_imap_pool(scripted):
    """A thread's call sends NOOP first, where nobody has used the connection for so long."""
    noop = tagged(b"NOOP")
    lease = (*noop, *SELECT, *noop, *SEARCH, *noop, *tagged(b"UNSELECT"))
    server = scripted(*HELLO, *lease, *noop, *lease)  # the pool's own look at it is a call too
    with ImapPool(of(server, reconnect=POLICY), size=1, keep_alive=AT_ONCE) as pool:
        for _ in range(2):
            with pool.lease() as imap:
                imap.select("Archive")
                assert imap.search("UNSEEN") == [5, 9]

    assert server.join().count(b"UNSELECT") == 2


def test_transport_pool(scripted):
    """The same for threads that send."""
    server = scripted(*GREETING, *MAIL, *NOOP, *MAIL)
    given = {"size": 1, "keep_alive": AT_ONCE}
    with TransportPool(of(server, reconnect=POLICY), **given) as pool:
        for number in range(2):
            assert pool.send(envelope(number, "bob@example.test")).error is None

    assert server.join().count(b"NOOP") == 1


def test_imap_pool_tcp(scripted):
    """TCP's own keep-alive is on for each connection."""
    with ImapPool(of(scripted(*HELLO)), size=1, keep_alive=6.5) as pool, pool.lease() as imap:
        assert idle_seconds(imap.get_handle()) == 7


def test_async_imap_pool_tcp(scripted):
    """The same for tasks."""

    async def test():
        given = {"size": 1, "keep_alive": 6.5}
        async with AsyncImapPool(of(scripted(*HELLO)), **given) as pool, pool.lease() as imap:
            assert idle_seconds(await imap.get_handle()) == 7

    run(test)


def idle_seconds(handle):
    """After how many seconds TCP begins."""
    with socket.socket(fileno=socket.dup(handle.getinfo(pycurl.ACTIVESOCKET))) as own:
        return own.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
