"""Logins without a password at Dovecot: client certificates, and OAuth 2.0 tokens."""

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.errors import AuthenticationError
from servers.dovecot import token
from support.twins import maker

KINDS = {"imap": (Imap, AsyncImap), "pop3": (POP3, AsyncPOP3)}


@pytest.fixture(params=["imap", "pop3"])
def protocol(request):
    return request.param


@pytest.fixture(params=["blocking", "asyncio"])
def connect(request, dovecot_logins, protocol):
    """Connect within TLS, and leave."""
    made = maker(request.param, *KINDS[protocol])
    new = next(made)

    def run(**options):
        port = getattr(dovecot_logins.ports, f"{protocol}s")
        events = []
        client = new(
            host="localhost",
            port=port,
            tls_implicit=True,
            ca_file=str(dovecot_logins.ca_file),
            on_event=events.append,
            **options,
        )
        try:
            client.connect()
        finally:
            client.abort()
        return [event.mechanism for event in events if hasattr(event, "mechanism")]

    yield run
    next(made, None)


def test_client_certificate(connect, certificates):
    """The certificate alone is the identity; nothing secret is sent."""
    used = connect(
        username="alice",
        auth="EXTERNAL",
        client_cert=str(certificates.client.certificate),
        client_key=str(certificates.client.key),
    )

    assert used == ["EXTERNAL"]


def test_no_client_certificate(connect):
    """Without one the server does not let the client in."""
    with pytest.raises(AuthenticationError):
        connect(username="alice", auth="EXTERNAL")


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_token(connect, dovecot_logins, mechanism):
    """A token that the server can check itself logs in by either mechanism."""
    given = {
        "username": "alice",
        "oauth2_token": token(dovecot_logins.user("alice")),
        "auth": mechanism,
    }

    assert connect(**given) == [mechanism]


def test_expired_token(connect, dovecot_logins):
    """An expired token is refused, and a fresh one of the same function is accepted."""
    user = dovecot_logins.user("alice")
    tokens = [token(user, seconds=-60), token(user)]

    assert connect(username="alice", oauth2_token=lambda: tokens.pop(0)) == ["OAUTHBEARER"]
    assert tokens == []
    with pytest.raises(AuthenticationError) as caught:
        connect(username="alice", oauth2_token=token(user, seconds=-60))
    assert set(caught.value.tried) == {"XOAUTH2", "OAUTHBEARER"}
