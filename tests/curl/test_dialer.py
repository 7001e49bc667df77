"""Dials within one event loop: side by side, without a thread, and nothing remains of them."""

import asyncio
import contextlib
import gc
import logging
import os
import socket
import threading
import warnings
from pathlib import Path
from typing import ClassVar

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.curl import dialer
from netmail.errors import MailTimeout, UsageError
from servers.scripted import Silence, StartTls
from support.loops import run
from support.pop3_steps import HELLO, NOOP
from support.timing import MS, takes, timeout

pytestmark = pytest.mark.usefixtures("each_loop")
LONG = timeout(10_000)


@contextlib.asynccontextmanager
async def listening(greeting=b"", delay=0.0):
    """A server in this loop that greets after a while, if at all, and refuses each command."""

    async def serve(reader, writer):
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            if greeting:
                await asyncio.sleep(delay)
                writer.write(greeting)
            while await reader.readline():
                writer.write(b"-ERR no\r\n")

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def pop3(port, **options):
    """A client of a server on loopback."""
    given = {"host": "127.0.0.1", "tls": 0, "timeout": LONG, **options}
    return AsyncPOP3(port=port, **given)


def descriptors():
    """Count what this process has open; a client that is no longer used has closed."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


def test_two_hundred_dials_side_by_side():
    """Servers that greet after 100 ms are waited for together."""

    async def work():
        async with listening(b"+OK hi\r\n", 100 * MS) as port:
            clients = [pop3(port) for _ in range(200)]
            # One after the other they would take 20 seconds.
            with takes(most=5):
                await asyncio.gather(*(client.connect() for client in clients))
            assert all(client.is_connected for client in clients)
            for client in clients:
                await client.abort()

    run(work())


def test_silent_servers_delay_nobody():
    """Forty hang; another dial, and the program's own getaddrinfo(), take no longer for it."""

    async def work():
        loop = asyncio.get_running_loop()
        async with listening() as silent, listening(b"+OK hi\r\n") as live:
            hanging = [asyncio.create_task(pop3(silent).connect()) for _ in range(40)]
            await asyncio.sleep(50 * MS)
            with takes(most=0.3):
                client = await pop3(live).connect()
                await loop.getaddrinfo("127.0.0.1", live)
            await client.abort()
            threads = [thread.name for thread in threading.enumerate()]
            for task in hanging:
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)
            return threads

    # That of getaddrinfo(), and of libcurl none.
    assert [name for name in run(work()) if name.startswith("asyncio")] in ([], ["asyncio_0"])


def test_timeout_counts_from_the_call():
    """The option is for one dial, however many there are."""

    async def work():
        async with listening() as silent:
            clients = [pop3(silent, connect_timeout=timeout(200)) for _ in range(20)]
            with takes(least=0.19, most=0.6):
                return await asyncio.gather(
                    *(client.connect() for client in clients), return_exceptions=True
                )

    assert [type(outcome) for outcome in run(work())] == [MailTimeout] * 20


def test_nothing_remains():
    """After the last close neither a descriptor nor the multi is there, however a dial ended."""

    async def work():
        loop = asyncio.get_running_loop()
        async with listening(b"+OK hi\r\n") as live, listening() as silent:
            await loop.getaddrinfo("127.0.0.1", live)
            before = descriptors()
            made = await pop3(live).connect()
            failing = pop3(silent, connect_timeout=timeout(50))
            with pytest.raises(MailTimeout):
                await failing.connect()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(50 * MS):
                    await pop3(silent).connect()
            assert loop in dialer._DIALERS
            await made.abort()

            assert loop not in dialer._DIALERS
            # The servers' ends close as soon as they run.
            await asyncio.sleep(50 * MS)
            assert descriptors() == before

    run(work())


def test_cancelled_dial_is_closed_at_once():
    """The server sees the end before the loop does anything else."""

    async def work():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            task = asyncio.create_task(pop3(listener.getsockname()[1]).connect())
            peer, _ = await asyncio.to_thread(listener.accept)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with peer:
                peer.setblocking(False)
                return peer.recv(1)

    assert run(work()) == b""


def test_dial_that_waits_for_a_name():
    """A cancellation does not wait for the system's resolver, whose thread cannot be stopped."""

    async def work():
        before = descriptors()
        task = asyncio.create_task(pop3(110, host="nowhere.invalid").connect())
        await asyncio.sleep(0)
        with takes(most=0.3):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        for thread in threading.enumerate():
            if thread.name == "netmail-resolver":
                await asyncio.to_thread(thread.join)
        return descriptors() - before

    assert run(work()) <= 2  # of to_thread() under uvloop


@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
def test_connection_survives_others(scripted, tls):
    """What dials later, and what closes, leaves a connection as it is."""
    steps = [StartTls()] * tls + [*HELLO, *NOOP, *NOOP]
    first, second = scripted(*steps), scripted(*steps)
    given = {"tls": 3, "tls_implicit": True, "ca_file": first.ca_file} if tls else {}

    async def work():
        one = pop3(first.port, host="localhost", **given)
        await one.noop()
        other = pop3(second.port, host="localhost", **given)
        await other.noop()
        await other.noop()
        await other.abort()
        await one.noop()
        await one.abort()

    run(work())


