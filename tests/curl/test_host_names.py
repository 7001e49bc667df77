"""Host names beyond ASCII, as libcurl resolves them and compares certificates with them."""

import contextlib

import pytest

from netmail.clients.pop3 import POP3
from netmail.errors import ConnectError, Phase, TlsError
from servers.scripted import Expect, ScriptError, Send, StartTls
from support.pop3_steps import HELLO, QUIT


def client_of(server, host, **options):
    """Make a client for a server on loopback, by a name that no DNS knows."""
    return POP3(
        host=host,
        port=server.port,
        resolve={(host, server.port): "127.0.0.1"},
        tls_implicit=True,
        ca_file=server.ca_file,
        timeout=5000,
        **options,
    )


@pytest.mark.parametrize(
    "host", ["Bücher.example", "bu\u0308cher。example", "xn--bcher-kva.example"]
)
def test_certificate_is_for_the_a_label(scripted, host):
    """However the name is written, the certificate for its A-label is accepted."""
    server = scripted(StartTls(), *HELLO, *QUIT)
    client = client_of(server, host)
    client.connect()

    assert client.options.url.startswith("pop3s://xn--bcher-kva.example:")
    client.quit()


@pytest.mark.parametrize("host", ["bucher.example", "fass.example", "bücher.example.test"])
def test_certificate_of_another_name(scripted, host):
    """The name without its dots, or in another domain, is another name."""
    server = scripted(StartTls())
    with pytest.raises(TlsError) as caught:
        client_of(server, host).connect()
    with contextlib.suppress(ScriptError):  # libcurl may close before or after the handshake
        server.join()

    assert caught.value.phase == Phase.TLS


def test_proxy_gets_the_a_label(scripted):
    """An HTTP proxy is asked for the name that DNS has."""
    proxy = scripted(
        Expect(b"CONNECT xn--bcher-kva.example:110 HTTP/1.1"),
        Expect(b"Host: xn--bcher-kva.example:110"),
        Expect(b"User-Agent: .*"),
        Expect(b"Proxy-Connection: .*"),
        Expect(b""),
        Send(b"HTTP/1.1 200 OK\r\n\r\n"),
        *HELLO,
        *QUIT,
    )
    with POP3(host="bücher.example", proxy=f"http://127.0.0.1:{proxy.port}", timeout=5000) as pop3:
        pop3.connect()
    proxy.join()


def test_unknown_host():
    """The A-label is what libcurl asks the resolver for."""
    with pytest.raises(ConnectError) as caught:
        POP3(host="bücher.invalid", timeout=5000).connect()

    assert caught.value.phase == Phase.RESOLVE
    assert "xn--bcher-kva.invalid" in str(caught.value)
