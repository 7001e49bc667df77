"""A hostile client of the embedded servers gets a refusal, and no traceback is written."""

import base64
import logging
import socket

import pytest

from netmail.testing import MailServer

NAMES = {
    "binary": b"\xff\xfe",
    "surrogate": b"ann\xed\xa0\x80",
    "NUL": b"a\0b\0c\0d",
    "escape": b"\x1b[2J",
    "path": b"../../etc",
    "long": b"x" * 5000,
    "separator": "\u00fc\u2028".encode(),
    "empty": b"",
}
PORTS = {"smtp": "smtp_url", "pop3": "pop3_url", "imap": "imap_url"}


def talk_to(server, protocol, data):
    """Send everything, and return what the server sends until it closes."""
    port = int(getattr(server, PORTS[protocol]).rpartition(":")[2].rstrip("/"))
    replies = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while chunk := client.recv(65536):
                replies += chunk
        except OSError as error:  # the server may close before it has read everything
            assert not isinstance(error, TimeoutError)  # noqa: PT017 -- one of many errors
    return bytes(replies)


def login(protocol, name):
    """Write logins with a name, one after the other."""
    plain = base64.b64encode(b"\0" + name + b"\0secret")
    if protocol == "smtp":
        return b"EHLO x\r\nAUTH PLAIN " + plain + b"\r\nVRFY " + name + b"\r\nQUIT\r\n"
    if protocol == "pop3":
        return b"USER " + name + b"\r\nPASS x\r\nAUTH PLAIN " + plain + b"\r\nQUIT\r\n"
    literal = b"a LOGIN {%d+}\r\n" % len(name) + name + b" x\r\n"
    return literal + b"b AUTHENTICATE PLAIN\r\n" + plain + b"\r\nc LOGOUT\r\n"


@pytest.fixture
def server():
    """The embedded servers with one user."""
    with MailServer({"ann": "other"}) as running:
        yield running


@pytest.fixture
def quiet(caplog, capfd):
    """Nothing is logged with a traceback or as an error, and none is printed."""
    caplog.set_level(logging.INFO)
    yield
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not [record for record in caplog.records if record.exc_info]
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("protocol", PORTS)
def test_hostile_name(server, protocol, name):
    """A name that no user has is refused, whatever is in it."""
    replies = talk_to(server, protocol, login(protocol, NAMES[name]))

    assert b"235" not in replies
    assert not any(line.endswith(b" OK Authentication successful.") for line in replies.split())


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("protocol", PORTS)
def test_endless_line(server, protocol):
    """A line of megabytes ends the connection, or is refused; the next client is served."""
    talk_to(server, protocol, b"x" * 3_000_000)

    assert talk_to(server, protocol, b"NOOP\r\n")
