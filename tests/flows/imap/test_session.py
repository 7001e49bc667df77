"""The beginning and the end of a session, and one command: tags, literals, status."""

import pytest

from netmail.errors import (
    AuthenticationError,
    ConnectionLost,
    ImapError,
    MailTimeout,
    ProtocolError,
    TlsError,
    UsageError,
)
from netmail.flows.imap.mailboxes import create, rename
from netmail.flows.imap.search import search
from netmail.flows.imap.uploads.append import append
from netmail.limits import ServerLimits
from netmail.results.imap import ImapState
from support.imap_sessions import fresh, handshake_of, logged_in, run, selected
from support.replay import replay

LONG = "x y" * 400


GREETING = "S: * OK hello"


HANDSHAKE = [GREETING, "C: A001 CAPABILITY", "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN", "S: A001 OK"]


def opened(handshake, transcript="", **options):
    """Open a session after a handshake."""
    imap = fresh(**options)
    replay(imap.open(handshake), imap.reader, transcript)
    return imap


def creating(name):
    """CREATE a mailbox."""
    return lambda imap: create(imap, name)


def noop(imap):
    """NOOP."""
    return imap.noop()


@pytest.mark.parametrize(
    ("lines", "transcript", "expected"),
    [
        (
            [*HANDSHAKE, "C: A002 LOGIN u ***", "S: A002 OK [CAPABILITY IMAP4rev1 MOVE] in"],
            "",
            {"IMAP4REV1", "MOVE"},
        ),
        (
            [*HANDSHAKE, "C: A002 LOGIN u ***", "S: * CAPABILITY IMAP4rev1 IDLE", "S: A002 OK in"],
            "",
            {"IMAP4REV1", "IDLE"},
        ),
        (
            [*HANDSHAKE, "C: A002 AUTHENTICATE PLAIN", "S: +", "C: ***", "S: A002 OK in"],
            "C: T1 CAPABILITY\nS: * CAPABILITY IMAP4rev1 UIDPLUS\nS: T1 OK done",
            {"IMAP4REV1", "UIDPLUS"},
        ),
    ],
    ids=["in the OK code", "untagged", "CAPABILITY"],
)
def test_capabilities_after_login(lines, transcript, expected):
    """What the server offered before the login does not count after it."""
    imap = opened(handshake_of(*lines), transcript, username="u", password="p")

    assert imap.capabilities == expected
    assert imap.state is ImapState.AUTHENTICATED


def test_without_credentials():
    """Without a user name the session is not authenticated."""
    imap = opened(handshake_of(*HANDSHAKE))

    assert imap.state == ImapState.NOT_AUTHENTICATED
    assert imap.is_authenticated is False
    assert "AUTH=PLAIN" in imap.capabilities


def test_preauth():
    """PREAUTH is a login, RFC 9051 section 7.1.4."""
    imap = opened(handshake_of("S: * PREAUTH [CAPABILITY IMAP4rev1 MOVE] welcome"))

    assert imap.state == ImapState.AUTHENTICATED
    assert imap.capabilities == {"IMAP4REV1", "MOVE"}


def test_no_login_offered():
    """Credentials that the server does not accept raise: the session does not continue without."""
    capability = "S: * CAPABILITY IMAP4rev1 LOGINDISABLED"
    with pytest.raises(AuthenticationError, match="offers no login"):
        opened(
            handshake_of("S: * OK hello", "C: A001 CAPABILITY", capability, "S: A001 OK"),
            username="u",
            password="p",
        )


def test_tls_missing():
    """TLS that was required and is not on raises before anything is sent."""
    with pytest.raises(TlsError, match="in clear"):
        opened(handshake_of(*HANDSHAKE), tls=3)


@pytest.mark.parametrize(
    "transcript",
    [
        "C: T1 LOGOUT\nS: * BYE see you\nS: T1 OK done",
        "C: T1 LOGOUT\nS: * BYE see you\nEOF",
        "C: T1 LOGOUT\nEOF",
        "C: T1 LOGOUT\nS: T1 BAD what?",
        "C: T1 LOGOUT\nS: T1 BYE see you",
        "C: T1 LOGOUT\nS: * BYE see you\nS: * BYE see you",
        "S: * BYE idle too long",
    ],
)
def test_quit(transcript):
    """LOGOUT ends the session, whatever the server responds."""
    imap = logged_in()
    replay(imap.quit(), imap.reader, transcript)

    assert imap.state == ImapState.LOGOUT
    assert imap.selected is None


