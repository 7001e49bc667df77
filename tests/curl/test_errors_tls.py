"""How TLS can fail while connecting: class, phase, number, and what to do."""

import contextlib

import pytest

from netmail.clients.pop3 import POP3
from netmail.errors import (
    MailTimeout,
    Phase,
    TlsError,
)
from netmail.options.options import TLS_ALL, MailProtocol
from servers.scripted import Expect, ScriptError, Send, Silence, StartTls
from support.connecting import CAPA, STLS, dialled, failing, told

CERTIFICATES = {
    "self-signed": ("self_signed", {}, "ca_file="),
    "expired": ("expired", {}, "the server needs another certificate"),
    "wrong host": ("other_host", {}, "verify_host=False"),
    "unknown authority": ("server", {"ca_file": None}, "ca_file="),
}

pytestmark = pytest.mark.usefixtures("each_dial")


@pytest.mark.parametrize(("pair", "options", "advice"), CERTIFICATES.values(), ids=CERTIFICATES)
@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "starttls"])
def test_bad_certificate(scripted, pair, options, advice, implicit):
    """Each defect of a certificate is refused; the error says which, and what can be done."""
    before = [] if implicit else [*STLS, Send(b"+OK go\r\n")]
    server = scripted(*before, StartTls(pair))
    given = {"ca_file": server.ca_file, "tls": TLS_ALL, "tls_implicit": implicit, **options}
    error = failing(port=server.port, username="ann", password="hunter22", timeout=5000, **given)
    with contextlib.suppress(ScriptError):  # libcurl may leave before or after the handshake
        server.join()

    assert told(error) == (TlsError, Phase.TLS, 60)
    assert advice in str(error)
    assert b"ann" not in server.received


@pytest.mark.parametrize(
    ("pair", "options"),
    [
        ("self_signed", {"verify_peer": False}),
        ("expired", {"verify_peer": False}),
        ("other_host", {"verify_host": False}),
    ],
    ids=["self-signed", "expired", "wrong-host"],
)
def test_bad_certificate_accepted(scripted, pair, options):
    """What the advice says works."""
    server = scripted(StartTls(pair), *CAPA)
    trusted = {} if "verify_peer" in options else {"ca_file": server.ca_file}
    client = POP3(
        host="127.0.0.1", port=server.port, tls_implicit=True, timeout=5000, **options, **trusted
    )
    client.connect()

    assert client.capabilities == {"USER": ()}
    client.abort()


@pytest.mark.parametrize("content", [None, "no PEM"], ids=["missing", "empty"])
def test_bad_ca_file(scripted, tmp_path, content):
    """If the bundle cannot be used, the error names it, and not the certificate."""
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    server = scripted(Silence())
    error = failing(port=server.port, ca_file=path, tls=TLS_ALL, tls_implicit=True, timeout=5000)

    assert told(error) == (TlsError, Phase.TLS, 77)
    assert "ca_file=" in str(error)


def test_silent_handshake(scripted):
    """A server that does not respond to the ClientHello; often a port without TLS."""
    error = failing(port=scripted(Silence()).port, tls=TLS_ALL, tls_implicit=True)

    assert told(error) == (MailTimeout, Phase.TLS, 28)


def test_silent_handshake_after_stls(scripted):
    """The same after STLS."""
    error = failing(port=scripted(*STLS, Send(b"+OK go\r\n"), Silence()).port, tls=TLS_ALL)

    assert told(error) == (MailTimeout, Phase.TLS, 28)


def test_plain_words_instead_of_handshake(scripted):
    """A port that speaks in clear where TLS is meant."""
    error = failing(
        port=scripted(Send(b"+OK hi\r\n"), Silence()).port,
        tls=TLS_ALL,
        tls_implicit=True,
        timeout=5000,
    )

    assert told(error) == (TlsError, Phase.TLS, 35)
    assert "tls_implicit=" in str(error)


@pytest.mark.parametrize(
    ("protocol", "steps"),
    [
        (MailProtocol.POP3, CAPA),
        (
            MailProtocol.IMAP,
            [
                Send(b"* OK hi\r\n"),
                Expect(b"(.*) CAPABILITY"),
                Send(b"* CAPABILITY IMAP4rev1\r\nA001 OK\r\n"),
            ],
        ),
        (
            MailProtocol.SMTP,
            [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250-me\r\n250 AUTH PLAIN\r\n")],
        ),
    ],
    ids=["pop3", "imap", "smtp"],
)
def test_starttls_not_offered(scripted, protocol, steps):
    """TLS was asked for and is not to be had: no credential leaves."""
    server = scripted(*steps)
    error = dialled(
        protocol, port=server.port, tls=TLS_ALL, username="ann", password="hunter22", timeout=5000
    )

    assert told(error) == (TlsError, Phase.TLS, 64)
    assert "TLS_TRY" in str(error)
    assert b"ann" not in server.join()


def test_starttls_refused(scripted):
    """STLS is offered and then refused."""
    server = scripted(*STLS, Send(b"-ERR not today\r\n"))
    error = failing(port=server.port, tls=TLS_ALL, username="ann", password="hunter22")

    assert type(error) is TlsError
    assert error.phase == Phase.TLS
    assert error.curl_code == 64
    assert "not today" in str(error)
    assert b"ann" not in server.join()


@pytest.mark.parametrize("content", [None, "no PEM"], ids=["missing", "no-pem"])
def test_bad_client_certificate(scripted, tmp_path, content):
    """A client certificate that is no file, or none."""
    path = tmp_path / "client.pem"
    if content:
        path.write_text(content)
    server = scripted(Silence())
    error = failing(
        port=server.port, tls=TLS_ALL, tls_implicit=True, client_cert=path, timeout=5000
    )

    assert told(error) == (TlsError, Phase.TLS, 58)
    assert "client_cert" in str(error)


def test_client_key_without_its_password(scripted, certificates):
    """A key that is locked, and no password."""
    error = failing(
        port=scripted(Silence()).port,
        tls=TLS_ALL,
        tls_implicit=True,
        timeout=5000,
        ca_file=certificates.ca_file,
        client_cert=certificates.client.certificate,
        client_key=certificates.client_key_encrypted,
        client_key_password="wrong password",
    )

    assert told(error) == (TlsError, Phase.TLS, 43)
    assert "client_key_password" in str(error)
    assert "wrong password" not in str(error)
