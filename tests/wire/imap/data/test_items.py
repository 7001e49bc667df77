"""The items of a FETCH response: cut out, and parsed as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.wire.imap.data.items import DEPTH, Items
from netmail.wire.imap.msg_att import msg_att
from support.fetched import fragments_of
from support.imap_responses import data

VALUES = st.recursive(
    st.sampled_from(
        ["5", "NIL", "nil", r"\Seen", '"a b"', r'"\")("', "(", ")", '"', "", "a\tb", "{5}"]
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda each: "(" + " ".join(each) + ")"),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "UID",
        "uid",
        "X-GM-LABELS",
        "BODY[]",
        "BODY[1]<0>",
        "BODY[HEADER.FIELDS (A B)]",
        "(",
        "B[",
        "5",
    ]
)
ITEMS = st.lists(st.builds("{} {}".format, NAMES, VALUES), max_size=4).map(" ".join)
HEADS = st.sampled_from(["* 3 FETCH (", "* 3 fetch (", "* 0 FETCH (", "* FETCH (", "* 3 FETCH "])
TAILS = st.sampled_from(
    [")", "", " )", "))", " BODY[] %)", " BODY[] %) ", "BODY[] %)", " BODY[] % A 1)"]
)


@given(st.builds("{}{}{}".format, HEADS, ITEMS, TAILS))
def test_cut_agrees(text):
    """What is cut out is what the grammar reads, even strictly, where each value can be parsed."""
    fragments = fragments_of(text, *[b"x"] * text.count("%"))
    try:
        items = Items(fragments, 256, strict=False)
        found = {name: items.value(name) for name in items.names}
    except ProtocolError:
        return
    if items._texts is not None:
        assert found == msg_att(data(*fragments), strict=True)


def test_usual_responses_are_cut():
    """Text and value of an item are there without those of the others."""
    items = Items(fragments_of("* 3 FETCH (UID 5 X (a (b)) BODY[] %)", b"x"), 256, strict=True)

    assert items.names == ["UID", "X", "BODY[]"]
    assert items.text("X") == b"(a (b))"
    assert items.text("BODY[]") is None
    assert items.text("Y") is None
    assert items.value("BODY[]") == b"x"
    assert "X" in items
    assert "Y" not in items


def test_others_are_parsed():
    """Deeper lists, and literals before the end, are for the grammar."""
    deep = "(" * (DEPTH + 1) + ")" * (DEPTH + 1)
    items = Items(fragments_of(f"* 3 FETCH (BODY[] % X {deep})", b"x"), 256, strict=True)

    assert items.names == ["BODY[]", "X"]
    assert items.text("X") is None
    assert items.value("BODY[]") == b"x"


@pytest.mark.parametrize(
    "text", ["* 3", "* 3 FETCH", "* 3 FETCH (A", "* 3 FETCH (A)", "* FETCH (A 1)"]
)
def test_no_items(text):
    """What is no list of names and values is refused."""
    with pytest.raises(ProtocolError):
        Items(fragments_of(text), 256, strict=False)


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "text",
    [
        "* 3 FETCH (A " + "(" * 1_000_000,
        "* 3 FETCH (A " + "()" * 500_000,
        "* 3 FETCH (A " + '(" ' * 300_000,
        "* 3 FETCH (A " + "((((((" * 150_000,
        "* 3 FETCH (" + "A 1 " * 250_000,
        "* 3 FETCH (" + "A[" * 500_000,
        "* 3 FETCH (A " + '"' * 1_000_000,
        "* 3 FETCH (A ((((((" + "a " * 500_000,
    ],
    ids=range(8),
)
def test_hostile(text):
    """Nothing takes more than linear time."""
    with pytest.raises(ProtocolError):
        Items([text.encode()], 256, strict=False)


def test_the_number_of_uidfetch_is_a_uid():
    """RFC 9586 section 3.3: no item repeats it, so that the response is not cut."""
    items = Items(fragments_of("* 25996 UIDFETCH (FLAGS (x))"), 256, strict=True)

    assert items.names == ["UID", "FLAGS"]
    assert items.value("UID") == b"25996"


def test_a_number_of_three_digits_is_no_nil():
    """A value as long as NIL means itself."""
    items = Items(fragments_of("* 3 FETCH (RFC822.SIZE 777 SAVEDATE NIL)"), 256, strict=True)

    assert items.value("RFC822.SIZE") == b"777"
    assert items.value("SAVEDATE") is None
