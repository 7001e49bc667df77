"""Sources of octets: memory, a file on disk, an open file.

This file must not know how the octets are encoded.
"""

import os
import stat
from collections.abc import Iterator
from typing import BinaryIO, Protocol, cast

from netmail.errors import MessageError, UsageError
from netmail.mime.writer.transfer import BLOCK

USE = "attachment"
"""What a source is for, where nothing else is given."""

SPOOLED = 1 << 20
"""Octets of a stream that cannot be read twice which stay in memory; the rest
is kept in a temporary file."""


class Content(Protocol):
    """Octets that can be read several times."""

    def blocks(self) -> Iterator[bytes]:
        """Yield the octets, from the first, in blocks of `BLOCK` octets and a rest."""

    def size(self) -> int:
        """Return how many octets there are."""


class Octets:
    """Octets in memory."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def blocks(self) -> Iterator[bytes]:
        """Yield the octets in blocks."""
        if len(self.data) <= BLOCK:
            yield self.data
            return
        view = memoryview(self.data)
        for start in range(0, len(view), BLOCK):
            yield bytes(view[start : start + BLOCK])

    def size(self) -> int:
        """Return how many octets there are."""
        return len(self.data)


class FileAt:
    """A file on disk, opened whenever it is read."""

    __slots__ = ("_use", "path")

    def __init__(self, path: str, use: str = USE) -> None:
        self.path = path
        self._use = use
        # Opening a FIFO would wait for its writer; a device such as /dev/zero has no end.
        if not stat.S_ISREG(self._status().st_mode):
            raise MessageError(f"{use}: {path!r} is no regular file; give its octets")
        with self._open():
            pass

    def blocks(self) -> Iterator[bytes]:
        """Yield the file in blocks.

        Raises:
            MessageError: If it can no longer be read, or changes while it is read.
        """
        with self._open() as file:
            yield from _measured(file, os.fstat(file.fileno()).st_size, self._use)

    def size(self) -> int:
        """Return the file's present size, in octets."""
        return self._status().st_size

    def _status(self) -> os.stat_result:
        try:
            return os.stat(self.path)  # noqa: PTH116  # see _open
        except (OSError, ValueError) as error:
            raise MessageError(f"{self._use}: {error}") from error

    def _open(self) -> BinaryIO:
        try:
            # pathlib would load urllib and ipaddress, which takes more time than this folder does.
            return open(self.path, "rb")  # noqa: PTH123  # closed by the callers
        except (OSError, ValueError) as error:
            raise MessageError(f"{self._use}: {error}") from error


class Stream:
    """An open file of octets, read from its current position."""

    __slots__ = ("_file", "_spool", "_start", "_use")

    def __init__(self, file: BinaryIO, use: str = USE) -> None:
        self._use = use
        self._spool: BinaryIO | None = None
        if not _seekable(file):
            self._spool = _spooled(file)
        self._file = self._spool or file
        self._start = self._file.tell()

    def __del__(self) -> None:
        if self._spool is not None:
            self._spool.close()

    def blocks(self) -> Iterator[bytes]:
        """Yield the rest of the file in blocks.

        Raises:
            MessageError: If it changes while it is read.
        """
        size = self.size()
        self._file.seek(self._start)
        yield from _measured(self._file, size, self._use)

    def size(self) -> int:
        """Return the size of the rest, in octets."""
        return max(0, self._file.seek(0, os.SEEK_END) - self._start)


def content_of(source: object, use: str = USE) -> Content:
    """Make content of a caller's source.

    Args:
        source: Octets, a path, or an object with `read()` (of octets, or of text).
        use: What it is for, as errors call it.

    Raises:
        MessageError: If there is no such file.
        UsageError: If it is something else.
    """
    if isinstance(source, bytes):
        return Octets(source)
    if isinstance(source, bytearray | memoryview):
        return Octets(bytes(source))
    if isinstance(source, str | os.PathLike):
        return FileAt(os.fsdecode(source), use)
    read = getattr(source, "read", None)
    if callable(read):
        _refuse_device(source, use)
        if isinstance(read(0), str):
            return Octets(cast("str", read()).encode())
        return Stream(cast("BinaryIO", source), use)
    raise UsageError(f"{use}: {type(source).__name__} is no path, octets or open file")


def name_of(source: object) -> str:
    """Return the file name that a source has, without folders; "" if none."""
    path = source if isinstance(source, str | os.PathLike) else getattr(source, "name", "")
    if isinstance(path, str | bytes | os.PathLike):
        return os.path.basename(os.fsdecode(path))  # noqa: PTH119  # see FileAt._open
    return ""


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        # A raw file or a pipe may return less than was asked for.
        while len(block) < BLOCK:
            more = file.read(BLOCK - len(block))
            if not more:
                yield block
                return
            block += more
        yield block


def _measured(file: BinaryIO, size: int, use: str) -> Iterator[bytes]:
    """Yield a file in blocks; its size was announced, so it must be right."""
    total = 0
    for block in _blocks(file):
        total += len(block)
        if total > size:
            break
        yield block
    if total != size:
        name = name_of(file) or "the file"
        raise MessageError(f"{use}: {name} changed its size while it was read")


def _refuse_device(source: object, use: str) -> None:
    """Refuse an open device that has no end, such as /dev/zero; a terminal has one."""
    try:
        number = source.fileno()  # type: ignore[attr-defined]  # or it has none
        device = stat.S_ISCHR(os.fstat(number).st_mode) and not os.isatty(number)
    except (AttributeError, OSError, TypeError):
        return
    if device:
        raise MessageError(f"{use}: a device has no size; give octets of it")


def _seekable(file: BinaryIO) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if callable(seekable) else False


def _spooled(file: BinaryIO) -> BinaryIO:
    import tempfile  # noqa: PLC0415  # seldom needed, and not cheap to import

    spool = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115  # closed by Stream
    for block in _blocks(file):
        spool.write(block)
    spool.seek(0)
    return cast("BinaryIO", spool)
