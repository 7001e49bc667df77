"""Connect, and look at the error: for tests of connections that cannot be made.

Nothing here knows which errors there are.
"""

from datetime import timedelta

import pytest

from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.curl.stream import CurlStream
from netmail.errors import (
    NetmailError,
)
from netmail.options.options import TLS_NONE, MailProtocol, parse_options
from servers.scripted import Expect, Send

_CLIENTS = {MailProtocol.POP3: POP3, MailProtocol.IMAP: Imap, MailProtocol.SMTP: Transport}
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
    with pytest.raises(NetmailError) as caught:
        POP3(**given).connect()
    return caught.value


def dialled(protocol, **options):
    """Connect in any protocol, without a session, and return the error."""
    given = {
        "host": "127.0.0.1",
        "tls": TLS_NONE,
        "timeout": timedelta(milliseconds=300),
        **options,
    }
    with pytest.raises(NetmailError) as caught:
        CurlStream(parse_options(protocol, **given)).connect()
    return caught.value


def refused(protocol, **options):
    """Connect a client of any protocol, which logs in, and return the error."""
    given = {
        "host": "127.0.0.1",
        "tls": TLS_NONE,
        "timeout": timedelta(milliseconds=300),
        **options,
    }
    with pytest.raises(NetmailError) as caught:
        _CLIENTS[protocol](**given).connect()
    return caught.value


def told(error):
    """What a program can see of an error."""
    return type(error), getattr(error, "phase", None), getattr(error, "curl_code", None)
