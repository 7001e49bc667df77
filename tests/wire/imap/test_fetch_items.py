"""What may be asked for of each message, and what is refused."""

import pytest

from netmail.errors import UsageError
from netmail.wire.imap.fetch_items import FetchItem, fetch_items


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("FLAGS", ["FLAGS"]),
        ("UID FLAGS", ["FLAGS"]),
        ("(FLAGS  RFC822.SIZE )", ["FLAGS", "RFC822.SIZE"]),
        (["FLAGS", "FLAGS"], ["FLAGS"]),
        (FetchItem.body(), ["BODY.PEEK[]"]),
        ([FetchItem.body("HEADER"), "ENVELOPE"], ["BODY.PEEK[HEADER]", "ENVELOPE"]),
        ("BODY[1.2.MIME] BODY", ["BODY[1.2.MIME]", "BODY"]),
        ("BODY.PEEK[HEADER.FIELDS (To X-Y)]<0.9>", ["BODY.PEEK[HEADER.FIELDS (To X-Y)]<0.9>"]),
        ("PREVIEW (LAZY) X-GM-LABELS", ["PREVIEW (LAZY)", "X-GM-LABELS"]),
        ("binary.size[1] BINARY[1]<0.5>", ["binary.size[1]", "BINARY[1]<0.5>"]),
        ("FAST", ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]),
        (["ALL"], ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"]),
        ("FULL", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]),
    ],
)
def test_items(given, expected):
    """Items are written as they are given, each once, UID first."""
    assert ["UID", *expected] == fetch_items(given)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (FetchItem.body(), "BODY.PEEK[]"),
        (FetchItem.body("TEXT", peek=False, partial=(0, 4096)), "BODY[TEXT]<0.4096>"),
        (FetchItem.body("1.2.HEADER.FIELDS.NOT (To)"), "BODY.PEEK[1.2.HEADER.FIELDS.NOT (To)]"),
        (FetchItem.binary("1.2", partial=(7, 1)), "BINARY.PEEK[1.2]<7.1>"),
        (FetchItem.binary(peek=False), "BINARY[]"),
        (FetchItem.binary_size("3"), "BINARY.SIZE[3]"),
    ],
)
def test_helpers(item, expected):
    """A helper writes the item, and the item is accepted."""
    assert expected == str(item)
    assert ["UID", expected] == fetch_items(item)


@pytest.mark.parametrize(
    "given",
    [
        *("", " ", "()", "FLAGS)", "(FLAGS", "FLAGS\r\nT9 NOOP", "FLAGS\0", "BODY[", "BODY]x"),
        *("BODY[1] {5}", "BODY[x]", "BODY[0]", "BODY[MIME]", "BODY[1.TEXT.1]", 'BODY["x"]'),
        *("BODY[HEADER.FIELDS]", "BODY[HEADER.FIELDS ()]", "BODY[HEADER.FIELDS (a b)"),
        *("BODY[]<0>", "BODY[]<0.0>", "BODY[]<-1.5>", "FLAGS<0.5>", "\u017fIZE", "a b\tc*"),
        *([], [""], ["FLAGS BODY[]"], [" FLAGS"], [b"FLAGS"], [1], {"FLAGS": 1}, b"FLAGS", None, 5),
        *(FetchItem("x) (y"), [FetchItem("")], FetchItem(5)),
    ],
)
def test_refused(given):
    """Nothing else reaches a command."""
    with pytest.raises(UsageError):
        fetch_items(given)


@pytest.mark.parametrize(
    "make",
    [
        lambda: FetchItem.body("x"),
        lambda: FetchItem.body("1]"),
        lambda: FetchItem.body(1),
        lambda: FetchItem.binary("HEADER"),
        lambda: FetchItem.binary_size("1.x"),
        lambda: FetchItem.body(partial=(-1, 5)),
        lambda: FetchItem.body(partial=(0, 0)),
        lambda: FetchItem.binary(partial=(0, 2**40)),
    ],
)
def test_wrong_helpers(make):
    """A section or a range that makes no sense is refused where it is given."""
    with pytest.raises(UsageError):
        make()
