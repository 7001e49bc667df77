"""Lists of MAPI properties: how Outlook writes values in a winmail.dat.

This file knows how a value is written, not what its tag means. Every length is checked against the
octets that exist.
"""

import struct
from typing import NamedTuple

from netmail.mime.content.charset import decode_text

_SIZE = struct.Struct("<L")
_TAG = struct.Struct("<HH")

# Types of MAPI properties and the octets that each takes: MS-OXCDATA section 2.11.1. Values of
# two octets and booleans are padded to four in TNEF.
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8}
_FIXED[0x48] = 16  # a GUID

# PtypObject, PtypString8, PtypString, PtypBinary: each value says its own length.
_VARIABLE = frozenset([0x0D, 0x1E, 0x1F, 0x102])
_STRING8, _STRING = 0x1E, 0x1F

_MOST = 1_000
"""Properties of one list, and values of one property, that are read."""

# Windows' names of charsets that are no code pages of Windows.
_CODE_PAGES = {
    20127: "us-ascii",
    20866: "koi8-r",
    21866: "koi8-u",
    50220: "iso-2022-jp",
    51932: "euc-jp",
    51949: "euc-kr",
    54936: "gb18030",
    65001: "utf-8",
}


class MapiValue(NamedTuple):
    """The value of a property.

    Attributes:
        kind: Its type, without the flag for several values.
        octets: The value as it is written; of several ones the first.
    """

    kind: int
    octets: bytes

    def number(self) -> int:
        """Return a number of up to eight octets; 0 for anything longer."""
        return int.from_bytes(self.octets, "little") if len(self.octets) <= 8 else 0

    def text(self, label: str) -> str:
        """Return a string without the NUL that ends it.

        Args:
            label: The charset of strings of octets, if they are not UTF-8.
        """
        if self.kind == _STRING:
            return self.octets.decode("utf-16-le", "replace").rstrip("\0")
        return string8(self.octets, label)


def code_page(number: int) -> str:
    """Return the name of a code page as a charset label.

    Args:
        number: As in attOemCodepage and PidTagInternetCodepage.
    """
    if 28591 <= number <= 28605:
        return f"iso-8859-{number - 28590}"
    return _CODE_PAGES.get(number, f"cp{number}")


def string8(raw: bytes, label: str) -> str:
    """Decode a string of octets, without the NUL that ends it."""
    raw = raw.rstrip(b"\0")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return decode_text(raw, label)


def read_properties(data: bytes, position: int = 0) -> tuple[dict[int, MapiValue], int]:
    """Read a list of properties; stop at the first one of an unknown type.

    Args:
        data: The octets.
        position: Where the list begins.

    Returns:
        The values by tag, and the position after the list.

    MS-OXTNEF section 2.1.3.4.
    """
    if position + 4 > len(data):
        return {}, len(data)
    found: dict[int, MapiValue] = {}
    count = min(_SIZE.unpack_from(data, position)[0], _MOST)
    position += 4
    for _ in range(count):
        if position + 4 > len(data):
            break
        kind, tag = _TAG.unpack_from(data, position)
        position = _after_name(data, position + 4) if tag >= 0x8000 else position + 4
        octets, position = _first_value(data, position, kind)
        if octets is None:
            break
        found.setdefault(tag, MapiValue(kind & 0x0FFF, octets))
    else:
        return found, position
    return found, len(data)


def _first_value(data: bytes, position: int, kind: int) -> tuple[bytes | None, int]:
    """Return the first value of a property and the position after its last; `None` on a defect."""
    count = 1
    # The flag MV_FLAG: several values.
    many = bool(kind & 0x1000)
    kind &= 0x0FFF
    if many or kind in _VARIABLE:
        count, position = _number(data, position)
    first = b""
    for number in range(count):
        size = _FIXED.get(kind, 0)
        if kind in _VARIABLE:
            size, position = _number(data, position)
        if number == _MOST or not size + (kind in _VARIABLE) or position + size > len(data):
            return None, len(data)
        if number == 0:
            first = data[position : position + size]
        position += size + -size % 4
    return first, position


def _number(data: bytes, position: int) -> tuple[int, int]:
    """Return the number of four octets at a position, and the position after it."""
    return int.from_bytes(data[position : position + 4], "little"), position + 4


def _after_name(data: bytes, position: int) -> int:
    """Return the position after the GUID and the number or name of a named property."""
    if position + 24 > len(data):
        return len(data)
    if _SIZE.unpack_from(data, position + 16)[0] == 0:
        return position + 24
    size: int = _SIZE.unpack_from(data, position + 20)[0]
    return position + 24 + size + (-size % 4)
