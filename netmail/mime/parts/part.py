"""A part of a message that was read: its octets, its headers, its content.

This file knows one part and its neighbours; `mail.py` knows what a message is.
"""

from collections.abc import Callable, Iterator
from io import IncrementalNewlineDecoder
from typing import TYPE_CHECKING

from netmail.limits import MessageLimits
from netmail.mime.content.charset import decode_text, html_label
from netmail.mime.content.transfer import decode_transfer, decode_transfer_chunks
from netmail.mime.defects import DefectHandler, ignore
from netmail.mime.fields.header_block import OctetBuffer
from netmail.mime.fields.headers import Headers
from netmail.mime.fields.part_fields import PartHeaders
from netmail.mime.lazy import Lazy
from netmail.mime.parts.node import MessageIndex, PartNode
from netmail.mime.streams import buffered

if TYPE_CHECKING:
    import io

    # The one edge upward, for types only: a part may hold a mail, which is made of parts.
    from netmail.mime.mail import Mail

CHUNK = 1 << 18
"""Octets decoded at a time when a part is streamed."""


class PartSource:
    """What all parts of one message share.

    Args:
        octets: The message as it was received.
        buffer: The same; lines that ended in CR only end in LF.
        limits: Bounds for what is decoded.
        scan: Finds the parts; called once, when something needs more than the header.
        open_nested: Opens the message inside a part. A `Mail` is made of parts, so the parser,
            which is above both, passes this function down.
        nested: How many encoded messages it was taken out of.

    Attributes:
        index: The nodes of its parts, once they have been asked for.
    """

    __slots__ = ("buffer", "index", "limits", "nested", "octets", "open_nested", "scan")

    def __init__(
        self,
        octets: OctetBuffer,
        buffer: OctetBuffer,
        limits: MessageLimits,
        scan: Callable[[], MessageIndex],
        open_nested: "Callable[[Part, PartSource], Mail | None]",
        *,
        nested: int,
    ) -> None:
        self.octets = octets
        self.buffer = buffer
        self.limits = limits
        self.scan = scan
        self.open_nested = open_nested
        self.nested = nested
        self.index: MessageIndex | None = None

    def indexed(self) -> MessageIndex:
        """Return the index; the first call scans the message."""
        if self.index is None:
            self.index = self.scan()
        return self.index

    def part(self, node: PartNode) -> "Part":
        """Return the view of a node: always the same one, so that it decodes once."""
        if self.index is None:
            self.index = self.scan()
        view = node.view
        if not isinstance(view, Part):
            view = node.view = Part(self, node)
        return view


