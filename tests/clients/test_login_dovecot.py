"""Every login of netmail's at Dovecot: each mechanism, and what follows a refused one."""

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.errors import AuthenticationError
from support.twins import maker

KINDS = {"imap": (Imap, AsyncImap), "pop3": (POP3, AsyncPOP3)}
SASL = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "DIGEST-MD5"]
MECHANISMS = [
    *(("imap", name) for name in [*SASL, "+LOGIN"]),
    *(("pop3", name) for name in [*SASL, "USER", "+LOGIN", "APOP"]),
]


@pytest.fixture(params=["blocking", "asyncio"])
def connect(request, dovecot):
    """Make a client of either kind, of either protocol, over TLS or in clear."""
    made = []
    makers = []

    def make(protocol, user, *, tls=False, **options):
        makers.append(maker(request.param, *KINDS[protocol]))
        url = dovecot.url(f"{protocol}s" if tls else protocol, user)
        given = {"ca_file": str(dovecot.ca_file)} if tls else {"tls": 0}
        made.append(next(makers[-1])(url, **given, timeout=20_000, **options))
        return made[-1]

    yield make
    for client in made:
        client.abort()
    for each in makers:
        next(each, None)


@pytest.mark.parametrize("name", ["alice", "carol"])
@pytest.mark.parametrize(("protocol", "auth"), MECHANISMS)
def test_login(connect, dovecot, protocol, auth, name):
    """Each mechanism, also with a password that needs escaping everywhere."""
    client = connect(protocol, dovecot.user(name), auth=auth)

    assert client.test_connection() is True, client.last_error


@pytest.mark.parametrize("protocol", KINDS)
def test_refusal_of_libcurl(connect, dovecot, protocol):
    """A refusal of DIGEST-MD5 ends the connection, since libcurl has made it: the error says so."""
    client = connect(protocol, dovecot.user("alice"), auth="DIGEST-MD5", password="wrong")
    with pytest.raises(AuthenticationError, match=r"DIGEST-MD5 .* ends the connection") as caught:
        client.connect()

    assert list(caught.value.tried) == ["DIGEST-MD5"]
    assert "uthentication failed" in caught.value.tried["DIGEST-MD5"]
    assert not client.is_connected


@pytest.mark.parametrize("protocol", KINDS)
def test_strongest_first(connect, dovecot, protocol):
    """Without `auth` the strongest is used, in one attempt."""
    events = []
    connect(protocol, dovecot.user("carol"), on_event=events.append).connect()
    (mechanism,) = [event.mechanism for event in events if hasattr(event, "mechanism")]

    assert mechanism == "SCRAM-SHA-256"


@pytest.mark.parametrize("tls", [True, False], ids=["TLS", "clear"])
@pytest.mark.parametrize("protocol", KINDS)
def test_wrong_password(connect, dovecot, protocol, tls):
    """Several mechanisms are tried over one connection; PLAIN only within TLS."""
    client = connect(protocol, dovecot.user("alice"), tls=tls, password="wrong")
    with pytest.raises(AuthenticationError) as caught:
        client.connect()
    names = list(caught.value.tried)

    assert names[:3] == ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"]
    assert ("PLAIN" in names) is tls
    assert ("PLAIN" in caught.value.not_tried) is not tls
    assert all("uthentication failed" in text for text in caught.value.tried.values())
