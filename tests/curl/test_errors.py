"""Each way in which a dial can fail, provoked for real: class, phase, number, and what to do."""

import base64
import contextlib
import socket

import pytest

from netmail.clients.pop3 import POP3
from netmail.curl.errors import MEANINGS, Failure, explain
from netmail.curl.stream import CurlStream
from netmail.errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    MailTimeout,
    NetmailError,
    Phase,
    ProxyError,
    TlsError,
    TransportError,
)
from netmail.options import TLS_ALL, TLS_NONE, Protocol, parse_options
from servers.accounts import User
from servers.scripted import Close, Expect, ScriptError, Send, Silence, StartTls

CAPA = [Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nUSER\r\n.\r\n")]
STLS = [
    Send(b"+OK hi\r\n"),
    Expect(b"CAPA"),
    Send(b"+OK\r\nSTLS\r\nUSER\r\n.\r\n"),
    Expect(b"STLS"),
]


def failing(**options):
    """Dial as POP3 and return the error."""
    given = {"host": "127.0.0.1", "tls": TLS_NONE, "timeout": 300, **options}
    with pytest.raises(NetmailError) as caught:
        POP3(**given).connect()
    return caught.value


def dialled(protocol, **options):
    """Dial in any protocol, without talking, and return the error."""
    given = {"host": "127.0.0.1", "tls": TLS_NONE, "timeout": 300, **options}
    with pytest.raises(NetmailError) as caught:
        CurlStream(parse_options(protocol, **given)).dial()
    return caught.value


def told(error):
    """What a program can see of an error."""
    return type(error), getattr(error, "phase", None), getattr(error, "curl_code", None)


@pytest.fixture
def free_port():
    """A port that nobody listens on: bound, so that nobody else takes it, and not listening."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


# -- name and connection ----------------------------------------------------------------------


def test_unknown_host():
    """A name that does not resolve."""
    error = failing(host="nowhere.invalid", port=110, timeout=5000)

    assert told(error) == (ConnectError, Phase.RESOLVE, 6)
    assert "host=" in str(error)
    assert "nowhere.invalid:110" in str(error)


def test_refused_port(free_port):
    """Nobody listens."""
    error = failing(port=free_port)

    assert told(error) == (ConnectError, Phase.CONNECT, 7)
    assert "port=" in str(error)
    assert isinstance(error, ConnectionError)


def test_host_that_does_not_answer():
    """A full backlog: the system neither accepts nor refuses."""
    with socket.socket() as listener, socket.socket() as one, socket.socket() as two:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for filler in (one, two):
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        error = failing(port=port, connect_timeout=200)

    assert told(error) == (MailTimeout, Phase.CONNECT, 28)
    assert "timeout=" in str(error)


def test_missing_unix_socket(tmp_path):
    """A local socket that is not there."""
    error = failing(unix_socket=tmp_path / "none")

    assert told(error) == (ConnectError, Phase.CONNECT, 7)


def test_source_address_of_another_machine(free_port):
    """An address that is not ours cannot be bound."""
    error = failing(port=free_port, source_address="192.0.2.1")

    assert told(error) == (ConnectError, Phase.CONNECT, 45)
    assert "source_address=" in str(error)


# -- greeting ---------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", Protocol)
def test_silent_greeting(scripted, protocol):
    """The server accepts and says nothing."""
    error = dialled(protocol, port=scripted(Silence()).port)

    assert told(error) == (MailTimeout, Phase.GREETING, 28)
    assert "timeout=" in str(error)
    assert isinstance(error, TimeoutError)


@pytest.mark.parametrize(
    ("protocol", "greeting"),
    [
        (Protocol.POP3, b"-ERR [SYS/TEMP] too many of you\r\n"),
        (Protocol.IMAP, b"* BYE too many of you\r\n"),
        (Protocol.SMTP, b"554 too many of you\r\n"),
        (Protocol.SMTP, b"421 too many of you\r\n"),
    ],
    ids=["pop3-err", "imap-bye", "smtp-554", "smtp-421"],
)
def test_weird_greeting(scripted, protocol, greeting):
    """Another protocol, or a refusal: the server's own words are in the error."""
    error = dialled(protocol, port=scripted(Send(greeting)).port)

    assert told(error) == (ConnectError, Phase.GREETING, 8)
    assert greeting.decode().strip() in str(error)


@pytest.mark.parametrize(
    ("protocol", "greeting"),
    [(Protocol.POP3, b"* OK IMAP4rev1 ready\r\n"), (Protocol.IMAP, b"+OK POP3 ready\r\n")],
    ids=["pop3-imap", "imap-pop3"],
)
def test_greeting_of_another_protocol(scripted, protocol, greeting):
    """What libcurl goes on waiting behind is shown when the wait ends."""
    error = dialled(protocol, port=scripted(Send(greeting), Silence()).port)

    assert told(error) == (MailTimeout, Phase.GREETING, 28)
    assert greeting.decode().strip() in str(error)


@pytest.mark.parametrize("protocol", Protocol)
def test_end_instead_of_greeting(scripted, protocol):
    """The server accepts and hangs up."""
    error = dialled(protocol, port=scripted(Close()).port)

    assert (type(error), error.phase) == (ConnectionLost, Phase.GREETING)
    assert error.curl_code in {52, 55, 56}


@pytest.mark.parametrize("protocol", Protocol)
def test_reset_instead_of_greeting(scripted, protocol):
    """A server that crashes: the system may tell it before or after it tells of the connection."""
    error = dialled(protocol, port=scripted(Close(reset=True)).port)

    assert isinstance(error, ConnectionError)
    assert error.phase in {Phase.CONNECT, Phase.GREETING}


# -- TLS --------------------------------------------------------------------------------------

CERTIFICATES = {
    "self-signed": ("self_signed", {}, "ca_file="),
    "expired": ("expired", {}, "expired"),
    "wrong host": ("other_host", {}, "verify_host=False"),
    "unknown authority": ("server", {"ca_file": None}, "ca_file="),
}


@pytest.mark.parametrize(("pair", "options", "advice"), CERTIFICATES.values(), ids=CERTIFICATES)
@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "starttls"])
def test_bad_certificate(scripted, pair, options, advice, implicit):
    """Each fault of a certificate is refused, says which, and what can be done."""
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
    """A bundle that cannot be used is said to be the fault, and not the certificate."""
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    server = scripted(Silence())
    error = failing(port=server.port, ca_file=path, tls=TLS_ALL, tls_implicit=True, timeout=5000)

    assert told(error) == (TlsError, Phase.TLS, 77)
    assert "ca_file=" in str(error)


