"""Why a host is not reached, what it says instead of a greeting, and the table of reasons."""

import socket
from datetime import timedelta

import pytest

from netmail.curl.errors import MEANINGS, Failure, explain
from netmail.errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    MailTimeout,
    Phase,
    TransportError,
)
from netmail.options.options import MailProtocol, parse_options
from servers.scripted import Close, Send, Silence
from support.connecting import dialled, failing, told

pytestmark = pytest.mark.usefixtures("each_dial")


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
        error = failing(port=port, connect_timeout=timedelta(milliseconds=200))

    assert told(error) == (MailTimeout, Phase.CONNECT, 28)
    assert "timeout=" in str(error)


def test_missing_unix_socket(tmp_path):
    """A local socket that is not there."""
    error = failing(unix_socket=tmp_path / "none")

    assert told(error) == (ConnectError, Phase.CONNECT, 7)


def test_source_address_of_another_machine(free_port):
    """An address of another machine cannot be bound."""
    error = failing(port=free_port, source_address="192.0.2.1")

    assert told(error) == (ConnectError, Phase.CONNECT, 45)
    assert "source_address=" in str(error)


@pytest.mark.parametrize("protocol", MailProtocol)
def test_silent_greeting(scripted, protocol):
    """The server accepts and says nothing."""
    error = dialled(protocol, port=scripted(Silence()).port)

    assert told(error) == (MailTimeout, Phase.GREETING, 28)
    assert "tls_implicit=True" in str(error)
    assert "timeout=" in str(error)
    assert isinstance(error, TimeoutError)


@pytest.mark.parametrize(
    ("protocol", "greeting"),
    [
        (MailProtocol.POP3, b"-ERR [SYS/TEMP] too many of you\r\n"),
        (MailProtocol.IMAP, b"* BYE too many of you\r\n"),
        (MailProtocol.SMTP, b"554 too many of you\r\n"),
        (MailProtocol.SMTP, b"421 too many of you\r\n"),
    ],
    ids=["pop3-err", "imap-bye", "smtp-554", "smtp-421"],
)
def test_weird_greeting(scripted, protocol, greeting):
    """Another protocol, or a refusal: the server's own text is in the error."""
    error = dialled(protocol, port=scripted(Send(greeting)).port)

    assert told(error) == (ConnectError, Phase.GREETING, 8)
    assert greeting.decode().strip() in str(error)


@pytest.mark.parametrize(
    ("protocol", "greeting"),
    [(MailProtocol.POP3, b"* OK IMAP4rev1 ready\r\n"), (MailProtocol.IMAP, b"+OK POP3 ready\r\n")],
    ids=["pop3-imap", "imap-pop3"],
)
def test_greeting_of_another_protocol(scripted, protocol, greeting):
    """The line after which libcurl waits is shown when the wait ends."""
    error = dialled(protocol, port=scripted(Send(greeting), Silence()).port)

    assert told(error) == (MailTimeout, Phase.GREETING, 28)
    assert greeting.decode().strip() in str(error)
    assert "look at port=" in str(error)


@pytest.mark.parametrize("protocol", MailProtocol)
def test_end_instead_of_greeting(scripted, protocol):
    """The server accepts and hangs up."""
    error = dialled(protocol, port=scripted(Close()).port)

    assert type(error) is ConnectionLost
    assert error.phase == Phase.GREETING
    assert error.curl_code in {52, 55, 56}


@pytest.mark.parametrize("protocol", MailProtocol)
def test_reset_instead_of_greeting(scripted, protocol):
    """A server that crashes: the system may tell it before or after it tells of the connection."""
    error = dialled(protocol, port=scripted(Close(reset=True)).port)

    assert isinstance(error, ConnectionError)
    assert error.phase in {Phase.CONNECT, Phase.GREETING}


@pytest.mark.parametrize("code", [*MEANINGS, 999])
def test_every_meaning_makes_a_sentence(code):
    """Whatever number libcurl reports: an error of the tree, where it was, and what to do."""
    options = parse_options(MailProtocol.IMAP, host="mail.test", username="u", password="hunter22")
    failure = Failure(
        code,
        "libcurl's message",
        "",
        (),
        last_line="",
        resolved=True,
        connected=True,
        secured=False,
    )
    error = explain(failure, options)

    assert isinstance(error, TransportError | AuthenticationError)
    assert "libcurl's message" in str(error)
    assert len(str(error).split("; ", 1)[1]) > 10


@pytest.mark.parametrize("challenge", ["334 ", "334 YII=", "+ ", "+", "+ YII="])
def test_challenge_is_no_refusal(challenge):
    """After a challenge libcurl gave up, as without a ticket: its remark is the reason."""
    options = parse_options(MailProtocol.SMTP, auth="GSSAPI")
    lines = (("C", b"AUTH GSSAPI"), ("S", challenge.encode()))
    state = {"last_line": challenge, "resolved": True, "connected": True, "secured": False}
    error = explain(Failure(94, "it failed", "gss_init: no ticket", lines, **state), options)

    assert str(error).startswith("login: gss_init: no ticket; get a ticket with kinit")
    assert error.tried == {}


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
    """The phase in which the time ended, from what was sent and done before."""
    checked = parse_options(MailProtocol.SMTP, host="mail.test", **{"port": 25, **options})
    state = {"resolved": True, "connected": True, "secured": False, **done}
    error = explain(Failure(28, "timed out", "", lines, last_line="", **state), checked)

    assert error.phase is phase
