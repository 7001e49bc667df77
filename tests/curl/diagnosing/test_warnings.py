"""Each warning of `diagnose()`, by all six classes, at a server that gives the reason for it.

The server plays a session of each protocol: what it offers in clear, within TLS, after a login.
"""

import pytest
from cryptography import x509

import netmail
from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from servers.steps import Expect, Reply, Send, StartTls
from support.twins import maker

KINDS = {
    "imap": (netmail.Imap, AsyncImap),
    "pop3": (netmail.POP3, AsyncPOP3),
    "smtp": (netmail.Transport, AsyncTransport),
}
PLAIN = b"AG5uAHNlY3JldA=="
"""PLAIN's response of the user "nn" with the password "secret"."""
USER = {"username": "nn", "password": "secret", "auth": "PLAIN"}
TLS = {"imap": "STARTTLS", "pop3": "STLS", "smtp": "STARTTLS"}
AUTH = {"imap": "AUTH=PLAIN", "pop3": "SASL PLAIN", "smtp": "AUTH PLAIN"}
CLEAR = {"imap": ["LOGINDISABLED"], "pop3": [], "smtp": []}
"""What does not invite to a login in clear."""


@pytest.fixture(params=["blocking", "asyncio"])
def report(request):
    """Diagnose by either client, and return the report."""
    makers = []

    def make(protocol, server, **options):
        makers.append(maker(request.param, *KINDS[protocol]))
        given = {"ca_file": str(server.ca_file), **options}
        found = next(makers[-1])(server.url(protocol), timeout=20_000, **given).diagnose()

        assert found.ok, found
        for warning in found.warnings:
            assert warning in str(found)
        assert found.to_dict()["warnings"] == list(found.warnings)
        return found

    yield make
    for each in makers:
        next(each, None)


@pytest.fixture
def diagnose(report):
    """The same, and return the warnings."""
    return lambda *arguments, **options: list(report(*arguments, **options).warnings)


def offered(protocol, names):
    """What lists the capabilities on request."""
    if protocol == "imap":
        text = " ".join(["* CAPABILITY IMAP4rev1", *names])
        return [Expect(b"(.*) CAPABILITY"), Reply(text.encode() + rb"\r\n\1 OK done\r\n")]
    if protocol == "pop3":
        lines = ["+OK", "UIDL", *names, "."]
        return [Expect(b"CAPA"), Send("".join(f"{each}\r\n" for each in lines).encode())]
    lines = [f"250-{each}\r\n" for each in ["x", *names]]
    return [Expect(b"EHLO .*"), Send("".join(lines).encode() + b"250 8BITMIME\r\n")]


def start_tls(protocol, tls):
    """The command, its reply, and the handshake."""
    if protocol == "imap":
        return [Expect(b"(.*) STARTTLS"), Reply(rb"\1 OK go\r\n"), tls]
    if protocol == "pop3":
        return [Expect(b"STLS"), Send(b"+OK go\r\n"), tls]
    return [Expect(b"STARTTLS"), Send(b"220 go\r\n"), tls]


def log_in(protocol, names):
    """PLAIN, accepted, and what is offered then."""
    if protocol == "imap":
        done = [Expect(b"(.*) AUTHENTICATE PLAIN " + PLAIN), Reply(rb"\1 OK done\r\n")]
        return [*done, *offered(protocol, names), *offered(protocol, names)]
    sent = b"+OK\r\n" if protocol == "pop3" else b"235 fine\r\n"
    return [Expect(b"AUTH PLAIN " + PLAIN), Send(sent), *offered(protocol, names)]


def noop(protocol):
    """NOOP, and what POP3 needs to end without an error."""
    if protocol == "imap":
        return [Expect(b"(.*) NOOP"), Reply(rb"\1 OK done\r\n")]
    if protocol == "pop3":
        return [Expect(b"NOOP"), Send(b"+OK\r\n"), Expect(b"QUIT"), Send(b"+OK\r\n")]
    return [Expect(b"NOOP"), Send(b"250 fine\r\n")]


GREETING = {"imap": b"* OK hi\r\n", "pop3": b"+OK hi\r\n", "smtp": b"220 hi\r\n"}


def within_tls(protocol, names=(), **given):
    """What a server does with TLS at once."""
    return [StartTls(**given), Send(GREETING[protocol]), *offered(protocol, names)]


@pytest.mark.parametrize("protocol", KINDS)
def test_login_in_clear(diagnose, scripted, protocol):
    """A server that offers a login before TLS, and no TLS."""
    server = scripted(
        Send(GREETING[protocol]), *offered(protocol, [AUTH[protocol]]), *noop(protocol)
    )

    assert diagnose(protocol, server) == [
        "the server offers a login that sends the password in clear",
        f"the server does not offer {TLS[protocol]}",
    ]


@pytest.mark.parametrize("protocol", KINDS)
def test_tls_that_is_not_used(diagnose, scripted, protocol):
    """TLS is offered, and the caller turned it off."""
    names = [*CLEAR[protocol], TLS[protocol]]
    server = scripted(Send(GREETING[protocol]), *offered(protocol, names), *noop(protocol))

    assert diagnose(protocol, server, tls=0) == [
        f"the connection is not encrypted, though {TLS[protocol]} is offered"
    ]


