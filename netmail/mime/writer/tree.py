"""The tree of a message's body, and how it is written.

This file must not know how the tree came about: not of callers' values, headers or encodings.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from netmail.mime.writer.content import Content
from netmail.mime.writer.transfer import base64_blocks, base64_size


class Body(Protocol):
    """A leaf's octets in their transfer encoding."""

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets."""

    def size(self) -> int:
        """Return how many octets `chunks` yields."""

    def contains(self, marker: bytes) -> bool:
        """Return whether a delimiter, which begins with two hyphens, occurs in the octets."""


class Lines:
    """Octets written as they are: 7bit, 8bit or binary."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets."""
        yield self.data

    def size(self) -> int:
        """Return how many octets there are."""
        return len(self.data)

    def contains(self, marker: bytes) -> bool:
        """Search the octets."""
        return marker in self.data


class Encoded(Lines):
    """Octets in quoted-printable or base64, in which netmail's delimiters cannot occur."""

    __slots__ = ()

    def contains(self, marker: bytes) -> bool:
        """Search the octets; "--=_" cannot occur: a digit follows "=", and base64 has no "-"."""
        return not marker.startswith(b"--=_") and marker in self.data


class Base64:
    """Content encoded as base64 while it is written."""

    __slots__ = ("_content",)

    def __init__(self, content: Content) -> None:
        self._content = content

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets, encoded block by block."""
        return base64_blocks(self._content.blocks())

    def size(self) -> int:
        """Calculate the size from the content's."""
        return base64_size(self._content.size())

    def contains(self, marker: bytes) -> bool:
        """Return False for a delimiter: base64 has no hyphens."""
        return not marker.startswith(b"--")


class Binary:
    """Content written as it is."""

    __slots__ = ("_content",)

    def __init__(self, content: Content) -> None:
        self._content = content

    def chunks(self) -> Iterator[bytes]:
        """Yield the blocks of the content."""
        return self._content.blocks()

    def size(self) -> int:
        """Return the content's size."""
        return self._content.size()

    def contains(self, marker: bytes) -> bool:
        """Search the content, also across the blocks' borders."""
        tail = b""
        for block in self._content.blocks():
            window = tail + block
            if marker in window:
                return True
            tail = window[-len(marker) :]
        return False


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part with octets.

    Attributes:
        head: Its header fields, each ended by CRLF.
        body: Its octets, encoded.
    """

    head: bytes
    body: Body


@dataclass(frozen=True, slots=True)
class Multipart:
    """A part that consists of parts.

    Attributes:
        head: Its header fields, the boundary among them.
        boundary: The boundary, which occurs in no part.
        parts: The parts in order.
        preamble: Text before the first delimiter, without its last CRLF.
        epilogue: Text after the last delimiter.

    RFC 2046 section 5.1.1.
    """

    head: bytes
    boundary: bytes
    parts: tuple["Entity", ...]
    preamble: bytes = b""
    epilogue: bytes = b""


Entity: TypeAlias = Leaf | Multipart
"""A header and a body: a message, or a part of one (RFC 2045 section 2.4)."""


def choose_boundary(seed: str, level: int, parts: Sequence[Entity]) -> str:
    """Choose a boundary that occurs in none of the parts.

    It contains "=_", which neither base64 nor quoted-printable can contain; so only parts in other
    encodings have to be searched. No boundary of a message is the beginning of another.

    Args:
        seed: Makes the message's boundaries unique.
        level: The depth of the multipart in the message.
        parts: The parts that it will consist of.

    RFC 2046 section 5.1.1.
    """
    boundary = f"=_{level}_{seed}"
    attempt = 0
    while any(contains(part, b"--" + boundary.encode("ascii")) for part in parts):
        # Not random: with a given seed, the same message always has the same octets.
        attempt += 1
        boundary = f"=_{level}.{attempt}_{seed}"
    return boundary


def new_seed() -> str:
    """Make an unpredictable seed, so that no text can be written that closes a part."""
    return os.urandom(12).hex()


def contains(part: Entity, marker: bytes) -> bool:
    """Return whether a delimiter occurs anywhere inside a part."""
    if isinstance(part, Leaf):
        return part.body.contains(marker)
    return (
        marker in part.preamble
        or marker in part.epilogue
        or any(contains(child, marker) for child in part.parts)
    )


def chunks(part: Entity) -> Iterator[bytes]:
    """Yield a part: header, empty line, body.

    RFC 2046 section 5.1.1.
    """
    yield part.head + b"\r\n"
    yield from body_chunks(part)


def body_chunks(part: Entity) -> Iterator[bytes]:
    """Yield the body of a part."""
    if isinstance(part, Leaf):
        yield from part.body.chunks()
        return
    # RFC 2046 section 5.1.1: delimiter := CRLF dash-boundary. The CRLF is no part of the text.
    delimiter = b"--" + part.boundary
    opening = part.preamble + b"\r\n" + delimiter if part.preamble else delimiter
    for child in part.parts:
        yield opening + b"\r\n" + child.head + b"\r\n"
        yield from body_chunks(child)
        opening = b"\r\n" + delimiter
    yield opening + b"--\r\n" + part.epilogue


def ends_line(part: Entity) -> bool:
    """Return whether the last line of `body_chunks` is ended."""
    if isinstance(part, Multipart):
        return not part.epilogue or part.epilogue.endswith(b"\r\n")
    if isinstance(part.body, Lines):
        return not part.body.data or part.body.data.endswith(b"\r\n")
    return part.body.size() == 0


def body_size(part: Entity) -> int:
    """Calculate how many octets `body_chunks` yields, without reading any file."""
    if isinstance(part, Leaf):
        return part.body.size()
    delimiter = len(part.boundary) + 4
    size = sum(delimiter + 2 + len(child.head) + body_size(child) for child in part.parts)
    edges = len(part.preamble) + len(part.epilogue) - (0 if part.preamble else 2)
    return size + len(part.parts) * 2 + delimiter + 4 + edges
