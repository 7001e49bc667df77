"""SMTP's beginning, its small commands and its end, as transcripts."""

import pytest

from netmail.errors import (
    AuthenticationError,
    CapabilityError,
    ConnectionLost,
    MailTimeout,
    ProtocolError,
    SmtpError,
    TlsError,
    UsageError,
)
from netmail.flows.handshake import Handshake
from netmail.flows.smtp import commands
from netmail.flows.smtp.session import SmtpSession
from netmail.options.options import TLS_ALL, TLS_NONE, MailProtocol, parse_options
from netmail.results.smtp import AddressVerification, SmtpReply
from support.replay import replay, replay_both

OPTIONS = parse_options(MailProtocol.SMTP, host="localhost")


def session():
    """A session after a dial without login."""
    return SmtpSession(OPTIONS)


def run(talk, transcript):
    """Run a conversation both ways from fresh sessions."""
    return replay_both(session, talk, transcript)


COMMANDS = {
    "noop": (lambda s: s.noop(), "C: NOOP\nS: 250 2.0.0 Ok", SmtpReply(250, "2.0.0", "Ok")),
    "rset": (commands.rset, "C: RSET\nS: 250 2.0.0 Ok", SmtpReply(250, "2.0.0", "Ok")),
    "help": (commands.help, "C: HELP\nS: 214-try\nS: 214 harder", "try\nharder"),
    "help on a topic": (
        lambda s: commands.help(s, "MAIL"),
        "C: HELP MAIL\nS: 214 MAIL FROM:<a>",
        "MAIL FROM:<a>",
    ),
    "expn": (
        lambda s: commands.expn(s, "staff"),
        "C: EXPN staff\nS: 250-Ann <a@x.test>\nS: 250 <b@x.test>",
        ["Ann <a@x.test>", "<b@x.test>"],
    ),
    "exec": (
        lambda s: commands.exec(s, "NOOP hello"),
        "C: NOOP hello\nS: 250 2.0.0 Ok",
        SmtpReply(250, "2.0.0", "Ok"),
    ),
    "exec takes blanks off": (
        lambda s: commands.exec(s, " noop "),
        "C: noop\nS: 250 Ok",
        SmtpReply(250, "", "Ok"),
    ),
    "quit": (lambda s: s.quit(), "C: QUIT\nS: 221 bye", None),
    "quit of who hangs up": (lambda s: s.quit(), "C: QUIT\nEOF", None),
    "quit of who is gone": (lambda s: s.quit(), "EOF", None),
    "quit of who breaks": (lambda s: s.quit(), "C: QUIT\nLOST", None),
    "quit of who sleeps": (lambda s: s.quit(), "C: QUIT\nTIMEOUT", None),
    "quit of who says goodbye first": (lambda s: s.quit(), "S: 421 idle", None),
    "quit refused": (lambda s: s.quit(), "C: QUIT\nS: 500 what", None),
}


@pytest.mark.parametrize(("talk", "transcript", "expected"), COMMANDS.values(), ids=COMMANDS)
def test_command(talk, transcript, expected):
    """What each command says and understands."""
    assert expected == run(talk, transcript)


VERIFICATIONS = {
    "250": (250, True, False),
    "251": (251, True, False),
    "252": (252, True, True),
    "550": (550, False, False),
    "551": (551, False, False),
    "553": (553, False, False),
}


@pytest.mark.parametrize(("code", "truth", "unknown"), VERIFICATIONS.values(), ids=VERIFICATIONS)
def test_blade_verify_codes(code, truth, unknown):
    """VRFY's six answers: three are true, one of them unknown, three are false."""
    answer = run(
        lambda s: commands.verify(s, "bob@x.test"), f"C: VRFY bob@x.test\nS: {code} 5.1.1 Bob"
    )

    assert AddressVerification(code, answer.enhanced, answer.text) == answer
    assert (truth, unknown) == (bool(answer), answer.unknown)


@pytest.mark.parametrize("code", [211, 450, 451, 500, 502, 503, 504, 552, 554])
def test_verify_raises_on_any_other_code(code):
    """Anything else is neither yes nor no."""
    with pytest.raises(SmtpError) as caught:
        run(lambda s: commands.verify(s, "bob"), f"C: VRFY bob\nS: {code} words")

    assert caught.value.code == code


