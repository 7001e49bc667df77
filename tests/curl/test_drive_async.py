"""The asyncio driver: the loop goes on, cancellation ends, and all else is as in `drive`."""

import asyncio
import contextlib
import gc
import time
import warnings

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
from support.pop3_steps import HELLO, NOOP, QUIT


@pytest.fixture
def pop3(scripted):
    """A client of a server that greets and then plays the given steps."""

    def make(*steps, timeout=300, **options):
        server = scripted(*HELLO, *steps, **options)
        return AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=timeout)

    return make


async def ticks_during(work):
    """Count how often the loop comes round while `work` is awaited."""
    count = 0

    async def tick():
        nonlocal count
        while True:
            await asyncio.sleep(0.01)
            count += 1

    ticking = asyncio.create_task(tick())
    try:
        with contextlib.suppress(Exception):
            await work
    finally:
        ticking.cancel()
    return count


def run(coroutine):
    """Run with asyncio's own checks on, and every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = asyncio.run(coroutine)
        gc.collect()
    return value


# -- the loop goes on -------------------------------------------------------------------------


def test_dial_does_not_block_the_loop(scripted):
    """Another task runs on while a silent server is dialled."""
    server = scripted(Silence())
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=400)

    assert run(ticks_during(client.connect())) > 10


def test_call_does_not_block_the_loop(pop3):
    """Nor while an answer is waited for."""

    async def work():
        client = await pop3(Expect(b"STAT"), Silence(), timeout=400).connect()
        return await ticks_during(client.stat())

    assert run(work()) > 10


def test_many_at_once(scripted):
    """Connections wait side by side, and not one after the other."""
    servers = [scripted(*HELLO, Expect(b"STAT"), Silence()) for _ in range(10)]

    async def work():
        clients = [AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=400)
                   for server in servers]  # fmt: skip
        return await asyncio.gather(*(client.stat() for client in clients), return_exceptions=True)

    begun = time.monotonic()
    outcomes = run(work())

    assert [type(outcome) for outcome in outcomes] == [MailTimeout] * 10
    assert time.monotonic() - begun < 3


# -- cancellation -----------------------------------------------------------------------------


def test_cancelled_dial(scripted):
    """A dial that is cancelled ends at once for its task, and soon for its thread."""
    server = scripted(Silence())
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=9000)

    async def work():
        begun = time.monotonic()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.connect(), 0.1)
        return time.monotonic() - begun

    begun = time.monotonic()
    at_once = run(work())

    assert at_once < 1
    assert time.monotonic() - begun < 4
    assert not client.is_connected


def test_cancelled_dial_leaves_the_client_usable(scripted):
    """After a cancelled dial the next call dials again."""
    silent = scripted(Silence())
    good = scripted(*HELLO, *NOOP)
    client = AsyncPOP3(host="127.0.0.1", port=silent.port, tls=0, timeout=5000)

    async def work():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.connect(), 0.05)
        client._connection.options = AsyncPOP3(client.options, port=good.port).options
        await client.noop()
        connected = client.is_connected
        await client.abort()
        return connected

    assert run(work())


def test_cancelled_read(pop3):
    """A read that is cancelled poisons: its answer may still come, and must not be the next."""

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
    """connect() dials anew."""
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
    """A silent server is waited for as long as was asked for."""

    async def work():
        client = await pop3(Expect(b"STAT"), Silence()).connect()
        begun = time.monotonic()
        with pytest.raises(MailTimeout, match=r"waited 0\.3 s"):
            await client.stat()
        return time.monotonic() - begun

    assert 0.28 < run(work()) < 2


def test_single_octets_do_not_renew_the_deadline(scripted):
    """A server that drips is given up in time."""
    server = scripted(*HELLO, Expect(b"STAT"), Drip(b"+" * 500, 0.02))
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=300)

    async def work():
        with pytest.raises(MailTimeout):
            await client.stat()

    begun = time.monotonic()
    run(work())
    took = time.monotonic() - begun
    with pytest.raises(ScriptError):
        server.join()

    assert took < 2


def test_second_task_is_refused(pop3):
    """While one task waits, another gets BusyError, and the first is not disturbed."""

    async def work():
        client = await pop3(Expect(b"STAT"), Silence(), timeout=500).connect()
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
    """The early answer is kept while we send."""
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


@pytest.mark.parametrize(("error", "goodbye"), [(None, b"QUIT\r\n"), (KeyError, b"")])
def test_with_block(scripted, error, goodbye):
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

    assert server.join() == b"CAPA\r\nNOOP\r\n" + goodbye


def test_test_connection(pop3):
    """True or False, with the reason."""

    async def work():
        good = pop3(*NOOP, *QUIT)
        bad = pop3(Expect(b"NOOP"), Silence())
        outcomes = [await good.test_connection(), await bad.test_connection()]
        return outcomes, good.last_error, type(bad.last_error)

    assert run(work()) == ([True, False], None, MailTimeout)


def test_one_client_in_two_loops(pop3):
    """A connection outlives the loop it was dialled in."""
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


def test_thread_of_a_cancelled_dial_ends(scripted):
    """Where the loop goes on, the cancelled dial's thread ends and closes its socket."""
    server = scripted(Silence())
    client = AsyncPOP3(host="127.0.0.1", port=server.port, tls=0, timeout=9000)

    async def work():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.connect(), 0.05)
        begun = time.monotonic()
        await asyncio.to_thread(server._thread.join)
        return time.monotonic() - begun

    assert run(work()) < 4


def test_repr():
    """The repr is the URL, without secrets."""
    client = AsyncPOP3("pop3://ann:hunter22@mail.test")

    assert repr(client) == "<AsyncPOP3 pop3://ann@mail.test:110>"
