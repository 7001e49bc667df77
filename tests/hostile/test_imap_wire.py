"""IMAP servers that fall silent, flood, drip or hang up, over a real connection."""

import time
import tracemalloc
from datetime import timedelta

import pytest

from netmail.clients.imap import Imap
from netmail.errors import ConnectionLost, MailTimeout, ProtocolError
from netmail.limits import ServerLimits
from servers.steps import Close, Drip, Endless, Expect, Reply, Send, Silence

BEGIN = (
    Send(b"* PREAUTH ready\r\n"),
    Expect(rb"(\S+) CAPABILITY"),
    Reply(rb"* CAPABILITY IMAP4rev1\r\n\1 OK done\r\n"),
)
NOOP = Expect(rb"(\S+) NOOP")


@pytest.fixture
def play(scripted):
    """Make a client of a server that begins well and then plays the steps."""

    def make(*steps, timeout=timedelta(milliseconds=400), limits=None):
        server = scripted(*BEGIN, *steps)
        return Imap(server.url("imap"), tls=0, timeout=timeout, limits=limits)

    return make


FAILURES = {
    "silence": ((NOOP, Silence()), MailTimeout, "waited"),
    "half a line": ((NOOP, Send(b"* OK wait"), Silence()), MailTimeout, "waited"),
    "BYE, still open": ((NOOP, Send(b"* BYE tired\r\n"), Silence()), ConnectionLost, "tired"),
    "BYE": ((NOOP, Send(b"* BYE tired\r\n"), Close()), ConnectionLost, "tired"),
    "hangs up": ((NOOP, Close()), ConnectionLost, "closed the connection"),
    "crashes": ((NOOP, Close(reset=True)), ConnectionLost, "connection"),
    "endless line": ((NOOP, Endless(b"x")), ProtocolError, "limits.line"),
    "endless literal": (
        (NOOP, Send(b"* X {99999999999}\r\n"), Silence()),
        ProtocolError,
        "limits.literal",
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_failures(play, failure):
    """Each failure ends in its error within the time limit, and the connection is closed."""
    steps, error, text = FAILURES[failure]
    client = play(*steps)
    begun = time.monotonic()

    with pytest.raises(error, match=text):
        client.noop()
    with pytest.raises(ConnectionLost, match="has ended"):
        client.noop()
    assert time.monotonic() - begun < 5


def test_dripping(play):
    """A response that arrives octet by octet is understood."""
    updates = b"* 1 EXISTS\r\n* OK still here\r\n"
    client = play(NOOP, Drip(updates), Reply(rb"\1 OK done\r\n"), Silence(), timeout=5000)

    assert client.noop() is True
    client.abort()


LITERAL = b"* 1 FETCH (BODY[] {1000000}\r\n" + b"x" * 1_000_000 + b")\r\n"


@pytest.mark.parametrize(
    "octets",
    [LITERAL, b"* 1 FETCH (BODY[] {99999999}\r\n" + b"x" * 1_000_000],
    ids=["literals", "one literal"],
)
def test_flood_of_unsolicited_content(play, octets):
    """A command's responses have a limit as a whole, and what was not asked for is not kept."""
    client = play(NOOP, Endless(octets), timeout=5000, limits=ServerLimits(command=20_000_000))
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with pytest.raises(ProtocolError, match=r"limits\.command"):
            client.noop()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert time.monotonic() - begun < 8
    assert peak < 45_000_000


def test_fetch_has_a_limit_of_its_own(play):
    """What is asked for may be more, up to `limits.fetch`."""
    client = play(
        *(Expect(rb"(\S+) UID FETCH 1:\* UID"), Endless(LITERAL)),
        timeout=5000,
        limits=ServerLimits(command=1000, fetch=3_000_000),
    )

    with pytest.raises(ProtocolError, match=r"limits\.fetch"):
        client.exec("UID FETCH 1:* UID")