def test_silent_handshake(scripted):
    """A server that does not answer the ClientHello; often a port without TLS."""
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
        (Protocol.POP3, CAPA),
        (
            Protocol.IMAP,
            [
                Send(b"* OK hi\r\n"),
                Expect(b"(.*) CAPABILITY"),
                Send(b"* CAPABILITY IMAP4rev1\r\nA001 OK\r\n"),
            ],
        ),
        (
            Protocol.SMTP,
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

    assert (type(error), error.phase, error.curl_code) == (TlsError, Phase.TLS, 64)
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


# -- login ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "steps", "words", "transient"),
    [
        (
            Protocol.POP3,
            [*CAPA, Expect(b"USER ann"), Send(b"+OK\r\n"), Expect(b"PASS .*"),
             Send(b"-ERR [AUTH] bad password\r\n")],
            "-ERR [AUTH] bad password",
            False,
        ),
        (
            Protocol.POP3,
            [*CAPA, Expect(b"USER ann"), Send(b"-ERR [SYS/TEMP] no database\r\n")],
            "-ERR [SYS/TEMP] no database",
            True,
        ),
        (
            Protocol.IMAP,
            [Send(b"* OK hi\r\n"), Expect(b"(.*) CAPABILITY"),
             Send(b"* CAPABILITY IMAP4rev1\r\nA001 OK\r\n"), Expect(b"A002 LOGIN ann .*"),
             Send(b"A002 NO [UNAVAILABLE] no database\r\n")],
            "A002 NO [UNAVAILABLE] no database",
            True,
        ),
        (
            Protocol.SMTP,
            [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250-me\r\n250 AUTH PLAIN\r\n"),
             Expect(b"AUTH PLAIN.*"), Send(b"334 \r\n"), Expect(b".+"),
             Send(b"535 5.7.8 bad password\r\n")],
            "535 5.7.8 bad password",
            False,
        ),
        (
            Protocol.SMTP,
            [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250-me\r\n250 AUTH PLAIN\r\n"),
             Expect(b"AUTH PLAIN.*"), Send(b"454 4.7.0 later\r\n")],
            "454 4.7.0 later",
            True,
        ),
    ],
    ids=["pop3-pass", "pop3-user", "imap", "smtp", "smtp-later"],
)  # fmt: skip
def test_login_refused(scripted, protocol, steps, words, transient):
    """The server's own words are in the error, and whether to try again."""
    server = scripted(*steps)
    error = dialled(protocol, port=server.port, username="ann", password="hunter22", timeout=5000)

    assert (type(error), error.phase) == (AuthenticationError, Phase.LOGIN)
    assert (words in str(error), error.transient) == (True, transient)
    assert "password" in str(error)
    server.join()


