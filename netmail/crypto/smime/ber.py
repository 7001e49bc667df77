"""BER with indefinite lengths, as programs write that do not know the size beforehand.

This file must not know what is encoded. It takes linear time and no recursion on any input.

ITU-T X.690.
"""

from collections.abc import Iterable
from typing import Final

INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER, UTC_TIME, SEQUENCE, SET = (
    *(0x02, 0x03, 0x04, 0x06),
    *(0x17, 0x30, 0x31),
)
"""The tags of types."""
CONTEXT_0, CONTEXT_1, CONTEXT_2, SIMPLE_0 = 0xA0, 0xA1, 0xA2, 0x80
"""The tags of fields: of those with values in them, and of the first one with none in it."""

_END: Final = b"\0\0"
_CONSTRUCTED = 0x20
_OCTETS: Final = 0x24
"""An OCTET STRING in pieces."""
_DEEPEST: Final = 64
"""No structure of CMS nests so deep."""


class BerError(ValueError):
    """The octets are no BER."""


class _Open:
    """A value whose end has not been found.

    Attributes:
        tag: Its tag, as written.
        end: The offset of its end; `None` for an indefinite length.
        pieces: Its content, encoded again.
        size: Octets of the content.
    """

    __slots__ = ("end", "pieces", "size", "tag")

    def __init__(self, tag: bytes, end: int | None) -> None:
        self.tag = tag
        self.end = end
        self.pieces: list[bytes] = []
        self.size = 0

    def add(self, *pieces: bytes) -> None:
        """Add to the content."""
        self.pieces += pieces
        self.size += sum(map(len, pieces))


def definite(octets: bytes) -> bytes:
    """Write a value again with lengths that are known, its strings in one piece.

    Args:
        octets: BER or DER; what is after the value is dropped.

    Raises:
        BerError: If it is neither.
    """
    root = _Open(b"", None)
    waiting = [root]
    place = 0
    while len(waiting) > 1 or not root.pieces:
        top = waiting[-1]
        if _has_ended(octets, place, top):
            place += 2 if top.end is None else 0
            waiting.pop()
            _close(top, waiting[-1])
            continue
        tag, start, size = head(octets, place)
        # No value may be longer than the nearest one around it whose length is known.
        limit = next((each.end for each in reversed(waiting) if each.end is not None), len(octets))
        end = None if size is None else start + size
        if (end or start) > limit:
            raise BerError("a value is longer than what it is in")
        if not tag[0] & _CONSTRUCTED:
            if end is None:
                raise BerError("an indefinite length of a simple value")
            top.add(*(_value(tag, octets[start:end], top)))
            place = end
            continue
        # A list of open values and no recursion: an attacker chooses the depth.
        if len(waiting) > _DEEPEST:
            raise BerError("values are nested too deep")
        waiting.append(_Open(tag, end))
        place = start
    return b"".join(root.pieces)


def tlv(tag: int, *contents: bytes) -> bytes:
    """Write a value in DER.

    X.690 section 8.1.
    """
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    return bytes((tag,)) + length_of(len(content)) + content


def around(tag: int, contents: Iterable[bytes]) -> list[bytes]:
    """Write a value in DER, in pieces: a large content is not copied with each value around it.

    X.690 section 8.1.
    """
    pieces = [*contents]
    return [bytes([tag]) + length_of(sum(map(len, pieces))), *pieces]


def integer(number: int) -> bytes:
    """Write an INTEGER, in as few octets as possible.

    X.690 section 8.3.
    """
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, signed=True))


def joined(contents: bytes) -> bytes:
    """Join the pieces of a string whose tag only its schema tells.

    Raises:
        BerError: If they are no OCTET STRINGs.
    """
    whole = definite(b"\x24" + length_of(len(contents)) + contents)
    return whole[head(whole, 0)[1] :]


def _has_ended(octets: bytes, place: int, top: _Open) -> bool:
    if not top.tag:
        return False
    if top.end is None:
        return octets[place : place + 2] == _END
    return place >= top.end


def _value(tag: bytes, content: bytes, inside: _Open) -> tuple[bytes, ...]:
    """Encode a simple value; a piece of a string is only its content."""
    if inside.tag[:1] == b"\x24":
        if tag != b"\x04":
            raise BerError("a piece of a string is none")
        return (content,)
    return (tag, length_of(len(content)), content)


def _close(ended: _Open, outer: _Open) -> None:
    # X.690 section 8.7.3: pieces may be in pieces themselves; all are one string.
    if ended.tag[0] == _OCTETS:
        if outer.tag[:1] == b"\x24":
            outer.add(*ended.pieces)
            return
        ended.tag = b"\x04"
    length = length_of(ended.size)
    outer.pieces += [ended.tag, length, *ended.pieces]
    outer.size += len(ended.tag) + len(length) + ended.size


def head(octets: bytes, place: int) -> tuple[bytes, int, int | None]:
    """Read tag and length: the tag, the offset of the content, its size or `None`.

    Raises:
        BerError: If the octets end before.

    X.690 section 8.1.2, section 8.1.3.
    """
    try:
        start = place + 1
        if octets[place] & 0x1F == 0x1F:
            while octets[start] & 0x80:
                start += 1
            start += 1
        tag, first = octets[place:start], octets[start]
    except IndexError as error:
        raise BerError("the octets end within a value") from error
    if first < 0x80:
        return tag, start + 1, first
    if first == 0x80:
        return tag, start + 1, None
    end = start + 1 + first - 0x80
    size = octets[start + 1 : end]
    if len(size) != first - 0x80 or len(size) > 8:
        raise BerError("a length is too long")
    return tag, end, int.from_bytes(size)


def length_of(size: int) -> bytes:
    """Write a length.

    X.690 section 8.1.3.
    """
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets
