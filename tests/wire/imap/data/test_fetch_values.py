"""The values of FETCH items, and what is none."""

import pytest

from netmail.errors import ProtocolError
from netmail.wire.imap.data import fetch_values as values

GOOD = [
    (values.number, b"18446744073709551615", 18446744073709551615),
    (values.octets, b"x", b"x"),
    (values.text, b"\xc3\xa4", "\u00e4"),
    (values.flags, [b"\\Seen", None], ("\\Seen", "NIL")),
    (values.labels, [b"M&APY-rz", b"\\Inbox"], ("M\u00f6rz", "\\Inbox")),
    (values.optional(values.number), None, None),
    (values.optional(values.number), b"5", 5),
    (values.in_parentheses(values.number), [b"5"], 5),
]
BAD = [
    *[(values.number, value) for value in (None, [], b"", b"-1", b"1" * 21, b"\xb2")],
    *[(values.octets, value) for value in (None, [])],
    *[(values.flags, value) for value in (None, b"x", [[]])],
    *[(values.labels, value) for value in (None, b"x", [[]])],
    *[(values.in_parentheses(values.number), value) for value in (b"5", [], [b"5", b"6"], None)],
]


@pytest.mark.parametrize(("read", "value", "expected"), GOOD)
def test_values(read, value, expected):
    """Each form is read."""
    assert expected == read(value)


@pytest.mark.parametrize(("read", "value"), BAD)
def test_no_values(read, value):
    """Anything else is refused by netmail's own error."""
    with pytest.raises(ProtocolError):
        read(value)


def test_modseq():
    """Zoho's -1 is no modification sequence; a strict session refuses it, and any other text."""
    assert values.modseq(b"12", strict=True) == 12
    assert values.modseq(b"-1", strict=False) is None
    for value, strict in ((b"-1", True), (b"-2", False), (b"x", False)):
        with pytest.raises(ProtocolError):
            values.modseq(value, strict=strict)
