"""Messages as octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netmail
from netmail.crypto.octets import PIECE, canonical, header_fields, octets_of, with_end


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\nb\r\n", b"a\r\nb\r\n"),
        (b"a\rb", b"a\rb"),
        (b"a\r\nb\rc\r\n", b"a\r\nb\rc\r\n"),
        (b"a\nb\r", b"a\r\nb\r"),
        (b"a\r", b"a\r"),
        (b"\xff\n\x00", b"\xff\r\n\x00"),
        (b"", b""),
        (b"x" * (PIECE - 1) + b"\r\n", b"x" * (PIECE - 1) + b"\r\n"),
        (b"x" * PIECE + b"\n", b"x" * PIECE + b"\r\n"),
        (b"x" * (PIECE - 1) + b"\n\n", b"x" * (PIECE - 1) + b"\r\n\r\n"),
    ],
)
def test_canonical(text, expected):
    """Every LF gets its CR, once."""
    assert canonical(text) == expected


@given(st.binary().map(lambda octets: octets.replace(b"x", b"\r").replace(b"y", b"\n")))
def test_canonical_of_any_octets(octets):
    """The result has no LF alone, and is the same octets but for line ends."""
    found = canonical(octets)

    assert found.count(b"\n") == found.count(b"\r\n")
    assert found.replace(b"\r\n", b"\n") == octets.replace(b"\r\n", b"\n")


def test_with_end():
    """The last line is ended, once."""
    assert with_end(with_end(b"a")) == b"a\r\n"


def test_fields():
    """A field has its continuation lines; obsolete spaces before the colon are no part of it."""
    fields = header_fields(b"From : a\r\nTo: b,\r\n\tc\r\nbroken\r\nX:\r\n")

    assert [field.name for field in fields] == [b"from", b"to", b"x"]
    assert [field.value for field in fields] == [b" a", b" b,\r\n\tc\r\nbroken", b""]


@pytest.mark.parametrize(
    ("text", "header", "body"),
    [
        (b"A: b\r\n\r\nc\r\n\r\nd", b"A: b\r\n", b"c\r\n\r\nd"),
        (b"A: b\n\nc", b"A: b\r\n", b"c"),
        (b"A: b", b"A: b\r\n", b""),
        (b"A: b\r\n\r\n", b"A: b\r\n", b""),
    ],
)
def test_octets(text, header, body):
    """The header ends at the first empty line, the body is all after it."""
    found = octets_of(text)

    assert found.header == header
    assert b"".join(found.body()) == body


@pytest.mark.parametrize("size", [1, 3, 100])
def test_large_content(size):
    """A large content is cut at the same place, whatever its pieces are."""
    whole = b"A: b\r\n\r\nthe body\r\n"
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    content = netmail.LargeContent(b"A: b\r\n", len(whole), lambda: iter(pieces))

    assert octets_of(content).header == b"A: b\r\n"
    assert b"".join(octets_of(content).body()) == b"the body\r\n"
