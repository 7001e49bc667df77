"""`diagnose()` of each client: what it finds on real servers, and on those that fail."""

import logging
from datetime import UTC, datetime

import pytest

import netmail
from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.curl.diagnosing.diagnose import warnings_of
from netmail.errors import Phase
from netmail.options.options import MailProtocol, parse_options
from netmail.results.diagnosis import Diagnosis, ServerCertificate
from netmail.testing import MailServer
from servers.steps import Expect, Reply, Send, Silence, StartTls
from support.twins import maker

KINDS = {
    "imap": (netmail.Imap, AsyncImap),
    "pop3": (netmail.POP3, AsyncPOP3),
    "smtp": (netmail.Transport, AsyncTransport),
}
PASSWORD = "hunter22-secret"
REASONS = {"expired_host": "expired", "self_signed_host": "self-signed", "other_host": "match"}
"""Dovecot's addresses with a certificate that is not trusted, and why not."""


@pytest.fixture(params=["blocking", "asyncio"])
def diagnose(request):
    """Diagnose by either client."""
    makers = []

    def make(protocol, *arguments, **options):
        makers.append(maker(request.param, *KINDS[protocol]))
        found = next(makers[-1])(*arguments, timeout=20_000, **options).diagnose()
        assert PASSWORD not in str(found) + repr(found) + str(found.to_dict())
        return found

    yield make
    for each in makers:
        next(each, None)


@pytest.mark.parametrize("scheme", ["imap", "imaps", "pop3", "pop3s"])
def test_dovecot(diagnose, dovecot, scheme):
    """Times, TLS, certificate, and capabilities of a real server."""
    user = dovecot.user("alice")
    found = diagnose(
        scheme.removesuffix("s"), dovecot.url(scheme, user), tls=3, ca_file=str(dovecot.ca_file)
    )

    assert found.ok, found
    assert user.password not in str(found) + str(found.to_dict())
    assert {"tcp", "tls", "greeting", "login"} <= found.seconds.keys()
    assert all(0 <= took < 20 for took in found.seconds.values())
    assert found.tls_version == "TLSv1.3"
    assert found.cipher.startswith("TLS_")
    assert found.verified
    assert "localhost" in found.certificate.names
    assert found.certificate.days_left > 14
    assert (found.capabilities_before_tls is None) is scheme.endswith("s")
    assert found.capabilities_after_tls
    assert found.capabilities_after_login
    assert "SCRAM-SHA-256" in found.mechanisms
    assert found.mechanism.startswith("SCRAM-SHA-256")
    assert not any("are gone" in warning for warning in found.warnings)


def test_postfix(diagnose, postfix, dovecot):
    """Submission: STARTTLS, then the login."""
    url = postfix.url("submission", dovecot.user("alice"))
    found = diagnose("smtp", url, tls=3, ca_file=str(dovecot.ca_file))

    assert found.ok, found
    assert any(each == "STARTTLS" for each in found.capabilities_before_tls)
    assert any(each.startswith("AUTH ") for each in found.capabilities_after_tls)
    assert found.mechanism is not None


@pytest.mark.parametrize("protocol", KINDS)
def test_login_in_clear_is_warned_of(diagnose, protocol):
    """The embedded server offers it, and no TLS at all."""
    with MailServer() as server:
        found = diagnose(protocol, getattr(server, f"{protocol}_url"))

    assert found.ok, found
    assert (found.tls_version, found.certificate, found.not_verified) == ("", None, "")
    assert found.capabilities_after_tls is None
    assert any("in clear" in warning for warning in found.warnings)
    assert any("does not offer ST" in warning for warning in found.warnings)


def test_wrong_password(diagnose):
    """The report has all that came before the refusal."""
    with MailServer(tls="starttls") as server:
        found = diagnose("imap", server.imap_url, ca_file=server.ca_file, password=PASSWORD)

    assert found.phase == Phase.LOGIN
    assert found.verified
    assert found.seconds["login"] >= 0
    assert found.capabilities_after_tls
    assert found.capabilities_after_login is None


def test_nobody_listens(diagnose, free_port):
    """The address that was tried is known all the same."""
    found = diagnose("smtp", f"smtp://127.0.0.1:{free_port}")

    assert found.phase == Phase.CONNECT
    assert (found.ip, found.port) == ("127.0.0.1", free_port)
    assert "greeting" not in found.seconds


def test_silent_server(diagnose, scripted):
    """A server that does not greet."""
    server = scripted(Silence())
    found = diagnose("imap", server.url("imap"), connect_timeout="300ms")

    assert found.phase == Phase.GREETING
    assert "tcp" in found.seconds
    assert "greeting" not in found.seconds


