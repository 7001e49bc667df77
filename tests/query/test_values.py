"""Values of fields: what is fetched for them, and how they show."""

import netmail
from netmail.query.values import (
    SOURCES,
    Addresses,
    Price,
    Wanted,
    read_mail,
    source_of,
    texts_of,
)


def test_wanted():
    """Fields are fetched by the items they need, and header fields not beside the whole."""
    assert Wanted.of(["uid", "seen", "size", "flagged"]).fetch() == ["FLAGS", "RFC822.SIZE"]
    assert Wanted.of(["subject", "content", "created"]).fetch() == ["INTERNALDATE", "BODY.PEEK[]"]
    assert Wanted.of(["subject", "header:x-y"]).fetch() == [
        "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE SUBJECT X-Y)]"
    ]
    assert not Wanted.of(["uid", "id"])


def test_texts():
    """Each value compares as texts; what is missing as none."""
    ann = netmail.Address("Ann", "ann@x")
    file = netmail.Attachment({"Content-Type": "text/plain; name=a.txt"}, b"x")

    assert texts_of(None) == []
    assert texts_of("x") == ["x"]
    assert texts_of(b"\xc3\xa9\xff") == ["é\ufffd"]
    assert texts_of(Addresses([ann, netmail.Address("", "b@x")])) == ["Ann <ann@x>", "ann@x", "b@x"]
    assert texts_of([file]) == ["a.txt"]


def test_addresses():
    """Addresses show as one line."""
    ann = netmail.Address("Ann", "ann@x")

    assert str(Addresses([ann, ann])) == "Ann <ann@x>, Ann <ann@x>"
    assert not Addresses()


def test_limits():
    """Of a message beyond the limits, what was read of it counts."""
    mail = read_mail(b"Subject: x\r\n\r\n" + b"--x\r\n" * 5)

    assert mail.subject == "x"


def test_prices():
    """The fields of the flags cost as much as their size, and texts the whole message."""
    assert {name for name, source in SOURCES.items() if source.price is Price.WHOLE} == {
        *("content", "email", "attachments", "encoding")
    }
    assert source_of("header:x-y").price is Price.HEADER
