"""What each option does while connecting, as the server and libcurl see it."""

import base64
import contextlib
import os
import socket
import threading
import time
from datetime import timedelta

import pycurl
import pytest

from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.curl.setopt import dial_url, settings
from netmail.errors import ConnectError, MailTimeout, TlsError, UsageError
from netmail.options.options import TLS_ALL, TLS_NONE, TLS_TRY, MailProtocol, parse_options
from netmail.secret import Secret
from servers.scripted import Drip, Expect, ScriptError, Send, Silence, StartTls
from support.pop3_steps import HELLO

EHLO = [Send(b"220 hi\r\n"), Expect(b"EHLO .*"), Send(b"250 me\r\n")]


@pytest.fixture
def pop3(scripted):
    """Connect to a server that greets, with the given options; return the client."""
    clients = []

    def make(*before, **options):
        server = scripted(*before, *HELLO)
        given = {"host": "127.0.0.1", "port": server.port, "timeout": 5000, **options}
        clients.append(POP3(**given).connect())
        return clients[-1]

    yield make
    for client in clients:
        client.abort()


def info(client, name):
    """What libcurl says of a client's connection."""
    return client.get_handle().getinfo(getattr(pycurl, name))


def test_ip_version(pop3):
    """Only addresses of the asked family are tried."""
    client = pop3(host="localhost", ip_version=4)
    with pytest.raises(ConnectError):
        POP3(host="localhost", port=client.options.port, ip_version=6).connect()

    assert info(client, "PRIMARY_IP") == "127.0.0.1"


def test_source_address(pop3):
    """The connection comes from there."""
    assert info(pop3(source_address="127.0.0.9"), "LOCAL_IP") == "127.0.0.9"


@pytest.mark.parametrize("form", [dict, str])
def test_resolve(scripted, form):
    """A name is found where the caller says."""
    server = scripted(*HELLO)
    override = f"mail.example:{server.port}:127.0.0.1"
    if form is dict:
        override = {("mail.example", server.port): "127.0.0.1"}
    client = POP3(host="mail.example", port=server.port, resolve=override, timeout=5000)

    assert info(client, "PRIMARY_IP") == "127.0.0.1"
    client.abort()


def test_unix_socket(tmp_path):
    """A local socket is connected to like a port."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve():
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.write(b"+OK hi\r\n")
                stream.flush()
                while line := stream.readline():
                    stream.write(b"+OK 1 2\r\n" if line == b"STAT\r\n" else b"-ERR\r\n")
                    stream.flush()

        server = threading.Thread(target=serve)
        server.start()
        client = POP3(unix_socket=path, timeout=5000)
        count = client.stat()
        client.abort()
        server.join()

    assert count == {"count": 1, "size": 2}


def test_local_hostname(scripted):
    """EHLO says the given name, also one that needs escaping in a URL."""
    server = scripted(*EHLO)
    Transport(
        host="127.0.0.1", port=server.port, tls=0, local_hostname="a_b.example", timeout=5000
    ).connect().abort()

    assert server.join() == b"EHLO a_b.example\r\n"


def test_keepalive(pop3):
    """A connection that idles for hours is kept alive, or found dead."""
    client = pop3(tls=TLS_NONE)
    with socket.socket(fileno=os.dup(client._connection.stream.fileno())) as seen:
        assert seen.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


@pytest.mark.parametrize(
    ("connect", "timeout"),
    [(timedelta(milliseconds=200), 10_000), (None, timedelta(milliseconds=200))],
)
def test_connect_timeout(scripted, connect, timeout):
    """connect_timeout covers connecting as a whole; without it, timeout does."""
    server = scripted(Silence())
    client = POP3(host="127.0.0.1", port=server.port, timeout=timeout, connect_timeout=connect)
    begun = time.monotonic()
    with pytest.raises(MailTimeout):
        client.connect()

    assert 0.18 < time.monotonic() - begun < 2


def test_timeout_may_be_shorter_than_connect_timeout(scripted):
    """Connecting may be slow where later waits are short."""
    server = scripted(Drip(b"+OK hi\r\n", 0.05), *HELLO[1:])
    client = POP3(
        host="127.0.0.1",
        port=server.port,
        tls=0,
        timeout=timedelta(milliseconds=200),
        connect_timeout=9000,
    )
    client.connect()

    assert client.is_connected
    client.abort()


# -- TLS --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["ca_file", "ca_data"])
def test_authority(pop3, certificates, form):
    """An authority of one's own, as a file or as PEM text."""
    pem = certificates.ca_file.read_bytes()
    value = certificates.ca_file if form == "ca_file" else pem
    client = pop3(StartTls(), tls_implicit=True, **{form: value})

    assert info(client, "SSL_VERIFYRESULT") == 0
    assert info(client, "APPCONNECT_TIME") > 0


