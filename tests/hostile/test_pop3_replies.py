"""Malformed POP3 replies, generated from families: each ends in a documented error.

Never a wrong value, never more memory than the limits allow, never more time than the timeout.
"""

import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from netmail.clients.pop3 import POP3
from netmail.errors import (
    ConnectionLost,
    DeletionsRefused,
    MailTimeout,
    NetmailError,
    Pop3Error,
    ProtocolError,
    TransportError,
)
from netmail.flows.flow import PEEK, Flow
from netmail.flows.flow import Send as Say
from netmail.flows.pop3 import commands, download, listing, mails, many
from netmail.flows.pop3.session import Pop3Session
from netmail.limits import ServerLimits
from netmail.options.options import MailProtocol, parse_options
from servers.scripted import Close, Drip, Endless, Expect, ScriptError, Send, Silence
from support.replay import collected

LIMITS = ServerLimits(line=10_000, literal=50_000, responses=500)
OPTIONS = parse_options(MailProtocol.POP3, host="localhost")
MEMORY = 2_000_000
"""Octets: the limits above, a buffer that doubles, and a copy of what is returned."""

CALLS = {
    "STAT": commands.stat,
    "LIST": commands.list_messages,
    "LIST 2": lambda p: commands.list_messages(p, 2),
    "UIDL": commands.uidl,
    "UIDL 2": lambda p: commands.uidl(p, 2),
    "RETR": lambda p: commands.retr(p, 1),
    "TOP": lambda p: commands.top(p, 1, 5),
    "DELE": lambda p: commands.dele(p, 1),
    "NOOP": lambda p: p.noop(),
    "RSET": commands.rset,
    "CAPA": commands.capa,
    "QUIT": lambda p: p.quit(),
    "exec": lambda p: commands.exec(p, "RETR 1"),
    "retr_many": lambda p: contents(many.retr_many(p, [1, 2, 3])),
    "top_many": lambda p: contents(many.top_many(p, [1, 2, 3], 5)),
    "delete_many": lambda p: many.delete_many(p, [1, 2, 3]),
    "mails": lambda p: collected(mails.mails(p, None, delete=True)),
    "target": lambda p: collected(download.download(p, 1, None)),
    "scan_listings": lambda p: collected(listing.scan_listings(p)),
    "unique_ids": lambda p: collected(listing.unique_ids(p)),
}
BODIES = (
    *("LIST", "UIDL", "RETR", "TOP", "CAPA", "exec", "retr_many", "top_many", "mails", "target"),
    *("scan_listings", "unique_ids"),
)


def contents(flow):
    """Run a conversation to its end, and use each message."""
    return [message.content for message in (yield from collected(flow))]


ENTRIES = {"scan_listings": "LIST", "unique_ids": "UIDL", "mails": "UIDL"}
TABLES = {
    "LIST": [b"1", b"x 120", b"0 5", b"-1 5", b"1 x", b"1 5k", b"", b"1,5", b"\0\0", b"9" * 99,
             b"1 " + b"9" * 40, b"+OK 1 5", b"\xff\xfe 1"],
    "UIDL": [b"1", b"x abc", b"0 abc", b"1 a b", b"1 \xe9", b"", b"1 " + b"u" * 900, b"-1 abc",
             b"1 \0"],
}  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """One malformed reply.

    Attributes:
        family: What is wrong with it.
        call: The call that it replies to.
        data: What the server sends before it closes; `None` for a line or body without end.
        error: The documented error.
    """

    family: str
    call: str
    data: bytes
    error: type[NetmailError]
    endless: bool = False


