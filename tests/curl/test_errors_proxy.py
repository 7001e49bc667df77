"""What can be wrong with a proxy, and what is wrong with the server after it."""

import pytest

from netmail.errors import (
    MailTimeout,
    Phase,
    ProxyError,
)
from netmail.options.options import TLS_ALL, TLS_NONE
from servers.accounts import User
from servers.scripted import Expect, Send, Silence
from support.connecting import failing, told

pytestmark = pytest.mark.usefixtures("each_dial")


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

    assert type(error) is ProxyError
    assert error.phase == Phase.PROXY
    assert "proxy_password" in str(error)
    assert "wrongpass" not in str(error)


@pytest.mark.parametrize("user", [None, User("micro", "wrongpass")], ids=["none", "wrong"])
def test_socks_proxy_wants_a_password(microsocks, dovecot, user):
    """SOCKS5 likewise."""
    error = failing(port=dovecot.ports.pop3, proxy=microsocks.url(user), timeout=5000)

    assert told(error) == (ProxyError, Phase.PROXY, 97)
    assert "proxy_password" in str(error)


def test_http_proxy_does_not_reach_the_server(tinyproxy, free_port):
    """The proxy works, and the server after it does not."""
    error = failing(port=free_port, proxy=tinyproxy.url(), timeout=5000)

    assert type(error) is ProxyError
    assert error.phase == Phase.PROXY
    assert "could not reach the server" in str(error)


def test_socks_proxy_does_not_reach_the_server(microsocks, free_port):
    """SOCKS5 likewise."""
    error = failing(port=free_port, proxy=microsocks.url(), timeout=5000)

    assert told(error) == (ProxyError, Phase.PROXY, 97)
    assert "could not reach the server" in str(error)
    assert "proxy_password" not in str(error)


@pytest.mark.parametrize("status", [b"403 Forbidden", b"502 Bad Gateway", b"500 Broken"])
def test_http_proxy_refuses(scripted, status):
    """The proxy's status is in the error."""
    proxy = scripted(
        Expect(b"CONNECT .*"), Send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
    )
    error = failing(port=110, proxy=f"http://127.0.0.1:{proxy.port}", timeout=5000)

    assert type(error) is ProxyError
    assert error.phase == Phase.PROXY
    assert status[:3].decode() in str(error)


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks4"])
def test_silent_proxy(scripted, scheme):
    """A proxy that accepts and says nothing."""
    proxy = scripted(Silence())
    error = failing(port=110, proxy=f"{scheme}://127.0.0.1:{proxy.port}")

    assert told(error) == (MailTimeout, Phase.PROXY, 28)


@pytest.mark.parametrize(("implicit", "phase"), [(True, Phase.TLS), (False, Phase.GREETING)])
def test_silence_behind_a_proxy(scripted, implicit, phase):
    """A silent server after a proxy that works is no error of the proxy."""
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
