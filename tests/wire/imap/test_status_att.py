"""STATUS responses that are large, or made to be slow."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.wire.imap.status_att import status_att_list
from support.imap_responses import data


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "line",
    [
        b"* STATUS x (" + b"A 1 " * 200_000 + b")",
        b"* STATUS " + b"(" * 1_000_000,
        b"* STATUS x (" + b" " * 1_000_000 + b")",
        b"* STATUS " + b"x" * 1_000_000 + b" (A 1)",
        b"* STATUS x (A " + b"9" * 1_000_000 + b")",
        b"* STATUS x " + b"()" * 500_000,
        b"* STATUS x (" + b" " * 1_000_000 + b"x",
        b"* STATUS x (" + b"() " * 300_000 + b")",
        b"* STATUS x (" + b" " * 500_000 + b"(" * 500_000,
        b"* STATUS x " + b")" * 1_000_000,
    ],
    ids=range(10),
)
def test_hostile(line):
    """A STATUS of a million octets is read or refused in linear time."""
    try:
        _, numbers = status_att_list(data(line))
    except ProtocolError:
        return
    assert set(numbers.values()) <= {1}


NAMES = st.text("aZ09._/-&~ (%", min_size=1, max_size=6)
ITEMS = st.sampled_from(["MESSAGES", "unseen", "X-GUID", "UIDNEXT"])
COUNTS = st.lists(st.tuples(ITEMS, st.integers(0, 10**19).map(str) | st.just("007")), max_size=4)


@given(name=NAMES, is_quoted=st.booleans(), counts=COUNTS, utf8=st.booleans())
def test_usual_form_agrees(name, is_quoted, counts, utf8):
    """The expression for the usual form reads what the grammar does."""
    shown = f'"{name}"' if is_quoted else name
    pairs = " ".join(f"{item} {number}" for item, number in counts)
    # A space at the end is never of the usual form.
    usual, thorough = [f"* STATUS {shown} ({pairs}{end})".encode() for end in ("", " ")]

    assert read(usual, utf8=utf8) == read(thorough, utf8=utf8)


def read(line, *, utf8):
    """Read a response, or its refusal."""
    try:
        return status_att_list(replace(data(line), utf8=utf8))
    except ProtocolError as error:
        return str(error).partition(";")[0]


def test_strict_about_a_trailing_space():
    """A space at the end is refused where strict, and accepted where not."""
    response = data(b"* STATUS x (A 1 )")

    assert status_att_list(response) == ("x", {"A": 1})
    with pytest.raises(ProtocolError, match="a space at the end"):
        status_att_list(response, strict=True)
