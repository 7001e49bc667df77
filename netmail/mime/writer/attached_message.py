"""A message under construction as the content of another message's part.

This file must not know how a message is built; it asks the message for its tree only.
"""

from collections.abc import Iterator
from typing import Protocol

from netmail.errors import MessageError
from netmail.mime.writer.draft import TransportSupport
from netmail.mime.writer.tree import Entity, body_chunks, body_size

DEPTH = 50
"""Messages within messages: each level is read once more for its boundary, and costs stack."""


class Writable(Protocol):
    """What can be written as a message."""

    @property
    def nesting(self) -> int:
        """How many levels of messages it contains."""

    def _entity(self, support: TransportSupport) -> tuple[bytes, Entity]:
        """Make its header with the empty line, and the tree of its body."""


class AttachedMessage:
    """A message as content.

    Args:
        message: The message, which must not change any more.
        support: What the transport supports.

    Raises:
        MessageError: If it contains too many levels of messages.
    """

    __slots__ = ("_message", "_transit", "_tree", "depth")

    def __init__(self, message: Writable, support: TransportSupport | None = None) -> None:
        self.depth = message.nesting + 1
        if self.depth > DEPTH:
            raise MessageError(f"attachment: more than {DEPTH} levels of messages")
        self._message = message
        self._transit = support or TransportSupport()
        self._tree: tuple[bytes, Entity] | None = None

    def under(self, support: TransportSupport) -> "AttachedMessage":
        """Return the same content for one writing, for a transport that may support more."""
        return AttachedMessage(self._message, TransportSupport(eight_bit=support.eight_bit))

    def blocks(self) -> Iterator[bytes]:
        """Yield the octets of the message."""
        head, part = self._made()
        yield head
        yield from body_chunks(part)

    def size(self) -> int:
        """Return how many octets the message has."""
        head, part = self._made()
        return len(head) + body_size(part)

    def _made(self) -> tuple[bytes, Entity]:
        # Kept, since the outer message reads it twice: when it chooses its boundary, and when it
        # is written. Made each time again, the cost would double with every level.
        if self._tree is None:
            self._tree = self._message._entity(self._transit)  # noqa: SLF001 -- a friend: one tree in another
        return self._tree
