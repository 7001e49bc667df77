"""The asyncio driver: the loop is free, a cancellation ends a call, all else is as in `drive`."""

import asyncio
import contextlib
import gc

import pytest

from netmail.clients.async_pop3 import AsyncPOP3
from netmail.errors import (
    BusyError,
    ConnectionLost,
    MailTimeout,
    Pop3Error,
    ProtocolError,
    StateError,
)
from netmail.flows.flow import RECEIVE
from netmail.flows.flow import Send as Say
from servers.scripted import (
    Close,
    Drip,
    Expect,
    ExpectData,
    ScriptError,
    Send,
    Silence,
    StartTls,
)
from support.events import move
from support.loops import run
from support.pop3_steps import HELLO, NOOP, QUIT
from support.timing import FACTOR, takes, timeout

pytestmark = pytest.mark.usefixtures("each_loop")
SHORT = timeout(100)
"""A wait that is to end by its timeout."""
LONG = timeout(5000)
"""One that is not."""


@pytest.fixture
def pop3(scripted):
    """A client of a server that greets and then plays the given steps."""

    def make(*steps, timeout=LONG, **options):
        server = scripted(*HELLO, *steps, **options)
        given = {"port": server.port, "tls": 0, "timeout": timeout, "connect_timeout": LONG}
        return AsyncPOP3(host="127.0.0.1", **given)

    return make


async def ticks_during(work):
    """Count how often another task runs while `work` is awaited."""
    count = 0

    async def tick():
        nonlocal count
        while True:
            await asyncio.sleep(0.002 * FACTOR)
            count += 1

    ticking = asyncio.create_task(tick())
    try:
        with contextlib.suppress(Exception):
            await work
    finally:
        ticking.cancel()
    return count


# -- the loop continues -----------------------------------------------------------------------


def test_connecting_does_not_block_the_loop(scripted):
    """Another task runs while a silent server is connected to."""
    server = scripted(Silence())
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=SHORT)

    assert run(ticks_during(client.connect())) > 10


def test_call_does_not_block_the_loop(pop3):
    """Another task runs while a reply is awaited."""

    async def work():
        client = await pop3(Expect(b"STAT"), Silence(), timeout=SHORT).connect()
        return await ticks_during(client.stat())

    assert run(work()) > 10


def test_many_at_once(scripted):
    """Connections wait side by side, and not one after the other."""
    servers = [scripted(*HELLO, Expect(b"STAT"), Silence()) for _ in range(10)]

    async def work():
        clients = [AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=2 * SHORT,
                             connect_timeout=LONG) for server in servers]  # fmt: skip
        for client in clients:
            await client.connect()
        return await asyncio.gather(*(client.stat() for client in clients), return_exceptions=True)

    with takes(most=2):
        outcomes = run(work())

    assert [type(outcome) for outcome in outcomes] == [MailTimeout] * 10


# -- cancellation -----------------------------------------------------------------------------


def test_cancelled_connect(scripted):
    """It ends at once, and its socket with it."""
    server = scripted(Silence())
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=9000)

    async def work():
        with takes(most=1), pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.connect(), 0.05)
        await asyncio.to_thread(server._thread.join)  # it reads to the end of the connection

    with takes(most=4):
        run(work())

    assert not client.is_connected


def test_cancelled_connect_leaves_the_client_usable(scripted):
    """The next call connects again."""
    silent = scripted(Silence())
    good = scripted(*HELLO, *NOOP)
    client = AsyncPOP3(host="127.0.0.1", port=silent.port, tls=0, timeout=5000)

    async def work():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.connect(), 0.05)
        move(client, good)
        await client.noop()
        connected = client.is_connected
        await client.abort()
        return connected

    assert run(work())


def test_cancelled_read(pop3):
    """A cancelled read poisons: its reply may still come, and must not pass as the next one."""

    async def work():
        client = await pop3(Expect(b"STAT"), Silence(), timeout=5000).connect()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.stat(), 0.05)
        with pytest.raises(ConnectionLost, match="CancelledError"):
            await client.stat()
        return client.is_connected

    assert run(work()) is False


def test_cancelled_write(scripted):
    """So does a write that is cancelled in the middle."""
    server = scripted(*HELLO, Expect(b"START"), Drip(b"+" * 500, 0.02))
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)

    def flow():
        yield Say(b"START\r\n" + b"x" * 50_000_000)

    async def work():
        await client.connect()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client._run(flow()), 0.1)

    run(work())
    with pytest.raises(ScriptError):
        server.join()

    assert not client.is_connected


def test_connect_after_cancellation(pop3):
    """connect() connects again."""
    client = pop3(Expect(b"STAT"), Silence(), connections=2)

    async def work():
        connected = []
        for _ in range(2):
            await client.connect()
            connected.append(client.is_connected)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.stat(), 0.05)
        return connected

    assert run(work()) == [True, True]


# -- as in the blocking driver ----------------------------------------------------------------


