"""Several mailboxes over one connection: NOTIFY, on Dovecot, blocking and asyncio alike."""

import pytest

from netmail import (
    Arrived,
    AsyncImap,
    Imap,
    ImapError,
    MailboxChanged,
    MailboxStatus,
    RetryPolicy,
)
from servers.relay import Relay
from support.twins import maker

MAIL = b"Subject: one\r\n\r\nfirst\r\n"
ALL = "MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange"


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def url(dovecot):
    """A user of Dovecot."""
    return dovecot.url("imap", dovecot.fresh_user())


@pytest.fixture
def imap(client, url):
    """A client of that user, with INBOX selected and a second mailbox beside it."""
    made = client(url, tls=0)
    made.create("Work")
    made.select("INBOX")
    yield made
    made.abort()


@pytest.fixture
def other(url):
    """A second client of the same user."""
    with Imap(url, tls=0) as second:
        yield second


def until(events, fits):
    """Take events until one fits, and return it."""
    return next(event for event in events if fits(event))


def changed(name):
    """Return what recognises a change of that mailbox."""
    return lambda event: isinstance(event, MailboxChanged) and event.mailbox.name == name


def counted(name, **numbers):
    """Return what recognises these numbers of that mailbox."""
    return lambda event: (
        isinstance(event, MailboxStatus)
        and event.name == name
        and numbers.items() <= event.status.items()
    )


def test_events(imap, other):
    """What another client does in other mailboxes, and with them, comes as events of IDLE."""
    [work] = imap.notify("personal", ALL, status=True)
    assert (work.name, work.status["MESSAGES"], work.status["UIDNEXT"]) == ("Work", 0, 1)
    with imap.idle(timeout=30) as events:
        other.append("Work", MAIL)
        until(events, counted("Work", MESSAGES=1, UIDNEXT=2))
        other.create("Büro & Co")
        assert not until(events, changed("Büro & Co")).is_deleted
        other.rename("Büro & Co", "New")
        assert until(events, changed("New")).mailbox.old_name == "Büro & Co"
        other.subscribe("New")
        assert until(events, changed("New")).mailbox.is_subscribed
        other.delete("New")
        assert until(events, changed("New")).is_deleted
        other.store(1, "+FLAGS", r"\Seen", "Work")
        until(events, counted("Work", UNSEEN=0))
        other.append("INBOX", MAIL)
        while imap.mailbox.exists < 1:
            next(events)
    assert imap.noop()


def test_events_unknown(imap):
    """An event that the server does not know is refused, with its name."""
    with pytest.raises(ImapError) as caught:
        imap.notify("personal", "ServerMetadataChange")

    assert caught.value.code == "BADEVENT"
    assert imap.noop()


def test_blind(imap, other):
    """Without events of the selected mailbox the server reports none; they can be had again."""
    imap.notify(None, selected=None)
    other.append("INBOX", MAIL)
    imap.noop()
    assert imap.mailbox.exists == 0
    imap.notify(None)

    assert imap.mailbox.exists == 1


def test_watch(imap, other):
    """One watch reports messages of its mailbox by UID, and the numbers of the others."""
    other.append("INBOX", MAIL)
    with imap.watch("INBOX", after=0, also="personal", timeout=60) as seen:
        assert next(seen) == Arrived((1,))
        other.append("Work", MAIL)
        until(seen, counted("Work", MESSAGES=1))
        assert imap.search("ALL", "Work") == [1]  # another mailbox is selected for a moment
        other.append("INBOX", MAIL)
        assert until(seen, lambda event: isinstance(event, Arrived)) == Arrived((2,))
        other.create("New")
        until(seen, changed("New"))
    assert imap.noop()


def test_watch_over_lost_connections(client, url, other):
    """What happens while there is no connection is reported once there is one again."""
    other.create("Work")
    other.append("INBOX", MAIL)
    with Relay(int(url.rpartition(":")[2]), iter(())) as relay:
        imap = client(f"{url.rpartition(':')[0]}:{relay.port}", tls=0)
        policy = RetryPolicy(delay=0.01)
        with imap.watch("INBOX", after=0, also="personal", timeout=60, reconnect=policy) as seen:
            assert next(seen) == Arrived((1,))
            relay.cut()
            other.append("Work", MAIL)
            other.append("INBOX", MAIL)
            found = [next(seen), next(seen)]
            assert Arrived((2,)) in found
            assert any(map(counted("Work", MESSAGES=1), found))
            other.append("Work", MAIL)
            assert counted("Work", MESSAGES=2)(next(seen))


def test_watch_of_names(imap, other):
    """Mailboxes can be named, each with its events."""
    other.append("INBOX", MAIL)
    other.create("Quiet")
    also = {("Work", "Missing"): "MessageNew MessageExpunge FlagChange"}
    with imap.watch("INBOX", after=0, also=also, timeout=30) as seen:
        assert next(seen) == Arrived((1,))
        other.append("Quiet", MAIL)
        other.append("Work", MAIL, r"\Seen")

        event = next(seen)
        assert (event.name, event.status["MESSAGES"], event.status["UNSEEN"]) == ("Work", 1, 0)