def test_verify_with_smtputf8():
    """An address beyond ASCII says so where the server knows how."""

    def talk(flows):
        flows.capabilities = {"SMTPUTF8": ()}
        return commands.verify(flows, "ünï@x.test")

    assert run(talk, "C: VRFY ünï@x.test SMTPUTF8\nS: 252 perhaps").unknown


REFUSED_BY_US = {
    "verify beyond ASCII": (lambda s: commands.verify(s, "ünï@x.test"), CapabilityError),
    "verify of a display name": (lambda s: commands.verify(s, "Bob <bob@x.test>"), UsageError),
    "verify with a line end": (lambda s: commands.verify(s, "bob\r\nQUIT"), UsageError),
    "expn with a line end": (lambda s: commands.expn(s, "staff\nQUIT"), UsageError),
    "help with a line end": (lambda s: commands.help(s, "x\r\nQUIT"), UsageError),
    "exec with a line end": (lambda s: commands.exec(s, "NOOP\r\nQUIT"), UsageError),
    "exec with NUL": (lambda s: commands.exec(s, "NOOP\0"), UsageError),
    "exec of nothing": (lambda s: commands.exec(s, "  "), UsageError),
    "exec of DATA": (lambda s: commands.exec(s, "data"), UsageError),
    "exec of BDAT": (lambda s: commands.exec(s, "BDAT 5 LAST"), UsageError),
    "exec of STARTTLS": (lambda s: commands.exec(s, "StartTLS"), UsageError),
    "exec of AUTH": (lambda s: commands.exec(s, "AUTH PLAIN"), UsageError),
    "exec of QUIT": (lambda s: commands.exec(s, "quit"), UsageError),
    "verify of an endless name": (lambda s: commands.verify(s, "x" * 321), UsageError),
}


@pytest.mark.parametrize(("talk", "error"), REFUSED_BY_US.values(), ids=REFUSED_BY_US)
def test_nothing_is_sent(talk, error):
    """What cannot be said is refused before anything leaves."""
    with pytest.raises(error):
        run(talk, "")


FAILURES = {
    "refused": ("C: NOOP\nS: 550 5.7.1 no", SmtpError, "550 5.7.1 no"),
    "refused for now": ("C: NOOP\nS: 450 later", SmtpError, "450 later"),
    "goodbye": ("C: NOOP\nS: 421 4.3.2 shutting down", ConnectionLost, "421 4.3.2 shutting down"),
    "goodbye before": ("S: 421 4.4.2 idle\nEOF", ConnectionLost, "421 4.4.2 idle"),
    "spoke unasked": ("S: 250 Ok", ProtocolError, "unsolicited"),
    "wants more": ("C: NOOP\nS: 354 go on", ProtocolError, "asks for more"),
    "closed before": ("EOF", ConnectionLost, "closed the connection"),
    "closed after": ("C: NOOP\nEOF", ConnectionLost, "closed the connection"),
    "closed in the reply": ("C: NOOP\nS! 250 O\nEOF", ConnectionLost, "closed the connection"),
    "no reply": ("C: NOOP\nS: Ok", ProtocolError, "no reply"),
    "timeout": ("C: NOOP\nTIMEOUT", MailTimeout, "too long"),
}


@pytest.mark.parametrize(("transcript", "error", "words"), FAILURES.values(), ids=FAILURES)
def test_failure(transcript, error, words):
    """Each way a command can fail has its error."""
    with pytest.raises(error, match=words):
        run(lambda s: s.noop(), transcript)


def test_expn_that_does_not_say():
    """252 to EXPN is no list, and an empty one would be a wrong answer."""
    with pytest.raises(SmtpError, match="252"):
        run(lambda s: commands.expn(s, "staff"), "C: EXPN staff\nS: 252 perhaps")


def test_exec_of_ehlo_renews_capabilities():
    """EHLO said by hand is heard."""
    flows = session()
    replay(commands.exec(flows, "EHLO me"), flows.reader, "C: EHLO me\nS: 250-mx\nS: 250 DSN")

    assert flows.capabilities == {"DSN": ()}


def test_exec_of_helo_forgets_capabilities():
    """After HELO there are no extensions, RFC 5321 section 4.1.4."""
    flows = session()
    flows.capabilities = {"SIZE": ()}
    replay(commands.exec(flows, "HELO me"), flows.reader, "C: HELO me\nS: 250 mx")

    assert flows.capabilities == {}


# -- the beginning -----------------------------------------------------------------------------


