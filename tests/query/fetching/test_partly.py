"""Texts and names of files, and what a server sends for them, which is not the files.

Every message is also fetched whole, and read by netmail: not one value may differ.
"""

import netmail
from support.databases import database
from support.line_proxy import line_proxy
from support.query_bodies import mime_corpus
from support.timing import full

FILE = b"z" * 70 + b"\r\n"


def put(url, messages):
    """Put messages into an account."""
    with netmail.imap(url, tls=netmail.TLS_NONE) as imap:
        assert all(each.result() for each in imap.append_many("INBOX", messages))


def values(octets):
    """What the fields are, by a plain reading of a whole message."""
    mail = netmail.parse(octets)
    charsets = [part.charset for part in mail.walk() if part.content_type.startswith("text/")]
    return (
        list(mail.body.values()),
        [each.filename or "" for each in mail.attachments],
        next((each.lower() for each in charsets if each), None),
    )


def test_every_kind(account):
    """Well-formed and broken MIME of every kind has the values that the whole message has."""
    put(account, mime_corpus(7, full(600, quick=60)))
    with netmail.imap(account, tls=netmail.TLS_NONE) as imap:
        whole = {each.uid: each.body for each in imap.fetch_many("1:*", "BODY.PEEK[]", "INBOX")}
    with database(account) as db:
        everything = db(db.INBOX)
        rows = everything.select("content", "filenames", "encoding", "uid")
        names = {row.uid: row.filenames for row in everything.select("filenames", "uid")}
        charsets = {row.uid: row.encoding for row in everything.select("encoding", "uid")}

    assert len(rows) == len(whole)
    for row in rows:
        expected = values(whole[row.uid])
        found = (row.content, row.filenames, row.encoding)
        assert (row.uid, *found) == (row.uid, *expected)
        assert (names[row.uid], charsets[row.uid]) == expected[1:]


def large(number, epilogue=b""):
    """A message with a text and a file of 5 MB."""
    return (
        b"Subject: Number %d\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"A message with parts.\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        b"Text of %d.\r\n--b\r\nContent-Type: application/pdf; name=Report-%d.pdf\r\n\r\n"
        b"%b\r\n--b--\r\n%b" % (number, number, number, FILE * 70_000, epilogue)
    )


def test_large_files(account):
    """A file of 5 MB is not fetched for texts and names, and is where it is wanted."""
    put(account, [large(1), large(2, b"That was all.\r\n")])
    with line_proxy(account, {}) as (url, lines), database(url) as db:
        inbox = db.INBOX
        begin = lines.received
        text, name = inbox.content.contains("text of 2"), inbox.attachments.contains("report-1")

        assert [row.subject for row in db(text | name).select("subject")] == [
            "Number 2",
            "Number 1",
        ]
        assert db(inbox.encoding == "utf-8").count() == 2
        names = [row.filenames for row in db(inbox).select("filenames", orderby=inbox.attachments)]
        assert names == [["Report-1.pdf"], ["Report-2.pdf"]]
        assert lines.received - begin < 60_000
        [file] = db(text).select("attachments").first().attachments
        assert file.content == FILE * 70_000
        assert lines.received - begin > len(FILE) * 70_000
        shown = db(text).explain().splitlines()
        assert shown[-3:] == [
            "fetch for that: BODYSTRUCTURE RFC822.SIZE BODY.PEEK[]<0.8192>",
            "  and of longer ones what is in no large file: BODY.PEEK[]<n.m>",
            "round trips to count: 2 at most; more for longer messages",
        ]


def test_refused(account):
    """A server that refuses BODYSTRUCTURE is asked for whole messages, and no more for that."""
    put(account, [large(1)])
    refusal = {"BODYSTRUCTURE": b"{tag} NO cannot read a message\r\n"}
    with line_proxy(account, refusal) as (url, lines), database(url) as db:
        text = db(db.INBOX.content.contains("text of 1"))

        assert [text.count(), text.count()] == [1, 1]
        assert len([line for line in lines if "BODYSTRUCTURE" in line]) == 1
        assert "fetch for that: BODY.PEEK[]" in text.explain()


def test_range_refused(account):
    """A server that refuses a range is asked for the whole message."""
    put(account, [large(1)])
    refusal = {r"<[1-9]\d*\.\d+>": b"{tag} NO not in the middle\r\n"}
    with line_proxy(account, refusal) as (url, _), database(url) as db:
        assert db(db.INBOX.content.contains("text of 1")).count() == 1
