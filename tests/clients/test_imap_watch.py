"""A watched mailbox, blocking and asyncio alike: what happens, and lost connections."""

import itertools
import random
import threading
import time
from datetime import timedelta

import pytest

from netmail import (
    Arrived,
    AsyncImap,
    ConnectionLost,
    Expunged,
    FlagsChanged,
    Imap,
    NetmailError,
    RetryPolicy,
    StateError,
)
from netmail.flows.imap.state import SessionState
from servers.relay import Relay
from servers.scripted import Expect, Reply, Send
from support.twins import maker

MAIL = b"Subject: one\r\n\r\nfirst\r\n"
SHORT = timedelta(milliseconds=200)
AGAIN = RetryPolicy(attempts=60, delay=0.01, max_delay=0.02)


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture(params=["dovecot", "cyrus"])
def url(request):
    """A user of each real server."""
    server = request.getfixturevalue(request.param)
    return server.url("imap", server.fresh_user())


@pytest.fixture
def imap(client, url):
    """A client of that user, with two messages in the mailbox."""
    made = client(url, tls=0)
    made.append("INBOX", MAIL)
    made.append("INBOX", MAIL)
    yield made
    made.abort()


@pytest.fixture
def other(url):
    """A second client of the same user."""
    with Imap(url, tls=0) as second:
        yield second


def until(events, wanted):
    """Take events until one of a kind has come, and return that one."""
    for event in events:
        if isinstance(event, wanted):
            return event
    raise AssertionError(f"no {wanted}")


@pytest.mark.parametrize("idle", [True, False], ids=["IDLE", "NOOP"])
def test_what_happens(imap, other, idle, monkeypatch):
    """Messages arrive, get flags and go, and each is named by its UID."""
    if not idle:
        without_idle(monkeypatch)
    other.select("INBOX")
    with imap.watch("INBOX", after=1, timeout=30, poll=0.05) as events:
        assert until(events, Arrived) == Arrived((2,))
        other.append("INBOX", MAIL)
        assert until(events, Arrived) == Arrived((3,))
        other.store(1, "+FLAGS", r"\Deleted")
        changed = until(events, FlagsChanged)
        assert changed.uid == 1
        assert r"\Deleted" in changed.flags
        other.expunge()
        assert until(events, Expunged) == Expunged(1, 1)
        other.store(3, "+FLAGS", r"\Seen")
        assert until(events, FlagsChanged).uid == 3

    assert imap.search("ALL") == [2, 3]


def without_idle(monkeypatch):
    """Take IDLE from what servers offer."""
    offers = SessionState.offers
    monkeypatch.setattr(
        SessionState, "offers", lambda self, name: name != "IDLE" and offers(self, name)
    )


def test_other_calls(imap, other):
    """Within the loop other calls work, also those that select another mailbox."""
    imap.create("Other")
    bodies = []
    for event in imap.watch("INBOX", after=0, timeout=30):
        if isinstance(event, Arrived):
            bodies += imap.fetch(event.uids).values()
            imap.append("Other", bodies[-1])
            imap.select("Other")
            imap.store(1, "+FLAGS", r"\Deleted")
            imap.expunge()
            if len(bodies) == 4:
                break
            other.append("INBOX", MAIL)

    assert bodies == [MAIL] * 4
    assert imap.noop() is True


def test_what_happens_between(imap, other):
    """What happens while the caller is busy with other calls is reported afterwards."""
    other.select("INBOX")
    events = imap.watch("INBOX", after=1, timeout=30)
    next(events)
    other.store(1, "+FLAGS", r"\Deleted")
    other.expunge()
    other.append("INBOX", MAIL)
    imap.noop()
    imap.search("ALL")

    assert until(events, Expunged) == Expunged(1, 1)
    assert until(events, Arrived) == Arrived((3,))


