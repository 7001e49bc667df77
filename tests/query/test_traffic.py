"""What is sent for a query, and what a server's refusals change in it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

import netmail
from support.databases import database
from support.line_proxy import line_proxy

NOW = datetime.now(UTC)


def fill(url, count=6):
    """Put messages into an account, half of them of today."""
    with netmail.imap(url, tls=netmail.TLS_NONE) as imap:
        for number in range(1, count + 1):
            text = f"Subject: Quarterly {number}\r\nFrom: Ann <ann@example.test>\r\n\r\nText\r\n"
            when = NOW - timedelta(days=40 if number % 2 else 0, minutes=3)
            imap.append("INBOX", text.encode(), [], when)


def sent(lines, begin=0):
    """The commands that were sent, without their tags."""
    return [line.partition(" ")[2] for line in lines[begin:]]


@pytest.fixture
def watched(account):
    """A database whose commands are kept, and those."""
    fill(account)
    with line_proxy(account, {}) as (url, lines), database(url) as db:
        # It selects the mailbox, and asks an unknown server for a sample of its searches.
        db((db.INBOX.seen == True) & (db.INBOX.size < 1)).count()  # noqa: E712 -- an expression
        yield db, lines


def test_exact(watched):
    """What the server can decide costs one command, and no message."""
    db, lines = watched
    inbox = db.INBOX
    begin = len(lines)

    assert db((inbox.seen == False) & (inbox.size < 6_000)).count() == 6  # noqa: E712
    assert db((inbox.size < 5) & (inbox.size > 5)).count() == 0
    assert [re.sub(r"RETURN \(COUNT\) ", "", line) for line in sent(lines, begin)] == [
        "UID SEARCH SMALLER 6000 UNSEEN"
    ]


def test_rows(watched):
    """Rows cost a search and one FETCH of what they need."""
    db, lines = watched
    inbox = db.INBOX
    begin = len(lines)
    rows = db(inbox).select(inbox.uid, inbox.sender, inbox.created, limitby=(0, 2))

    assert len(rows) == 2
    assert len(lines) - begin == 2
    assert lines[-1].endswith("(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE FROM)])")


def test_decided_are_dropped(watched):
    """A message that a cheap field decides is not fetched for a dear one."""
    db, lines = watched
    inbox = db.INBOX
    begin = len(lines)
    old = inbox.created < date.today() - timedelta(days=20)  # noqa: DTZ011 -- the machine's day
    text = inbox.content.contains("text") & ~inbox.keywords.like("x%")

    assert db(old & text).count() == 3
    [whole] = [line for line in sent(lines, begin) if "BODY.PEEK[]" in line]
    assert re.match(r"UID FETCH (\d+,\d+,\d+|\d+) ", whole)


def test_all_mailboxes(account):
    """What servers count by themselves is one round trip for all mailboxes."""
    fill(account)
    with netmail.imap(account, tls=netmail.TLS_NONE) as imap:
        for name in ("a", "b", "c"):
            imap.create(name)
            imap.copy("1:*", name, "INBOX")
        imap.store("1:*", "+FLAGS", r"\Seen", "b")
    with line_proxy(account, {}) as (url, lines), database(url) as db:
        begin = len(lines)

        assert db(db.all).count() == 24
        assert db(db.all.seen == False).count() == 18  # noqa: E712 -- an expression
        assert {line.split()[0] for line in sent(lines, begin)} == {"STATUS"}
        assert db((db.all.seen == False) & (db.all.size > 5)).count() == 18  # noqa: E712


@pytest.mark.servers
def test_today_within(dovecot):
    """Today's unseen, smaller than 6,000, are one round trip where the server knows ages."""
    url = dovecot.url("imap", dovecot.fresh_user())
    fill(url)
    with line_proxy(url, {}) as (proxied, lines), database(proxied, zone=NOW.tzinfo) as db:
        inbox = db.INBOX
        middle = NOW - timedelta(days=3)
        query = (inbox.seen == False) & (inbox.created >= middle) & (inbox.size < 6_000)  # noqa: E712
        db(inbox.uid == 1).count()
        begin = len(lines)

        assert db(query).count() == 3
        assert len(sent(lines, begin)) == 2
        assert all("SEARCH" in line for line in sent(lines, begin))
        assert "round trips to count: 2 at most" in db(query).explain()