@pytest.mark.parametrize("protocol", KINDS)
def test_weak_version(diagnose, scripted, protocol):
    """TLS 1.1 works where the caller allows it, and is warned of."""
    server = scripted(*within_tls(protocol, CLEAR[protocol], weak=True), *noop(protocol))
    weak = {"tls_min_version": "1.1", "tls_max_version": "1.1", "tls_implicit": True}
    weak |= {"tls_ciphers": "DEFAULT:@SECLEVEL=0"}

    assert diagnose(protocol, server, **weak) == ["TLSv1.1 is weak: RFC 8996 forbids it"]


def encrypted(protocol, pair, *, implicit):
    """What a server does that has TLS at once, or after STARTTLS."""
    steps = [*within_tls(protocol, CLEAR[protocol], pair=pair), *noop(protocol)]
    if implicit:
        return steps
    tls, _, *rest = steps
    clear = offered(protocol, [*CLEAR[protocol], TLS[protocol]])
    return [Send(GREETING[protocol]), *clear, *start_tls(protocol, tls), *rest]


@pytest.mark.parametrize("protocol", KINDS)
@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "STARTTLS"])
def test_certificate_near_its_end(diagnose, scripted, protocol, implicit):
    """It is good still, for less than two weeks."""
    server = scripted(*encrypted(protocol, "ending", implicit=implicit))

    assert diagnose(protocol, server, tls=3, tls_implicit=implicit) == [
        "the certificate ends in 9 days"
    ]


@pytest.mark.parametrize("protocol", KINDS)
@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "STARTTLS"])
def test_certificate_facts(report, scripted, certificates, protocol, implicit):
    """They are those of the server's own certificate, as another library reads it."""
    server = scripted(*encrypted(protocol, "server", implicit=implicit))
    found = report(protocol, server, tls=3, tls_implicit=implicit)
    real = x509.load_pem_x509_certificate(certificates.server.certificate.read_bytes())
    names = real.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert found.verified
    assert found.certificate.expires == real.not_valid_after_utc
    assert set(names.get_values_for_type(x509.DNSName)) < set(found.certificate.names)
    for shown, name in (
        (found.certificate.subject, real.subject),
        (found.certificate.issuer, real.issuer),
    ):
        assert all(attribute.value in shown for attribute in name)


@pytest.mark.parametrize("protocol", KINDS)
@pytest.mark.parametrize("given", ["verify_peer", "verify_host"])
def test_certificate_that_is_not_verified(diagnose, scripted, protocol, given):
    """The caller turned it off."""
    server = scripted(*within_tls(protocol, CLEAR[protocol]), *noop(protocol))
    options = {given: False, "tls_implicit": True}
    if given == "verify_peer":
        options |= {"ca_file": None}

    assert diagnose(protocol, server, **options) == [
        f"the certificate is not verified: {given}=False was given"
    ]


@pytest.mark.parametrize("protocol", KINDS)
def test_certificate_that_has_ended(diagnose, scripted, protocol):
    """Not verified, it works, and both are warned of."""
    server = scripted(*within_tls(protocol, CLEAR[protocol], pair="expired"), *noop(protocol))
    options = {"verify_peer": False, "ca_file": None, "tls_implicit": True}

    assert diagnose(protocol, server, **options) == [
        "the certificate is not verified: verify_peer=False was given",
        "the certificate has ended",
    ]


@pytest.mark.parametrize("protocol", KINDS)
def test_capabilities_that_are_gone(diagnose, scripted, protocol):
    """What neither TLS nor a login ends."""
    clear = [*CLEAR[protocol], TLS[protocol], "X-ONE", "X-TWO"]
    login = [AUTH[protocol], *(["SASL-IR"] if protocol == "imap" else [])]
    server = scripted(
        Send(GREETING[protocol]),
        *offered(protocol, clear),
        *start_tls(protocol, StartTls()),
        *offered(protocol, [*login, "X-TWO"]),
        *log_in(protocol, []),
        *noop(protocol),
    )

    assert diagnose(protocol, server, tls=3, **USER) == [
        "capabilities that are gone after TLS: X-ONE",
        "capabilities that are gone after login: X-TWO",
    ]


GARBAGE = {
    "imap": (b"+ fine\r\n", "grammar"),
    "pop3": (b"fine\r\n", "against the grammar"),
    "smtp": (b"fine\r\n", "against the grammar"),
}


@pytest.mark.parametrize("protocol", KINDS)
def test_against_the_grammar(diagnose, scripted, protocol):
    """What the server sends that it must not is quoted, and the rest of the report holds."""
    sent, words = GARBAGE[protocol]
    expected, *_ = noop(protocol)
    tail = (Reply(sent + rb"\1 OK done" + b"\r\n"),) if protocol == "imap" else (Send(sent),)
    server = scripted(*within_tls(protocol, CLEAR[protocol]), expected, *tail)
    (warning,) = diagnose(protocol, server, tls_implicit=True)

    assert words in warning
    assert sent.decode().strip()[:10] in warning
