"""Databases of mailboxes on Dovecot, Cyrus and the embedded server, blocking and asyncio."""

from datetime import UTC, date, datetime, timedelta

import pytest

import netmail
import netmail.query
from netmail import UsageError
from support.databases import database


def fill(db, count=4, mailbox="INBOX"):
    """Put numbered messages into a mailbox, the last one read."""
    with netmail.Imap(db.imap.options) as imap:
        for number in range(1, count + 1):
            text = (
                f"Subject: Number {number}\r\nFrom: Ann {number} <ann{number}@example.test>\r\n"
                f"Date: Thu, 0{number} Jan 2026 10:00:00 +0100\r\n\r\n"
                f"Text of {number}.\r\n" + "x" * 100 * number + "\r\n"
            )
            flags = [r"\Seen"] if number == count else []
            when = datetime(2026, 1, number, 9, tzinfo=UTC)
            imap.append(mailbox, text.encode(), flags, when)
    return db


def subjects(rows):
    """The subjects of rows."""
    return [row.subject for row in rows]


def test_count(db):
    """Flags, sizes and texts are counted."""
    inbox = fill(db).INBOX

    assert db(inbox).count() == 4
    assert db(inbox.seen == False).count() == 3  # noqa: E712 -- an expression
    assert db(inbox.subject.contains("NUMBER 2")).count() == 1
    assert db(~inbox.content.contains("text of 2")).count() == 3
    assert db(inbox.uid > 1_000_000).count() == 0
    assert db(inbox.size > 1 << 32).count() == 0
    assert db(inbox.size > 1 << 32).isempty()
    assert not db(inbox).isempty()


def test_select(db):
    """Rows have the fields that were selected, the newest message first."""
    inbox = fill(db).INBOX
    rows = db(inbox.subject.contains("number")).select("INBOX.uid", inbox.sender, inbox.created)

    assert [str(row.sender) for row in rows] == [
        f"Ann {number} <ann{number}@example.test>" for number in (4, 3, 2, 1)
    ]
    assert rows.first().created == datetime(2026, 1, 4, 9, tzinfo=UTC)
    assert sorted((row.uid for row in rows), reverse=True) == [row.uid for row in rows]


def test_whole_row(db):
    """Without fields a row has all of them, and reading it marks nothing as read."""
    inbox = fill(db, 1).INBOX
    db(inbox).update(seen=False)
    row = db(inbox).select().first()

    assert row.content == ["Text of 1.\n" + "x" * 100 + "\n"]
    assert row.email.startswith(b"Subject: Number 1\r\n")
    assert row.size == len(row.email)
    assert row.sent == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert row.seen is False
    assert (row.attachments, row.cc, row.list_id) == ([], (), None)
    assert inbox[row.uid].subject == "Number 1"
    assert inbox[row.uid + 9] is None
    assert db(inbox.seen == False).count() == 1  # noqa: E712 -- an expression


def test_limit(db):
    """A part of the rows, with and without something to look at."""
    inbox = fill(db).INBOX
    looked = db(~inbox.content.contains("text of 3"))

    assert subjects(db(inbox).select(inbox.subject, limitby=(1, 3))) == ["Number 3", "Number 2"]
    assert subjects(looked.select(inbox.subject, limitby=(1, 3))) == ["Number 2", "Number 1"]
    assert subjects(looked.select(inbox.subject, limitby=(0, 0))) == []
    assert subjects(db(inbox).select(inbox.subject, limitby=(4, 9))) == []


def test_order(db):
    """Rows in the order of a field, of several, and of the opposite."""
    inbox = fill(db).INBOX
    every = [f"Number {number}" for number in (1, 2, 3, 4)]

    assert subjects(db(inbox).select(inbox.subject, orderby=inbox.created)) == every
    assert subjects(db(inbox).select(inbox.subject, orderby=~inbox.size)) == every[::-1]
    by_flag = db(inbox).select(inbox.subject, orderby=[inbox.seen, inbox.subject], limitby=(2, 4))
    assert subjects(by_flag) == every[2:]


