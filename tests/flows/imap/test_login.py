"""The IMAP login where libcurl does not log in, as transcripts."""

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

    with pytest.raises(AuthenticationError, match=r"PLAIN: NO not \*\*\*") as caught:
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