def test_each_dial_looks_up_by_itself(scripted, caplog):
    """What `resolve` says for one client holds for no other, and nothing is remembered."""
    here, there = scripted(*HELLO, *NOOP), scripted(*HELLO, *NOOP)
    name = "localhost"

    async def work():
        one = pop3(here.port, host=name, resolve=f"{name}:{there.port}:192.0.2.1")
        await one.noop()
        two = pop3(there.port, host=name)
        await two.noop()
        await one.abort()
        await two.abort()

    with caplog.at_level(logging.DEBUG, "netmail.wire"):
        run(work())

    assert not [line for line in caplog.messages if "DNS cache" in line]


def test_each_handshake_is_whole(scripted, caplog):
    """No TLS session is resumed: each connection has seen the certificate that it trusts."""
    server, other = scripted(StartTls(), *HELLO, *NOOP, connections=2), scripted(*HELLO, *NOOP)
    given = {"host": "localhost", "tls": 3, "tls_implicit": True, "ca_file": server.ca_file}

    async def work():
        lasting = pop3(other.port)  # with it the multi lasts, and what it remembers
        await lasting.noop()
        for _ in range(2):
            client = pop3(server.port, **given)
            await client.noop()
            await client.abort()
        await lasting.abort()

    with caplog.at_level(logging.DEBUG, "netmail.wire"):
        run(work())

    assert sum("SSL certificate verified" in line for line in caplog.messages) == 2
    assert not [line for line in caplog.messages if "reusing session" in line]


class Unwatching(asyncio.SelectorEventLoop):
    """A loop without add_reader(), as that of Windows by default is."""

    def add_reader(self, *_args):
        raise NotImplementedError


@pytest.mark.parametrize("client", [AsyncPOP3, AsyncImap, AsyncTransport])
def test_loop_without_add_reader(scripted, client):
    """The error names the loop that has it, and nothing is open."""
    server = scripted(Silence())
    one = client(host="127.0.0.1", port=server.port, tls=0)
    with (
        asyncio.Runner(loop_factory=Unwatching) as runner,
        pytest.raises(UsageError, match="SelectorEventLoop"),
    ):
        runner.run(one.connect())

    assert not one.is_connected


def test_closed_in_another_thread(scripted):
    """A finalizer that runs elsewhere leaves the closing to the loop."""
    server = scripted(*HELLO, *NOOP)

    async def work():
        client = await pop3(server.port).connect()
        await client.noop()
        stream = client._connection.opened
        await asyncio.to_thread(stream.close)
        await asyncio.to_thread(server._thread.join)
        return asyncio.get_running_loop() in dialer._DIALERS

    assert run(work()) is False


def test_forgotten_within_a_callback(scripted):
    """So does one that runs while libcurl is at work."""
    first, second = scripted(*HELLO), scripted(*HELLO)

    class Forgetting(logging.Handler):
        clients: ClassVar[list] = []

        def emit(self, _record):
            self.clients.clear()

    async def work():
        Forgetting.clients.append(await pop3(first.port).connect())
        logger, handler = logging.getLogger("netmail.wire"), Forgetting()
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            other = await pop3(second.port).connect()
        finally:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
        await asyncio.to_thread(first._thread.join)
        await other.abort()
        return asyncio.get_running_loop() in dialer._DIALERS

    assert run(work()) is False


def test_loop_of_another_thread(scripted):
    """While the loop runs that a connection was made in, another loop may not use it."""
    server = scripted(*HELLO, *NOOP)

    async def work():
        client = await pop3(server.port).connect()
        with pytest.raises(UsageError, match="another event loop"):
            await asyncio.to_thread(asyncio.run, client.noop())
        await client.noop()
        await client.abort()

    run(work())


def test_loop_error_ends_the_dials(scripted):
    """What a callback of libcurl's meets is raised by the calls that wait, and not into libcurl."""
    server = scripted(Silence())

    class Failing(asyncio.SelectorEventLoop):
        def add_reader(self, fd, *args):
            if self.get_debug():
                raise PermissionError(1, "not this one")
            super().add_reader(fd, *args)

    async def work():
        asyncio.get_running_loop().set_debug(True)
        with pytest.raises(PermissionError, match="not this one"):
            await pop3(server.port).connect()

    with asyncio.Runner(loop_factory=Failing) as runner:
        runner.run(work())


def in_child(work):
    """Do something in a forked child; return its exit status."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the scripted server
        child = os.fork()
    if not child:
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1]


@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
def test_fork(scripted, tls):
    """What a child closes stays open in its parent."""
    server = scripted(*[StartTls()] * tls, *HELLO, *NOOP, *NOOP)
    given = {"tls": 3, "tls_implicit": True, "ca_file": server.ca_file} if tls else {}

    async def work():
        client = pop3(server.port, host="localhost", **given)
        await client.noop()
        status = in_child(client._connection.__del__)
        await client.noop()
        await client.abort()
        return status

    assert run(work()) == 0
