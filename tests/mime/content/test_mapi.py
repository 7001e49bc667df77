"""Lists of MAPI properties."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.mime.content.mapi import code_page, read_properties
from support.tnef import NUMBER, STRING, STRING8, TIME, properties


def test_values():
    """Numbers, strings and times; the position is that after the list."""
    data = properties((NUMBER, 1, 7), (STRING8, 2, b"\xe9\0"), (STRING, 3, "é"), (TIME, 4, 9))
    found, position = read_properties(data + b"rest")

    assert position == len(data)
    assert (found[1].number(), found[4].number()) == (7, 9)
    assert (found[2].text("cp1252"), found[3].text("")) == ("é", "é")


def test_several_values():
    """Of several values the first is taken, and all are passed over."""
    many = struct.pack("<HHI", 0x101E, 1, 2) + b"".join(
        struct.pack("<I", 2) + text + b"\0\0\0" for text in (b"a", b"b")
    )
    none = struct.pack("<HHI", 0x1003, 2, 0)
    found, _ = read_properties(struct.pack("<I", 3) + many + none + properties((NUMBER, 3, 5))[4:])

    assert (found[1].text(""), found[2].octets, found[3].number()) == ("a", b"", 5)


@pytest.mark.parametrize(
    "name", [struct.pack("<II", 0, 7), struct.pack("<II", 1, 6) + b"n\0m\0e\0\0\0"]
)
def test_named(name):
    """The name of a property is passed over, whether a number or a text."""
    data = struct.pack("<IHH", 1, NUMBER, 0x8001) + b"\0" * 16 + name + struct.pack("<I", 3)

    assert read_properties(data)[0][0x8001].number() == 3


@pytest.mark.parametrize(
    ("number", "label"), [(65001, "utf-8"), (1251, "cp1251"), (28592, "iso-8859-2")]
)
def test_code_page(number, label):
    """The names of Windows are labels."""
    assert code_page(number) == label


@given(st.binary(max_size=200), st.integers(0, 300))
def test_anything(data, position):
    """Nothing raises, and the position goes forward."""
    _, after = read_properties(data, position)

    assert after >= min(position, len(data))
