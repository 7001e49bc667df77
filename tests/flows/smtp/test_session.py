"""SMTP's beginning and end, and each failure of a command, as transcripts."""

import pytest

from netmail.errors import (
    AuthenticationError,
    ConnectionLost,
    MailTimeout,
    ProtocolError,
    SmtpError,
    TlsError,
)
from netmail.flows.handshake import Handshake
from netmail.flows.smtp.session import SmtpSession
from netmail.options.options import TLS_ALL, TLS_NONE, MailProtocol, parse_options
from netmail.results.smtp import SmtpReply
from support.replay import replay, replay_both

OPTIONS = parse_options(MailProtocol.SMTP, host="localhost")


def session():
    """A session without login."""
    return SmtpSession(OPTIONS)


def run(conversation, transcript):
    """Run a conversation whole and octet by octet, from fresh sessions."""
    return replay_both(session, conversation, transcript)


def test_noop():
    """NOOP returns its reply."""
    expected = SmtpReply(250, "2.0.0", "Ok")

    assert expected == run(SmtpSession.noop, "C: NOOP\nS: 250 2.0.0 Ok")


QUITS = {
    "accepted": "C: QUIT\nS: 221 bye",
    "closed after": "C: QUIT\nEOF",
    "closed before": "EOF",
    "broken": "C: QUIT\nLOST",
    "timeout": "C: QUIT\nTIMEOUT",
    "421 before": "S: 421 idle",
    "refused": "C: QUIT\nS: 500 what",
}


@pytest.mark.parametrize("transcript", QUITS.values(), ids=QUITS)
def test_quit(transcript):
    """QUIT succeeds however the server takes it."""
    assert run(SmtpSession.quit, transcript) is None


FAILURES = {
    "refused": ("C: NOOP\nS: 550 5.7.1 no", SmtpError, "550 5.7.1 no"),
    "refused for now": ("C: NOOP\nS: 450 later", SmtpError, "450 later"),
    "421": ("C: NOOP\nS: 421 4.3.2 shutting down", ConnectionLost, "421 4.3.2 shutting down"),
    "421 before": ("S: 421 4.4.2 idle\nEOF", ConnectionLost, "421 4.4.2 idle"),
    "unsolicited reply": ("S: 250 Ok", ProtocolError, "unsolicited"),
    "asks for more": ("C: NOOP\nS: 354 continue", ProtocolError, "asks for more"),
    "closed before": ("EOF", ConnectionLost, "closed the connection"),
    "closed after": ("C: NOOP\nEOF", ConnectionLost, "closed the connection"),
    "closed in the reply": ("C: NOOP\nS! 250 O\nEOF", ConnectionLost, "closed the connection"),
    "no reply": ("C: NOOP\nS: Ok", ProtocolError, "no reply"),
    "timeout": ("C: NOOP\nTIMEOUT", MailTimeout, "too long"),
}


@pytest.mark.parametrize(("transcript", "error", "text"), FAILURES.values(), ids=FAILURES)
def test_failure(transcript, error, text):
    """Each failure of a command has its error."""
    with pytest.raises(error, match=text):
        run(SmtpSession.noop, transcript)


# -- the beginning -----------------------------------------------------------------------------


def handshake(transcript, *, encrypted=False):
    """A handshake with these lines."""
    lines = [line.strip().partition(": ") for line in transcript.strip().splitlines()]
    return Handshake(tuple((side, text.encode()) for side, _, text in lines), encrypted)


def opened(lines, transcript="", encrypted=False, **options):
    """Open a session after a handshake; return it."""
    current = SmtpSession(parse_options(MailProtocol.SMTP, **{"host": "localhost", **options}))
    replay(current.open(handshake(lines, encrypted=encrypted)), current.reader, transcript)
    return current


PLAIN = "S: 220 mx\nC: EHLO me\nS: 250-mx\nS: 250-SIZE 9\nS: 250 PIPELINING"


def test_capabilities_of_the_handshake():
    """The reply to libcurl's EHLO is read, and EHLO is not sent again."""
    assert opened(PLAIN).capabilities == {"SIZE": ("9",), "PIPELINING": ()}


