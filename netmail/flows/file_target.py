"""Where octets of the network go: a file at a path, or a file object of the caller's.

This file knows no protocol; it opens nothing before there is something to write.
"""

import os
from collections.abc import Callable
from typing import BinaryIO, Protocol, TypeAlias

from netmail.errors import UsageError
from netmail.results.callbacks import call


class WritableFile(Protocol):
    """A file object that takes octets."""

    def write(self, data: bytes, /) -> object:
        """Write octets; return how many, if not all of them."""


FileTarget: TypeAlias = str | os.PathLike[str] | WritableFile
"""A path, or a binary file that is open for writing and stays open."""

OnProgress: TypeAlias = Callable[[int, int | None], object]
"""Called with how many octets are done, and how many there are, or `None`."""


def check_progress(progress: object) -> None:
    """Check what is called while octets are sent or received.

    Raises:
        UsageError: If it cannot be called.
    """
    if progress is not None and not callable(progress):
        raise UsageError(f"progress must be callable, not {type(progress).__name__}")


class Target:
    """A target while it is written.

    Args:
        target: The path or the file.
        offset: How many octets a file at a path keeps; what follows them is written again. A file
            object is written from where it is.
        progress: Called after each piece; `None` for no call.

    Attributes:
        done: The octets that the whole has so far, those before the offset included.

    Raises:
        UsageError: If it is neither a path nor a binary file, or `progress` cannot be called.
    """

    def __init__(self, target: FileTarget, offset: int, progress: OnProgress | None) -> None:
        if not isinstance(target, str | os.PathLike) and not hasattr(target, "write"):
            kind = type(target).__name__
            raise UsageError(f"a download goes to a path or a binary file, not to {kind}")
        if isinstance(target, str) and "\0" in target:
            raise UsageError("a path must not hold NUL")
        check_progress(progress)
        self.done = offset
        self._target = target
        self._progress = progress
        self._file: WritableFile | None = None
        self._own: BinaryIO | None = None

    def write(self, data: bytes, total: int | None) -> None:
        """Write a piece of a whole that has `total` octets.

        Raises:
            OSError: If it cannot be opened or written.
        """
        file = self._file or self._open()
        rest = data
        # An unbuffered file may take less than it is given.
        while rest:
            count = file.write(rest)
            rest = rest[count:] if isinstance(count, int) and 0 <= count < len(rest) else b""
        self.done += len(data)
        if self._progress is not None:
            call(self._progress, self.done, total)

    def close(self) -> None:
        """Close what was opened here; a caller's file stays open."""
        if self._own is not None:
            self._own.close()

    def _open(self) -> WritableFile:
        if isinstance(self._target, str | os.PathLike):
            # "r+b" keeps what is there, and fails where there is nothing to continue.
            self._own = open(  # noqa: PTH123, SIM115 -- pathlib loads urllib; close() closes it
                self._target, "r+b" if self.done else "wb"
            )
            self._own.truncate(self.done)
            self._own.seek(self.done)
            self._file = self._own
        else:
            self._file = self._target
        return self._file
