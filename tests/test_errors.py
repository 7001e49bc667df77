"""The errors: what each one is, what it carries, and what it does not."""

import re

import pytest

from netmail import errors
from netmail.errors import (
    AuthenticationError,
    ImapError,
    LimitError,
    MailTimeout,
    Phase,
    Pop3Error,
    ProtocolError,
    ReplyError,
    SmtpError,
    TransportError,
)

CLASSES = {
    name: kind.__bases__[0].__name__
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.NetmailError)
}


def drawn():
    """Return the classes that the module's docstring draws, each with the one above it."""
    above, found = [(0, "Exception")], {}
    for line in (errors.__doc__ or "").splitlines():
        names = [name for name in re.findall(r"\w+", line) if name in CLASSES]
        indent = len(line) - len(line.lstrip())
        if indent and names:
            above = [(depth, name) for depth, name in above if depth < indent]
            found |= dict.fromkeys(names, above[-1][1])
            above.append((indent, names[0]))
    return found


def test_the_tree_is_drawn_as_it_is():
    """Each class has its place in the docstring, below the class that it is derived from."""
    assert drawn() == CLASSES


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SmtpError("RCPT", "no such user", 550, "5.1.1"), "RCPT: 550 5.1.1 no such user"),
        (SmtpError("RCPT", "no such user", 550), "RCPT: 550 no such user"),
        (Pop3Error("RETR", "no such message"), "RETR: no such message"),
        (ImapError("SELECT", "no such mailbox", "NO"), "SELECT: NO no such mailbox"),
        (ReplyError("", "closing"), "closing"),
        (ProtocolError("no status", b"x", "+OK"), "no status; got b'x'; expected +OK"),
        (ProtocolError("no status"), "no status"),
    ],
    ids=["SMTP", "SMTP without enhanced code", "POP3", "IMAP", "no command", "grammar", "bare"],
)
def test_sentence(error, sentence):
    """An error says which command failed, and what the server sent."""
    assert str(error) == sentence


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (SmtpError("MAIL", "later", 451), True),
        (SmtpError("MAIL", "never", 550), False),
        (Pop3Error("PASS", "busy", "IN-USE"), True),
        (Pop3Error("PASS", "wrong", "AUTH"), False),
        (ImapError("SELECT", "busy", "NO", "INUSE"), True),
        (ImapError("SELECT", "no", "NO", "NONEXISTENT"), False),
        (AuthenticationError("login", "later", transient=True), True),
    ],
    ids=str,
)
def test_transient(error, transient):
    """4yz and some response codes mean that a later try may succeed."""
    assert error.transient is transient


def test_broken_data_is_cut():
    """A protocol error shows no more than 200 octets of what was received."""
    error = ProtocolError("no line", b"x" * 1_000_000)

    assert error.data == b"x" * 200
    assert len(str(error)) < 300


def test_transport_errors_have_a_phase():
    """Without a phase, the error is of the session; a timeout is Python's too."""
    error = MailTimeout("no reply", curl_code=28)

    assert error.phase is Phase.SESSION
    assert error.curl_code == 28
    assert isinstance(error, TransportError)
    assert isinstance(error, TimeoutError)


def test_limit_error_keeps_what_was_read():
    """The message that exceeded a limit can still be looked at."""
    assert LimitError("too many parts", "mail").mail == "mail"
    assert LimitError("too many parts").mail is None


THROTTLED = "Request is throttled. Suggested Backoff Time: {} milliseconds"


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ImapError("UID FETCH", THROTTLED.format(92415), "BAD"), 92.415),
        (AuthenticationError("login", f"PLAIN: NO {THROTTLED.format(500)}"), 0.5),
        (TransportError(f"the server closed: {THROTTLED.format(1000)}"), 1.0),
        (ImapError("UID FETCH", THROTTLED.format(10**9), "BAD"), None),
        (ImapError("UID FETCH", THROTTLED.format("some"), "BAD"), None),
        (ImapError("UID FETCH", "try again later", "NO", "THROTTLED"), None),
        (SmtpError("MAIL", "later", 450), None),
    ],
)
def test_retry_after(error, seconds):
    """Where the server gives a time for the next try, the error has it."""
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (ImapError("UID FETCH", THROTTLED.format(92415), "BAD"), True),
        (AuthenticationError("login", f"PLAIN: NO {THROTTLED.format(500)}"), True),
        *[
            (ImapError("SELECT", "later", "NO", code), True)
            for code in ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED")
        ],
        (ImapError("SELECT", "no", "NO", "NONEXISTENT"), False),
        (ImapError("SELECT", "Suggested Backoff Time: soon", "NO"), False),
    ],
)
def test_transient_by_time(error, transient):
    """What may pass by itself has a response code that says so, or a time."""
    assert error.transient is transient
