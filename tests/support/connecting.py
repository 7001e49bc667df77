"""Connect, and look at the error: for tests of connections that cannot be made.

Nothing here knows which errors there are. `DIAL` says which of the two drivers connects.
"""

import asyncio
from contextvars import ContextVar
from datetime import timedelta

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.curl import drive, drive_async
from netmail.curl.calls import Dial
from netmail.curl.stream import CurlStream
from netmail.errors import (
    NetmailError,
)
from netmail.options.options import TLS_NONE, MailProtocol, parse_options
from servers.scripted import Expect, Send

DIAL = ContextVar("DIAL", default="blocking")
"""Which driver connects: "blocking" or "asyncio"."""
_CLIENTS = {
    "blocking": {
        MailProtocol.POP3: POP3,
        MailProtocol.IMAP: Imap,
        MailProtocol.SMTP: Transport,
    },
    "asyncio": {
        MailProtocol.POP3: AsyncPOP3,
        MailProtocol.IMAP: AsyncImap,
        MailProtocol.SMTP: AsyncTransport,
    },
}
CAPA = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nUSER\r\n.\r\n")]
STLS = [
    Send(b"+OK hi\r\n"),
    Expect(b"CAPA"),
    Send(b"+OK\r\nSTLS\r\nUSER\r\n.\r\n"),
    Expect(b"STLS"),
]


def failing(**options):
    """Connect as POP3 and return the error."""
    given = {
        "host": "127.0.0.1",
        "tls": TLS_NONE,
        "timeout": timedelta(milliseconds=300),
        **options,
    }
    return _refusal(_CLIENTS[DIAL.get()][MailProtocol.POP3](**given))


def dialled(protocol, **options):
    """Connect in any protocol, without a session, and return the error."""
    given = {
        "host": "127.0.0.1",
        "tls": TLS_NONE,
        "timeout": timedelta(milliseconds=300),
        **options,
    }
    steps = (Dial(stream) for stream in [CurlStream(parse_options(protocol, **given))])
    by_asyncio = DIAL.get() == "asyncio"
    with pytest.raises(NetmailError) as caught:
        asyncio.run(drive_async.drive(steps)) if by_asyncio else drive.drive(steps)
    return caught.value


def refused(protocol, **options):
    """Connect a client of any protocol, which logs in, and return the error."""
    given = {
        "host": "127.0.0.1",
        "tls": TLS_NONE,
        "timeout": timedelta(milliseconds=300),
        **options,
    }
    return _refusal(_CLIENTS[DIAL.get()][protocol](**given))


def _refusal(client):
    by_asyncio = DIAL.get() == "asyncio"
    with pytest.raises(NetmailError) as caught:
        asyncio.run(client.connect()) if by_asyncio else client.connect()
    return caught.value


def told(error):
    """What a program can see of an error."""
    return type(error), getattr(error, "phase", None), getattr(error, "curl_code", None)
