"""The IMAP login where libcurl does not log in, as transcripts."""

import pytest

from netmail.errors import AuthenticationError, ConnectionLost
from netmail.results.imap import ImapState
from support.imap_sessions import dialled, fresh
from support.replay import replay

GREETING = "S: * OK hello"


DIALLED = [GREETING, "C: A001 CAPABILITY", "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN", "S: A001 OK"]


def opened(dial, transcript="", **options):
    """Open a session over a dial."""
    imap = fresh(**options)
    replay(imap.open(dial), imap.reader, transcript)
    return imap


ASKED = """
    C: T1 AUTHENTICATE PLAIN
    S: * OK wait
    S: +
    C: AHUAcA==
    S: T1 OK [CAPABILITY IMAP4rev1 MOVE] in
"""


ASKING_AFTERWARDS = """
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
            ASKED,
        ),
        (
            "IMAP4rev1 SASL-IR AUTH=PLAIN",
            ASKING_AFTERWARDS,
        ),
    ],
    ids=["SASL-IR", "asked", "capabilities asked"],
)
def test_own_login(capabilities, transcript):
    """Netmail logs in by itself where a mechanism is named, and learns what is offered then."""
    dial = dialled(GREETING, "C: A001 CAPABILITY", f"S: * CAPABILITY {capabilities}", "S: A001 OK")
    imap = opened(dial, transcript, username="u", password="p", auth="PLAIN")

    assert (imap.state, imap.capabilities) == (ImapState.AUTHENTICATED, {"IMAP4REV1", "MOVE"})


def test_own_login_refused():
    """A refused login says why, and not the password."""
    dial = dialled(*DIALLED[:2], "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN", "S: A001 OK")
    transcript = "C: T1 AUTHENTICATE PLAIN AHUAc2VjcmV0\nS: T1 NO [AUTHENTICATIONFAILED] not secret"

    with pytest.raises(AuthenticationError, match=r"PLAIN: NO not \*\*\*") as caught:
        opened(dial, transcript, username="u", password="secret", auth="PLAIN")
    assert "secret" not in str(caught.value)


def test_own_login_bye():
    """A server that says goodbye to a login leaves its words."""
    dial = dialled(*DIALLED[:2], "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN", "S: A001 OK")
    transcript = "C: T1 AUTHENTICATE PLAIN AHUAcA==\nS: * BYE too many\nEOF"

    with pytest.raises(ConnectionLost, match="too many"):
        opened(dial, transcript, username="u", password="p", auth="PLAIN")
