"""RETR in pieces: what is handed over, and what is refused before anything is sent."""

import io

import pytest

from netmail.clients.pop3 import POP3
from netmail.errors import ConnectionLost, Pop3Error, ProtocolError, UsageError
from netmail.flows.flow import PEEK, Left, Send, Values
from netmail.flows.pop3 import download
from netmail.limits import ServerLimits
from support.pop3_steps import leave, session
from support.replay import collected, replay, replay_both

BODIES = {
    "empty": (r".\r\n", b""),
    "text": (r"a\r\nb\r\n.\r\n", b"a\r\nb\r\n"),
    "dots": (r"..\r\n...x\r\ny.\r\n..\r\n.\r\n", b".\r\n..x\r\ny.\r\n.\r\n"),
    "bare lf": (r"a\n.\n..\r\n.\n\r\n.\r\n", b"a\n.\n..\r\n\n\r\n"),
    "bare cr": (r"a\r.\r\r\n.\r\n", b"a\r.\r\r\n"),
    "no dot": (r"\r\n.x\r\n.\r\n", b"\r\nx\r\n"),
}


def whole(current, uid=1, progress=None):
    """Return the octets of all pieces together."""
    pieces = yield from collected(download.download(current, uid, progress))
    return b"".join(piece.data for piece in pieces)


@pytest.mark.parametrize(("sent", "expected"), BODIES.values(), ids=BODIES)
def test_cut_anywhere(sent, expected):
    """Dots are unstuffed, and the end is found, wherever the octets are cut."""
    lines = f"C: RETR 1\nS! +OK\\r\\n{sent}"

    assert replay_both(session, whole, lines) == expected


@pytest.mark.parametrize("cut", range(1, 40))
def test_cut_once(cut):
    """In two pieces of any size, and with a line end of LF alone."""
    for end in (b"\r\n", b"\n"):
        octets = end.join([b"+OK", b"..a", b"..", b"b", b"...", b"", b".", b""])
        current = session()
        flow, got = download.download(current, 1, None), b""
        pieces = iter([octets[:cut], octets[cut:]])
        for request in flow:
            if isinstance(request, Values):
                got += b"".join(piece.data for piece in request.values)
            elif request is not PEEK and not isinstance(request, Send):
                current.reader.feed(next(pieces))

        assert got == end.join([b".a", b".", b"b", b"..", b"", b""])
        assert not current.reader.available


def test_by_unique_id_and_sized():
    """A unique-id is looked up, and LIST gives the size where somebody wants to see it."""
    lines = (
        "C: UIDL\nS: +OK\nS: 1 a\nS: 5 b\nS: .\nC: LIST 5\nS: +OK 5 9\nC: RETR 5\nS: +OK\nS: .\n"
    )
    flow = collected(download.download(current := session(), "b", print))

    assert replay(flow, current.reader, lines) == [(b"", 9)]


def test_refused():
    """A refusal comes before any piece."""
    with pytest.raises(Pop3Error, match="no such"):
        replay_both(session, whole, "C: RETR 1\nS: -ERR no such message")


@pytest.mark.parametrize("reply", ["S! +OK\\r\\n", "S! +OK\\r\\nhalf a li", "S! +OK\\r\\n\\r\\n."])
def test_lost(reply):
    """Half a message is an error, whatever came of it."""
    with pytest.raises(ConnectionLost):
        replay_both(session, whole, f"C: RETR 1\n{reply}\nEOF")


def test_limit():
    """A message has a limit, which the error names."""
    current = session()
    current.reader.limits = ServerLimits(literal=10)
    with pytest.raises(ProtocolError, match=r"more than 10 octets; raise limits\.literal"):
        replay(whole(current), current.reader, "C: RETR 1\nS: +OK\nS: 0123456789ab\nS: .")


def begun(current):
    """Return a flow that has handed over its first piece."""
    flow = download.download(current, 1, None)
    for request in flow:
        if isinstance(request, Values):
            return flow
        if request is not PEEK and not isinstance(request, Send):
            current.reader.feed(b"+OK\r\n" + b"x" * 100)
    raise AssertionError("nothing came")


def test_left():
    """The rest is read and dropped."""
    current = session()
    flow = begun(current)

    assert len(leave(flow, current.reader, b"y\r\n.\r\n")) == 1
    assert not current.reader.available


def test_left_and_closed():
    """The end of the stream is an error then too."""
    current = session()
    flow = begun(current)
    current.reader.eof = True
    with pytest.raises(ConnectionLost):
        flow.throw(Left())


@pytest.mark.parametrize(
    ("target", "progress", "text"),
    [
        (5, None, "not to int"),
        (b"file", None, "not to bytes"),
        ("a\0b", None, "NUL"),
        (io.BytesIO(), 5, "callable"),
        (None, print, "pass one"),
    ],
)
def test_wrong_targets(target, progress, text):
    """What cannot be written to is refused before anything is sent."""
    with pytest.raises(UsageError, match=text):
        POP3(host="localhost").retr(1, target, progress)


@pytest.mark.parametrize("uid", [0, "", "a b", True, None, 1.5])
def test_wrong_messages(uid):
    """And what names no message."""
    with pytest.raises(UsageError):
        POP3(host="localhost").retr(uid, io.BytesIO())