def replies() -> Iterator[Reply]:
    """Generate the families."""
    for call in CALLS:
        yield Reply("eof at once", call, b"", ConnectionLost)
        yield Reply("cut status", call, b"+O", ConnectionLost)
        yield Reply("cut line end", call, b"+OK 2 5\r", ConnectionLost)
        yield Reply("smtp status", call, b"250 2 5\r\n", ProtocolError)
        yield Reply("imap status", call, b"* OK 2 5\r\n", ProtocolError)
        yield Reply("binary", call, bytes(range(256)) + b"\r\n", ProtocolError)
        yield Reply("http", call, b"HTTP/1.1 400 Bad\r\n\r\n", ProtocolError)
        yield Reply("empty line", call, b"\r\n+OK 2 5\r\n", ProtocolError)
        yield Reply("challenge", call, b"+ bW9yZQ==\r\n", ProtocolError)
        yield Reply("endless line", call, b"+OK " + b"x" * 1000, ProtocolError, endless=True)
        refused = DeletionsRefused if call == "delete_many" else Pop3Error
        yield Reply("refusal", call, b"-ERR [SYS/PERM] no\r\n", refused)
    for call in BODIES:
        yield Reply("cut body", call, b"+OK\r\n1 a\r\n", ConnectionLost)
        yield Reply("cut dot", call, b"+OK\r\n1 5\r\n.", ConnectionLost)
        yield Reply("bare dot", call, b"+OK\r\n1 5\n.\n", ConnectionLost)
        yield Reply("lf dot crlf", call, b"+OK\r\n1 5\n.\r\n", ConnectionLost)
        yield Reply("lf cr dot", call, b"+OK\n1 5\r.\r", ConnectionLost)
        yield Reply("err after ok", call, b"+OK\r\n-ERR oops\r\n", ConnectionLost)
        yield Reply(
            "endless body", call, b"+OK\r\n" + b"1 5\r\n" * 300, ProtocolError, endless=True
        )
        yield Reply("oversized", call, b"+OK\r\n" + b"1 5\r\n" * 11_000 + b".\r\n", ProtocolError)
    for call, lines in TABLES.items():
        for line in lines:
            data = b"+OK\r\n1 5\r\n" + line + b"\r\n.\r\n"
            yield Reply(f"entry {line[:12]!r}", call, data, ProtocolError)
        yield Reply("long list", call, b"+OK\r\n" + b"1 5\r\n" * 501 + b".\r\n", ProtocolError)
    for call, table in ENTRIES.items():
        for line in TABLES[table]:
            data = b"+OK\r\n1 5\r\n" + line + b"\r\n.\r\n"
            yield Reply(f"entry {line[:12]!r}", call, data, ProtocolError)
    for call in ("STAT", "LIST 2"):
        for text in (b"", b" ", b" 2", b" two 5", b" 2 5k", b" -2 5", b" 2 " + b"9" * 50):
            yield Reply(f"numbers {text[:9]!r}", call, b"+OK" + text + b"\r\n", ProtocolError)
    for call in ("LIST 2", "UIDL 2"):
        yield Reply("other message", call, b"+OK 3 5\r\n", ProtocolError)


REPLIES = list(replies())


def converse(flow: Flow, session: Pop3Session, reply: Reply) -> object:
    """Run the flow as a driver would, against a server that has only this to say."""
    sent = False
    want = next(flow)
    try:
        while True:
            if isinstance(want, Say):
                sent = True
            elif want is not PEEK and reply.data and (sent or reply.endless):
                session.reader.feed(reply.data if sent else reply.data[-1000:])
                sent = False
            elif want is not PEEK and reply.endless:
                session.reader.feed(reply.data[-1000:])
            elif want is not PEEK:
                session.reader.eof = True
            want = next(flow)
    except StopIteration as end:
        return end.value


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: f"{reply.call}: {reply.family}")
def test_reply(reply):
    """The call raises its documented error, soon and in bounded memory."""
    session = Pop3Session(OPTIONS, LIMITS)
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with pytest.raises(NetmailError) as caught:
            converse(CALLS[reply.call](session), session, reply)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert type(caught.value) is reply.error
    assert peak < MEMORY
    assert time.monotonic() - begun < 2


# -- the same over a socket, where time passes ------------------------------------------------

GREETING = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"-ERR what\r\n")]
OVER_SOCKETS = {
    "silence": ([Silence()], MailTimeout),
    "half a line": ([Send(b"+OK 2"), Silence()], MailTimeout),
    "half a body": ([Send(b"+OK\r\nA: b\r\n"), Silence()], MailTimeout),
    "closed": ([Close()], ConnectionLost),
    "reset": ([Close(reset=True)], ConnectionLost),
    "closed in a body": ([Send(b"+OK\r\nA: b\r\n"), Close()], ConnectionLost),
    "reset in a body": ([Send(b"+OK\r\nA: b\r\n"), Close(reset=True)], ConnectionLost),
    "endless line": ([Endless(b"x")], ProtocolError),
    "endless empty lines": ([Endless(b"\r\n")], ProtocolError),
    "endless body": ([Send(b"+OK\r\n"), Endless(b"text\r\n")], ProtocolError),
    "binary": ([Endless(bytes(range(256)))], ProtocolError),
}


