"""Writing a tree of parts, chunk by chunk.

This file must not know what the parts mean.
"""

from collections.abc import Iterator

from netmail.mime.writer.tree import Leaf, Part


def chunks(part: Part) -> Iterator[bytes]:
    """Write a part: header, empty line, body.

    RFC 2046 section 5.1.1.
    """
    yield part.head + b"\r\n"
    yield from body_chunks(part)


def body_chunks(part: Part) -> Iterator[bytes]:
    """Write what comes after a part's header."""
    if isinstance(part, Leaf):
        yield from part.body.chunks()
        return
    # The CRLF before a delimiter belongs to the delimiter.
    delimiter = b"--" + part.boundary
    opening = part.preamble + b"\r\n" + delimiter if part.preamble else delimiter
    for child in part.parts:
        yield opening + b"\r\n" + child.head + b"\r\n"
        yield from body_chunks(child)
        opening = b"\r\n" + delimiter
    yield opening + b"--\r\n" + part.epilogue


def body_size(part: Part) -> int:
    """Calculate how many octets `body_chunks` writes, without reading any file."""
    if isinstance(part, Leaf):
        return part.body.size()
    delimiter = len(part.boundary) + 4
    size = sum(delimiter + 2 + len(child.head) + body_size(child) for child in part.parts)
    edges = len(part.preamble) + len(part.epilogue) - (0 if part.preamble else 2)
    return size + len(part.parts) * 2 + delimiter + 4 + edges