class Part(PartHeaders):
    """One node of the tree: a multipart, a nested message, or a leaf with content."""

    def __init__(self, source: PartSource, node: PartNode) -> None:
        self._source = source
        self._node = node
        self.default_type = node.default
        self.limits = source.limits

    @Lazy
    def headers(self) -> Headers:
        """The part's own header fields."""
        return Headers.from_block(self._node.block, self._source.limits)

    def field(self, name: bytes) -> bytes | None:
        """Return the raw value of the first field of a name in lower case."""
        return self._node.block.first(name)

    @property
    def content_type(self) -> str:
        """The media type in lower case; "text/plain" for a multipart that nothing divides."""
        return "text/plain" if self._node.undivided else self.parsed_content_type.value

    @property
    def raw(self) -> bytes:
        """The part's exact octets, header and body, as they are in the message."""
        return _slice(self._source.octets, self._node.start, self._node.end)

    @property
    def raw_headers(self) -> bytes:
        """The exact octets of the header with the empty line that ends it."""
        return _slice(self._source.octets, self._node.start, self._node.body)

    @property
    def raw_body(self) -> bytes:
        """The exact octets of the body, its transfer encoding not undone."""
        return _slice(self._source.octets, self._node.body, self._node.end)

    @property
    def offset(self) -> int:
        """The offset of the part in the message, in octets."""
        return self._node.start

    @property
    def node(self) -> PartNode:
        """The part's offsets in the message."""
        return self._node

    @property
    def parent(self) -> "Part | None":
        """The part that contains this one; `None` for the message itself."""
        return self._source.part(self._node.parent) if self._node.parent else None

    @property
    def children(self) -> "list[Part]":
        """The parts in this one; of a nested message, its root."""
        return [self._source.part(child) for child in self._node.children]

    @property
    def is_multipart(self) -> bool:
        """True for a part that consists of other parts."""
        return bool(self._node.children) and not self._node.message

    @property
    def is_message(self) -> bool:
        """True for a message/rfc822 part whose content is not transfer-encoded."""
        return self._node.message

    @Lazy
    def message(self) -> "Mail | None":
        """The message inside, also one in base64 or quoted-printable; `None` if there is none."""
        return self._source.open_nested(self, self._source)

    def walk(self) -> "Iterator[Part]":
        """Yield this part and all below it, in their order in the message."""
        waiting = [self._node]
        while waiting:
            node = waiting.pop()
            yield self._source.part(node)
            waiting += reversed(node.children)

    @Lazy
    def section(self) -> str:
        """The IMAP part number: "1", "2.1"; "TEXT" for a message's own multipart.

        RFC 9051 section 6.4.5.1.
        """
        node = self._node
        # A message adds no number of its own: its parts are numbered below the part that contains
        # it, and the only part of a message that is no multipart is number 1.
        numbers = [_own_number(node)] if _is_top(node) else []
        while node.parent is not None:
            if not node.parent.message:
                numbers.append(str(node.number))
            node = node.parent
            if _is_top(node) and not _divided(node):
                numbers.append("1")
        return ".".join(reversed(numbers))

    @Lazy
    def content(self) -> bytes:
        """The content with its transfer encoding undone; a multipart's raw body."""
        return self.decode()

    def decode(self, *, report: DefectHandler = ignore) -> bytes:
        """Undo the transfer encoding, without keeping the content.

        Args:
            report: Called with each defect that was worked around.
        """
        body = _slice(self._source.buffer, self._node.body, self._node.end)
        return body if self._node.children else decode_transfer(body, self.encoding, report=report)

    @Lazy
    def text(self) -> str:
        """The content as text, its charset decoded, its lines ended by LF."""
        return self.decode_text(self.content)

    def decode_text(self, content: bytes, *, report: DefectHandler = ignore) -> str:
        """Decode content in this part's charset; of HTML without one, in that of its <meta>.

        Args:
            content: Octets whose transfer encoding is undone.
            report: Called with each defect that was worked around.

        Returns:
            The text, its lines ended by LF.
        """
        label = self.charset
        if not label and self.content_type == "text/html":
            label = html_label(content)
        text = decode_text(content, label, report=report)
        if "\r" not in text:
            return text
        # A third of the time of two calls of replace().
        return IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)

    def chunks(self) -> Iterator[bytes]:
        """Return the decoded content piece by piece, in memory that does not grow with it."""
        pieces = (
            _slice(self._source.buffer, start, min(start + CHUNK, self._node.end))
            for start in range(self._node.body, self._node.end, CHUNK)
        )
        return pieces if self._node.children else decode_transfer_chunks(pieces, self.encoding)

    def open(self) -> "io.BufferedReader":
        """Open the content for reading; it is decoded while it is read."""
        return buffered(self.chunks())

    def __repr__(self) -> str:
        size = self._node.end - self._node.body
        name = f" {self.filename!r}" if self.filename else ""
        return f"<Part {self.section} {self.content_type}{name} {size} octets>"


def _slice(buffer: OctetBuffer, start: int, end: int) -> bytes:
    if start == 0 and end == len(buffer) and isinstance(buffer, bytes):
        return buffer
    return buffer[start:end]


def _is_top(node: PartNode) -> bool:
    """Whether it is the root of a message, the outermost or a nested one."""
    return node.parent is None or node.parent.message


def _divided(node: PartNode) -> bool:
    return bool(node.children) and not node.message


def _own_number(node: PartNode) -> str:
    return "TEXT" if _divided(node) else "1"