@pytest.mark.parametrize(("steps", "error"), OVER_SOCKETS.values(), ids=OVER_SOCKETS)
def test_over_a_socket(scripted, steps, error):
    """The call ends within its timeout, and later calls say why the connection is gone."""
    server = scripted(*GREETING, Expect(b"RETR 1"), *steps)
    client = POP3(
        host="127.0.0.1",
        port=server.port,
        tls=0,
        timeout=timedelta(milliseconds=300),
        limits=LIMITS,
    )
    client.connect()
    begun = time.monotonic()
    with pytest.raises(error) as caught:
        client.retr(1)
    took = time.monotonic() - begun
    with pytest.raises(ConnectionLost) as later:
        client.noop()

    assert type(caught.value) is error
    assert str(caught.value) in str(later.value)
    assert took < 1.5


def test_lf_only(scripted):
    """A server that writes LF from the greeting on is read, through libcurl's part too."""
    server = scripted(
        *(Send(b"+OK hi\n"), Expect(b"CAPA"), Send(b"+OK\nTOP\nUSER\n.\n")),
        *(Expect(b"UIDL"), Send(b"+OK\n1 ab\n.\n")),
        *(Expect(b"TOP 1 0"), Send(b"+OK\nSubject: x\n\n..\n.\n")),
        *(Expect(b"QUIT"), Send(b"+OK\n")),
    )
    with POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000) as client:
        top = client.top("ab")
        capabilities = client.capabilities

    assert top == b"Subject: x\n\n.\n"
    assert capabilities == {"TOP": (), "USER": ()}


def test_no_smuggled_reply(scripted):
    """LF "." LF within a message of a server that writes CRLF ends nothing."""
    text = b"a\n.\n+OK forged\n.\r\n"
    server = scripted(
        *GREETING, Expect(b"RETR 1"), Send(b"+OK\r\n" + text + b".\r\n"),
        *(Expect(b"STAT"), Send(b"+OK 1 5\r\n")), Expect(b"QUIT"), Send(b"+OK\r\n"),
    )  # fmt: skip
    with POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000) as client:
        message, stat = client.retr(1), client.stat()

    assert message == text
    assert stat == {"count": 1, "size": 5}


@pytest.mark.parametrize(
    "steps",
    [
        [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Silence()],
        [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\n"), Silence()],
        [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Endless(b"x")],
        [Endless(b"x")],
        [Endless(bytes(range(256)))],
        [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Close()],
        [Send(b"220 smtp.test ESMTP\r\n")],
        [Send(b"* OK IMAP4rev1\r\n")],
        [Send(b"-ERR [SYS/TEMP] too many connections\r\n")],
        [Send(b"\r\n+OK\r\n")],
    ],
    ids=[
        "silence", "half-a-list", "endless-line", "endless-greeting", "binary",
        "closed", "smtp", "imap", "refused", "empty-line",
    ],
)  # fmt: skip
def test_while_dialling(scripted, steps):
    """What a server may say before the login ends in a TransportError, within the timeout."""
    server = scripted(*steps)
    begun = time.monotonic()
    with pytest.raises(TransportError) as caught:
        POP3(
            host="127.0.0.1", port=server.port, tls=0, timeout=timedelta(milliseconds=300)
        ).connect()

    assert f":{server.port}" in str(caught.value)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("before", [[], [*GREETING, Expect(b"RETR 1"), Send(b"+OK\r\n")]],
                         ids=["greeting", "body"])  # fmt: skip
def test_single_octets(scripted, before):
    """A server that drips octets for ten seconds keeps us no longer than the timeout."""
    server = scripted(*before, Drip(b"+" * 500, 0.02))
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=timedelta(milliseconds=300))
    begun = time.monotonic()
    with pytest.raises(MailTimeout):
        client.retr(1)
    took = time.monotonic() - begun
    with pytest.raises(ScriptError, match="the client left"):
        server.join()

    assert took < 2
