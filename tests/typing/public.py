"""What type checkers see of the public names; `scripts/check` gives this file to mypy.

Nothing here runs: each function states types that a user's code relies on.
"""

from datetime import date, datetime
from typing import Any, assert_type

import netmail
import netmail.query
import netmail.search


def blocking_clients(transport: netmail.Transport, imap: netmail.Imap, pop: netmail.POP3) -> None:
    """The blocking clients return plain values."""
    assert_type(imap.search("ALL"), list[int])
    assert_type(imap.search(netmail.search.seen() & ~netmail.search.old()), list[int])
    assert_type(imap.search("ALL", result="count"), netmail.SearchResult)
    assert_type(imap.sort("DATE", partial=(1, 100)), netmail.SearchResult)
    assert_type(imap.fetch(1), bytes)
    assert_type(imap.fetch("1:*"), dict[int, bytes])
    assert_type(imap.fetch([1, 2]), dict[int, bytes])
    assert_type(imap.status("INBOX"), dict[str, Any])
    assert_type(pop.retr(1), bytes)
    assert_type(pop.stat()["count"], int)
    assert_type(transport.add_message(netmail.message()).send(), netmail.SendReport)
    assert_type(transport.verify("ann@example.test"), netmail.AddressVerification)


async def asyncio_clients(imap: netmail.AsyncImap, transport: netmail.AsyncTransport) -> None:
    """Their twins return the same, awaited."""
    assert_type(await imap.fetch(1), bytes)
    assert_type(await imap.fetch("1:*"), dict[int, bytes])
    assert_type(await transport.send(), netmail.SendReport)
    async with imap as same:
        assert_type(same, netmail.AsyncImap)


def queries(db: netmail.query.Database) -> None:
    """Tables have typed fields, and rows typed values."""
    inbox = db.INBOX
    query = (inbox.seen == False) & ~inbox.sender.contains("ann")  # noqa: E712 -- an expression
    assert_type(query, netmail.query.Expression)
    assert_type(inbox.created, netmail.query.DateField)
    assert_type(db(query).count(), int)
    rows = db(query).select(inbox.uid, orderby=~inbox.size)
    assert_type(rows[0].subject, str | None)
    assert_type(rows[0].sender, netmail.query.Addresses)
    assert_type([row.created for row in rows], list[datetime])


def query_fields(db: netmail.query.Database) -> None:
    """Each field has the operators of its kind, and a checker refuses the others."""
    inbox = db["INBOX"]
    day = date(2026, 11, 22)
    for expression in (
        inbox.uid == 5,
        inbox.size != 5,
        (inbox.uid < 5) | (inbox.uid >= 5),
        inbox.id.belongs([1, 2]),
        inbox.created <= day,
        inbox.sent > datetime(2026, 11, 22),  # noqa: DTZ001 -- of the database's zone
        inbox.sent == None,  # noqa: E711 -- an expression
        inbox.created.belongs({day}),
        inbox.subject.contains("x"),
        inbox.mime.startswith("text/"),
        inbox.list_id.like("%x%"),
        inbox.message_id.belongs(("<a@b>",)),
        inbox.encoding < "utf-8",
        inbox.references == "<a@b>",
        inbox.content.contains("x"),
        inbox.filenames.contains(".pdf"),
        inbox.attachments == None,  # noqa: E711 -- an expression
        inbox.keywords.contains("$Junk"),
        inbox.header("X-Spam-Flag") == "yes",
        inbox.cc.contains("ann"),
        inbox.flagged != True,  # noqa: E712 -- an expression
        inbox.seen.belongs([True]),
    ):
        assert_type(expression, netmail.query.Expression)
    assert_type(~inbox.size, netmail.query.Descending)
    assert_type(inbox.header("X-Y"), netmail.query.TextField)
    _ = inbox.size < "5"  # type: ignore[operator]
    _ = inbox.created > 5  # type: ignore[operator]
    _ = inbox.subject > 5  # type: ignore[operator]
    inbox.size.contains("5")  # type: ignore[attr-defined]
    _ = inbox.seen < True  # type: ignore[operator]
    inbox.uid.belongs(["5"])  # type: ignore[list-item]
    inbox.subject.contains(5)  # type: ignore[arg-type]
    _ = inbox.no_such_field  # type: ignore[attr-defined]
    _ = (inbox.seen == True) & inbox.flagged  # type: ignore[operator]  # noqa: E712 -- an expression


def query_rows(db: netmail.query.Database) -> None:
    """Each value of a row has its type, and each call its result."""
    inbox = db.INBOX
    row = inbox[5]
    assert_type(row, netmail.query.Row | None)
    rows = db(inbox).select("INBOX.uid", inbox.sender, limitby=(0, 10), orderby=[~inbox.created])
    assert_type(rows, netmail.query.Rows)
    assert_type(rows.first(), netmail.query.Row | None)
    assert_type(rows[1:], netmail.query.Rows)
    for each in rows:
        assert_type(each.uid, int)
        assert_type(each.size, int)
        assert_type(each.seen, bool)
        assert_type(each.sent, datetime | None)
        assert_type(each.to, netmail.query.Addresses)
        assert_type(each.to[0], netmail.Address)
        assert_type(each.keywords, tuple[str, ...])
        assert_type(each.references, tuple[str, ...])
        assert_type(each.content, list[str])
        assert_type(each.filenames, list[str])
        assert_type(each.attachments, list[netmail.Attachment])
        assert_type(each.email, bytes)
        assert_type(each.encoding, str | None)
    found = db(inbox.seen == False)  # noqa: E712 -- an expression
    assert_type(found, netmail.query.Selection)
    assert_type(found.isempty(), bool)
    assert_type(found.update(seen=True, keywords=["x"]), int)
    assert_type(found.delete(), int)
    assert_type(found.move(db.trash), int)
    assert_type(found.copy("Archive"), int)
    assert_type(found.explain(), str)
    assert_type(db.define_tables(), dict[str, str])
    assert_type(db.mailboxes, dict[str, str])
    for name in db.tables:
        assert_type(name, str)
    assert_type(db.tables(), list[str])
    found.update(seen="yes")  # type: ignore[arg-type]
    db("INBOX")  # type: ignore[arg-type]
    found.select(limitby=10)  # type: ignore[arg-type]


async def asyncio_queries(db: netmail.query.AsyncDatabase) -> None:
    """The same, awaited."""
    assert_type(await db(db.INBOX.size < 6_000).count(), int)
    assert_type([row.uid async for row in db(db.all).iterselect("uid")], list[int])


def factories() -> None:
    """Blade's factories take a dictionary, a URL or keywords."""
    assert_type(netmail.imap("imaps://u:p@h"), netmail.Imap)
    assert_type(netmail.pop3({"host": "h", "port": 110}), netmail.POP3)
    assert_type(netmail.smtp(host="h", tls=netmail.TLS_ALL, timeout=5000), netmail.Transport)
    netmail.imap(hots="h")  # type: ignore[call-arg]
    netmail.imapp()  # type: ignore[attr-defined]


def messages(mail: netmail.Mail) -> None:
    """A message that was read has typed parts."""
    assert_type(mail.from_, list[netmail.Address])
    assert_type(mail.date, datetime | None)
    assert_type(mail.text, str)
    assert_type(mail.attachments, list[netmail.Attachment])
    assert_type(netmail.message().to("a@b.test").as_bytes(), bytes)