def test_login_refused_by_a_real_server(dovecot):
    """Dovecot's words, with every mechanism that libcurl would choose."""
    error = failing(port=dovecot.ports.pop3, username="alice", password="wrong", timeout=10_000)

    assert type(error) is AuthenticationError
    assert "[AUTH] Authentication failed" in str(error)


@pytest.mark.parametrize(
    ("protocol", "steps"),
    [
        (Protocol.POP3, [*CAPA, Expect(b"USER ann"), Silence()]),
        (
            Protocol.SMTP,
            [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250-me\r\n250 AUTH PLAIN\r\n"),
             Expect(b"AUTH PLAIN.*"), Silence()],
        ),
    ],
    ids=["pop3", "smtp"],
)  # fmt: skip
def test_silent_login(scripted, protocol, steps):
    """A server that stops answering in the middle of the login."""
    server = scripted(*steps)
    error = dialled(protocol, port=server.port, username="ann", password="hunter22")

    assert told(error) == (MailTimeout, Phase.LOGIN, 28)
    server.join()


def test_lost_in_the_login(scripted):
    """A server that hangs up in the middle of the login."""
    error = failing(
        port=scripted(*CAPA, Expect(b"USER ann"), Close(reset=True)).port,
        username="ann",
        password="hunter22",
    )

    assert (type(error), error.phase) == (ConnectionLost, Phase.LOGIN)


# -- proxy ------------------------------------------------------------------------------------


def test_proxy_unreachable(free_port):
    """Nobody listens where the proxy should be."""
    error = failing(port=110, proxy=f"http://127.0.0.1:{free_port}")

    assert told(error) == (ProxyError, Phase.PROXY, 7)
    assert "proxy=" in str(error)


def test_proxy_unknown():
    """A proxy whose name does not resolve."""
    error = failing(port=110, proxy="http://nowhere.invalid:3128", timeout=5000)

    assert told(error) == (ProxyError, Phase.PROXY, 5)
    assert "proxy=" in str(error)


@pytest.mark.parametrize("user", [None, User("tiny", "wrongpass")], ids=["none", "wrong"])
def test_http_proxy_wants_a_password(tinyproxy, dovecot, user):
    """407 says which options to pass."""
    error = failing(port=dovecot.ports.pop3, proxy=tinyproxy.url(user), timeout=5000)

    assert (type(error), error.phase) == (ProxyError, Phase.PROXY)
    assert "proxy_password" in str(error)
    assert "wrongpass" not in str(error)


@pytest.mark.parametrize("user", [None, User("micro", "wrongpass")], ids=["none", "wrong"])
def test_socks_proxy_wants_a_password(microsocks, dovecot, user):
    """SOCKS5 likewise."""
    error = failing(port=dovecot.ports.pop3, proxy=microsocks.url(user), timeout=5000)

    assert told(error) == (ProxyError, Phase.PROXY, 97)
    assert "proxy_password" in str(error)


def test_http_proxy_does_not_reach_the_server(tinyproxy, free_port):
    """The proxy works, and the server behind it does not."""
    error = failing(port=free_port, proxy=tinyproxy.url(), timeout=5000)

    assert (type(error), error.phase) == (ProxyError, Phase.PROXY)


def test_socks_proxy_does_not_reach_the_server(microsocks, free_port):
    """SOCKS5 likewise."""
    error = failing(port=free_port, proxy=microsocks.url(), timeout=5000)

    assert told(error) == (ProxyError, Phase.PROXY, 97)


@pytest.mark.parametrize("status", [b"403 Forbidden", b"502 Bad Gateway", b"500 Broken"])
def test_http_proxy_refuses(scripted, status):
    """The proxy's status is in the error."""
    proxy = scripted(
        Expect(b"CONNECT .*"), Send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
    )
    error = failing(port=110, proxy=f"http://127.0.0.1:{proxy.port}", timeout=5000)

    assert (type(error), error.phase) == (ProxyError, Phase.PROXY)
    assert status[:3].decode() in str(error)


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks4"])
def test_silent_proxy(scripted, scheme):
    """A proxy that accepts and says nothing."""
    proxy = scripted(Silence())
    error = failing(port=110, proxy=f"{scheme}://127.0.0.1:{proxy.port}")

    assert told(error) == (MailTimeout, Phase.PROXY, 28)


