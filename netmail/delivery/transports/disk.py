"""What the transports that write files share: LF octets, and what an error of the disk means.

This file must not know how a mailbox is laid out.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from os import PathLike
from typing import Final

from netmail import Envelope, LargeContent
from netmail.delivery.errors import TransportFailed

# What somebody has to change before another attempt can succeed. A full disk is not among them.
_LASTING: Final = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR),
        *(errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.EBADF),
    }
)


def local_chunks(envelope: Envelope) -> Iterator[bytes]:
    """Yield a message as files hold it: LF line ends, whole lines, and the sender before it.

    Raises:
        MessageError: If an attached file cannot be read any more.
    """
    content = envelope.content or b""
    header = content.header if isinstance(content, LargeContent) else content
    if not header[:12].lower().startswith(b"return-path:"):
        # RFC 5321 section 4.4: "When the delivery SMTP server makes the "final delivery" of a
        # message, it inserts a return-path line at the beginning of the mail data."
        yield b"Return-Path: <%s>\n" % envelope.sender.encode("utf-8", "surrogateescape")
    last = b""
    for piece in lf_chunks(envelope):
        last = piece
        yield piece
    if not last.endswith(b"\n"):
        yield b"\n"


def lf_chunks(envelope: Envelope) -> Iterator[bytes]:
    """Yield the octets of a message with LF line ends, in pieces of whole lines.

    A bare CR is a line end too, as where SMTP is spoken: another program may read it as one.

    Raises:
        MessageError: If an attached file cannot be read any more.
    """
    content = envelope.content or b""
    begun: list[bytes] = []
    for piece in content.chunks() if isinstance(content, LargeContent) else [content]:
        head, end, rest = piece.rpartition(b"\n")
        if end:
            yield _lf(b"".join([*begun, head, end]))
            begun = []
        begun.append(rest)
    if rest := b"".join(begun):
        yield _lf(rest)


def _lf(lines: bytes) -> bytes:
    lines = lines.replace(b"\r\n", b"\n")
    return lines.replace(b"\r", b"\n") if b"\r" in lines else lines


def write_all(file: int, data: bytes) -> None:
    """Write all of it: a disk that becomes full takes a part first, and the rest is an error."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def check_regular(file: int, path: str | PathLike[str]) -> None:
    """Refuse a device, a pipe or a socket in the place of a file.

    Raises:
        TransportFailed: If it is one.
    """
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise TransportFailed(f"{os.fspath(path)} is no regular file", transient=False)


def sync_folder(folder: str | PathLike[str]) -> None:
    """Write a folder's entries to the disk, where the file system can do that."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(file)


def disk_failure(error: OSError, path: str | PathLike[str]) -> TransportFailed:
    """Return what an error of the disk means: nothing was delivered, and why.

    Args:
        error: The error.
        path: What was to be written, where the error itself names nothing.
    """
    where = os.fsdecode(error.filename or path)
    reason = error.strerror or str(error)
    return TransportFailed(f"{where}: {reason}", transient=error.errno not in _LASTING)


def remove(path: str | PathLike[str]) -> None:
    """Remove a file that may be gone already; what cannot be removed is left."""
    with contextlib.suppress(OSError):
        os.unlink(path)  # noqa: PTH108 -- as its siblings here
