"""The beginning and the end of a session."""

import pytest

from netmail.errors import AuthenticationError, ConnectionLost, TlsError
from netmail.results.imap import ImapState
from support.imap_sessions import dialled, fresh, logged_in, run
from support.replay import replay

GREETING = "S: * OK hello"
DIALLED = [GREETING, "C: A001 CAPABILITY", "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN", "S: A001 OK"]


def opened(dial, transcript="", **options):
    """Open a session over a dial."""
    imap = fresh(**options)
    replay(imap.open(dial), imap.reader, transcript)
    return imap


@pytest.mark.parametrize(
    ("lines", "transcript", "expected"),
    [
        (
            [*DIALLED, "C: A002 LOGIN u ***", "S: A002 OK [CAPABILITY IMAP4rev1 MOVE] in"],
            "",
            {"IMAP4REV1", "MOVE"},
        ),
        (
            [*DIALLED, "C: A002 LOGIN u ***", "S: * CAPABILITY IMAP4rev1 IDLE", "S: A002 OK in"],
            "",
            {"IMAP4REV1", "IDLE"},
        ),
        (
            [*DIALLED, "C: A002 AUTHENTICATE PLAIN", "S: +", "C: ***", "S: A002 OK in"],
            "C: T1 CAPABILITY\nS: * CAPABILITY IMAP4rev1 UIDPLUS\nS: T1 OK done",
            {"IMAP4REV1", "UIDPLUS"},
        ),
    ],
    ids=["in the OK code", "untagged", "asked again"],
)
def test_capabilities_after_login(lines, transcript, expected):
    """What the server offered before the login does not count after it."""
    imap = opened(dialled(*lines), transcript, username="u", password="p")

    assert imap.capabilities == expected
    assert imap.state is ImapState.AUTHENTICATED


def test_without_credentials():
    """Without a user name the session stays outside."""
    imap = opened(dialled(*DIALLED))

    assert (imap.state, imap.is_authenticated) == (ImapState.NOT_AUTHENTICATED, False)
    assert "AUTH=PLAIN" in imap.capabilities


def test_preauth():
    """PREAUTH is a login, RFC 9051 section 7.1.4."""
    imap = opened(dialled("S: * PREAUTH [CAPABILITY IMAP4rev1 MOVE] welcome"))

    assert (imap.state, imap.capabilities) == (ImapState.AUTHENTICATED, {"IMAP4REV1", "MOVE"})


def test_silent_login_failure():
    """Credentials that libcurl could not use raise; nobody works on unauthenticated."""
    with pytest.raises(AuthenticationError, match="offers no login"):
        opened(dialled(*DIALLED), username="u", password="p")


def test_tls_missing():
    """TLS that was asked for and is not there raises before anything is said."""
    with pytest.raises(TlsError, match="in clear"):
        opened(dialled(*DIALLED), tls=3)


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


@pytest.mark.parametrize(
    "transcript",
    [
        "C: T1 LOGOUT\nS: * BYE see you\nS: T1 OK done",
        "C: T1 LOGOUT\nS: * BYE see you\nEOF",
        "C: T1 LOGOUT\nEOF",
        "C: T1 LOGOUT\nS: T1 BAD what?",
        "S: * BYE idle too long",
    ],
)
def test_quit(transcript):
    """LOGOUT ends the session, however the server takes it."""
    imap = logged_in()
    replay(imap.quit(), imap.reader, transcript)

    assert (imap.state, imap.selected) == (ImapState.LOGOUT, None)


def test_capability():
    """CAPABILITY returns what is offered, sorted, in upper case."""
    transcript = "C: T1 CAPABILITY\nS: * CAPABILITY imap4rev1 move X-Own\nS: T1 OK done"

    assert run(lambda imap: imap.capability(), transcript) == ["IMAP4REV1", "MOVE", "X-OWN"]


def test_new_connection_resets():
    """What one connection told is not true of the next."""
    imap = logged_in("IMAP4rev1 MOVE")
    imap.server_names["x"] = b"y"
    imap.uidvalidities["INBOX"] = 3
    replay(imap.open(dialled(*DIALLED)), imap.reader, "")

    assert imap.capabilities == {"IMAP4REV1", "AUTH=PLAIN"}
    assert (imap.server_names, imap.uidvalidities) == ({}, {})


def test_beside():
    """Another connection has the same options and limits, and nothing else."""
    imap = logged_in("IMAP4rev1 MOVE", mailbox="Archive")
    other = imap.clone()

    assert (other.options, other.capabilities) == (imap.options, frozenset())