@pytest.mark.parametrize("locked", [False, True], ids=["open", "locked"])
def test_client_certificate(pop3, certificates, locked):
    """A server that demands a certificate gets it, with a locked key too."""
    options = {"client_key": certificates.client.key}
    if locked:
        options = {
            "client_key": certificates.client_key_encrypted,
            "client_key_password": certificates.client_key_password,
        }
    client = pop3(
        StartTls(client_certificate=True),
        tls_implicit=True,
        ca_file=certificates.ca_file,
        client_cert=certificates.client.certificate,
        **options,
    )

    assert client.is_connected


def test_no_tls_where_none_is_meant(scripted):
    """TLS_NONE does not say STLS, though it is offered."""
    server = scripted(Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nSTLS\r\n.\r\n"))
    POP3(host="127.0.0.1", port=server.port, tls=TLS_NONE, timeout=5000).connect().abort()

    assert server.join() == b"CAPA\r\n"


# -- proxy ------------------------------------------------------------------------------------


def test_environment_is_not_obeyed(pop3, monkeypatch):
    """Nobody asked for the proxy of an environment variable."""
    for name in ("ALL_PROXY", "all_proxy", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert pop3(tls=TLS_NONE).is_connected


def test_no_proxy_is_not_obeyed(scripted, monkeypatch):
    """Nor does one take away the proxy that was asked for."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    proxy = scripted(
        Expect(b"CONNECT mail.example:110 HTTP/1.1"),
        Expect(b"Host: .*"),
        Send(b"HTTP/1.1 200 OK\r\n\r\n"),
        Expect(b"User-Agent: .*"),
        Expect(b"Proxy-Connection: .*"),
        Expect(b""),
        *HELLO,
    )
    client = POP3(
        host="mail.example", port=110, proxy=f"http://127.0.0.1:{proxy.port}", timeout=5000
    )
    client.connect()
    client.abort()

    assert b"CONNECT mail.example:110" in proxy.join()


def https_proxy(scripted, pair):
    """A proxy that speaks TLS itself and lets through to a POP3 server."""
    return scripted(
        StartTls(pair),
        Expect(b"CONNECT mail.example:110 HTTP/1.1"),
        Expect(b"Host: .*"),
        Expect(b"Proxy-Authorization: Basic .*"),
        Expect(b"User-Agent: .*"),
        Expect(b"Proxy-Connection: .*"),
        Expect(b""),
        Send(b"HTTP/1.1 200 OK\r\n\r\n"),
        *HELLO,
    )


def through(proxy, **options):
    """A client that connects through it."""
    return POP3(host="mail.example", port=110, timeout=5000,
                proxy=f"https://joe:pr0xy@localhost:{proxy.port}", **options)  # fmt: skip


@pytest.mark.parametrize("form", ["ca_file", "ca_data"])
def test_https_proxy(scripted, certificates, form):
    """A proxy under TLS is verified with the same authority, as a file or as PEM text."""
    pem = certificates.ca_file.read_bytes()
    proxy = https_proxy(scripted, "server")
    client = through(proxy, **{form: certificates.ca_file if form == "ca_file" else pem})
    client.connect()

    assert client.is_connected
    client.abort()


def test_https_proxy_that_is_not_verified(scripted, certificates):
    """verify_proxy_peer=False accepts any proxy, and says nothing of the server's certificate."""
    proxy = https_proxy(scripted, "self_signed")
    client = through(proxy, verify_proxy_peer=False, ca_file=certificates.ca_file)
    client.connect()

    assert client.options.verify_peer
    client.abort()


def test_https_proxy_with_a_bad_certificate(scripted, certificates):
    """The proxy's password does not go to a proxy that is somebody else."""
    proxy = scripted(StartTls("self_signed"))
    with pytest.raises(TlsError) as caught:
        through(proxy, ca_file=certificates.ca_file).connect()
    with contextlib.suppress(ScriptError):
        proxy.join()

    assert caught.value.phase == "proxy"
    assert "verify_proxy_peer=False" in str(caught.value)
    assert b"Proxy-Authorization" not in proxy.received


# -- the table itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "options", "url"),
    [
        (MailProtocol.SMTP, {"host": "h", "port": 25}, "smtp://h:25/"),
        (MailProtocol.SMTP, {"host": "h"}, "smtps://h:465/"),
        (
            MailProtocol.SMTP,
            {"host": "h", "port": 25, "local_hostname": "a/b"},
            "smtp://h:25/a%2Fb",
        ),
        (MailProtocol.IMAP, {"host": "::1"}, "imap://[::1]:143/"),
        (MailProtocol.IMAP, {"host": "h", "port": 993}, "imaps://h:993/"),
        (MailProtocol.IMAP, {"host": "h", "mailbox": "INBOX"}, "imap://h:143/"),
        (MailProtocol.POP3, {"host": "h", "tls_implicit": True}, "pop3s://h:110/"),
        (MailProtocol.POP3, {"host": "h", "username": "u", "password": "p"}, "pop3://h:110/"),
    ],
)
def test_dial_url(protocol, options, url):
    """Scheme, host and port; no mailbox, no credentials."""
    assert dial_url(parse_options(protocol, **options)) == url


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ({}, TLS_TRY),
        ({"username": "u"}, TLS_TRY),
        ({"username": "u", "host": "mail.example"}, TLS_ALL),
        ({"username": "u", "host": "mail.example", "tls": TLS_TRY}, TLS_TRY),
        ({"tls": TLS_NONE}, TLS_NONE),
    ],
)
def test_use_ssl(options, number):
    """How much TLS is asked for reaches libcurl as it was decided."""
    chosen = dict(settings(parse_options(MailProtocol.POP3, **options)))

    assert chosen[pycurl.USE_SSL] == number