def test_capability():
    """CAPABILITY returns what is offered, sorted, in upper case."""
    transcript = "C: T1 CAPABILITY\nS: * CAPABILITY imap4rev1 move X-Own\nS: T1 OK done"

    assert run(lambda imap: imap.capability(), transcript) == ["IMAP4REV1", "MOVE", "X-OWN"]


def test_tags_count():
    """Each command has a tag of its own."""
    imap = logged_in()
    replay(imap.noop(), imap.reader, "C: T1 NOOP\nS: T1 OK done")

    assert replay(imap.noop(), imap.reader, "C: T2 NOOP\nS: T2 OK done") is True


@pytest.mark.parametrize(
    ("capabilities", "transcript"),
    [
        (
            "IMAP4rev1",
            f"C: T1 CREATE {{1200}}\nS: + go on\nC: {LONG}\nS: T1 OK done",
        ),
        ("IMAP4rev1 LITERAL+", f"C: T1 CREATE {{1200+}}\nC: {LONG}\nS: T1 OK done"),
        ("IMAP4rev1 LITERAL-", f"C: T1 CREATE {{1200+}}\nC: {LONG}\nS: T1 OK done"),
    ],
    ids=["synchronizing", "LITERAL+", "LITERAL-"],
)
def test_literals(capabilities, transcript):
    """A literal waits for the server unless that accepts non-synchronizing ones."""
    assert run(creating(LONG), transcript, capabilities=capabilities) == [LONG]


@pytest.mark.parametrize("capability", ["LITERAL-", "LITERAL+"])
def test_large_literal_waits(capability):
    """A literal of more than 4,096 octets is synchronizing, RFC 7888 section 5."""
    name = " " * 4097
    transcript = f"C: T1 CREATE {{4097}}\nS: +\nC: {name}\nS: T1 OK done"

    assert run(creating(name), transcript, capabilities=f"IMAP4rev1 {capability}") == [name]


@pytest.mark.parametrize("count", [65_000, 1_000_000])
def test_endless_line_is_refused(count):
    """What no server accepts is not begun: its rest would be taken for the next command."""
    with pytest.raises(UsageError, match="more than a server takes"):
        run(lambda imap: append(imap, "INBOX", b"x", "f" * count, None), "")


def test_literal_after_a_long_line_waits():
    """A server that refuses a line for its length must not find a literal after it."""
    long = "x" * 1000
    transcript = f"""
        C: T1 RENAME "{long}" {{1200}}
        S: T1 BAD Too long argument
    """

    with pytest.raises(ImapError, match="Too long"):
        run(
            lambda imap: rename(imap, long, LONG),
            transcript,
            capabilities="IMAP4rev1 LITERAL+",
        )


def test_two_literals():
    """Each literal waits for a request of its own; updates may come before each."""
    other = "z " * 600
    transcript = f"""
        C: T1 RENAME {{1200}}
        S: * 3 EXISTS
        S: + first
        C: {LONG} {{1200}}
        S: +
        C: {other}
        S: T1 OK done
    """

    assert run(lambda imap: rename(imap, LONG, other), transcript) == [other]


def test_refused_before_the_literal():
    """A server may refuse before the literal, which is then not sent."""
    transcript = "C: T1 CREATE {1200}\nS: T1 NO [LIMIT] too long"

    with pytest.raises(ImapError, match=r"CREATE: NO too long") as caught:
        run(creating(LONG), transcript)
    assert caught.value.code == "LIMIT"
    assert caught.value.transient is True


def test_half_a_command_accepted():
    """OK before the literal is no success: the command was not complete."""
    with pytest.raises(ProtocolError, match="half a command"):
        run(creating(LONG), "C: T1 CREATE {1200}\nS: T1 OK done")


