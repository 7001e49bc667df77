"""The canonical forms: the RFC's examples, and the same result however a body is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.crypto.dkim.canonical import CanonicalBody, Canonicalization, canonical_field
from netmail.crypto.octets import Field
from support.timing import cpu_limit


def canonical(form, *pieces, limit=None):
    """The canonical form of a body in pieces."""
    found = []
    body = CanonicalBody(form, found.append, limit).feed(pieces)
    return b"".join(found), body.size


def by_definition(form, body):
    """The canonical form as the RFC defines it, of a body with CRLF line ends."""
    lines = body.split(b"\r\n")
    if form == "relaxed":
        lines = [b" ".join((b"." + line + b".").replace(b"\t", b" ").split(b" ")) for line in lines]
        lines = [collapsed(line[1:-1]).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b"" if form == "relaxed" else b"\r\n"
    return b"\r\n".join(lines) + b"\r\n"


def collapsed(line):
    """Reduce spaces to single ones."""
    while b"  " in line:
        line = line.replace(b"  ", b" ")
    return line


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("simple", b" C \r\nD \t E\r\n"),
        ("relaxed", b" C\r\nD E\r\n"),
    ],
)
def test_body_of_the_rfc(form, expected):
    """The example of RFC 6376 section 3.4.5."""
    assert canonical(form, b" C \r\nD \t E\r\n\r\n\r\n")[0] == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("simple", [b"A: X\r\n", b"B : Y\t\r\n\tZ  \r\n"]),
        ("relaxed", [b"a:X\r\n", b"b:Y Z\r\n"]),
    ],
)
def test_header_of_the_rfc(form, expected):
    """The example of RFC 6376 section 3.4.5."""
    fields = [Field(b"a", b"A: X\r\n"), Field(b"b", b"B : Y\t\r\n\tZ  \r\n")]

    assert [canonical_field(field, form) for field in fields] == expected


@pytest.mark.parametrize(("form", "expected"), [("simple", b"\r\n"), ("relaxed", b"")])
def test_empty_body(form, expected):
    """A body without content is CRLF when simple, and nothing when relaxed."""
    assert canonical(form)[0] == expected
    assert canonical(form, b"\r\n", b"\r\n")[0] == expected


@given(
    st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"bc"]), max_size=30),
    st.integers(1, 4),
    st.sampled_from(["simple", "relaxed"]),
)
def test_pieces(tokens, size, form):
    """However a body is cut into pieces, its form is the one that the RFC defines."""
    body = b"".join(tokens)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]

    assert canonical(form, *pieces)[0] == by_definition(form, body)


@given(
    st.binary(max_size=40).map(
        lambda octets: octets.translate(bytes(b"\r\n \ta"[octet % 5] for octet in range(256)))
    ),
    st.integers(1, 4),
    st.sampled_from(["simple", "relaxed"]),
)
def test_stray_line_ends(body, size, form):
    """CR and LF alone are octets like others, however the body is cut."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]

    assert canonical(form, *pieces) == canonical(form, body)


def test_limit():
    """Octets over the limit are counted, and not passed on."""
    assert canonical("simple", b"abc", b"def", limit=4) == (b"abcd", 8)


@pytest.mark.parametrize("form", ["simple", "relaxed"])
@pytest.mark.parametrize("octets", [b"\r\n", b" ", b"\t \r\n", b"\r", b"\n", b" \r"])
def test_hostile_bodies(octets, form):
    """Megabytes of white space take time in proportion."""
    piece = octets * (65536 // len(octets))
    with cpu_limit(10):
        canonical(form, *[piece] * 64)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("relaxed", ("relaxed", "simple")),
        ("simple/relaxed", ("simple", "relaxed")),
        ("loose/simple", None),
    ],
)
def test_tag(text, expected):
    """The body's form is simple where it is not named."""
    assert Canonicalization.parsed(text) == expected
