"""The first rows in an order: as a plain sort has them, whatever the server sorts."""

import random
from datetime import UTC, datetime, timedelta

import pytest

import netmail
from support.databases import database
from support.line_proxy import line_proxy

START = datetime(2026, 1, 1, tzinfo=UTC)


def fill(url, count=150):
    """Put messages into an account, of few dates and sizes, so that many are equal."""
    chance = random.Random(5)
    with netmail.imap(url, tls=netmail.TLS_NONE) as imap:
        for number in range(count):
            text = f"Subject: {number}\r\n\r\n{'x' * chance.choice([1, 1, 50, 700])}\r\n"
            when = START + timedelta(hours=chance.choice([0, 1, 1, 30, 700]))
            imap.append("INBOX", text.encode(), [], when)


@pytest.mark.parametrize("name", ["created", "size"])
def test_order(account, name):
    """Every part of every order is what a plain sort gives: equal ones with the newest first."""
    fill(account)
    with database(account) as db:
        field = getattr(db.INBOX, name)
        every = [(getattr(row, name), row.uid) for row in db(db.INBOX).select(name, "uid")]
        for is_falling in (False, True):
            expected = [
                uid for _, uid in sorted(every, key=lambda each: each[0], reverse=is_falling)
            ]
            for part in ((0, 1), (0, 10), (35, 60), (149, 150), (140, 900), (0, 0)):
                order = ~field if is_falling else field
                rows = db(db.INBOX).select("uid", limitby=part, orderby=order)
                assert [row.uid for row in rows] == expected[slice(*part)]


@pytest.mark.servers
@pytest.mark.parametrize("name", ["dovecot", "cyrus"])
def test_sorted_by_server(request, name):
    """Of the messages only those near the wanted ones are fetched, where the server can sort."""
    server = request.getfixturevalue(name)
    account = server.url("imap", server.fresh_user())
    fill(account)
    with line_proxy(account, {}) as (url, lines), database(url) as db:
        inbox = db.INBOX
        db(inbox.uid == 1).count()
        begin = len(lines)

        assert (
            len(db(inbox.size < 9_000).select("uid", limitby=(0, 3), orderby=~inbox.created)) == 3
        )
        assert any("UID SORT (REVERSE ARRIVAL) US-ASCII SMALLER 9000" in each for each in lines)
        fetches = [line for line in lines[begin:] if "FETCH" in line]
        assert len(fetches) == 1
        assert db(inbox).select("subject", limitby=(0, 1), orderby=inbox.subject)[0].subject == "0"
        assert sum("UID SORT" in line for line in lines) == 1


@pytest.mark.servers
@pytest.mark.parametrize(
    "reply",
    [b"{tag} NO not now\r\n", b"* SORT 3 1 2 5 4 9 8 7 6\r\n{tag} OK done\r\n"],
    ids=["refused", "wrong"],
)
def test_wrong_sort(dovecot, reply):
    """A server that refuses to sort, or whose order is none, is not asked again; all is right."""
    account = dovecot.url("imap", dovecot.fresh_user())
    fill(account, 9)
    with database(account) as db:
        expected = [row.uid for row in db(db.INBOX).select("uid", orderby=db.INBOX.created)]
    with line_proxy(account, {"UID SORT": reply}) as (url, lines), database(url) as db:
        for _ in range(2):
            rows = db(db.INBOX).select("uid", orderby=db.INBOX.created, limitby=(0, 4))
            assert [row.uid for row in rows] == expected[:4]
        assert sum("UID SORT" in line for line in lines) == 1
