"""The option `reconnect` with real servers, which end a session for reasons of their own."""

import os
import select
import subprocess
import time

import pycurl
import pytest

from netmail import (
    POP3,
    AsyncImap,
    AsyncPOP3,
    AsyncTransport,
    ConnectionLost,
    Imap,
    RetryPolicy,
    StateError,
    Transport,
)
from netmail.results.events import Reconnecting
from servers.process import find_program
from servers.relay import Relay
from support.reconnecting import count
from support.twins import maker

pytestmark = pytest.mark.servers

POLICY = RetryPolicy(attempts=20, delay=0.05, max_delay=0.2)
MAIL = b"Subject: one\r\n\r\nfirst\r\n"


@pytest.fixture(params=["blocking", "asyncio"])
def kind(request):
    """Both kinds of client in turn."""
    return request.param


@pytest.fixture
def imap_client(kind):
    """Make an IMAP client."""
    yield from maker(kind, Imap, AsyncImap)


@pytest.fixture
def pop3_client(kind):
    """Make a POP3 client."""
    yield from maker(kind, POP3, AsyncPOP3)


@pytest.fixture
def smtp_client(kind):
    """Make an SMTP client."""
    yield from maker(kind, Transport, AsyncTransport)


def kick(dovecot, user):
    """Let Dovecot end the sessions of a user, as its administrator does."""
    doveadm = find_program("doveadm", "dovecot-core")
    command = [doveadm, "-c", str(dovecot.config), "kick", user.name]
    subprocess.run(command, check=True, capture_output=True, timeout=30)


def until_closed(client):
    """Wait until the server has closed."""
    closing = select.poll()
    closing.register(client.get_handle().getinfo(pycurl.ACTIVESOCKET), select.POLLRDHUP)
    assert closing.poll(20_000)


def test_kicked(dovecot, imap_client):
    """The mailbox, EXAMINE and UTF-8 are as before the administrator ended the session."""
    user, events = dovecot.fresh_user(), []
    imap = imap_client(dovecot.url("imap", user), tls=0, reconnect=POLICY, on_event=events.append)
    imap.create("Grüße")
    imap.append("Grüße", MAIL)
    imap.examine("Grüße")
    [uid] = imap.search("ALL")
    kick(dovecot, user)
    until_closed(imap)

    assert imap.fetch(uid) == MAIL
    assert imap.selected == "Grüße"
    assert imap.mailbox.read_only
    assert count(events, Reconnecting) == 1
    with pytest.raises(StateError, match="examine"):
        imap.store(uid, "+FLAGS", "\\Seen")
    imap.quit()


def test_kicked_over_tls(dovecot, imap_client):
    """TLS and NOTIFY end with the session, and begin again."""
    user = dovecot.fresh_user()
    imap = imap_client(dovecot.url("imaps", user), ca_file=dovecot.ca_file, reconnect=POLICY)
    imap.append("INBOX", MAIL)
    imap.notify("personal")
    [uid] = imap.search("ALL", "INBOX")
    for _ in range(3):
        kick(dovecot, user)
        until_closed(imap)

        assert imap.fetch(uid) == MAIL
        assert imap._session.notified
    imap.quit()


def test_compressed(cyrus, imap_client):
    """A connection that was compressed is compressed again."""
    user = cyrus.fresh_user()
    with Relay(cyrus.ports.imap, iter(())) as relay:
        imap = imap_client(cyrus.url("imap", user), port=relay.port, tls=0, reconnect=POLICY)
        imap.append("INBOX", MAIL)
        imap.compress()
        for _ in range(3):
            relay.cut()
            until_closed(imap)

            assert imap.search("ALL", "INBOX") == [1]
            assert imap._session.compressed
        imap.quit()


def test_write_after_a_kick(dovecot, imap_client):
    """Each message that is appended after the session's end is there once."""
    user = dovecot.fresh_user()
    imap = imap_client(dovecot.url("imap", user), tls=0, reconnect=POLICY)
    for number in range(1, 4):
        imap.append("INBOX", b"Subject: %d\r\n\r\n" % number)
        kick(dovecot, user)
        until_closed(imap)

    assert imap.search("ALL", "INBOX") == [1, 2, 3]
    imap.quit()


