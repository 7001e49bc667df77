"""Values of DER, read where they are: nothing is copied, and nothing is read that is not asked for.

This file must not know what is encoded. It takes linear time and no recursion on any input.

ITU-T X.690.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from netmail.crypto.smime.ber import (
    OBJECT_IDENTIFIER,
    UTC_TIME,
    BerError,
    definite,
    head,
    joined,
)

_CONSTRUCTED: Final = 0x20
_PIECES: Final = 0x24
"""An OCTET STRING in pieces."""
_LONGEST: Final = 32
"""Octets of an object identifier that is shown: the time for its numbers is square."""


class Value(NamedTuple):
    """A value in octets that it does not copy.

    Attributes:
        octets: What it is in.
        tag: The first octet of its tag.
        begin: The offset of its tag.
        start: The offset of its content.
        end: The offset of its end.
    """

    octets: bytes
    tag: int
    begin: int
    start: int
    end: int

    @property
    def content(self) -> bytes:
        """What it has in it."""
        return self.octets[self.start : self.end]

    @property
    def view(self) -> memoryview:
        """What it has in it, not copied."""
        return memoryview(self.octets)[self.start : self.end]

    @property
    def whole(self) -> bytes:
        """The value with its tag and length."""
        return self.octets[self.begin : self.end]

    def members(self) -> Iterator["Value"]:
        """Yield the values in it.

        Raises:
            BerError: If it has something else in it.
        """
        octets, place, end = self.octets, self.start, self.end
        while place < end:
            value = value_at(octets, place, end)
            yield value
            place = value.end

    def tagged(self, tag: int) -> "Value":
        """Return the value, which must have this tag.

        Raises:
            BerError: If it has another.
        """
        if self.tag != tag:
            raise BerError("a value is of another type")
        return self

    def only(self, *tags: int) -> "Value":
        """Return the one value in it.

        Raises:
            BerError: If it has none or several in it, or one with another tag.
        """
        fields = Fields(self)
        found = fields.take(*tags)
        if fields.optional() is not None:
            raise BerError("there are more values than one")
        return found


class Fields:
    """The fields of a SEQUENCE, one after the other.

    Raises:
        BerError: If what is read is not what is wanted; from each method.
    """

    __slots__ = ("_end", "_octets", "_place")

    def __init__(self, value: Value) -> None:
        self._octets, self._place, self._end = value.octets, value.start, value.end

    def take(self, *tags: int) -> Value:
        """Return the next field, which must be there and have one of the tags; none are any."""
        found = self.optional(*tags)
        if found is None:
            raise BerError("a field is missing")
        return found

    def optional(self, *tags: int) -> Value | None:
        """Return the next field if it is there and has one of the tags; none are any."""
        if self._place >= self._end or (tags and self._octets[self._place] not in tags):
            return None
        found = value_at(self._octets, self._place, self._end)
        self._place = found.end
        return found


def read(octets: bytes) -> Value:
    """Read BER or DER; what is after the value is not looked at.

    Raises:
        BerError: If it is neither.
    """
    # Nearly all is DER; the rest is written again, which makes it so.
    plain = octets if _is_plain(octets) else definite(octets)
    return value_at(plain, 0, len(plain))


def octet_string(value: Value) -> bytes | memoryview:
    """Return the octets of a string; with the tag of a field it may be in pieces, which are joined.

    Raises:
        BerError: If the pieces are none.

    X.690 section 8.7.3.
    """
    return joined(value.content) if value.tag & _CONSTRUCTED else value.view


def algorithm(value: Value) -> tuple[bytes, Value | None]:
    """Read an AlgorithmIdentifier: the octets of its object identifier, and its parameters.

    Raises:
        BerError: If it is none.

    RFC 5280 section 4.1.1.2.
    """
    fields = Fields(value)
    return fields.take(OBJECT_IDENTIFIER).content, fields.optional()


def time(value: Value) -> datetime | None:
    """Read a UTCTime or GeneralizedTime; `None` if it is none.

    RFC 5652 section 11.3.
    """
    text = value.content[:20]
    if value.tag == UTC_TIME:
        # RFC 5652 section 11.3: of two digits 50 and above are of the last century.
        text = (b"19" if text >= b"5" else b"20") + text
    if len(text) != 15 or not text[:14].isdigit() or text[14:] != b"Z":
        return None
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    hour, minute, second = int(text[8:10]), int(text[10:12]), int(text[12:14])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def dotted(content: bytes) -> str:
    """Write an object identifier with dots, to show it.

    X.690 section 8.19.
    """
    numbers, number = [], 0
    for octet in content[:_LONGEST]:
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            numbers.append(number)
            number = 0
    # X.690 section 8.19.4: the first number is the first two.
    first = min(numbers[0] // 40, 2) if numbers else 0
    pair = [first, numbers[0] - 40 * first] if numbers else []
    return ".".join(map(str, [*pair, *numbers[1:]])) or "?"


def _is_plain(octets: bytes) -> bool:
    """Return whether all lengths are known, and all strings in one piece.

    Whether a value is longer than what it is in, its reader finds.
    """
    place, end = 0, len(octets)
    while place + 2 <= end:
        tag, length = octets[place], octets[place + 1]
        if length == 0x80 or tag == _PIECES:
            return False
        start, size = place + 2, length
        if length > 0x80 or tag & 0x1F == 0x1F:
            _, start, found = head(octets, place)
            if found is None:
                return False
            size = found
        # What is after the first value is no part of it.
        end = end if place else min(end, start + size)
        # A value of others is entered, and not kept: their ends are not compared.
        place = start if tag & _CONSTRUCTED else start + size
    return True


def value_at(octets: bytes, place: int, limit: int) -> Value:
    """Read the value at an offset, which may not end after the limit.

    Raises:
        BerError: If there is none.
    """
    # What nearly all values have: a tag of one octet, and a length of one.
    if place + 2 <= limit and octets[place + 1] < 0x80 and octets[place] & 0x1F != 0x1F:
        start = place + 2
        end = start + octets[place + 1]
    else:
        _, start, size = head(octets, place)
        if size is None:
            raise BerError("an indefinite length of a simple value")
        end = start + size
    if end > limit:
        raise BerError("a value is longer than what it is in")
    return Value(octets, octets[place], place, start, end)
