"""What was sent and received while the connection was made."""

import pytest

from netmail.flows.handshake import Handshake, after_proxy_connect, verb

TUNNEL = (("C", b"CONNECT h:1 HTTP/1.1"), ("C", b"Host: h:1"))
REFUSED = (("S", b"HTTP/1.1 407 Authenticate"), ("S", b"Via: me"), ("S", b""))
OPEN = (("S", b"HTTP/1.1 200 OK"), ("S", b"Via: me"), ("S", b""))
LINES = (("S", b"+OK hi"), ("C", b"CAPA"), ("S", b"+OK"), ("S", b"TOP"), ("S", b"."))


@pytest.mark.parametrize(
    ("line", "expected"),
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
def test_verb(line, expected):
    """A command is first, or after libcurl's tag; an argument is no command."""
    assert expected == verb(line)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (LINES, LINES),
        ((*TUNNEL, *OPEN, *LINES), LINES),
        ((*TUNNEL, *REFUSED, *TUNNEL, *OPEN, *LINES), LINES),
        ((*TUNNEL, *REFUSED), (*TUNNEL, *REFUSED)),
        (TUNNEL, TUNNEL),
        ((*TUNNEL, *OPEN), ()),
    ],
    ids=["no proxy", "open", "second try", "refused", "silent", "nothing yet"],
)
def test_after_proxy_connect(lines, expected):
    """The lines of the proxy are left out once the tunnel is open."""
    assert expected == tuple(after_proxy_connect(lines))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"AUTH PLAIN ***", "PLAIN"),
        (b"auth scram-sha-256", "SCRAM-SHA-256"),
        (b"A002 AUTHENTICATE XOAUTH2 ***", "XOAUTH2"),
        (b"A002 LOGIN ***", "LOGIN"),
        (b"PASS ***", "USER"),
        (b"APOP ann ***", "APOP"),
        (b"EHLO auth", None),
        (b"USER pass", None),
    ],
)
def test_mechanism(line, expected):
    """The mechanism is that of the client's login command."""
    lines = (("S", b"PASS x"), ("C", line), ("S", b"OK"), ("C", b"***"), ("S", b"OK"))

    assert Handshake(lines, encrypted=True).mechanism == expected


def test_mechanism_of_the_last_login():
    """A login that failed before another one does not count."""
    lines = (("C", b"AUTH PLAIN ***"), ("S", b"-ERR"), ("C", b"AUTH LOGIN"), ("S", b"+OK"))

    assert Handshake(lines, encrypted=True).mechanism == "LOGIN"


@pytest.mark.parametrize(
    ("lines", "greeting"),
    [((), b""), (LINES, b"+OK hi"), ((*TUNNEL, *OPEN, *LINES), b"+OK hi")],
    ids=["none", "no proxy", "proxy"],
)
def test_greeting(lines, greeting):
    """The greeting is the mail server's first line, not the proxy's."""
    assert greeting == Handshake(lines, encrypted=False).greeting


def test_responses_to_the_last_command():
    """The reply to a command before TLS does not count."""
    again = (("C", b"STLS"), ("S", b"+OK"), ("C", b"CAPA"), ("S", b"+OK"), ("S", b"."))

    assert Handshake((*LINES, *again), encrypted=True).responses_to(b"CAPA") == [b"+OK", b"."]


def test_responses_end_with_the_next_command():
    """The lines after another command belong to that one."""
    lines = (*LINES, ("C", b"USER capa"), ("S", b"+OK"))

    assert Handshake(lines, encrypted=True).responses_to(b"CAPA") == [b"+OK", b"TOP", b"."]


def test_responses_continue_after_a_hidden_line():
    """A response to a challenge is no command: the lines after it belong to the command before."""
    lines = (("C", b"AUTH PLAIN"), ("S", b"+"), ("C", b"***"), ("S", b"+OK"))

    assert Handshake(lines, encrypted=True).responses_to(b"AUTH") == [b"+", b"+OK"]


def test_client_sent_looks_at_commands_only():
    """An argument with a command's name is not that command."""
    handshake = Handshake((("C", b"EHLO auth"), ("S", b"250 AUTH")), encrypted=False)

    assert not handshake.client_sent(b"AUTH")
    assert handshake.client_sent(b"HELO", b"EHLO")
