"""What libcurl leaves to us, and what a hostile server or network may try before the login."""

import base64
import tomllib
from pathlib import Path

import pycurl
import pytest

from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.errors import (
    AuthenticationError,
    ConnectionLost,
    NetmailError,
    Phase,
    ProtocolError,
    TlsError,
)
from netmail.options.options import TLS_ALL, TLS_CONTROL, TLS_NONE, TLS_TRY
from servers.scripted import Close, Expect, Reply, Send, Silence, StartTls

CLIENTS = {"pop3": POP3, "imap": Imap, "smtp": Transport}
each_protocol = pytest.mark.parametrize("protocol", CLIENTS)

HELLO = {
    "pop3": [Send(b"+OK hi\r\n"), Expect(b"CAPA")],
    "imap": [Send(b"* OK hi\r\n"), Expect(b"(.*) CAPABILITY")],
    "smtp": [Send(b"220 hi\r\n"), Expect(b"EHLO .*")],
}
OFFERS = {  # a login, no TLS
    "pop3": [Send(b"+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n")],
    "imap": [Reply(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n\\1 OK\r\n")],
    "smtp": [Send(b"250-me\r\n250-SIZE\r\n250 AUTH PLAIN\r\n")],
}
OFFERS_TLS = {
    "pop3": [Send(b"+OK\r\nUSER\r\nSASL PLAIN\r\nSTLS\r\n.\r\n"), Expect(b"STLS")],
    "imap": [
        Reply(b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR\r\n\\1 OK\r\n"),
        Expect(b"(.*) STARTTLS"),
    ],
    "smtp": [Send(b"250-me\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"), Expect(b"STARTTLS")],
}
NO_LOGIN = {
    "pop3": [Send(b"+OK\r\nTOP\r\n.\r\n")],
    "imap": [Reply(b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n\\1 OK\r\n")],
    "smtp": [Send(b"250-me\r\n250 SIZE\r\n")],
}
GO = {
    "pop3": b"+OK go\r\n",
    "imap": b"\\1 OK go\r\n",
    "smtp": b"220 go\r\n",
}
INJECTED = {
    "pop3": b"+OK\r\nUSER\r\n.\r\n+OK in\r\n+OK 9 9\r\n",
    "imap": b"* CAPABILITY IMAP4rev1\r\nA003 OK\r\nA004 OK in\r\n",
    "smtp": b"250-me\r\n250 AUTH PLAIN\r\n235 in\r\n",
}
LOGIN = {
    "pop3": [Expect(b"AUTH PLAIN .*")],
    "imap": [Expect(b"(.*) AUTHENTICATE PLAIN .*")],
    "smtp": [Expect(b"AUTH PLAIN .*")],
}
BLOB = base64.b64encode(b"\0ann\0hunter22")


def client_of(protocol, server, **options):
    """A client with credentials."""
    given = {"host": "127.0.0.1", "port": server.port, "username": "ann", "password": "hunter22",
             "timeout": 5000}  # fmt: skip
    return CLIENTS[protocol](**{**given, **options})


def leaked(server):
    """What of the credentials was sent, whatever else was."""
    said = server.join()
    return [secret for secret in (b"ann", b"hunter22", BLOB, b"AHRp") if secret in said]


# -- credentials leave in clear only where that is asked for ----------------------------------


@each_protocol
def test_default_beyond_loopback_is_tls(scripted, protocol):
    """A server elsewhere that offers no TLS gets no credentials, without any option given."""
    server = scripted(*HELLO[protocol], *OFFERS[protocol])
    resolve = f"mail.example:{server.port}:127.0.0.1"
    client = client_of(protocol, server, host="mail.example", resolve=resolve)
    with pytest.raises(TlsError) as caught:
        client.connect()

    assert client.options.tls == TLS_ALL
    assert caught.value.phase == Phase.TLS
    assert leaked(server) == []


@each_protocol
@pytest.mark.parametrize("tls", [TLS_ALL, TLS_CONTROL])
def test_tls_required(scripted, protocol, tls):
    """On loopback too, where TLS was asked for."""
    server = scripted(*HELLO[protocol], *OFFERS[protocol])
    with pytest.raises(TlsError):
        client_of(protocol, server, tls=tls).connect()

    assert leaked(server) == []


@each_protocol
@pytest.mark.parametrize(
    "options", [{"tls": TLS_NONE}, {"tls": TLS_TRY}, {}], ids=["none", "try", "loopback"]
)
def test_clear_where_it_is_asked_for(scripted, protocol, options):
    """TLS_NONE and TLS_TRY are obeyed, elsewhere too; on loopback TLS_TRY is the default."""
    server = scripted(*HELLO[protocol], *OFFERS[protocol], *LOGIN[protocol], Close())
    where = {"host": "mail.example", "resolve": f"mail.example:{server.port}:127.0.0.1"}
    with pytest.raises(NetmailError):
        client_of(protocol, server, auth="PLAIN", **options, **(where if options else {})).connect()

    assert BLOB in server.join()


@each_protocol
@pytest.mark.parametrize("tls", [TLS_TRY, TLS_ALL])
def test_bad_certificate_is_no_reason_to_go_on_in_clear(scripted, protocol, tls):
    """Even TLS_TRY does not fall back once the handshake has begun."""
    go = Reply(GO[protocol]) if protocol == "imap" else Send(GO[protocol])
    server = scripted(*HELLO[protocol], *OFFERS_TLS[protocol], go, StartTls("self_signed"))
    with pytest.raises(TlsError):
        client_of(protocol, server, tls=tls).connect()

    assert leaked(server) == []


# -- STARTTLS ---------------------------------------------------------------------------------


@each_protocol
@pytest.mark.parametrize("tls", [TLS_TRY, TLS_ALL])
def test_starttls_injection(scripted, protocol, tls):
    """Replies that came in clear after STARTTLS's never pass as replies under TLS."""
    go = (Reply if protocol == "imap" else Send)(GO[protocol] + INJECTED[protocol])
    server = scripted(*HELLO[protocol], *OFFERS_TLS[protocol], go, Close())
    client = client_of(protocol, server, tls=tls, verify_peer=False)
    with pytest.raises(NetmailError):
        client.connect()

    assert leaked(server) == []
    assert not client.is_connected


@each_protocol
def test_capabilities_from_before_tls_are_forgotten(scripted, protocol):
    """What was offered in clear may be an attacker's; only what is offered under TLS counts."""
    go = Reply(GO[protocol]) if protocol == "imap" else Send(GO[protocol])
    server = scripted(
        *HELLO[protocol],
        *OFFERS_TLS[protocol],
        go,
        StartTls(),
        HELLO[protocol][1],
        *NO_LOGIN[protocol],
        Silence(),
    )
    client = client_of(protocol, server, tls=TLS_ALL, ca_file=server.ca_file, username=None,
                       password=None)  # fmt: skip
    client.connect()
    offers = set(client.capabilities)
    client.abort()

    assert offers
    assert not offers & {"STLS", "STARTTLS", "SASL", "USER", "AUTH", "AUTH=PLAIN"}


def test_preauth_where_tls_is_required(scripted):
    """A greeting that skips the login skips STARTTLS too: refused."""
    server = scripted(Send(b"* PREAUTH welcome\r\n"), Silence())
    with pytest.raises(NetmailError):
        client_of("imap", server, tls=TLS_ALL, timeout=1000).noop()

    assert leaked(server) == []


# -- no login is possible ---------------------------------------------------------------------


@each_protocol
def test_no_login_offered(scripted, protocol):
    """The error says that there is no login, and nothing is sent."""
    server = scripted(*HELLO[protocol], *NO_LOGIN[protocol], Silence())
    with pytest.raises(AuthenticationError) as caught:
        client_of(protocol, server, tls=TLS_NONE).connect()

    assert caught.value.phase is Phase.LOGIN
    assert leaked(server) == []


@each_protocol
def test_no_scram_offered(scripted, protocol):
    """Where netmail logs in itself, a weaker mechanism is not taken instead."""
    server = scripted(*HELLO[protocol], *OFFERS[protocol], Silence())
    with pytest.raises(AuthenticationError, match="SCRAM-SHA-256"):
        client_of(protocol, server, tls=TLS_NONE, auth="SCRAM-SHA-256").connect()

    assert leaked(server) == []


@each_protocol
def test_no_user_no_login(scripted, protocol):
    """Without a user name the session begins unauthenticated, though a login is offered."""
    server = scripted(*HELLO[protocol], *OFFERS[protocol])
    client = client_of(protocol, server, tls=TLS_NONE, username=None, password=None)
    client.connect()
    client.abort()

    assert leaked(server) == []
    assert b"AUTH" not in server.received


# -- octets after the login's reply -----------------------------------------------------------


def pop3_login(after, *steps):
    """A script that logs in by USER and PASS and sends `after` in the segment of the reply."""
    return [
        *HELLO["pop3"],
        Send(b"-ERR\r\n"),
        Expect(b"USER ann"),
        Send(b"+OK\r\n"),
        Expect(b"PASS hunter22"),
        Send(b"+OK in\r\n" + after),
        *steps,
    ]


@pytest.mark.parametrize(
    ("after", "error"),
    [
        (b"+OK 9 9\r\n", ProtocolError),
        (b"-ERR no\r\n", ConnectionLost),
        (b"+OK 9 9\r\n" * 50, ProtocolError),
        (b"+OK 9", ProtocolError),
    ],
    ids=["one", "closing", "many", "cut"],
)
def test_replies_behind_the_login(scripted, after, error):
    """What came with the login's reply is never taken for a reply, and nothing is sent after it."""
    server = scripted(*pop3_login(after))
    with pytest.raises(error):
        client_of("pop3", server, tls=TLS_NONE).stat()

    assert b"STAT" not in server.join()


def test_line_cut_behind_the_login_of_imap(scripted):
    """IMAP servers may speak at any time: the rest of such a line completes it."""
    server = scripted(
        *HELLO["imap"],
        Reply(b"* CAPABILITY IMAP4rev1\r\n\\1 OK\r\n"),
        Expect(b"(.*) LOGIN .*"),
        Reply(b"\\1 OK [CAPABILITY IMAP4rev1 MOVE] in\r\n* OK [ALE"),
        Expect(b"(.*) NOOP"),
        Reply(b"RT] maintenance\r\n\\1 OK done\r\n"),
    )
    client = client_of("imap", server, tls=TLS_NONE)
    client.connect()
    client.noop()

    assert client.alerts == ["maintenance"]
    client.abort()


# -- the rest of what libcurl leaves to us ----------------------------------------------------


def test_tls_holds_octets_while_the_socket_is_quiet(scripted):
    """What TLS has decrypted is read before anybody waits for the socket."""
    body = b"x" * 78 + b"\r\n"
    server = scripted(
        StartTls(),
        *HELLO["pop3"],
        Send(b"-ERR\r\n"),
        Expect(b"RETR 1"),
        Send(b"+OK\r\n" + body * 5000 + b".\r\n"),
        Silence(),
    )
    client = POP3(host="127.0.0.1", port=server.port, tls_implicit=True, ca_file=server.ca_file,
                  timeout=2000)  # fmt: skip

    assert client.retr(1) == body * 5000
    client.abort()


def test_greeting_and_capabilities_come_without_a_round_trip(scripted):
    """What the handshake has shown is not asked again."""
    server = scripted(*HELLO["pop3"], Send(b"+OK\r\nTOP\r\nUIDL\r\n.\r\n"))
    client = POP3(host="127.0.0.1", port=server.port, tls=TLS_NONE, timeout=5000).connect()
    offers = client.capabilities
    client.abort()

    assert offers == {"TOP": (), "UIDL": ()}
    assert server.join() == b"CAPA\r\n"


def test_libcurl_dials_plain_tcp_for_lmtp(scripted):
    """CONNECT_ONLY on an http URL connects and sends no octet."""
    server = scripted(Send(b"220 lmtp\r\n"), Expect(b"LHLO me"))
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, f"http://127.0.0.1:{server.port}")
    handle.setopt(pycurl.CONNECT_ONLY, 1)
    handle.setopt(pycurl.PROXY, "")
    handle.perform()
    handle.send(b"LHLO me\r\n")
    server.join()
    handle.close()

    assert server.received == b"LHLO me\r\n"


def test_pycurl_is_recent_enough():
    """send() and recv_into() came with pycurl 7.46; the package asks for 7.47."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))

    assert "pycurl>=7.47" in project["project"]["dependencies"]
    assert {"send", "recv_into"} <= set(dir(pycurl.Curl))
