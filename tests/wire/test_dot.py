"""Dot-stuffing and line ends."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.wire.dot import (
    END,
    Unstuffing,
    canonical,
    crlf,
    crlf_pieces,
    stuff,
    stuff_pieces,
    unstuff,
)
from netmail.wire.reader import Reader

BODIES = st.lists(
    st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"..", b"a", b"\0", b"\xff", b" "])
).map(b"".join)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", b""),
        (b"a", b"a\r\n"),
        (b"a\n", b"a\r\n"),
        (b"a\r", b"a\r\n"),
        (b"a\r\n", b"a\r\n"),
        (b"a\nb\rc\r\nd", b"a\r\nb\r\nc\r\nd\r\n"),
        (b"\n\r", b"\r\n\r\n"),
        (b"\r\r\n", b"\r\n\r\n"),
        (b"\n", b"\r\n"),
    ],
)
def test_canonical(body, lines):
    """Every line end becomes CRLF, and the last line gets one."""
    assert canonical(body) == lines


@pytest.mark.parametrize(
    ("body", "stuffed"),
    [
        (b"", b""),
        (b".\r\n", b"..\r\n"),
        (b"a\r\n.\r\n", b"a\r\n..\r\n"),
        (b"a.b\r\n", b"a.b\r\n"),
        (b"..\r\n..a\r\n", b"...\r\n...a\r\n"),
        (b"\r\n.\r\n.\r\n", b"\r\n..\r\n..\r\n"),
    ],
)
def test_stuff_and_back(body, stuffed):
    """A dot that begins a line is doubled, and taken off again."""
    assert stuff(body) == stuffed
    assert unstuff(stuffed) == body


@given(BODIES, st.lists(st.integers(min_value=1, max_value=4)))
def test_stuff_pieces(body, sizes):
    """The same comes out, wherever the borders of the pieces are."""
    lines = canonical(body)
    pieces, start = [], 0
    for size in sizes:
        pieces.append(lines[start : start + size])
        start += size

    assert b"".join(stuff_pieces([*pieces, lines[start:]])) == stuff(lines)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [(b".a\r\n", b"a\r\n"), (b"x\r\n.a\r\n", b"x\r\na\r\n"), (b"x\n.a\r\n", b"x\n.a\r\n")],
    ids=["first", "later", "after-lf"],
)
def test_unstuff_takes_a_single_dot_too(sent, meant):
    """RFC 1939: the first dot goes, whatever follows; only after CRLF."""
    assert unstuff(sent) == meant


@pytest.mark.parametrize(
    ("sent", "meant"),
    [(b"..\n", b".\n"), (b"x\n..a\r\n.b\n", b"x\n.a\r\nb\n"), (b"x\r..\n", b"x\r..\n")],
    ids=["first", "both", "cr"],
)
def test_unstuff_in_lf(sent, meant):
    """Where LF ends lines, the dot after any LF goes."""
    assert unstuff(sent, bare_lf=True) == meant


@given(BODIES)
def test_canonical_has_no_bare_line_end(body):
    """What is sent has no bare CR or LF and ends its last line."""
    lines = canonical(body)

    assert re.search(rb"\r(?!\n)|(?<!\r)\n", lines) is None
    assert not lines or lines.endswith(b"\r\n")


@given(BODIES)
def test_canonical_changes_nothing_twice(body):
    """Canonical is canonical."""
    assert canonical(canonical(body)) == canonical(body)


@given(BODIES)
def test_stuffing_survives_the_wire(body):
    """What a reader takes until the lone dot, unstuffed, is what was stuffed."""
    lines = canonical(body)
    reader = Reader()
    reader.feed(stuff(lines) + END + b"+OK")

    assert unstuff(reader.dot_terminated()) == lines
    assert reader.peek() == b"+OK"


@pytest.mark.parametrize("before", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("after", [b"\n", b"\r", b"\r\n"])
def test_no_smuggled_end(before, after):
    """No mixture of line ends around a dot lets a server see an end in the middle."""
    body = b"text" + before + b"." + after + b"MAIL FROM:<x@y>" + before + b"."
    sent = stuff(canonical(body))

    assert re.search(rb"(^|[\r\n])\.[\r\n]", sent) is None


@given(st.lists(BODIES))
def test_pieces_are_written_as_the_whole(pieces):
    """A line end that two pieces share is one line end."""
    written = list(crlf_pieces(pieces))

    assert b"".join(written) == crlf(b"".join(pieces))
    assert b"" not in written


@pytest.mark.parametrize("bare_lf", [False, True])
@given(
    body=st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\n", b"\r", b"x"])).map(b"".join),
    cuts=st.lists(st.integers(0, 40)),
)
def test_unstuffing_in_pieces(bare_lf, body, cuts):
    """Pieces give what the whole gives, wherever it is cut."""
    ends = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    unstuffing = Unstuffing(bare_lf=bare_lf)
    pieces = [unstuffing.add(body[one:other]) for one, other in itertools.pairwise(ends)]

    assert b"".join(pieces) == unstuff(body, bare_lf=bare_lf)
