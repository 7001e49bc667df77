"""A message as the content of another message's part: one under construction, or one received.

This file must not know how a message is built; it asks one under construction for its tree, and
of one received it knows the offsets of the parts.
"""

import re
from collections.abc import Iterator
from typing import Protocol

from netmail.errors import LimitError, MessageError
from netmail.limits import DEFAULT_LIMITS
from netmail.mime.fields.content_type import transfer_encoding
from netmail.mime.parts.node import PartNode
from netmail.mime.parts.scanner import Scanner
from netmail.mime.writer.draft import TransportSupport
from netmail.mime.writer.transfer import (
    Encoding,
    base64_lines,
    lines_allowed,
    quoted_printable,
    text_encoding,
)
from netmail.mime.writer.tree import Entity, body_chunks, body_size

# encoding := "Content-Transfer-Encoding" ":" mechanism       RFC 2045 section 6.1
# The whole field with its continuation lines.
_ENCODING = re.compile(
    rb"^content-transfer-encoding[ \t]*+:[^\n]*+\n(?:[ \t][^\n]*+\n)*+",
    re.MULTILINE | re.IGNORECASE,
)

# Their octets are signed or encrypted as they are written   RFC 1847 sections 2.1 and 2.2
_SEALED = re.compile(rb"\s*multipart/(?:signed|encrypted)\b", re.IGNORECASE)

_UNENCODED = frozenset({"7bit", "8bit", "binary"})

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


def seven_bit_message(data: bytes) -> bytes | None:
    """Encode the parts of a message that seven bits cannot carry.

    Args:
        data: The message; lines end in CRLF.

    Returns:
        The message in lines of US-ASCII; `None` if it has a header outside ASCII, a signed or
        encrypted part, or anything else that cannot be written so.

    RFC 2046 section 5.2.1.
    """
    try:
        nodes = Scanner(data, DEFAULT_LIMITS).finish().nodes
    except LimitError:
        return None
    pieces: list[bytes] = []
    position = 0
    for node in sorted(nodes, key=lambda node: (node.start, node.depth)):
        written = _part(data, node)
        if written is None:
            return None
        pieces += [data[position : node.start], written]
        position = node.body if node.children else node.end
    pieces.append(data[position:])
    result = b"".join(pieces)
    return result if result.isascii() and lines_allowed(result) else None


def _part(data: bytes, node: PartNode) -> bytes | None:
    """Write a part's header, and its body if it has no parts; `None` if it cannot be changed."""
    head, body = data[node.start : node.body], data[node.body : node.end]
    if _SEALED.match(node.block.first(b"content-type") or b"") or node.opaque:
        return None
    encoding = node.block.first(b"content-transfer-encoding") or b""
    if node.children:
        # RFC 2045 section 6.4: an "8bit" here tells of the parts, which are 7bit now.
        return head if transfer_encoding(encoding) == "7bit" else _ENCODING.sub(b"", head)
    if body.isascii() and lines_allowed(body):
        return head + body
    if transfer_encoding(encoding) not in _UNENCODED or not head.endswith(b"\r\n"):
        return None
    return _encoded(node, head, body)


def _encoded(node: PartNode, head: bytes, body: bytes) -> bytes | None:
    kind = (node.block.first(b"content-type") or b"text/plain").strip().lower()
    if kind.startswith((b"message/", b"multipart/")):
        return None
    encoding = text_encoding(body) if kind.startswith(b"text/") else Encoding.BASE64
    write = quoted_printable if encoding is Encoding.QUOTED_PRINTABLE else base64_lines
    fields = _ENCODING.sub(b"", head[:-2]) + f"Content-Transfer-Encoding: {encoding}\r\n".encode()
    top = node.parent is None or node.parent.message
    if top and node.block.first(b"mime-version") is None:
        fields += b"MIME-Version: 1.0\r\n"
    return fields + b"\r\n" + write(body)
