"""The transport that appends to an mbox file.

This file must not know any manager.
"""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Final

from netmail import Envelope, MessageError, MessageResult, Sendable, UsageError, envelope_of
from netmail.delivery.directives import read_directives
from netmail.delivery.errors import MessageFailed
from netmail.delivery.results import accepted_result, uncertain_result
from netmail.delivery.transports.disk import (
    check_regular,
    disk_failure,
    local_chunks,
    sync_folder,
    write_all,
)
from netmail.delivery.transports.file_locks import KINDS, locked

# mboxrd: ">From " is quoted too, so that a reader can undo it. Lines that begin
#   Fri, 20 Nov: From here on
# do not divide messages, and are left alone.
_QUOTED: Final = re.compile(rb"^(?=>*From )", re.MULTILINE)
# RFC 4155 appendix A: after "From " comes the sender, which has no space, and the time.
_SPACES: Final = re.compile(r"[\s\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class MboxDirectives:
    """The directives of `mbox`.

    Attributes:
        file: The path; the file is made where it is missing, its folder is not.
        locks: Which locks are taken, in which order: that of the file's other users. "fcntl
            dotlock" is Postfix's and Debian's, "dotlock fcntl" Exim's and Dovecot's.
        timeout: Seconds to wait for them.
    """

    file: str | PathLike[str]
    locks: str | list[str] = "fcntl dotlock"
    timeout: float = 30.0

    def __post_init__(self) -> None:
        kinds = self.kinds
        if not kinds or len(set(kinds)) < len(kinds) or not set(kinds) <= set(KINDS):
            raise UsageError(
                f'transport mbox: locks is {self.locks!r}, not "fcntl", "dotlock", or both'
            )

    @property
    def kinds(self) -> tuple[str, ...]:
        """The locks, one by one."""
        text = self.locks if isinstance(self.locks, str) else " ".join(map(str, self.locks))
        return tuple(text.replace(",", " ").split())


class MboxTransport:
    """Appends each message to one file, and has it on the disk before it returns.

    RFC 4155.
    """

    def __init__(self, config: dict[str, object]) -> None:
        self._directives = read_directives(MboxDirectives, config, "transport mbox")

    def startup(self) -> None:
        """Need nothing: the file is open only while it is locked."""

    def deliver(self, message: Sendable) -> MessageResult:
        """Append one message; nothing of it is left in the file where that fails.

        Raises:
            MessageFailed: If the message cannot be written.
            TransportFailed: If the file cannot be opened, locked or written.
        """
        envelope = envelope_of(message)
        path = os.fspath(self._directives.file)
        result = None
        while result is None:
            try:
                result = self._deliver(path, envelope)
            except OSError as error:
                raise disk_failure(error, path) from error
            except MessageError as error:
                raise MessageFailed(str(error)) from error
        return result

    def _deliver(self, path: str, envelope: Envelope) -> MessageResult | None:
        """Append, or return `None` where another file has taken the place of the one opened."""
        file = _open(path)
        try:
            check_regular(file, path)
            with locked(file, path, self._directives.kinds, self._directives.timeout):
                # Readers that remove messages write another file and rename it.
                if not _is_at(file, path):
                    return None
                return _append(file, path, envelope)
        finally:
            os.close(file)

    def shutdown(self) -> None:
        """Need nothing."""


def _open(path: str) -> int:
    try:
        # Without O_CREAT first: a new file has a new entry in its folder, which is synced too.
        return os.open(path, os.O_RDWR | os.O_APPEND)
    except FileNotFoundError:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        sync_folder(os.path.dirname(path) or ".")  # noqa: PTH120
        return file


def _is_at(file: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))  # noqa: PTH116
    except FileNotFoundError:
        return False


def _append(file: int, path: str, envelope: Envelope) -> MessageResult:
    """Write and sync; truncate back where anything fails."""
    # Under the locks no other program changes the size, so that it is where to truncate to.
    size = os.fstat(file).st_size
    try:
        for chunk in _record(file, size, envelope):
            write_all(file, chunk)
        os.fsync(file)
    except BaseException as error:
        try:
            os.ftruncate(file, size)
            os.fsync(file)
        except OSError as left:
            text = f"{path}: {error}; what was written cannot be removed: {left.strerror}"
            return uncertain_result(envelope, text)
        raise
    return accepted_result(envelope, f"appended to {path}")


def _record(file: int, size: int, envelope: Envelope) -> Iterator[bytes]:
    """Yield what is appended."""
    # What an interrupted program has left must not swallow the From_ line.
    before = os.pread(file, min(size, 2), max(size - 2, 0))
    yield b"" if not before or before == b"\n\n" else b"\n" if before[-1:] == b"\n" else b"\n\n"
    sender = _SPACES.sub("-", envelope.sender) or "MAILER-DAEMON"
    # "a timestamp indicating the UTC date and time when the message was originally received,
    # conformant with the syntax of the traditional UNIX 'ctime' output" (RFC 4155 appendix A).
    yield f"From {sender} {time.asctime(time.gmtime())}\n".encode("utf-8", "surrogateescape")
    for chunk in local_chunks(envelope):
        yield _QUOTED.sub(b">", chunk)
    yield b"\n"
