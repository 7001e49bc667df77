"""The SASL exchange, framed as in SMTP: 334 is a challenge, 235 is success."""

import base64

import pytest

from netmail.errors import AuthenticationError, SmtpError, TlsError
from netmail.flows.flow import receive
from netmail.flows.handshake import Handshake
from netmail.flows.sasl import LONGEST_LINE, authenticate, reject_skipped_login, require_tls
from netmail.options.options import (
    TLS_ALL,
    TLS_CONTROL,
    TLS_NONE,
    TLS_TRY,
    MailProtocol,
    parse_options,
)
from netmail.wire import sasl
from netmail.wire.reader import Reader
from support.replay import replay


def options(**given):
    """Options of a login."""
    return parse_options(MailProtocol.SMTP, **{"host": "localhost", "username": "u", **given})


def log_in(transcript, offered=("PLAIN", "LOGIN"), longest=LONGEST_LINE, initial=True, **given):
    """Run a login against a transcript."""
    reader = Reader()

    def read_challenge():
        line = yield from receive(reader, reader.line)
        if line.startswith(b"334"):
            return sasl.decode(line[4:])
        if line.startswith(b"235"):
            return None
        raise SmtpError("AUTH", line[4:].decode(), int(line[:3]))

    flow = authenticate(
        options(**given), offered, b"AUTH", read_challenge, initial=initial, longest=longest
    )
    return replay(flow, reader, transcript)


def encoded(text):
    """Base64 of a text."""
    return base64.b64encode(text.encode()).decode()


LOGINS = {
    "initial response": (
        f"C: AUTH PLAIN {encoded(chr(0) + 'u' + chr(0) + 'p')}\nS: 235 in",
        {"password": "p", "auth": "PLAIN"},
    ),
    "empty initial response": (
        "C: AUTH EXTERNAL =\nS: 235 in",
        {"auth": "EXTERNAL", "offered": ("EXTERNAL",)},
    ),
    "no initial response allowed": (
        f"C: AUTH PLAIN\nS: 334 \nC: {encoded(chr(0) + 'u' + chr(0) + 'p')}\nS: 235 in",
        {"password": "p", "auth": "PLAIN", "initial": False},
    ),
    "initial response too long": (
        f"C: AUTH PLAIN\nS: 334 \nC: {encoded(chr(0) + 'u' + chr(0) + 'p' * 80)}\nS: 235 in",
        {"password": "p" * 80, "auth": "PLAIN", "longest": 100},
    ),
    "second choice": (
        f"C: AUTH LOGIN\nS: 334 \nC: {encoded('u')}\nS: 334 \nC: {encoded('p')}\nS: 235 in",
        {"password": "p", "auth": ["SCRAM-SHA-256", "LOGIN"]},
    ),
    "authorization identity": (
        f"C: AUTH PLAIN {encoded('z' + chr(0) + 'u' + chr(0) + 'p')}\nS: 235 in",
        {"password": "p", "authzid": "z"},
    ),
}


@pytest.mark.parametrize(("transcript", "given"), LOGINS.values(), ids=LOGINS)
def test_login(transcript, given):
    """The first mechanism that the server offers is used, with an initial response if it fits."""
    command = transcript.split()[2]

    assert log_in(transcript, **given) == command


FAILURES = {
    "refused": (
        f"C: AUTH PLAIN {encoded(chr(0) + 'u' + chr(0) + 'hunter22')}\nS: 535 hunter22 is wrong",
        {"password": "hunter22", "auth": "PLAIN"},
        r"PLAIN: 535 \*\*\* is wrong; look at username, password and auth",
    ),
    "endless": (
        f"C: AUTH PLAIN {encoded(chr(0) + 'u' + chr(0) + 'p')}\nS: 334 bW9yZQ==",
        {"password": "p", "auth": "PLAIN"},
        "PLAIN: the server asks for more than there is",
    ),
    "not offered": (
        "",
        {"password": "p", "auth": "SCRAM-SHA-256"},
        "the server offers LOGIN PLAIN",
    ),
    "reason in a challenge": (
        (
            f"C: AUTH XOAUTH2 {encoded('user=u' + chr(1) + 'auth=Bearer t0ken' + chr(1) * 2)}\n"
            f"S: 334 {encoded('{}')}\nC! \\r\\n\nS: 535 no"
        ),
        {"oauth2_token": "t0ken", "auth": "XOAUTH2", "offered": ("XOAUTH2",)},
        r"XOAUTH2: 535 no \(\{\}\)",
    ),
}


@pytest.mark.parametrize(("transcript", "given", "text"), FAILURES.values(), ids=FAILURES)
def test_failure(transcript, given, text):
    """A failed login tells why, without a secret."""
    with pytest.raises(AuthenticationError, match=text) as caught:
        log_in(transcript, **given)

    assert "hunter22" not in str(caught.value)
    assert not caught.value.transient


def test_transient_failure():
    """A temporary refusal is transient."""
    transcript = f"C: AUTH PLAIN {encoded(chr(0) + 'u' + chr(0) + 'p')}\nS: 454 later"
    with pytest.raises(AuthenticationError) as caught:
        log_in(transcript, password="p", auth="PLAIN")

    assert caught.value.transient


def test_scram_success_without_proof():
    """A positive reply of a server that has not proved itself is no success."""
    with pytest.raises(AuthenticationError, match="without proving itself"):
        log_in(
            "C: AUTH SCRAM-SHA-256\nS: 235 in",
            offered=("SCRAM-SHA-256",),
            initial=False,
            password="p",
            auth="SCRAM-SHA-256",
        )


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


def test_skipped_login_is_rejected():
    """A login that was left to libcurl and did not happen is a failure."""
    with pytest.raises(AuthenticationError, match="offers no login"):
        reject_skipped_login(options(password="p"))


@pytest.mark.parametrize("given", [{"auth": ["PLAIN", "LOGIN"]}, {"authzid": "z"}], ids=str)
def test_login_of_netmail_is_not_rejected(given):
    """A login that is netmail's to make is not expected of libcurl."""
    reject_skipped_login(options(password="p", **given))