def test_capabilities_before_tls_are_dropped():
    """The reply to EHLO before TLS does not count: RFC 3207 section 4.2."""
    lines = PLAIN + "\nC: STARTTLS\nS: 220 go\nC: EHLO me\nS: 250-mx\nS: 250 DSN"

    assert opened(lines, encrypted=True).capabilities == {"DSN": ()}


def test_helo_has_no_capabilities():
    """A server that knows HELO only offers no extension."""
    assert opened("S: 220 mx\nC: EHLO me\nS: 502 what\nC: HELO me\nS: 250 mx").capabilities == {}


def test_blade_password_without_auth_offered():
    """If the server offers no login, credentials are not silently left unused."""
    with pytest.raises(AuthenticationError, match="offers no login"):
        opened(PLAIN, username="u", password="p")


def test_login_by_libcurl_is_enough():
    """If libcurl has logged in, nothing more is sent."""
    lines = PLAIN + "\nC: AUTH PLAIN ***\nS: 235 in"

    assert "SIZE" in opened(lines, username="u", password="p").capabilities


def test_tls_is_demanded():
    """A session in clear is refused if the options demand TLS."""
    with pytest.raises(TlsError, match="in clear"):
        opened(PLAIN, tls=TLS_ALL)


def test_blade_tls_none_obeyed():
    """TLS_NONE allows a session in clear."""
    assert opened(PLAIN, port=25, tls=TLS_NONE).capabilities


OFFERS_AUTH = "S: 220 mx\nC: EHLO me\nS: 250-mx\nS: 250 AUTH PLAIN LOGIN CRAM-MD5"


def test_auth_with_initial_response():
    """The initial response is sent with AUTH: RFC 4954 section 4."""
    transcript = "C: AUTH PLAIN AHUAcA==\nS: 235 2.7.0 in"
    current = opened(OFFERS_AUTH, transcript, username="u", password="p", auth=["PLAIN", "LOGIN"])

    assert current.capabilities["AUTH"] == ("PLAIN", "LOGIN", "CRAM-MD5")


def test_auth_with_challenges():
    """A response follows each 334."""
    transcript = """
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: dQ==
        S: 334 UGFzc3dvcmQ6
        C: cA==
        S: 235 in
    """
    current = opened(OFFERS_AUTH, transcript, username="u", password="p", auth=["LOGIN", "XOAUTH2"])

    assert current.reader.available == 0


AUTH_FAILURES = {
    "refused": ("C: AUTH PLAIN AHUAcA==\nS: 535 5.7.13 no", AuthenticationError, "535 5.7.13 no"),
    "421": ("C: AUTH PLAIN AHUAcA==\nS: 421 later", ConnectionLost, "421 later"),
    "asks for content": ("C: AUTH PLAIN AHUAcA==\nS: 354 go", ProtocolError, "asks for more"),
    "not offered": ("", AuthenticationError, "offers CRAM-MD5 LOGIN PLAIN"),
}


@pytest.mark.parametrize(("transcript", "error", "text"), AUTH_FAILURES.values(), ids=AUTH_FAILURES)
def test_auth_failure(transcript, error, text):
    """A failed login tells why."""
    auth = ["PLAIN", "LOGIN"] if transcript else ["SCRAM-SHA-256"]
    with pytest.raises(error, match=text):
        opened(OFFERS_AUTH, transcript, username="u", password="p", auth=auth)


MOST = {
    "no limit": ({}, None, None),
    "the server's": ({"LIMITS": ("RCPTMAX=9", "MAILMAX=3")}, None, 3),
    "the caller's": ({"LIMITS": ("MAILMAX=3",)}, 2, 2),
    "the server's, below the caller's": ({"LIMITS": ("MAILMAX=3",)}, 5, 3),
}


@pytest.mark.parametrize(("offered", "limit", "expected"), MOST.values(), ids=MOST)
def test_most_messages(offered, limit, expected):
    """A connection carries so many messages as the caller and the server allow, RFC 9422."""
    options = parse_options(MailProtocol.SMTP, host="localhost", max_messages=limit)
    current = SmtpSession(options)
    current.capabilities = offered

    assert current.most_messages == expected