@pytest.mark.parametrize("scheme", ["imap", "imaps", "pop3s"])
@pytest.mark.parametrize("host", REASONS)
def test_untrusted_certificate(diagnose, dovecot, caplog, scheme, host):
    """Its facts are read by a second connection, which has no credentials."""
    caplog.set_level(logging.DEBUG, "netmail.wire")
    user = dovecot.user("alice")
    url = dovecot.url(scheme, user, host=getattr(dovecot, host))
    found = diagnose(scheme.removesuffix("s"), url, tls=3, ca_file=str(dovecot.ca_file))
    sent = [line for line in caplog.messages if line.startswith("C: ")]

    assert found.phase == Phase.TLS
    assert not found.verified
    assert REASONS[host] in found.not_verified
    assert found.certificate.names
    assert (found.certificate.days_left < 0) is (host == "expired_host")
    assert found.capabilities_after_tls
    assert found.mechanism is None
    assert sent
    assert not any(word in line for line in sent for word in ("AUTH", "LOGIN", "USER", "PASS"))


def test_verification_turned_off(diagnose, dovecot):
    """It works, and there is a warning."""
    url = dovecot.url("imaps", dovecot.user("alice"), host=dovecot.self_signed_host)
    found = diagnose("imap", url, verify_peer=False, verify_host=False)

    assert found.ok, found
    assert found.not_verified == "verify_peer=False and verify_host=False was given"
    assert any("not verified" in warning for warning in found.warnings)


def test_grammar(diagnose, scripted):
    """What the server sends against the grammar is a warning, not an error."""
    server = scripted(
        Send(b"* OK hi\r\n"),
        Expect(b"(.*) CAPABILITY"),
        Reply(rb"* CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS\r\n\1 OK done\r\n"),
        Expect(b"(.*) NOOP"),
        Reply(rb"+ idling\r\n\1 OK done\r\n"),
    )
    found = diagnose("imap", server.url("imap"), tls=0)

    assert found.ok, found
    assert any("grammar" in warning for warning in found.warnings)


def test_capabilities_that_are_withdrawn(diagnose, scripted):
    """What TLS and the login do not end is worth a look."""
    server = scripted(
        Send(b"220 hi\r\n"),
        Expect(b"EHLO .*"),
        Send(b"250-x\r\n250-SIZE 9\r\n250 STARTTLS\r\n"),
        Expect(b"STARTTLS"),
        Send(b"220 go\r\n"),
        StartTls(),
        Expect(b"EHLO .*"),
        Send(b"250-x\r\n250 PIPELINING\r\n"),
        Expect(b"NOOP"),
        Send(b"250 fine\r\n"),
        Expect(b"QUIT"),
        Send(b"221 bye\r\n"),
    )
    found = diagnose("smtp", server.url("smtp"), tls=3, ca_file=str(server.ca_file))

    assert found.warnings == ("capabilities that are gone after TLS: SIZE",)


def test_secret_that_the_server_repeats(diagnose, scripted):
    """It is nowhere in the report; the fixture looks for it."""
    server = scripted(
        Send(b"220 hi\r\n"),
        Expect(b"EHLO .*"),
        Send(b"250-x\r\n250 AUTH PLAIN\r\n"),
        Expect(b"AUTH PLAIN .*"),
        Send(b"235 fine\r\n"),
        Expect(b"EHLO .*"),
        Send(b"250-x\r\n250 X-" + PASSWORD.encode() + b" " + PASSWORD.encode() + b"\r\n"),
        Expect(b"NOOP"),
        Send(b"500 " + PASSWORD.encode() + b"\r\n"),
    )
    found = diagnose("smtp", server.url("smtp"), tls=0, username="ann", password=PASSWORD)

    assert not found.ok
    assert found.capabilities_after_login


def test_wrong_usage_raises(diagnose):
    """What the caller has to change is no report on the server."""
    with pytest.raises(netmail.UsageError):
        diagnose("smtp", "smtp://localhost", tls_ciphers=("NO-SUCH\r\n",))


def test_weak_version_and_certificate_near_its_end():
    """Neither fails today."""
    ends = ServerCertificate("CN = a", ("a",), "CN = b", datetime.now(UTC), 13)
    found = Diagnosis("imaps://a", tls_version="TLSv1.1", verified=True, certificate=ends)

    assert warnings_of(found, parse_options(MailProtocol.IMAP, "imaps://a")) == [
        "TLSv1.1 is weak: RFC 8996 forbids it",
        "the certificate ends in 13 days",
    ]
