"""ID: fields written within the RFC's limits, and read in any form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError, UsageError
from netmail.wire.imap.data.identification import id_params_list, id_response
from netmail.wire.imap.encode import Literal
from support.imap_responses import data


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"NIL", {}),
        (b"()", {}),
        (b"", {}),
        (
            b'("name" "Cyrus" "Version" "1.5" "support-url" NIL)',
            {"name": "Cyrus", "version": "1.5", "support-url": None},
        ),
        (b'("name" "x" "os")', {"name": "x", "os": None}),
    ],
)
def test_samples(line, expected):
    """The samples of RFC 2971 section 3.1, and those of servers."""
    assert id_response(data(b"* ID " + line)) == expected


@pytest.mark.parametrize("line", [b"x", b"((x) y)", b"NIL NIL"])
def test_no_fields(line):
    """What is no list of pairs is refused."""
    with pytest.raises(ProtocolError):
        id_response(data(b"* ID " + line))


NAMES = st.text("abcdefghijklmnop-", min_size=1, max_size=30)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=100)


@given(fields=st.dictionaries(NAMES, st.none() | TEXTS, min_size=1, max_size=30))
def test_round_trip(fields):
    """What is written is read."""
    fragments = [b"* ID "]
    for part in id_params_list(fields):
        if isinstance(part, Literal):
            fragments += [part.data, b""]
        else:
            fragments[-1] += part

    assert id_response(data(*fragments)) == fields


def test_nothing():
    """A client may tell nothing, and still ask."""
    assert id_params_list({}) == b"NIL"


@pytest.mark.parametrize(
    "fields",
    [
        {"x" * 31: "x"},
        {"x": "y" * 1025},
        {str(number): "x" for number in range(31)},
        {"x": "a\r\nb"},
        {5: "x"},
        {"x": 5},
    ],
)
def test_limits(fields):
    """RFC 2971 section 3.3: what a server need not take is not sent."""
    with pytest.raises(UsageError):
        id_params_list(fields)