def test_deadline_is_kept(pop3):
    """The wait for a silent server is as long as the timeout."""

    async def work():
        client = await pop3(Expect(b"STAT"), Silence(), timeout=SHORT).connect()
        late = pytest.raises(MailTimeout, match=f"waited {SHORT.total_seconds():g} s")
        with takes(least=0.09, most=1), late:
            await client.stat()

    run(work())


def test_single_octets_do_not_renew_the_deadline(scripted):
    """A server that sends single octets does not prolong the wait."""
    server = scripted(*HELLO, Expect(b"STAT"), Drip(b"+" * 500, 0.02))
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=SHORT,
                       connect_timeout=LONG)  # fmt: skip

    async def work():
        await client.connect()
        with pytest.raises(MailTimeout):
            await client.stat()

    with takes(most=2):
        run(work())
    with pytest.raises(ScriptError):
        server.join()


def test_second_task_is_refused(pop3):
    """While one task waits, another gets BusyError, and the first is not disturbed."""

    async def work():
        client = await pop3(Expect(b"STAT"), Silence(), timeout=SHORT).connect()
        first = asyncio.create_task(client.stat())
        await asyncio.sleep(0)
        for call in (client.noop, client.connect, client.quit, client.abort, client.get_handle):
            with pytest.raises(BusyError):
                await call()
        with pytest.raises(MailTimeout):
            await first

    run(work())


def test_refusal_does_not_poison(pop3):
    """After -ERR the next command goes over the same connection."""

    async def work():
        async with pop3(Expect(b"RETR 9"), Send(b"-ERR no\r\n"), *NOOP, *QUIT) as client:
            with pytest.raises(Pop3Error):
                await client.retr(9)
            return await client.noop()

    assert run(work()) is None


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([Expect(b"STAT"), Close()], ConnectionLost),
        ([Expect(b"STAT"), Close(reset=True)], ConnectionLost),
        ([Expect(b"STAT"), Send(b"250 OK\r\n")], ProtocolError),
    ],
    ids=["closed", "reset", "broken"],
)
def test_failure_poisons(pop3, steps, error):
    """Later calls say why the connection is gone."""

    async def work():
        client = await pop3(*steps).connect()
        with pytest.raises(error) as caught:
            await client.stat()
        with pytest.raises(ConnectionLost) as later:
            await client.stat()
        return str(caught.value) in str(later.value)

    assert run(work())


def test_both_sides_send(pop3):
    """The early reply is kept while netmail sends."""
    size, early = 20_000_000, b"y" * 5_000_000
    client = pop3(*NOOP, Expect(b"GO"), Send(early), ExpectData(b"x" * size), Send(b"z\r\n"),
                  timeout=5000)  # fmt: skip

    def flow():
        yield Say(b"GO\r\n" + b"x" * size)
        while (line := client._session.reader.line()) is None:
            yield RECEIVE
        return line

    async def work():
        await client.noop()
        return await client._run(flow())

    assert run(work()) == early + b"z"


@pytest.mark.parametrize(("error", "closing"), [(None, b"QUIT\r\n"), (KeyError, b"")])
def test_with_block(scripted, error, closing):
    """Leaving an async with block says QUIT, and after an exception nothing."""
    server = scripted(*HELLO, *NOOP, *([] if error else QUIT))

    async def work():
        client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
        with contextlib.suppress(KeyError):
            async with client:
                await client.noop()
                if error:
                    raise error
        with pytest.raises(StateError):
            await client.noop()

    run(work())

    assert server.join() == b"CAPA\r\nNOOP\r\n" + closing


def test_test_connection(pop3):
    """True or False, with the reason."""

    async def work():
        good = pop3(*NOOP, *QUIT)
        bad = pop3(Expect(b"NOOP"), Silence(), timeout=SHORT)

        assert await good.test_connection() is True
        assert good.last_error is None
        assert await bad.test_connection() is False
        assert type(bad.last_error) is MailTimeout

    run(work())


def test_one_client_in_two_loops(pop3):
    """A connection outlives the loop that it was made in."""
    client = pop3(*NOOP, *NOOP, *QUIT, timeout=5000)
    run(client.noop())
    run(client.noop())
    run(client.quit())

    assert not client.is_connected


def test_tls(scripted):
    """TLS, with more in one record than one read takes."""
    body = b"x" * 78 + b"\r\n"
    server = scripted(StartTls(), *HELLO, Expect(b"RETR 1"),
                      Send(b"+OK\r\n" + body * 5000 + b".\r\n"), Silence())  # fmt: skip
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls_implicit=True,
                       ca_file=server.ca_file, timeout=2000)  # fmt: skip

    async def work():
        fetched = await client.retr(1)
        await client.abort()
        return fetched

    assert run(work()) == body * 5000


def test_garbage_collection_is_quiet(scripted):
    """A client that is forgotten closes its connection without a warning."""
    server = scripted(*HELLO, *NOOP)

    async def work():
        await AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000).noop()
        gc.collect()

    run(work())

    assert server.join() == b"CAPA\r\nNOOP\r\n"


def test_repr():
    """The repr is the URL, without secrets."""
    client = AsyncPOP3("pop3://ann:hunter22@mail.test")

    assert repr(client) == "<AsyncPOP3 pop3://ann@mail.test:110>"
