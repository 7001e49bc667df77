"""BER is written again as DER, in linear time on any input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.crypto.smime.ber import BerError, definite, integer, joined
from support.timing import cpu_limit


@pytest.mark.parametrize(
    ("ber", "der"),
    [
        ("0500", "0500"),
        ("3000", "3000"),
        ("30800500 0000", "30020500"),
        ("3080 3080 0500 0000 0000", "300430020500"),
        ("2480 040161 04026263 0000", "0403616263"),
        ("2406 040161 040162", "04026162"),
        ("2480 2480 040161 0000 040162 0000", "04026162"),
        ("a080 2480 040161 0000 0000", "a003040161"),
        ("3080 bf8107020500 0000", "3006bf8107020500"),
        ("30810205 00", "30020500"),
        ("0500ff", "0500"),
    ],
)
def test_definite(ber, der):
    """Lengths become known, pieces of strings become one."""
    assert definite(bytes.fromhex(ber)).hex() == der.replace(" ", "")


@pytest.mark.parametrize(
    "ber",
    [
        "",
        "30",
        "3001",
        "3080",
        "30800500",
        "0480",
        "300304026162",
        "30890000000000000000010500",
        "2480 020101 0000",
        "3f",
        "3fffff",
        "30" + "80" * 2,
    ],
)
def test_refused(ber):
    """What is no BER is refused."""
    with pytest.raises(BerError):
        definite(bytes.fromhex(ber))


@given(st.binary(max_size=60))
def test_any_octets(octets):
    """Any octets are read or refused; what is read is read again as the same."""
    try:
        once = definite(octets)
    except BerError:
        return
    assert definite(once) == once


def test_joined():
    """The pieces of a string whose tag only its schema tells are joined."""
    assert joined(bytes.fromhex("0401610402626304 00".replace(" ", ""))) == b"abc"


@pytest.mark.parametrize(
    "octets",
    [b"\x30\x80" * 100_000, b"\x24\x80" + b"\x04\x01a" * 700_000, b"\x3f" + b"\x80" * 1_000_000],
)
def test_hostile_octets(octets):
    """Deep nesting, many pieces and long tags take linear time and no recursion."""
    with cpu_limit(10), pytest.raises(BerError):
        definite(octets)


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "020100"), (1, "020101"), (127, "02017f"), (128, "02020080")]
)
def test_integer(number, expected):
    """A number has as few octets as possible, and one more where it would be negative."""
    assert integer(number).hex() == expected
