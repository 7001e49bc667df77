"""What servers do to careless queries, and what another client does between two commands."""

from datetime import UTC, date, datetime, timedelta

import pytest

import netmail
from support.databases import database


def fill(account, count, text="Subject: Number %d\r\n\r\nText.\r\n"):
    """Put messages into an account, and return another client of it."""
    imap = netmail.imap(account, tls=netmail.TLS_NONE)
    messages = [(text % number).encode() for number in range(1, count + 1)]
    assert all(each.result() for each in imap.append_many("INBOX", messages))
    return imap


def test_past_the_end(db):
    """A range of UIDs that begins after the last message is empty: "9999:*" would be the last."""
    fill(db.imap.options, 2).quit()
    inbox = db.INBOX
    [last, _] = [row.uid for row in db(inbox).select("uid")]

    assert db(inbox.uid > last).count() == 0
    assert db(inbox.uid >= last).count() == 1
    assert len(db(inbox.uid > last + 9_999).select()) == 0


def test_large_sizes(db):
    """A size that is more than 32 bits ends no session: LARGER 4294967296 does on Cyrus."""
    fill(db.imap.options, 1).quit()
    inbox = db.INBOX

    for size in ((1 << 31) - 2, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 63, 1 << 70):
        assert db(inbox.size > size).count() == 0
        assert db(inbox.size <= size).count() == 1
        assert db(inbox.size == size).count() == 0


def test_many_values(db):
    """Any number of UIDs and of texts is taken: 70 kB in one argument is too much for Dovecot."""
    fill(db.imap.options, 30).quit()
    inbox = db.INBOX
    uids = [row.uid for row in db(inbox).select("uid")]
    odd = [uid for uid in uids if uid % 2]
    texts = [f"no such text in any message {number:06}" for number in range(3_000)]

    assert db(inbox.uid.belongs([*odd, *range(100_001, 160_001, 2)])).count() == len(odd)
    assert db(inbox.subject.belongs([*texts, "number 7"])).count() == 1
    assert db(~inbox.subject.belongs(texts)).count() == 30
    days = [date(2000, 1, 1) + timedelta(number) for number in range(0, 9_000, 3)]
    assert db(inbox.created.belongs(days)).count() == 0


def test_dates_out_of_range(db):
    """Years of which servers know nothing are compared all the same."""
    fill(db.imap.options, 1).quit()
    inbox = db.INBOX

    for day in (date(1, 1, 1), date(1900, 2, 28), date(1969, 12, 31), date(1970, 1, 1)):
        assert db(inbox.created > day).count() == 1
        assert db(inbox.created <= day).count() == 0
    for day in (date(2038, 1, 19), date(2200, 1, 1), date(9999, 12, 31)):
        assert db(inbox.created < day).count() == 1
        assert db(inbox.created >= day).count() == 0
    assert db(inbox.created > datetime.now(UTC) - timedelta(hours=1)).count() == 1


def test_quotes(db):
    """Quotes, backslashes and line ends in a text change no command."""
    text = 'Subject: "a\\b" %d\r\n\r\nText\r\n'
    fill(db.imap.options, 2, text).quit()
    inbox = db.INBOX

    assert db(inbox.subject.contains('"a\\b" 1')).count() == 1
    assert db(inbox.subject.contains('x" SEEN "')).count() == 0
    assert db(inbox.subject.contains("x\r\nT9 LOGOUT\r\n")).count() == 0
    assert db(inbox.keywords.contains("x) (y")).count() == 0
    assert db(inbox.header("X-Other").contains("\0")).count() == 0


def test_deleted_between(account):
    """Messages that another client deletes while rows are read are left out; no other takes over.

    By sequence numbers, the update would change messages that nobody has asked for.
    """
    other = fill(account, 120)
    with database(account) as db:
        inbox = db.INBOX
        rows = db(inbox).iterselect()
        first = next(rows)
        uids = other.search("ALL", "INBOX")
        gone = uids[:10]
        other.store(gone, "+FLAGS", r"\Deleted")
        other.expunge(uids=gone)
        found = [first, *rows]

        assert first.subject == "Number 120"
        assert {row.uid for row in found} == {*uids[10:]}
        assert all(row.subject == f"Number {uids.index(row.uid) + 1}" for row in found)
        assert db(inbox.uid.belongs(uids[:11])).update(flagged=True) == 1
        other.noop()
        assert other.search("FLAGGED", "INBOX") == [uids[10]]
        assert db(inbox.uid.belongs(uids[:12])).delete() == 2
    other.quit()


def test_marked_by_others(account):
    """A message that another client has marked is not deleted with those of a query."""
    other = fill(account, 4)
    with database(account) as db:
        [newest, *others] = [row.uid for row in db(db.INBOX).select("uid")]
        other.store(others, "+FLAGS", r"\Deleted", "INBOX")

        assert db(db.INBOX.uid == newest).delete() == 1
        other.noop()
        assert other.search("ALL") == sorted(others)
    other.quit()


def test_unknown_mailbox(db):
    """A mailbox that is not there is an error, and teaches nothing about keys."""
    fill(db.imap.options, 1).quit()
    db.define_tables({"inbox": "INBOX", "gone": "No such mailbox"})

    with pytest.raises(netmail.ImapError):
        db(db.gone.size > 5).count()
    assert "LARGER" in db(db.inbox.size > 5).explain()