def test_mailbox_made_again(dovecot, imap_client):
    """A mailbox of the same name with other messages is noticed at the reconnect."""
    user = dovecot.fresh_user()
    imap = imap_client(dovecot.url("imap", user), tls=0, reconnect=POLICY)
    imap.create("Work")
    imap.append("Work", MAIL)
    imap.select("Work")
    with Imap(dovecot.url("imap", user), tls=0) as other:
        validity = other.select("Work")["uidvalidity"]
        other.select("INBOX")
        other.delete("Work")
        # Dovecot takes the time in seconds.
        while int(time.time()) <= validity:
            other.noop()
        other.create("Work")
        other.append("Work", b"Subject: another\r\n\r\n")
    kick(dovecot, user)
    until_closed(imap)

    with pytest.raises(StateError, match="UIDVALIDITY"):
        imap.fetch(1)
    imap.select("Work")
    assert imap.fetch(1) == b"Subject: another\r\n\r\n"
    imap.quit()


def test_cut_anywhere(dovecot, imap_client):
    """A connection that is cut after any number of octets yields what an undisturbed one does."""
    user = dovecot.fresh_user()
    with Imap(dovecot.url("imap", user), tls=0) as other:
        for number in range(5):
            other.append("INBOX", b"Subject: %d\r\n\r\n" % number)
    with Relay(dovecot.ports.imap, iter([4_000, *range(400, 3_200, 200)])) as relay:
        imap = imap_client(dovecot.url("imap", user), port=relay.port, tls=0, reconnect=POLICY)
        imap.connect()
        for _ in range(20):
            assert imap.search("ALL", "INBOX") == [1, 2, 3, 4, 5]
            assert len(imap.fetch("1:*")) == 5
        assert relay.cuts >= 12
        imap.quit()


def test_download_of_a_large_message(dovecot, imap_client, tmp_path):
    """A download over connections that are cut is the message, octet by octet."""
    user, line = dovecot.fresh_user(), os.urandom(30).hex().encode()
    mail = b"Subject: large\r\n\r\n" + b"".join(b"%d %s\r\n" % (n, line) for n in range(20_000))
    with Imap(dovecot.url("imap", user), tls=0) as other:
        other.append("INBOX", mail)
    with Relay(dovecot.ports.imap, iter([400_000, 300_000, 200_000])) as relay:
        imap = imap_client(dovecot.url("imap", user), port=relay.port, tls=0, reconnect=POLICY)
        path = tmp_path / "mail"

        assert imap.download(1, path, path="INBOX") == len(mail)
        assert path.read_bytes() == mail
        assert relay.cuts == 3
        imap.quit()


def test_pop3_kicked(dovecot, pop3_client):
    """A message is found by its unique-id again; its number is refused until it is listed."""
    user = dovecot.fresh_user()
    with Imap(dovecot.url("imap", user), tls=0) as other:
        other.append("INBOX", MAIL)
    pop = pop3_client(dovecot.url("pop3", user), tls=0, reconnect=POLICY)
    [entry] = pop.uid_list()
    kick(dovecot, user)
    until_closed(pop)

    assert pop.retr(entry["id"]) == MAIL
    with pytest.raises(StateError):
        pop.retr(1)
    assert pop.stat()["count"] == 1
    assert pop.retr(1) == MAIL
    pop.quit()


def test_postfix_idle(postfix, smtp_client):
    """Postfix says 421 to an idle client; without the option the next call has its text."""
    place = {"host": postfix.host, "port": postfix.ports.impatient, "tls": 0}
    events = []
    smtp = smtp_client(place, reconnect=POLICY, on_event=events.append)
    plain = smtp_client(place)
    for client in (smtp, plain):
        client.noop()
    for client in (smtp, plain):
        until_closed(client)

    smtp.noop()
    assert "421" in str(next(each for each in events if isinstance(each, Reconnecting)).reason)
    with pytest.raises(ConnectionLost, match="421"):
        plain.noop()
    smtp.quit()