@pytest.mark.servers
@pytest.mark.parametrize("name", ["dovecot", "cyrus"])
def test_refused_key(request, name):
    """A key that a server refuses is left out for the session, and no message is."""
    server = request.getfixturevalue(name)
    url = server.url("imap", server.fresh_user())
    fill(url)
    refusal = {r"SMALLER": b"{tag} BAD what is that\r\n"}
    with line_proxy(url, refusal) as (proxied, lines), database(proxied) as db:
        inbox = db.INBOX
        query = (inbox.size < 6_000) & (inbox.seen == False)  # noqa: E712 -- an expression

        assert db(query).count() == 6
        begin = len(lines)
        assert db(query).count() == 6
        assert not any("SMALLER" in line for line in lines[begin:])
        assert any("UNSEEN" in line for line in lines[begin:])
        assert "SMALLER" not in db(query).explain()


@pytest.mark.servers
def test_terms_only(dovecot):
    """A server that finds whole terms only is noticed by a sample, and not asked for texts."""
    url = dovecot.url("imap", dovecot.fresh_user())
    fill(url)
    nothing = {r'HEADER "?Subject"? "?uarterl': b'* ESEARCH (TAG "{tag}") UID\r\n{tag} OK done\r\n'}
    with line_proxy(url, nothing) as (proxied, lines), database(proxied) as db:
        inbox = db.INBOX
        query = inbox.subject.contains("arterly 3")

        assert db(query).count() == 1
        begin = len(lines)
        assert [row.subject for row in db(query).select("subject")] == ["Quarterly 3"]
        assert not any("HEADER" in line and "SEARCH" in line for line in lines[begin:])


def test_everything_refused(embedded):
    """A server that refuses every search is an error, and no loop."""
    fill(embedded, 1)
    refusal = {"SEARCH": b"{tag} NO not today\r\n"}
    with line_proxy(embedded, refusal) as (proxied, _), database(proxied) as db:
        query = db(db.INBOX.size < 6_000)

        with pytest.raises(netmail.ImapError, match="not today"):
            query.count()


def test_fifty_mailboxes(account):
    """Fifty mailboxes are searched in one round trip, and read only where something is found."""
    names = [f"m{number:02}" for number in range(49)]
    fill(account)
    with netmail.imap(account, tls=netmail.TLS_NONE) as imap:
        with imap.pipeline() as pipeline:
            made = [pipeline.create(name) for name in names]
        assert all(each.result() for each in made)
        for name in names[::7]:
            imap.copy("1:*", name, "INBOX")
    with line_proxy(account, {}) as (url, lines), database(url) as db:
        everything = db.all
        db(db.INBOX.size < 1).count()

        def turns(call):
            """How often something was sent during a call, and what it returned."""
            before = lines.turns
            result = call()
            return lines.turns - before, result

        assert turns(db((everything.seen == False) & (everything.size > 5)).count) == (1, 48)  # noqa: E712
        assert turns(lambda: len(db(everything.size > 5).select("uid"))) == (1, 48)
        trips, rows = turns(lambda: db(everything.size > 5).select("subject", limitby=(0, 20)))
        assert {row.mailbox for row in rows} <= {"INBOX", *names[::7]}
        assert len(rows) == 20
        assert trips <= 1 + 2 * 4
        assert turns(db(everything.flagged == True).delete) == (1, 0)  # noqa: E712
        assert turns(lambda: db(everything.size < 9_000).update(flagged=True))[0] <= 1 + 2 * 8
