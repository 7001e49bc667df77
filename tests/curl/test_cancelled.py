"""A cancellation wherever a call waits: nothing remains, and the connection says so or works."""

import asyncio
import contextlib
import gc
from pathlib import Path

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.curl import dialer
from netmail.envelope import Envelope
from netmail.errors import ConnectionLost, StateError
from support.loops import cancelled_at, run

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("each_loop")]
MOST = 100
"""Waits of one call; more would be a defect of the test."""


async def fetched(client):
    """Connect, log in, and fetch everything."""
    await client.select("INBOX")
    assert len(await client.fetch([1, 2])) == 2


async def streamed(client):
    """The same, message by message."""
    await client.select("INBOX")
    async with contextlib.aclosing(client.fetch_many([1, 2], "BODY.PEEK[]")) as messages:
        assert len([message.body async for message in messages]) == 2


async def ended(client):
    """Connect, and end in order."""
    await client.noop()
    await client.quit()


async def retrieved(client):
    """Connect, log in, fetch everything, one by one and together, and end in order."""
    assert len(await client.uid_list()) == 2
    assert await client.retr(1)
    async with contextlib.aclosing(client.retr_many([1, 2])) as messages:
        assert len([message.uid async for message in messages]) == 2
    await client.quit()


async def sent(client):
    """Connect, and send two messages, of which one does not fit into the socket's buffer."""
    for size in (1, 60_000):
        content = b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * size
        client.add_message(Envelope("ann@example.test", ("bob@example.test",), content))
    assert await client.send()


def open_now():
    """Count the descriptors of this process."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


async def usable_or_lost(client):
    """Call once more: it works, or the error says what has ended the connection."""
    if client.is_connected or client._connection._ended is None:  # before the login, for example
        await client.noop()
        return
    with pytest.raises((ConnectionLost, StateError), match=r"CancelledError|closed by quit\(\)"):
        await client.noop()


async def cancelled_everywhere(make, work):
    """Cancel at the first wait, at the second, and so on; return how many there were."""
    loop = asyncio.get_running_loop()
    before, tasks = open_now(), asyncio.all_tasks()
    for count in range(MOST):
        client = make()
        cancelled = await cancelled_at(count, work(client))
        if not client.is_connected:  # at once, and not when the client is forgotten
            assert loop not in dialer._DIALERS
            assert open_now() == before
        if cancelled:
            await usable_or_lost(client)
        await client.abort()

        assert open_now() == before
        assert asyncio.all_tasks() == tasks
        assert loop not in dialer._DIALERS
        if not cancelled:
            return count
    raise AssertionError(f"it was cancelled {MOST} times, and did not end")


@pytest.mark.parametrize(
    ("work", "tls"), [(fetched, False), (fetched, True), (streamed, False), (ended, True)]
)
def test_imap(dovecot, work, tls):
    """Connecting, login, SELECT, FETCH and LOGOUT."""
    user = dovecot.fresh_user()
    dovecot.deliver(user, b"Subject: a\r\n\r\n" + b"x" * 3_000_000, b"Subject: b\r\n\r\nb\r\n")
    url = dovecot.url("imap", user, "localhost")
    given = {"tls": 3, "ca_file": dovecot.certificates.ca_file} if tls else {"tls": 0}

    assert run(cancelled_everywhere(lambda: AsyncImap(url, **given), work)) >= 1


@pytest.mark.parametrize("tls", [False, True])
def test_pop3(dovecot, tls):
    """Connecting, login, UIDL, RETR, several RETR, and QUIT."""
    user = dovecot.fresh_user()
    dovecot.deliver(user, b"Subject: a\r\n\r\n" + b"x" * 300_000, b"Subject: b\r\n\r\nb\r\n")
    url = dovecot.url("pop3", user, "localhost")
    given = {"tls": 3, "ca_file": dovecot.certificates.ca_file} if tls else {"tls": 0}

    assert run(cancelled_everywhere(lambda: AsyncPOP3(url, **given), retrieved)) >= 1


def test_smtp(smtp_sink):
    """Connecting, the envelope, the content, and the final reply."""
    given = {"host": "127.0.0.1", "port": smtp_sink.port}

    assert run(cancelled_everywhere(lambda: AsyncTransport(**given), sent)) >= 1
