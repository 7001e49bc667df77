"""Messages that are no longer there: VANISHED.

This file knows no grammar: `wire` reads the value.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vanished:
    """UIDs of messages that were expunged.

    The server may name UIDs that never existed, and as many as there can be: ranges are kept, and
    counted only by what iterates.

    Attributes:
        ranges: The first and the last UID of each range.
        earlier: Whether they were expunged before, rather than just now.

    RFC 7162 section 3.2.10.
    """

    ranges: tuple[tuple[int, int], ...]
    earlier: bool = False

    def __contains__(self, uid: object) -> bool:
        return isinstance(uid, int) and any(low <= uid <= high for low, high in self.ranges)

    def __iter__(self) -> Iterator[int]:
        for low, high in self.ranges:
            yield from range(low, high + 1)
