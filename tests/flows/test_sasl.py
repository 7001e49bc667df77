"""The SASL exchange, framed as in SMTP: 334 is a challenge, 235 is success."""

import base64

import pytest

from netmail.errors import AuthenticationError, ImapError, SmtpError, TlsError
from netmail.flows.flow import receive
from netmail.flows.handshake import Handshake
from netmail.flows.sasl import LONGEST_LINE, Refusal, authenticate, refused, require_tls
from netmail.options.options import (
    TLS_ALL,
    TLS_CONTROL,
    TLS_NONE,
    TLS_TRY,
    MailProtocol,
    parse_options,
)
from netmail.secret import Secret
from netmail.wire import sasl
from netmail.wire.reader import Reader
from netmail.wire.sasl import Credentials
from support.replay import replay


def options(**given):
    """Options of a login."""
    return parse_options(MailProtocol.SMTP, **{"host": "localhost", "username": "u", **given})


def log_in(transcript, name="PLAIN", longest=LONGEST_LINE, initial=True, **given):
    """Run a login against a transcript."""
    reader = Reader()
    token = {"token": Secret(given["token"])} if "token" in given else {}
    credentials = Credentials("u", Secret(given.get("password", "p")), **token)

    def read_challenge():
        line = yield from receive(reader, reader.line)
        if line.startswith(b"334"):
            return sasl.decode(line[4:])
        if line.startswith(b"235"):
            return None
        raise SmtpError("AUTH", line[4:].decode(), int(line[:3]))

    flow = authenticate(
        name, credentials, b"AUTH", read_challenge, initial=initial, longest=longest
    )
    return replay(flow, reader, transcript)


def encoded(text):
    """Base64 of a text."""
    return base64.b64encode(text.encode()).decode()


LOGINS = {
    "initial response": (f"C: AUTH PLAIN {encoded(chr(0) + 'u' + chr(0) + 'p')}\nS: 235 in", {}),
    "empty initial response": ("C: AUTH EXTERNAL =\nS: 235 in", {"name": "EXTERNAL"}),
    "no initial response allowed": (
        f"C: AUTH PLAIN\nS: 334 \nC: {encoded(chr(0) + 'u' + chr(0) + 'p')}\nS: 235 in",
        {"initial": False},
    ),
    "initial response too long": (
        f"C: AUTH PLAIN\nS: 334 \nC: {encoded(chr(0) + 'u' + chr(0) + 'p' * 80)}\nS: 235 in",
        {"password": "p" * 80, "longest": 100},
    ),
    "challenges": (
        f"C: AUTH LOGIN\nS: 334 \nC: {encoded('u')}\nS: 334 \nC: {encoded('p')}\nS: 235 in",
        {"name": "LOGIN"},
    ),
}


@pytest.mark.parametrize(("transcript", "given"), LOGINS.values(), ids=LOGINS)
def test_login(transcript, given):
    """The command carries the initial response if it fits; a response follows each challenge."""
    assert log_in(transcript, **given) is None


REFUSALS = {
    "refused": (
        f"C: AUTH PLAIN {encoded(chr(0) + 'u' + chr(0) + 'hunter22')}\nS: 535 hunter22 is wrong",
        {"password": "hunter22"},
        Refusal("535 *** is wrong", transient=False, final=False),
    ),
    "reason in a challenge": (
        (
            f"C: AUTH XOAUTH2 {encoded('user=u' + chr(1) + 'auth=Bearer t0ken' + chr(1) * 2)}\n"
            f"S: 334 {encoded('{}')}\nC! \\r\\n\nS: 535 no"
        ),
        {"token": "t0ken", "name": "XOAUTH2"},
        Refusal("535 no ({})", transient=False, final=False),
    ),
    "later": (
        f"C: AUTH PLAIN {encoded(chr(0) + 'u' + chr(0) + 'p')}\nS: 454 later",
        {},
        Refusal("454 later", transient=True, final=True),
    ),
}


@pytest.mark.parametrize(("transcript", "given", "refusal"), REFUSALS.values(), ids=REFUSALS)
def test_refusal(transcript, given, refusal):
    """A refusal is returned, without a secret: another mechanism may follow."""
    assert log_in(transcript, **given) == refusal


def test_response_code_of_imap():
    """The code is a part of what IMAP servers say."""
    error = ImapError("LOGIN", "no", "NO", "EXPIRED")

    assert refused(error, ()) == Refusal("NO [EXPIRED] no", transient=False, final=True)


FAILURES = {
    "endless": (
        f"C: AUTH PLAIN {encoded(chr(0) + 'u' + chr(0) + 'p')}\nS: 334 bW9yZQ==",
        {},
        "PLAIN: the server asks for more than there is",
    ),
    "scram without proof": (
        "C: AUTH SCRAM-SHA-256\nS: 235 in",
        {"name": "SCRAM-SHA-256", "initial": False},
        "without proving itself",
    ),
}


@pytest.mark.parametrize(("transcript", "given", "text"), FAILURES.values(), ids=FAILURES)
def test_failure(transcript, given, text):
    """A server that does not follow the mechanism gets no second one."""
    with pytest.raises(AuthenticationError, match=text):
        log_in(transcript, **given)


@pytest.mark.parametrize("tls", [TLS_CONTROL, TLS_ALL])
def test_session_in_clear_is_refused(tls):
    """A session in clear is refused if the options demand TLS."""
    with pytest.raises(TlsError, match="in clear"):
        require_tls(options(tls=tls, username=None), Handshake((), encrypted=False))


@pytest.mark.parametrize(
    ("tls", "encrypted"),
    [(TLS_NONE, False), (TLS_TRY, False), (TLS_CONTROL, True), (TLS_ALL, True)],
)
def test_session_is_accepted(tls, encrypted):
    """A session in clear is accepted if the options allow it, and an encrypted one always."""
    require_tls(options(tls=tls, port=25, username=None), Handshake((), encrypted))
