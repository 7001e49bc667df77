"""Content as a file that is decoded while it is read.

This file knows iterators of octets and files; it knows no encoding.
"""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def buffered(chunks: Iterator[bytes]) -> io.BufferedReader:
    """Make a file of octets: `read(n)`, `readline()` and iteration.

    Args:
        chunks: The octets; the next chunk is taken when the file is read up to it.
    """
    return io.BufferedReader(DecodedStream(chunks))


class DecodedStream(io.RawIOBase):
    """A read-only file over an iterator of octets."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return True: this file is for reading."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer and return the count of octets; 0 at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
