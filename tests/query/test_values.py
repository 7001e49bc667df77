"""Values of fields: what is fetched for them, and how they show."""

import netmail
from netmail.query.values import (
    SOURCES,
    Addresses,
    Price,
    Wanted,
    compared,
    source_of,
    texts_of,
)


def test_wanted():
    """Fields are fetched by the items they need, and header fields not beside the whole."""
    assert Wanted.of(["uid", "seen", "size", "flagged"]).fetch() == ["FLAGS", "RFC822.SIZE"]
    assert Wanted.of(["subject", "email", "created"]).fetch() == ["INTERNALDATE", "BODY.PEEK[]"]
    parts = Wanted.of(["subject", "content", "size", "seen"]).fetch()
    assert parts == ["FLAGS", "BODYSTRUCTURE", "RFC822.SIZE", "BODY.PEEK[]<0.8192>"]
    assert Wanted.of(["content"], in_parts=False).fetch() == ["BODY.PEEK[]"]
    assert Wanted.of(["content", "email"]).fetch() == ["BODY.PEEK[]"]
    assert Wanted.of(["subject", "header:x-y"]).fetch() == [
        "BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE SUBJECT X-Y)]"
    ]
    assert not Wanted.of(["uid", "id"])


def test_texts():
    """Each value compares as texts; what is missing as none."""
    ann = netmail.Address("Ann", "ann@x")

    assert texts_of(None) == []
    assert texts_of("x") == ["x"]
    assert texts_of(b"\xc3\xa9\xff") == ["é\ufffd"]
    assert texts_of(Addresses([ann, netmail.Address("", "b@x")])) == ["Ann <ann@x>", "ann@x", "b@x"]
    assert compared("attachments") == "filenames"


def test_addresses():
    """Addresses show as one line."""
    ann = netmail.Address("Ann", "ann@x")

    assert str(Addresses([ann, ann])) == "Ann <ann@x>, Ann <ann@x>"
    assert not Addresses()


def test_prices():
    """The source and the files are the whole message; texts and names are not."""
    assert {name for name, source in SOURCES.items() if source.price is Price.WHOLE} == {
        *("email", "attachments")
    }
    assert {name for name, source in SOURCES.items() if source.price is Price.PARTS} == {
        *("content", "filenames", "encoding")
    }
    assert source_of("header:x-y").price is Price.HEADER
