"""How a Transport begins and ends, against Postfix: logins, TLS, quit(), connect() again."""

import pytest

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import (
    AuthenticationError,
    CapabilityError,
    ConnectError,
    StateError,
    TlsError,
)
from netmail.options.options import TLS_ALL, TLS_NONE
from servers.dovecot import token
from support.twins import maker


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


@pytest.fixture
def transport(make, postfix):
    """Make a client for Postfix, in any TLS mode; alice logs in by default."""

    def connect(scheme="smtp", login=postfix.dovecot.user("alice"), **options):  # noqa: B008
        given = {"tls": TLS_NONE} if scheme == "smtp" else {}
        trusted = {} if scheme == "smtp" else {"ca_file": postfix.ca_file}
        return make(
            postfix.url(scheme, login), **{**given, **trusted, "timeout": 20_000, **options}
        )

    return connect


@pytest.mark.parametrize(
    "auth",
    ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"],
)
@pytest.mark.parametrize("name", ["alice", "carol"])
def test_login(transport, dovecot, auth, name):
    """Each mechanism, also with a password that needs escaping everywhere."""
    client = transport("submission", login=dovecot.user(name), auth=auth)

    assert client.test_connection() is True, client.last_error


def test_wrong_password(transport):
    """A refused login raises with the server's text, and the queue is untouched."""
    client = transport("submission", password="wrong")
    client.add_message(Envelope("alice@example.test", ("bob@example.test",), b"\r\n"))
    with pytest.raises(AuthenticationError, match="535"):
        client.send()

    assert len(client.queue) == 1


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_token(make, postfix_logins, mechanism):
    """A token logs in by either mechanism; an expired one is refused."""
    user = postfix_logins.dovecot.user("alice")
    url, given = postfix_logins.url("submission"), {"username": user.name, "auth": mechanism}
    given |= {"ca_file": postfix_logins.ca_file, "timeout": 20_000}
    client = make(url, oauth2_token=token(user), **given)
    late = make(url, oauth2_token=token(user, seconds=-60), **given)

    assert client.test_connection() is True, client.last_error
    with pytest.raises(AuthenticationError, match="535") as caught:
        late.connect()
    assert list(caught.value.tried) == [mechanism]


def test_refusal_of_libcurl(transport):
    """DIGEST-MD5 is libcurl's; the server's text and the end of the connection are in the error."""
    client = transport("submission", password="wrong", auth="DIGEST-MD5")
    with pytest.raises(AuthenticationError, match=r"535.*DIGEST-MD5 .* ends the connection"):
        client.connect()

    assert not client.is_connected


@pytest.mark.parametrize("on_event", [None, [].append], ids=["", "listener"])
def test_nobody_listens(make, on_event):
    """A connection that fails raises, and the queue is untouched; a listener changes no error."""
    client = make("smtp://127.0.0.1:1", tls=TLS_NONE, on_event=on_event)
    client.add_message(Envelope("a@x.test", ("b@x.test",), b"\r\n"))
    with pytest.raises(ConnectError):
        client.send()

    assert len(client.queue) == 1


def test_tls_that_is_not_offered(transport, postfix):
    """TLS_ALL is not content with a server that has no STARTTLS; no credentials leave."""
    with pytest.raises(TlsError):
        transport("smtp", tls=TLS_ALL, ca_file=postfix.ca_file).noop()


def test_certificate_of_nobody(transport):
    """A certificate that no known authority signed is refused by default."""
    with pytest.raises(TlsError, match="ca_file"):
        transport("smtps", ca_file=None).noop()


def test_quit_ends_the_session(transport):
    """After quit() a call says so; connect() reconnects."""
    client = transport()
    client.noop()
    client.quit()
    client.quit()
    with pytest.raises(StateError, match="connect"):
        client.noop()

    assert client.connect() is client
    assert client.noop() is None
    client.quit()


def test_capabilities_are_known_after_the_dial(transport, postfix):
    """No second EHLO is needed."""
    client = transport()

    assert client.capabilities == {}
    with client.connect():
        assert client.capabilities["SIZE"] == (str(postfix.size_limit),)


def test_beyond_ascii_in_verify_where_it_is_not_known(make, smtp_sink):
    """What the server does not accept is not sent."""
    with make(smtp_sink.url, tls=TLS_NONE) as client, pytest.raises(CapabilityError):
        client.verify("ünï@x.test")
