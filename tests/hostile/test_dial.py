"""A server that sends without end before the login, while libcurl reads: the limits hold there."""

import asyncio
import resource
import time

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.errors import NetmailError, ProtocolError
from netmail.limits import ServerLimits
from servers.scripted import Endless, Expect, Reply, Send

SECONDS = 5.0
MEGABYTES = 64
BLOCKING = {"smtp": Transport, "imap": Imap, "pop3": POP3}
ASYNCIO = {"smtp": AsyncTransport, "imap": AsyncImap, "pop3": AsyncPOP3}
EHLO = (Send(b"220 hi\r\n"), Expect(rb"EHLO .*"))
CAPABILITY = (Send(b"* OK hi\r\n"), Expect(rb"(A\d+) CAPABILITY"))
CAPA = (Send(b"+OK hi\r\n"), Expect(rb"CAPA"))
LONG = b"X" * 4000 + b"\r\n"
FLOODS = {
    "EHLO lines": ("smtp", (*EHLO, Endless(b"250-X\r\n")), "limits.lines"),
    "EHLO AUTH lines": ("smtp", (*EHLO, Endless(b"250-AUTH A1\r\n")), "limits.lines"),
    "EHLO octets": ("smtp", (*EHLO, Endless(b"250-" + LONG)), "limits.handshake"),
    "SMTP greeting": ("smtp", (Endless(b"220-X\r\n"),), "limits.lines"),
    "CAPABILITY lines": ("imap", (*CAPABILITY, Endless(b"* CAPABILITY X\r\n")), "limits.lines"),
    "CAPABILITY octets": ("imap", (*CAPABILITY, Endless(b"* " + LONG)), "limits.handshake"),
    "CAPA lines": ("pop3", (*CAPA, Send(b"+OK\r\n"), Endless(b"X-Y\r\n")), "limits.lines"),
    "CAPA octets": ("pop3", (*CAPA, Send(b"+OK\r\n"), Endless(LONG)), "limits.handshake"),
    "IMAP login": (
        "imap",
        (
            *(*CAPABILITY, Reply(rb"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n\1 OK x\r\n")),
            *(Expect(rb"\S+ AUTHENTICATE PLAIN"), Endless(b"* OK x\r\n")),
        ),
        "limits.handshake",
    ),
}
LINES = {
    "EHLO line": ("smtp", (*EHLO, Endless(b"250-X"))),
    "CAPABILITY line": ("imap", (*CAPABILITY, Endless(b"* X"))),
    "CAPA line": ("pop3", (*CAPA, Send(b"+OK\r\n"), Endless(b"X"))),
}


def options_of(server):
    """Options that make libcurl ask for the server's extensions."""
    return {
        "host": "127.0.0.1",
        "port": server.port,
        "tls": 0,
        "username": "ann",
        "password": "secret",
        "timeout": 60_000,
    }


def connect(protocol, server, **more):
    """Connect by the blocking client."""
    client = BLOCKING[protocol](**options_of(server), **more)
    try:
        client.connect()
    finally:
        client.abort()


async def connect_async(protocol, server):
    """Connect by the asyncio client."""
    client = ASYNCIO[protocol](**options_of(server))
    try:
        await client.connect()
    finally:
        await client.abort()


@pytest.fixture(autouse=True)
def bounded():
    """Each test takes little of the processor and of memory, whatever the server sends."""
    begun, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - begun < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024


@pytest.mark.parametrize("name", FLOODS)
def test_flood_before_the_login(scripted, name):
    """The client gives up with an error that names the limit."""
    protocol, steps, limit = FLOODS[name]
    server = scripted(*steps)

    with pytest.raises(ProtocolError, match=limit):
        connect(protocol, server)


@pytest.mark.parametrize("name", FLOODS)
def test_flood_before_the_login_of_an_asyncio_client(scripted, name):
    """The same by asyncio."""
    protocol, steps, limit = FLOODS[name]
    server = scripted(*steps)

    with pytest.raises(ProtocolError, match=limit):
        asyncio.run(connect_async(protocol, server))


@pytest.mark.parametrize("name", LINES)
def test_endless_line_before_the_login(scripted, name):
    """A line that does not end is an error: libcurl has a limit of its own."""
    protocol, steps = LINES[name]
    server = scripted(*steps)

    with pytest.raises(NetmailError):
        connect(protocol, server)


def test_long_line_before_the_login(scripted):
    """A line that libcurl takes may still be too long for the caller."""
    server = scripted(*EHLO, Send(b"250-" + LONG + b"250 X\r\n"))

    with pytest.raises(ProtocolError, match=r"limits\.line "):
        connect("smtp", server, limits=ServerLimits(line=1000))


def test_lines_are_counted_for_each_reply(scripted):
    """Each reply has a limit of its own, and two together may exceed it."""
    server = scripted(
        Send(b"220-hi\r\n" * 3 + b"220 hi\r\n"),
        Expect(rb"EHLO .*"),
        Send(b"250-X\r\n" * 3 + b"250 AUTH PLAIN\r\n"),
        Expect(b"AUTH PLAIN .+"),
        Send(b"235 in\r\n"),
        Expect(b"NOOP"),
        Send(b"250 OK\r\n"),
    )
    client = Transport(**options_of(server), limits=ServerLimits(lines=4))

    client.noop()
    client.abort()
