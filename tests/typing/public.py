"""What type checkers see of the public names; `scripts/check` gives this file to mypy.

Nothing here runs: each function states types that a user's code relies on.
"""

from datetime import datetime
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