@pytest.mark.parametrize(("implicit", "phase"), [(True, Phase.TLS), (False, Phase.GREETING)])
def test_silence_behind_a_proxy(scripted, implicit, phase):
    """A server that is silent behind a proxy that works is not the proxy's fault."""
    proxy = scripted(
        Expect(b"CONNECT .*"),
        Expect(b"Host: .*"),
        Send(b"HTTP/1.1 200 Connection established\r\nVia: me\r\n\r\n"),
        Silence(),
    )
    tls = TLS_ALL if implicit else TLS_NONE
    error = failing(
        port=110, proxy=f"http://127.0.0.1:{proxy.port}", tls=tls, tls_implicit=implicit
    )

    assert told(error) == (MailTimeout, phase, 28)


# -- the table --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [*MEANINGS, 999])
def test_every_meaning_makes_a_sentence(code):
    """Whatever number libcurl reports: an error of the tree, where it was, and what to do."""
    options = parse_options(Protocol.IMAP, host="mail.test", username="u", password="hunter22")
    failure = Failure(
        code, "libcurl's words", "", (), words="", resolved=True, connected=True, secured=False
    )
    error = explain(failure, options)

    assert isinstance(error, TransportError | AuthenticationError)
    assert "libcurl's words" in str(error)
    assert len(str(error).split("; ", 1)[1]) > 10


@pytest.mark.parametrize("protocol", [Protocol.POP3, Protocol.SMTP])
def test_token_refused(scripted, protocol):
    """The reason that a server hides in a challenge is in the error, where libcurl presents it."""
    reason = base64.b64encode(b'{"status":"400","scope":"mail"}')
    hello = {
        Protocol.POP3: [*CAPA[:2], Send(b"+OK\r\nSASL XOAUTH2\r\n.\r\n"),
                        Expect(b"AUTH XOAUTH2"), Send(b"+ \r\n")],
        Protocol.SMTP: [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250 AUTH XOAUTH2\r\n"),
                        Expect(b"AUTH XOAUTH2"), Send(b"334 \r\n")],
    }[protocol]  # fmt: skip
    mark = b"+ " if protocol is Protocol.POP3 else b"334 "
    server = scripted(*hello, Expect(b".+"), Send(mark + reason + b"\r\n"), Silence())
    error = dialled(protocol, port=server.port, username="ann", oauth2_token="t0ken", timeout=5000)
    server.join()

    assert type(error) is AuthenticationError
    assert '{"status":"400","scope":"mail"}' in str(error)


SAID = (("S", b"220 hi"), ("C", b"EHLO me"))
TUNNEL = (
    ("C", b"CONNECT h:1 HTTP/1.1"),
    ("C", b"Host: h:1"),
    ("S", b"HTTP/1.1 200 OK"),
    ("S", b""),
)
PHASES = {
    "name": ({}, (), {"resolved": False, "connected": False}, Phase.RESOLVE),
    "tcp": ({}, (), {"connected": False}, Phase.CONNECT),
    "greeting": ({}, (), {}, Phase.GREETING),
    "handshake": ({"tls_implicit": True}, (), {}, Phase.TLS),
    "greeting under TLS": ({"tls_implicit": True}, (), {"secured": True}, Phase.GREETING),
    "ehlo": ({}, SAID, {}, Phase.GREETING),
    "starttls": ({}, (*SAID, ("C", b"STARTTLS")), {}, Phase.TLS),
    "imap starttls": ({}, (("C", b"A002 STARTTLS"),), {}, Phase.TLS),
    "login": ({}, (*SAID, ("C", b"AUTH PLAIN ***")), {}, Phase.LOGIN),
    "response": ({}, (*SAID, ("C", b"***")), {}, Phase.LOGIN),
    "imap login": ({}, (("C", b"A002 LOGIN ***"),), {}, Phase.LOGIN),
    "ehlo login": ({}, (("C", b"EHLO login"),), {}, Phase.GREETING),
    "proxy": ({"proxy": "h:1"}, (), {"connected": False}, Phase.PROXY),
    "tunnel": ({"proxy": "h:1"}, TUNNEL[:2], {}, Phase.PROXY),
    "behind the tunnel": ({"proxy": "h:1"}, TUNNEL, {}, Phase.GREETING),
}


@pytest.mark.parametrize(("options", "lines", "done", "phase"), PHASES.values(), ids=PHASES)
def test_phase_of_a_timeout(options, lines, done, phase):
    """Where a dial was when its time ended, from what had been said and done."""
    checked = parse_options(Protocol.SMTP, host="mail.test", **{"port": 25, **options})
    state = {"resolved": True, "connected": True, "secured": False, **done}
    error = explain(Failure(28, "timed out", "", lines, words="", **state), checked)

    assert error.phase is phase
