"""STATUS responses that are large, or made to be slow."""

import pytest

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


def test_strict_about_a_trailing_space():
    """A space at the end is refused where strict, and accepted where not."""
    response = data(b"* STATUS x (A 1 )")

    assert status_att_list(response) == ("x", {"A": 1})
    with pytest.raises(ProtocolError, match="a space at the end"):
        status_att_list(response, strict=True)
