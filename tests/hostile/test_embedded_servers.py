"""A hostile client of the embedded servers gets a refusal, and no traceback is written."""

import base64
import logging
import random
import socket
import subprocess
import sys

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


PIECES = (
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/plain; charset=\xff\r\n",
    b"Content-Type: /\r\n",
    b"Content-Disposition: ;=\r\n",
    b"Content-Language: ,,\r\n",
    b"From: \xff <@a,>: ;\r\n",
    b'From: "a\\" <x@y\r\n',
    b"Date: nonsense\r\n",
    b"\r\n",
    b"--b\r\n",
    b"--b--\r\n",
    b"\0\0\r\n",
    b"x",
)
ITEMS = "BODYSTRUCTURE BODY ENVELOPE BODY.PEEK[1.2.TEXT] BODY.PEEK[2.1] BINARY.PEEK[1] RFC822.SIZE"


@pytest.mark.usefixtures("quiet")
def test_hostile_messages(server):
    """Whatever a message consists of, each FETCH item and SEARCH key has a response."""
    chance = random.Random(5)
    for _ in range(60):
        server.deliver(b"".join(chance.choices(PIECES, k=chance.randrange(14))))
    lines = [b"a LOGIN ann other", b"b SELECT INBOX"]
    lines += [f"f{item} FETCH 1:* ({item})".encode() for item in ITEMS.split()]
    lines += [b"s SEARCH OR FROM x OR TO x TEXT x", b"d SEARCH SENTSINCE 1-Jan-2000", b"z LOGOUT"]
    replies = talk_to(server, "imap", b"\r\n".join(lines) + b"\r\n")

    tags = [line.partition(b" ")[0] for line in lines]
    assert [tag for tag in tags if b"\r\n" + tag + b" OK " not in replies] == []


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("protocol", PORTS)
def test_dropped_connections(server, protocol):
    """A connection that a rule drops leaves nothing on stderr, nor does a client that is gone."""
    server.fail(connect=protocol, drop=True, times=1)
    server.fail(command="NOOP", delay=0.05)
    server.fail(command="NOOP", drop=True)
    greeting = talk_to(server, protocol, b"")
    replies = talk_to(
        server, protocol, b"NOOP\r\nNOOP\r\n" if protocol != "imap" else b"a NOOP\r\n"
    )

    assert greeting == b""
    assert replies.count(b"\r\n") <= 1


HOSTILE = """
import socket
from netmail.testing import MailServer
with MailServer() as server:
    for url in (server.smtp_url, server.imap_url, server.pop3_url):
        port = int(url.rpartition(":")[2].rstrip("/"))
        for data in (
            b"WHAT\\xff x\\r\\n" * 30, b"\\0\\r\\n", b"EHLO \\xff\\r\\n", b"\\x16\\x03\\x01\\r\\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
                try:
                    while client.recv(65536):
                        pass
                except ConnectionError:
                    pass
"""


def test_nothing_is_printed():
    """In a program without logging, hostile clients leave nothing on the standard error."""
    command = [sys.executable, "-c", HOSTILE]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert done.stderr == ""
    assert done.stdout == ""
