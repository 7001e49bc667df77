"""A search that is reported on: CONTEXT=SEARCH, on Dovecot, blocking and asyncio alike."""

import pytest

from netmail import AsyncImap, Imap, ImapError, SearchUpdated
from support.twins import maker

MAIL = b"Subject: one\r\n\r\nfirst\r\n"


@pytest.fixture(params=["blocking", "asyncio"])
def client(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Imap, AsyncImap)


@pytest.fixture
def url(dovecot):
    """A user of Dovecot."""
    return dovecot.url("imap", dovecot.fresh_user())


def test_reports(client, url):
    """What a search finds is brought up to date from what the server reports."""
    imap = client(url, tls=0)
    with Imap(url, tls=0) as other:
        other.append("INBOX", MAIL)
        other.append("INBOX", MAIL)
        result = imap.search("UNSEEN", "INBOX", result="all count update")
        assert result.all == (1, 2)
        assert result.is_updated
        with imap.idle(timeout=30) as events:
            for act, expected in (
                (lambda: other.append("INBOX", MAIL), (1, 2, 3)),
                (lambda: other.store(2, "+FLAGS", r"\Seen", "INBOX"), (1, 3)),
                (lambda: other.store(2, "-FLAGS", r"\Seen", "INBOX"), (1, 2, 3)),
                (lambda: other.store(1, "+FLAGS", r"\Deleted", "INBOX"), (1, 2, 3)),
                (other.expunge, (2, 3)),
            ):
                act()
                while result.all != expected:
                    event = next(events)
                    if isinstance(event, SearchUpdated):
                        assert event.tag == result.tag
                        result = result.apply(event.changes)
        assert result.all == tuple(other.search("UNSEEN", "INBOX"))
        assert result.count == 2


def test_cancelled(client, url):
    """After CANCELUPDATE the server reports no more, and knows the search no more."""
    imap = client(url, tls=0)
    with Imap(url, tls=0) as other:
        result = imap.search("UNSEEN", "INBOX", result="all update")
        assert imap.cancel_update(result)
        other.append("INBOX", MAIL)

        seen = list(imap.idle(timeout=2))
        assert seen
        assert not any(isinstance(event, SearchUpdated) for event in seen)
        with pytest.raises(ImapError):
            imap.cancel_update(result)
