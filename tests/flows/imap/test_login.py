"""The IMAP login, as transcripts."""

import pytest

from netmail.errors import AuthenticationError, ConnectionLost
from netmail.results.imap import ImapState
from support.imap_sessions import fresh, handshake_of
from support.replay import replay

GREETING = "S: * OK hello"


HANDSHAKE = [GREETING, "C: A001 CAPABILITY", "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN", "S: A001 OK"]


def opened(handshake, transcript="", **options):
    """Open a session after a handshake."""
    imap = fresh(**options)
    replay(imap.open(handshake), imap.reader, transcript)
    return imap


WITH_CHALLENGE = """
    C: T1 AUTHENTICATE PLAIN
    S: * OK wait
    S: +
    C: AHUAcA==
    S: T1 OK [CAPABILITY IMAP4rev1 MOVE] in
"""


CAPABILITY_AFTERWARDS = """
    C: T1 AUTHENTICATE PLAIN AHUAcA==
    S: T1 OK in
    C: T2 CAPABILITY
    S: * CAPABILITY IMAP4rev1 MOVE
    S: T2 OK done
"""


@pytest.mark.parametrize(
    ("capabilities", "transcript"),
    [
        (
            "IMAP4rev1 SASL-IR AUTH=PLAIN",
            "C: T1 AUTHENTICATE PLAIN AHUAcA==\nS: T1 OK [CAPABILITY IMAP4rev1 MOVE] in",
        ),
        (
            "IMAP4rev1 AUTH=PLAIN",
            WITH_CHALLENGE,
        ),
        (
            "IMAP4rev1 SASL-IR AUTH=PLAIN",
            CAPABILITY_AFTERWARDS,
        ),
    ],
    ids=["SASL-IR", "challenge", "CAPABILITY afterwards"],
)
def test_own_login(capabilities, transcript):
    """Netmail logs in where a mechanism is named, and learns what is offered afterwards."""
    handshake = handshake_of(
        GREETING, "C: A001 CAPABILITY", f"S: * CAPABILITY {capabilities}", "S: A001 OK"
    )
    imap = opened(handshake, transcript, username="u", password="p", auth="PLAIN")

    assert imap.state == ImapState.AUTHENTICATED
    assert imap.capabilities == {"IMAP4REV1", "MOVE"}


def test_own_login_refused():
    """The error of a refused login has the reason, and not the password."""
    handshake = handshake_of(
        *HANDSHAKE[:2], "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN", "S: A001 OK"
    )
    transcript = "C: T1 AUTHENTICATE PLAIN AHUAc2VjcmV0\nS: T1 NO [AUTHENTICATIONFAILED] not secret"

    with pytest.raises(
        AuthenticationError, match=r"PLAIN: NO \[AUTHENTICATIONFAILED\] not \*\*\*"
    ) as caught:
        opened(handshake, transcript, username="u", password="secret", auth="PLAIN")
    assert "secret" not in str(caught.value)


def test_own_login_bye():
    """The text of a BYE in response to a login is in the error."""
    handshake = handshake_of(
        *HANDSHAKE[:2], "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN", "S: A001 OK"
    )
    transcript = "C: T1 AUTHENTICATE PLAIN AHUAcA==\nS: * BYE too many\nEOF"

    with pytest.raises(ConnectionLost, match="too many"):
        opened(handshake, transcript, username="u", password="p", auth="PLAIN")


LOGIN_COMMANDS = {
    "tilde": ("a~b", 'C: T1 LOGIN "ann" "a~b"'),
    "quotes": ('a"b\\c', r'C: T1 LOGIN "ann" "a\"b\\c"'),
    "spaces": (" a b ", 'C: T1 LOGIN "ann" " a b "'),
    "empty": ("", 'C: T1 LOGIN "ann" ""'),
    "beyond ascii": ("pässwörd", 'C: T1 LOGIN "ann" {10}\nS: + go\nC: pässwörd'),
}


@pytest.mark.parametrize(("password", "line"), LOGIN_COMMANDS.values(), ids=LOGIN_COMMANDS)
def test_login_command(password, line):
    """The command's arguments are quoted or literals, never bare."""
    handshake = handshake_of(
        GREETING, "C: A001 CAPABILITY", "S: * CAPABILITY IMAP4rev1", "S: A001 OK"
    )
    transcript = f"{line}\nS: T1 OK [CAPABILITY IMAP4rev1 MOVE] in"
    imap = opened(handshake, transcript, username="ann", password=password)

    assert imap.capabilities == {"IMAP4REV1", "MOVE"}


def test_login_command_with_literals_at_once():
    """With LITERAL+ nothing waits; a user name beyond ASCII is a literal too."""
    handshake = handshake_of(GREETING.replace("hello", "[CAPABILITY IMAP4rev1 LITERAL+] hello"))
    transcript = """
        C: T1 LOGIN {4+}
        C: ünn {10+}
        C: pässwörd
        S: T1 OK [CAPABILITY IMAP4rev1] in
    """
    imap = opened(handshake, transcript, username="ünn", password="pässwörd")

    assert imap.state == ImapState.AUTHENTICATED


def test_login_command_refused_before_the_literal():
    """A server that refuses the command gets no password."""
    handshake = handshake_of(GREETING.replace("hello", "[CAPABILITY IMAP4rev1] hello"))
    with pytest.raises(AuthenticationError, match=r"\+LOGIN: NO \[PRIVACYREQUIRED\] not in clear"):
        opened(
            handshake,
            'C: T1 LOGIN "ann" {10}\nS: T1 NO [PRIVACYREQUIRED] not in clear',
            username="ann",
            password="pässwörd",
        )


def test_login_command_that_is_repeated():
    """A server that repeats the command does not put the password into the error."""
    handshake = handshake_of(GREETING.replace("hello", "[CAPABILITY IMAP4rev1] hello"))
    with pytest.raises(AuthenticationError, match=r"unknown: LOGIN ann \*\*\*") as caught:
        opened(
            handshake,
            'C: T1 LOGIN "ann" "opensesame"\nS: T1 BAD unknown: LOGIN ann opensesame',
            username="ann",
            password="opensesame",
        )

    assert "opensesame" not in str(caught.value)


def test_login_disabled():
    """LOGINDISABLED forbids the command."""
    handshake = handshake_of(
        GREETING.replace("hello", "[CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI] hello")
    )
    with pytest.raises(AuthenticationError, match="auth='GSSAPI'"):
        opened(handshake, username="ann", password="opensesame")


def test_second_mechanism():
    """After a refusal the next mechanism is tried over the same connection."""
    handshake = handshake_of(
        *HANDSHAKE[:2],
        "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=CRAM-MD5 AUTH=PLAIN",
        "S: A001 OK",
        encrypted=True,
    )
    transcript = """
        C: T1 AUTHENTICATE CRAM-MD5
        S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+
        C: dSBlZDM2ZDVkZTIxYjZkMWQyOWQ0OGNkN2UwODI3NmJkNA==
        S: T1 NO Login failed.
        C: T2 AUTHENTICATE PLAIN AHUAcA==
        S: T2 OK [CAPABILITY IMAP4rev1 MOVE] in
    """
    imap = opened(handshake, transcript, username="u", password="p")

    assert imap.state == ImapState.AUTHENTICATED
