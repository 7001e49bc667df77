"""What a flow yields, and what the dial has heard."""

import pytest

from netmail.flows.flow import Send
from netmail.flows.handshake import Handshake, after_proxy_connect, verb

TUNNEL = (("C", b"CONNECT h:1 HTTP/1.1"), ("C", b"Host: h:1"))
REFUSED = (("S", b"HTTP/1.1 407 Authenticate"), ("S", b"Via: me"), ("S", b""))
THROUGH = (("S", b"HTTP/1.1 200 OK"), ("S", b"Via: me"), ("S", b""))
SAID = (("S", b"+OK hi"), ("C", b"CAPA"), ("S", b"+OK"), ("S", b"TOP"), ("S", b"."))


def test_repr_of_send_hides_what_is_hidden():
    """A trace with local variables shows what the log shows."""
    shown = [repr(Send(b"NOOP")), repr(Send(b"PASS hunter22", b"PASS ***"))]

    assert shown == ["Send(b'NOOP')", "Send(b'PASS ***')"]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"capa", b"CAPA"),
        (b"AUTH PLAIN ***", b"AUTH"),
        (b"A001 LOGIN ***", b"LOGIN"),
        (b"EHLO auth", b"EHLO"),
        (b"USER pass", b"USER"),
        (b"***", b"***"),
        (b"", b""),
        (b"A001", b"A001"),
    ],
)
def test_verb(line, word):
    """A command stands first, or behind libcurl's tag; a name behind it is none."""
    assert verb(line) == word


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (SAID, SAID),
        ((*TUNNEL, *THROUGH, *SAID), SAID),
        ((*TUNNEL, *REFUSED, *TUNNEL, *THROUGH, *SAID), SAID),
        ((*TUNNEL, *REFUSED), (*TUNNEL, *REFUSED)),
        (TUNNEL, TUNNEL),
        ((*TUNNEL, *THROUGH), ()),
    ],
    ids=["none", "through", "second-try", "refused", "silent", "nothing-yet"],
)
def test_beyond_proxy(lines, left):
    """What was said with the proxy is left out once it has let us through."""
    assert tuple(after_proxy_connect(lines)) == left


@pytest.mark.parametrize(
    ("lines", "greeting"),
    [((), b""), (SAID, b"+OK hi"), ((*TUNNEL, *THROUGH, *SAID), b"+OK hi")],
)
def test_greeting(lines, greeting):
    """The server's first line, not the proxy's."""
    assert Handshake(lines, encrypted=False).greeting == greeting


def test_answers_are_those_of_the_last_time():
    """What was offered before TLS does not count."""
    again = (("C", b"STLS"), ("S", b"+OK"), ("C", b"CAPA"), ("S", b"+OK"), ("S", b"."))

    assert Handshake((*SAID, *again), encrypted=True).responses_to(b"CAPA") == [b"+OK", b"."]


def test_answers_end_with_the_next_command():
    """What follows another command is another answer."""
    lines = (*SAID, ("C", b"USER capa"), ("S", b"+OK"))

    assert Handshake(lines, encrypted=True).responses_to(b"CAPA") == [b"+OK", b"TOP", b"."]


def test_said_looks_at_commands_only():
    """A name that is a command's is not that command."""
    handshake = Handshake((("C", b"EHLO auth"), ("S", b"250 AUTH")), encrypted=False)

    assert not handshake.client_sent(b"AUTH")