def dialled(transcript, *, encrypted=False):
    """What was said in a dial."""
    lines = [line.strip().partition(": ") for line in transcript.strip().splitlines()]
    return Handshake(tuple((who, words.encode()) for who, _, words in lines), encrypted)


def opened(said, transcript="", encrypted=False, **options):
    """Open a session after a dial; return it."""
    flows = SmtpSession(parse_options(MailProtocol.SMTP, **{"host": "localhost", **options}))
    replay(flows.open(dialled(said, encrypted=encrypted)), flows.reader, transcript)
    return flows


PLAIN_DIAL = "S: 220 mx\nC: EHLO me\nS: 250-mx\nS: 250-SIZE 9\nS: 250 PIPELINING"


def test_capabilities_of_the_dial():
    """What EHLO said while dialling needs no second round trip."""
    assert opened(PLAIN_DIAL).capabilities == {"SIZE": ("9",), "PIPELINING": ()}


def test_capabilities_before_tls_are_forgotten():
    """What was said in clear may have been anybody's."""
    said = PLAIN_DIAL + "\nC: STARTTLS\nS: 220 go\nC: EHLO me\nS: 250-mx\nS: 250 DSN"

    assert opened(said, encrypted=True).capabilities == {"DSN": ()}


def test_helo_has_no_capabilities():
    """A server that knows HELO only offers nothing."""
    assert opened("S: 220 mx\nC: EHLO me\nS: 502 what\nC: HELO me\nS: 250 mx").capabilities == {}


def test_blade_password_without_auth_offered():
    """Credentials that the server cannot take are no reason to go on without."""
    with pytest.raises(AuthenticationError, match="offers no login"):
        opened(PLAIN_DIAL, username="u", password="p")


def test_login_by_libcurl_is_enough():
    """Where libcurl has logged in, nothing more is said."""
    said = PLAIN_DIAL + "\nC: AUTH PLAIN ***\nS: 235 in"

    assert "SIZE" in opened(said, username="u", password="p").capabilities


def test_tls_that_was_asked_for_is_demanded():
    """A session in clear is refused where TLS was asked for."""
    with pytest.raises(TlsError, match="in clear"):
        opened(PLAIN_DIAL, tls=TLS_ALL)


def test_blade_tls_none_obeyed():
    """TLS_NONE, given explicitly, goes on in clear."""
    assert opened(PLAIN_DIAL, port=25, tls=TLS_NONE).capabilities


AUTH_DIAL = "S: 220 mx\nC: EHLO me\nS: 250-mx\nS: 250 AUTH PLAIN LOGIN CRAM-MD5"


def test_auth_by_netmail_with_initial_response():
    """Several mechanisms are netmail's to choose from; the response travels with the command."""
    flows = opened(
        AUTH_DIAL,
        "C: AUTH PLAIN AHUAcA==\nS: 235 2.7.0 in",
        username="u",
        password="p",
        auth=["PLAIN", "LOGIN"],
    )

    assert flows.capabilities["AUTH"] == ("PLAIN", "LOGIN", "CRAM-MD5")


def test_auth_by_netmail_with_challenges():
    """334 asks, and is answered."""
    transcript = """
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: dQ==
        S: 334 UGFzc3dvcmQ6
        C: cA==
        S: 235 in
    """
    flows = opened(AUTH_DIAL, transcript, username="u", password="p", auth=["LOGIN", "XOAUTH2"])

    assert flows.reader.available == 0


AUTH_FAILURES = {
    "refused": ("C: AUTH PLAIN AHUAcA==\nS: 535 5.7.8 no", AuthenticationError, "535 5.7.8 no"),
    "goodbye": ("C: AUTH PLAIN AHUAcA==\nS: 421 later", ConnectionLost, "421 later"),
    "wants content": ("C: AUTH PLAIN AHUAcA==\nS: 354 go", ProtocolError, "asks for more"),
}


@pytest.mark.parametrize(
    ("transcript", "error", "words"), AUTH_FAILURES.values(), ids=AUTH_FAILURES
)
def test_auth_failure(transcript, error, words):
    """A login that fails says why."""
    with pytest.raises(error, match=words):
        opened(AUTH_DIAL, transcript, username="u", password="p", auth=["PLAIN", "LOGIN"])


def test_auth_without_a_common_mechanism():
    """What the server does not offer is not tried."""
    with pytest.raises(AuthenticationError, match="offers"):
        opened(AUTH_DIAL, username="u", password="p", auth=["SCRAM-SHA-256"])