def test_timeout(imap):
    """The loop ends at its timeout, and again at once."""
    events = imap.watch("INBOX", timeout=SHORT)

    assert list(events) == []
    assert list(events) == []
    assert imap.noop() is True


def test_connection_lost(client, url, other):
    """Without a policy a lost connection is an error, and connect() makes another."""
    with Relay(int(url.rpartition(":")[2]), iter(())) as relay:
        imap = client(to(url, relay), tls=0)
        events = imap.watch("INBOX", after=0, timeout=30)
        other.append("INBOX", MAIL)
        next(events)
        relay.cut()
        with pytest.raises(ConnectionLost):
            next(events)
        imap.connect()
        assert imap.noop() is True
        imap.abort()


def to(url, relay):
    """Return the URL of the server, as it is reached over a relay."""
    return f"{url.rpartition(':')[0]}:{relay.port}"


def test_fifty_lost_connections(client, url, other):
    """Mail arrives while the connection is cut, anywhere: each UID is reported exactly once."""
    chance = random.Random(8)
    lives = iter([chance.randrange(200, 6000) for _ in range(50)])
    seen, stop = [], threading.Event()
    with Relay(int(url.rpartition(":")[2]), lives) as relay:
        imap = client(to(url, relay), tls=0, timeout=5000)
        sender = threading.Thread(target=send_until, args=(other, stop))
        sender.start()
        for event in imap.watch("INBOX", after=0, timeout=120, reconnect=AGAIN):
            if isinstance(event, Arrived):
                seen += event.uids
            if relay.cuts >= 50:
                stop.set()
            if stop.is_set() and not sender.is_alive() and len(seen) >= last_of(other):
                break
        imap.abort()
    sender.join(10)

    assert relay.cuts >= 50
    assert seen == [*range(1, len(seen) + 1)]
    assert len(seen) == last_of(other)


def tagged(command, *untagged):
    """Steps that serve one IMAP command."""
    return [Expect(rb"(\w+) " + command), *map(Send, untagged), Reply(rb"\1 OK done\r\n")]


def test_uidvalidity(client, scripted):
    """UIDs that lose their meaning while the connection is lost are never mixed up."""
    server = scripted(
        Send(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n"),
        *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n"),
        *tagged(b"SELECT .*", b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n"),
        *tagged(b"UID SEARCH ALL", b"* SEARCH 1\r\n"),
        *tagged(b"SELECT .*", b"* 0 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n"),
        *tagged(b"SELECT .*", b"* 1 EXISTS\r\n* OK [UIDVALIDITY 2] x\r\n"),
    )
    imap = client(host="127.0.0.1", port=server.port, tls=0, timeout=2000)
    events = imap.watch("INBOX", after=0)
    next(events)
    imap.select("Other")

    with pytest.raises(StateError, match="UIDVALIDITY 1 is now 2"):
        next(events)


def test_throttled(client, scripted):
    """A server that gives a time for the next try is not asked before."""
    server = scripted(
        Send(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n"),
        *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n"),
        Expect(rb"(\w+) SELECT .*"),
        Reply(rb"\1 BAD Request is throttled. Suggested Backoff Time: 400 milliseconds\r\n"),
    )
    policy = RetryPolicy(attempts=1, delay=0.001, max_delay=0.001)
    imap = client(host="127.0.0.1", port=server.port, tls=0, timeout=2000)
    begun = time.monotonic()
    with pytest.raises(NetmailError):
        next(imap.watch("INBOX", reconnect=policy))

    assert time.monotonic() - begun >= 0.4


def last_of(other):
    """Return how many messages were sent."""
    return other.status("INBOX", "UIDNEXT")["UIDNEXT"] - 1


def send_until(other, stop):
    """Put mail into the mailbox until the test has seen enough, and one more."""
    # Cyrus refuses the same message for the tenth time.
    for number in itertools.count():
        over = stop.wait(0.01)
        other.append("INBOX", b"Subject: %d\r\n\r\n" % number)
        if over:
            return