def test_iterselect(db):
    """Rows one after the other, with other calls between them."""
    inbox = fill(db).INBOX
    found = []
    for row in db(inbox).iterselect(inbox.uid, inbox.subject):
        found.append(row.subject)
        db(inbox.uid == row.uid).update(flagged=True)

    assert found == [f"Number {number}" for number in (4, 3, 2, 1)]
    assert db(inbox.flagged == True).count() == 4  # noqa: E712 -- an expression


def test_update(db):
    """Flags are set and taken away, and keywords replaced."""
    inbox = fill(db).INBOX

    assert db(inbox.seen == False).update(seen=True, flagged=True) == 3  # noqa: E712 -- as above
    assert db(inbox.seen == True).count() == 4  # noqa: E712 -- an expression
    assert db(inbox.flagged == True).update(flagged=False, keywords=["Work", "$Junk"]) == 3  # noqa: E712
    assert db(inbox.keywords.contains("WORK")).count() == 3
    assert db(inbox.subject == "Number 1").update(keywords=["work2"]) == 1
    row = db(inbox.subject == "Number 1").select(inbox.keywords).first()
    assert row.keywords == ("work2",)
    with pytest.raises(UsageError):
        db(inbox).update()


def test_delete(db):
    """Messages are deleted by UID, and none that others have marked."""
    inbox = fill(db).INBOX
    db(inbox.subject == "Number 4").update(deleted=True)

    assert db(inbox.sender.contains("ann2")).delete() == 1
    assert db(inbox.sender.contains("ann2")).delete() == 0
    assert db(inbox).count() == 3
    assert db(inbox.deleted == True).count() == 1  # noqa: E712 -- an expression


def test_transfer(db):
    """Messages are copied and moved to a table, or to a mailbox by its name."""
    inbox = fill(db).INBOX
    with netmail.Imap(db.imap.options) as imap:
        imap.create("Archive/2026")
    db.define_tables()

    assert db(inbox.uid > 0).copy(db.Archive_2026) == 4
    assert db(inbox.subject == "Number 1").move("Archive/2026") == 1
    assert db(inbox).count() == 3
    assert db(db["Archive/2026"]).count() == 5
    assert db(db.all.subject == "Number 1").count() == 2
    assert {row.mailbox for row in db(db.all).select("uid")} == {"INBOX", "Archive/2026"}
    assert db(db.all.subject == "Number 1").delete() == 2


def test_tables(db):
    """Tables have names, and mailboxes theirs."""
    assert db.define_tables({"inbox": "INBOX"}) == {"inbox": "INBOX"}
    assert db.tables() == ["inbox"]
    assert db.inbox.mailbox == "INBOX"
    assert db["INBOX"].name == "inbox"
    with pytest.raises(AttributeError, match="nothing"):
        _ = db.nothing
    with pytest.raises(KeyError):
        _ = db["nothing"]


def test_dates(db):
    """Days are those of the zone, whatever zone the server counts in."""
    inbox = fill(db).INBOX

    assert db(inbox.created == date(2026, 1, 2)).count() == 1
    assert db(inbox.created > date(2026, 1, 2)).count() == 2
    assert db(inbox.sent <= date(2026, 1, 2)).count() == 2
    assert db(inbox.created >= datetime.now(UTC) - timedelta(days=1)).count() == 0


def test_explain(db):
    """The plan is shown."""
    inbox = fill(db).INBOX

    assert "SMALLER 6000" in db(inbox.size < 6000).explain()


def test_undefined(embedded):
    """Without tables the error says what to call."""
    with netmail.query.connect(embedded) as db, pytest.raises(UsageError, match="define_tables"):
        _ = db.INBOX


def test_another_table(embedded):
    """A query is about one table, and its fields are that table's."""
    with database(embedded) as db:
        with pytest.raises(UsageError, match="no field of INBOX"):
            db(db.INBOX).select("Sent.uid")
        with pytest.raises(UsageError, match="a query is"):
            db("INBOX")
