"""GSSAPI for real: tickets of a Kerberos realm at Dovecot and Postfix, and logins without one."""

import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.errors import AuthenticationError
from support.twins import maker

CLIENTS = {
    "imap": (Imap, AsyncImap),
    "imaps": (Imap, AsyncImap),
    "pop3": (POP3, AsyncPOP3),
    "pop3s": (POP3, AsyncPOP3),
    "submission": (Transport, AsyncTransport),
    "smtps": (Transport, AsyncTransport),
}


@pytest.fixture(params=["blocking", "asyncio"])
def connect(request, kerberos, dovecot_tickets, postfix_tickets, monkeypatch):
    """Make a client of either kind, with the user's ticket or without one, and connect it."""
    monkeypatch.setenv("KRB5_CONFIG", str(kerberos.config))
    made, makers = [], []

    def run(scheme, user=None, host="localhost"):
        tickets = kerberos.ticket(user) if user else "nowhere"
        monkeypatch.setenv("KRB5CCNAME", f"FILE:{tickets}")
        new = maker(request.param, *CLIENTS[scheme])
        makers.append(new)
        server = postfix_tickets if scheme in {"submission", "smtps"} else dovecot_tickets
        made.append(
            next(new)(
                server.url(scheme, host=host),
                auth="GSSAPI",
                ca_file=str(server.ca_file),
                timeout=20_000,
            )
        )
        made[-1].connect()
        return made[-1]

    yield run
    for client in made:
        client.abort()
    for each in makers:
        next(each, None)


@pytest.mark.parametrize("scheme", CLIENTS)
def test_ticket(connect, dovecot_tickets, scheme):
    """A ticket alone logs in, by all protocols, with STARTTLS and with TLS at once."""
    client = connect(scheme, dovecot_tickets.user("alice"))

    assert client.test_connection() is True, client.last_error


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_user_of_the_ticket(connect, dovecot_tickets, name):
    """The mailbox is that of the ticket's user."""
    user = dovecot_tickets.user(name)
    dovecot_tickets.deliver(user, f"Subject: for {name}\r\n\r\n".encode())
    imap = connect("imap", user)
    imap.select("INBOX")

    assert imap.search(f"SUBJECT {name}") != []


@pytest.mark.parametrize("scheme", CLIENTS)
def test_no_ticket(connect, scheme):
    """Without a ticket libcurl gives up, and the error says why."""
    with pytest.raises(AuthenticationError, match=r"No Kerberos credentials .*kinit") as caught:
        connect(scheme)

    assert caught.value.tried == {}


def test_host_without_a_principal(connect, dovecot_tickets):
    """A ticket is for a server's name: the KDC knows none of that address."""
    wanted = r"imap/127\.0\.0\.1@EXAMPLE\.TEST not found in Kerberos database.* name the host as"
    with pytest.raises(AuthenticationError, match=wanted):
        connect("imap", dovecot_tickets.user("alice"), host="127.0.0.1")
