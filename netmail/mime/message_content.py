"""A message under construction as the content of another message's part.

This file must not know how a message is built; it only asks it to write itself.
"""

from collections.abc import Iterator
from typing import Protocol

from netmail.mime.draft import Transit


class Writable(Protocol):
    """What can write itself as a message."""

    def chunks(self, *, eight_bit: bool = False) -> Iterator[bytes]:
        """Write the message."""

    def size(self, *, eight_bit: bool = False) -> int:
        """Tell how many octets `chunks` writes."""


class Nested:
    """A message as content, written anew whenever it is read."""

    __slots__ = ("_message", "_transit")

    def __init__(self, message: Writable, transit: Transit | None = None) -> None:
        self._message = message
        self._transit = transit or Transit()

    def under(self, transit: Transit) -> "Nested":
        """Make the same content for a way that allows more."""
        return Nested(self._message, transit)

    def blocks(self) -> Iterator[bytes]:
        """Write the message."""
        return self._message.chunks(eight_bit=self._transit.eight_bit)

    def size(self) -> int:
        """Tell how many octets the message has."""
        return self._message.size(eight_bit=self._transit.eight_bit)