def test_secrets_reach_libcurl_only_where_it_logs_in():
    """Where netmail logs in, libcurl gets neither name nor password."""
    ours = parse_options(MailProtocol.POP3, username="u", password="hunter22", auth="SCRAM-SHA-256")
    values = list(dict(settings(ours)).values())

    secrets = {"u", b"u", Secret("hunter22"), "hunter22", b"hunter22"}
    assert [value for value in values if value in secrets] == []


def test_value_that_libcurl_refuses():
    """Libcurl takes strings of eight megabytes at most: a UsageError, and not a megabyte long."""
    with pytest.raises(UsageError, match="libcurl refuses") as caught:
        POP3(host="127.0.0.1", username="u" * 8_100_000, auth="DIGEST-MD5", tls=0).connect()

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("auth", ["PLAIN", None])
def test_authzid(scripted, auth):
    """The identity to act as goes into the login."""
    server = scripted(
        *HELLO[:2],
        Send(b"+OK\r\nSASL PLAIN\r\n.\r\n"),
        Expect(b"AUTH PLAIN " + base64.b64encode(b"boss\0ann\0hunter22")),
        Send(b"+OK\r\n"),
    )
    client = POP3(host="127.0.0.1", port=server.port, username="ann", password="hunter22",
                  authzid="boss", auth=auth, timeout=5000)  # fmt: skip
    client.connect()

    assert client.is_connected
    client.abort()
