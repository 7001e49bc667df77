"""A sample of each kind of key: what an unknown server gets wrong is not asked again."""

from datetime import UTC, datetime

import pytest

import netmail
from support.databases import database
from support.line_proxy import line_proxy

NOTHING = b"* SEARCH\r\n{tag} OK done\r\n"
EVERY = b"* SEARCH 101 102\r\n{tag} OK done\r\n"


@pytest.fixture
def url(embedded):
    """The URL of a server that does not say what it is, with two messages."""
    with netmail.imap(embedded, tls=netmail.TLS_NONE) as imap:
        for day in (1, 2):
            when = datetime(2026, 1, day, 12, tzinfo=UTC)
            imap.append("INBOX", b"Subject: %d\r\n\r\ntext\r\n" % day, [r"\Seen"], when)
    return embedded


QUERIES = {
    "SIZE": (lambda t: t.size < 6_000, "SMALLER|LARGER"),
    "FLAG": (lambda t: t.seen == True, "SEEN|FLAGGED|ANSWERED|DELETED|DRAFT"),  # noqa: E712
    "DAY": (lambda t: t.created > datetime(2025, 1, 1, tzinfo=UTC), "SINCE|BEFORE"),
}


@pytest.mark.parametrize("kind", QUERIES)
@pytest.mark.parametrize("reply", [NOTHING, b"{tag} BAD what is that\r\n"], ids=["none", "bad"])
def test_wrong_key(url, kind, reply):
    """A server that finds nothing by a key, or refuses it, is not asked by it, and all is right."""
    make, keys = QUERIES[kind]
    with line_proxy(url, {keys: reply}) as (proxied, lines), database(proxied) as db:
        assert db(make(db.INBOX)).count() == 2
        begin = len(lines)
        assert db(make(db.INBOX)).count() == 2
        searches = [line for line in lines[begin:] if "SEARCH" in line]
        assert [line.partition(" ")[2] for line in searches] == ["UID SEARCH ALL"]
        assert "search: ALL" in db(make(db.INBOX)).explain()


def test_key_that_finds_all(url):
    """A key that finds messages that it must not is noticed, too."""
    with line_proxy(url, {"SMALLER|LARGER": EVERY}) as (proxied, _), database(proxied) as db:
        assert db(db.INBOX.size > 6_000).count() == 0
        assert db((db.INBOX.size > 6_000) & (db.INBOX.seen == True)).count() == 0  # noqa: E712


def test_right_keys(url):
    """A server that gets them right is asked once, by three commands at most."""
    with line_proxy(url, {}) as (proxied, lines), database(proxied) as db:
        begin = len(lines)
        for make, _ in QUERIES.values():
            assert db(make(db.INBOX)).count() == 2
        # SELECT, the sample and two searches for it, and the queries, of which one is two searches.
        assert len(lines) - begin == 1 + 3 + 4


def test_empty_mailbox(embedded):
    """Without a message there is no sample; the keys are used until there is one."""
    with database(embedded) as db:
        assert db(db.INBOX.size < 6_000).count() == 0
        assert "SMALLER" in db(db.INBOX.size < 6_000).explain()


@pytest.mark.servers
@pytest.mark.parametrize("name", ["dovecot", "cyrus"])
def test_known_server(request, name):
    """A server that netmail's tests know is asked for its name only, together with the list."""
    server = request.getfixturevalue(name)
    account = server.url("imap", server.fresh_user())
    with netmail.imap(account, tls=netmail.TLS_NONE) as imap:
        imap.append("INBOX", b"Subject: x\r\n\r\ntext\r\n")
    with line_proxy(account, {}) as (url, lines), database(url) as db:
        begin = len(lines)
        for make, _ in QUERIES.values():
            assert db(make(db.INBOX)).count() <= 1
        assert sum("FETCH" in line for line in lines[begin:]) <= 1
        assert not any("UID SEARCH UID" in line for line in lines[begin:])