@pytest.mark.parametrize(
    ("line", "status", "code", "text"),
    [
        ("T1 NO no", "NO", "", "no"),
        ("T1 no no", "NO", "", "no"),
        ("T1 BAD what?", "BAD", "", "what?"),
        ("T1 NO [TRYCREATE] no such mailbox", "NO", "TRYCREATE", "no such mailbox"),
        ("T1 NO [ALREADYEXISTS]", "NO", "ALREADYEXISTS", ""),
        ("T1 NO [UNAVAILABLE] later", "NO", "UNAVAILABLE", "later"),
        ("T1 NO", "NO", "", ""),
        ("T1 NO ça ne va pas {5}", "NO", "", "ça ne va pas {5}"),
    ],
)
def test_refusals(line, status, code, text):
    """NO and BAD raise with the server's text and code; the connection continues."""
    with pytest.raises(ImapError) as caught:
        run(creating("x"), f'C: T1 CREATE "x"\nS: {line}')

    error = caught.value
    assert error.status == status
    assert error.code == code
    assert error.command == "CREATE"
    assert error.text == f"{status} {text}"


@pytest.mark.parametrize(
    "line", ["T2 OK wrong tag", "A001 OK", "T1 MAYBE", "T1OK", "hello", "\t* OK", "T1"]
)
def test_unexpected(line):
    """What is neither untagged, nor a request, nor has our tag breaks the grammar."""
    with pytest.raises(ProtocolError):
        run(noop, f"C: T1 NOOP\nS: * OK first\nS: {line}")


def test_data_before_the_command():
    """Data that was unsolicited is no response to the next command, RFC 9051 section 7."""
    transcript = """
        S: * SEARCH 1 2 3
        C: T1 UID SEARCH NEW
        S: * SEARCH 7
        S: T1 OK done
    """

    assert run(lambda imap: search(imap, None, None), transcript, selected) == [7]


def test_tagged_before_the_command():
    """A tagged response before its command is an attacker's, or the server is out of step."""
    imap = logged_in()
    replay(imap.noop(), imap.reader, "C: T1 NOOP\nS: T1 OK done")

    with pytest.raises(ProtocolError, match="not sent"):
        replay(imap.noop(), imap.reader, "S: T2 OK smuggled")


@pytest.mark.parametrize(
    "transcript",
    [
        "S: * BYE going down\nEOF",
        "S: * BYE going down",
        "C: T1 NOOP\nS: * BYE going down\nEOF",
        "C: T1 NOOP\nS: * BYE going down\nTIMEOUT",
        "C: T1 NOOP\nS: * BYE going down\nS: * BYE again",
        "C: T1 NOOP\nS: T1 BYE going down",
        "S: * BYE going down\nS: * BYE again",
        "C: T1 NOOP\nS: * 1 FETCH (UID 1\nS: * BYE going down\nEOF",
    ],
    ids=[
        "before",
        "before, still open",
        "instead",
        "instead, still open",
        "endless",
        "tagged",
        "endless before",
        "in the middle",
    ],
)
def test_bye(transcript):
    """The text of BYE is in the error, wherever the server sends it."""
    with pytest.raises(ConnectionLost, match="closed the connection: going down"):
        run(noop, transcript)


@pytest.mark.parametrize(
    ("transcript", "error"),
    [
        ("C: T1 NOOP\nEOF", ConnectionLost),
        ("C: T1 NOOP\nS! T1 O\nEOF", ConnectionLost),
        ("C: T1 NOOP\nS! * 1 FETCH (BODY[] {10}\\r\\nabc\nEOF", ConnectionLost),
        ("C: T1 NOOP\nLOST", ConnectionLost),
        ("C: T1 NOOP\nTIMEOUT", MailTimeout),
        ("C: T1 NOOP\nS: * OK still here\nTIMEOUT", MailTimeout),
    ],
)
def test_connection_ends(transcript, error):
    """The end of the stream and a deadline raise different errors."""
    with pytest.raises(error):
        run(noop, transcript)


def test_too_many_responses():
    """A flood ends, whether it is data, status or continuation requests."""
    limits = ServerLimits(responses=5)
    for line in ("* LIST () NIL x", "* OK x", "+ x"):
        with pytest.raises(ProtocolError, match=r"raise limits\.responses"):
            run(noop, "C: T1 NOOP\n" + f"S: {line}\n" * 7, limits=limits)
