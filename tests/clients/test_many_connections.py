"""Many connections of one event loop: what each costs while it waits, and what is left of them."""

import asyncio
import contextlib
import gc
import time
import tracemalloc
from pathlib import Path

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from support.timing import FACTOR, full

EACH = 20_000
"""Octets of Python's own memory for one connection in IDLE, its task included."""


async def woken(client):
    """Wait in IDLE; return when something came."""
    async with contextlib.aclosing(client.idle("INBOX")) as events:
        await anext(events)
    return time.monotonic()


async def in_idle(clients):
    """Start a task for each, and wait until all have selected the mailbox."""
    tasks = [asyncio.create_task(woken(client)) for client in clients]
    while any(client.mailbox is None for client in clients):  # noqa: ASYNC110 - there is no event
        await asyncio.sleep(0.01)
    return tasks


@pytest.mark.servers
def test_idle_in_one_process(dovecot):
    """One delivery wakes all within a second; each has cost little meanwhile."""
    user = dovecot.fresh_user()
    url = dovecot.url("imap", user, dovecot.host)

    async def work():
        async with AsyncImap(url, tls=0) as first:
            await first.select("INBOX")
        clients = [AsyncImap(url, tls=0) for _ in range(60)]
        gc.collect()
        tracemalloc.start()
        try:
            for client in clients:
                await client.connect()
            tasks = await in_idle(clients)
            gc.collect()
            each = tracemalloc.get_traced_memory()[0] / len(clients)
        finally:
            tracemalloc.stop()
        await asyncio.to_thread(dovecot.deliver, user, b"Subject: wake up\r\n\r\n")
        delivered = time.monotonic()
        last = max(await asyncio.gather(*tasks))
        for client in clients:
            await client.abort()
        return each, last - delivered

    each, seconds = asyncio.run(work())

    assert each < EACH
    assert seconds < 1.5 * FACTOR  # of which Dovecot takes 0.5


def resident():
    """The octets that this process has written to."""
    text = Path("/proc/self/smaps_rollup").read_text()
    return int(text.partition("Private_Dirty:")[2].split()[0]) * 1024


def descriptors():
    """Count what this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_connecting_again_and_again():
    """Neither memory nor descriptors grow with the connections that were closed."""

    async def serve(reader, writer):
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            writer.write(b"+OK hi\r\n")
            while await reader.readline():
                writer.write(b"-ERR no\r\n")

    async def cycles(port, count):
        for _ in range(count // 10):
            clients = [AsyncPOP3(host="127.0.0.1", port=port, tls=0) for _ in range(10)]
            await asyncio.gather(*(client.connect() for client in clients))
            for client in clients:
                await client.abort()
        gc.collect()

    async def work():
        server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=100)
        port = server.sockets[0].getsockname()[1]
        await cycles(port, 300)
        before, opened = resident(), descriptors()
        await cycles(port, full(10_000, quick=500))
        await asyncio.sleep(0.05 * FACTOR)  # the server's ends close
        grown = resident() - before
        server.close()
        return grown, descriptors() - opened

    grown, more = asyncio.run(work())

    assert grown < 2_000_000
    assert more <= 0
