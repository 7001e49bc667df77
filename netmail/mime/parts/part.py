"""A part of a message that was read: its octets, its headers, its content.

This file knows one part and its neighbours; `mail.py` knows what a message is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from typing import TYPE_CHECKING

from netmail.limits import MessageLimits
from netmail.mime.content.charset import decode_text, html_label
from netmail.mime.content.transfer import decode_transfer, decode_transfer_chunks
from netmail.mime.defects import DefectHandler, ignore
from netmail.mime.fields.header_block import Buffer
from netmail.mime.fields.headers import Headers
from netmail.mime.fields.part_fields import PartHeaders
from netmail.mime.lazy import Lazy
from netmail.mime.parts.node import MessageIndex, PartNode
from netmail.mime.parts.scanner import Scanner
from netmail.mime.streams import buffered

if TYPE_CHECKING:
    import io

    # The one edge upward, for types only: a part may hold a mail, which is made of parts.
    from netmail.mime.mail import Mail

CHUNK = 1 << 18
"""Octets decoded at a time when a part is streamed."""


@dataclass(slots=True)
class Source:
    """What all parts of one message share.

    Attributes:
        octets: The message as it came.
        buffer: The same, lines ended by LF where they ended in CR only.
        limits: Bounds for what is decoded.
        scanner: Who knows where its parts are.
        open_nested: What opens the message inside a part; a `Mail` is made of parts, so the
            parser, which is above both, passes it down.
        nested: How many encoded messages it was taken out of.
        index: Where its parts are, once it has been asked for.
    """

    octets: Buffer
    buffer: Buffer
    limits: MessageLimits
    scanner: Scanner
    open_nested: "Callable[[Part, Source], Mail | None]"
    nested: int = 0
    index: MessageIndex | None = None

    def indexed(self) -> MessageIndex:
        """Find the parts, unless that was done."""
        if self.index is None:
            self.index = self.scanner.finish()
        return self.index

    def part(self, node: PartNode) -> "Part":
        """The view of a node: one for each, so that what it decoded is kept."""
        if self.index is None:
            self.index = self.scanner.finish()
        view = node.view
        if not isinstance(view, Part):
            view = node.view = Part(self, node)
        return view


class Part(PartHeaders):
    """One node of the tree: a multipart, a nested message, or a leaf with content."""

    def __init__(self, source: Source, node: PartNode) -> None:
        self._source = source
        self._node = node
        self.default_type = node.default
        self.limits = source.limits

    @Lazy
    def headers(self) -> Headers:
        """The part's own header fields."""
        return Headers.from_block(self._node.block, self._source.limits)

    def field(self, name: bytes) -> bytes | None:
        """The raw value of the first field of a name in lower case."""
        return self._node.block.first(name)

    @property
    def content_type(self) -> str:
        """The media type in lower case; "text/plain" for a multipart that nothing divides."""
        return "text/plain" if self._node.undivided else self.parsed_content_type.value

    @property
    def raw(self) -> bytes:
        """The part's exact octets, header and body, as they stand in the message."""
        return _slice(self._source.octets, self._node.start, self._node.end)

    @property
    def raw_headers(self) -> bytes:
        """The exact octets of the header with the blank line that ends it."""
        return _slice(self._source.octets, self._node.start, self._node.body)

    @property
    def raw_body(self) -> bytes:
        """The exact octets of the body, its transfer encoding not undone."""
        return _slice(self._source.octets, self._node.body, self._node.end)

    @property
    def offset(self) -> int:
        """Where the part begins in the message, in octets."""
        return self._node.start

    @property
    def node(self) -> PartNode:
        """The part's places in the message, for those who go on reading from there."""
        return self._node

    @property
    def parent(self) -> "Part | None":
        """The part that holds this one."""
        return self._source.part(self._node.parent) if self._node.parent else None

    @property
    def children(self) -> "list[Part]":
        """The parts in this one; of a nested message, its root."""
        return [self._source.part(child) for child in self._node.children]

    @property
    def is_multipart(self) -> bool:
        """Whether other parts are in it, side by side."""
        return bool(self._node.children) and not self._node.message

    @property
    def is_message(self) -> bool:
        """Whether it holds one message that stands there as it is."""
        return self._node.message

    @Lazy
    def message(self) -> "Mail | None":
        """The message in it, also one that base64 or quoted-printable hides; else `None`."""
        return self._source.open_nested(self, self._source)

    def walk(self) -> "Iterator[Part]":
        """Go through this part and all below it, in the order they stand."""
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
        """Undo the transfer encoding anew, without keeping the content.

        Args:
            report: Told of damage that was worked around.
        """
        body = _slice(self._source.buffer, self._node.body, self._node.end)
        return body if self._node.children else decode_transfer(body, self.encoding, report=report)

    @Lazy
    def text(self) -> str:
        """The content as text, its charset decoded, its lines ended by LF."""
        return self.decode_text(self.content)

    def decode_text(self, content: bytes, *, report: DefectHandler = ignore) -> str:
        """Decode content in this part's charset; of HTML without one, in that of its <meta>."""
        label = self.charset
        if not label and self.content_type == "text/html":
            label = html_label(content)
        text = decode_text(content, label, report=report)
        if "\r" not in text:
            return text
        # The fastest way there is to end lines by LF.
        return IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)

    def chunks(self) -> Iterator[bytes]:
        """Decode the content piece by piece, in memory that does not grow with it."""
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


def _slice(buffer: Buffer, start: int, end: int) -> bytes:
    if start == 0 and end == len(buffer) and isinstance(buffer, bytes):
        return buffer
    return buffer[start:end]


def _is_top(node: PartNode) -> bool:
    """Whether it is a message's own root, the outermost or a nested one."""
    return node.parent is None or node.parent.message


def _divided(node: PartNode) -> bool:
    return bool(node.children) and not node.message


def _own_number(node: PartNode) -> str:
    return "TEXT" if _divided(node) else "1"
