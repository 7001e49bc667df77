"""`parse()`: octets in any container, to a `Mail`.

This file knows containers: bytes, text, files, maps. What is in them others know.
"""

import mmap
import os
from pathlib import Path
from typing import IO

from netmail.errors import LimitError, MessageError, UsageError
from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.defects import DefectKind
from netmail.mime.fields.header_block import Buffer
from netmail.mime.mail import Mail
from netmail.mime.parts.part import Part, Source
from netmail.mime.parts.scanner import Scanner, fits_limits

MessageSource = bytes | str | bytearray | memoryview | mmap.mmap | os.PathLike[str] | IO[bytes]
"""What `parse()` takes."""

_MESSAGES = frozenset(["message/rfc822", "message/global", "message/news"])
"""Media types of messages: RFC 2046 section 5.2.1, RFC 6532 section 3.7, and old newsreaders."""

_SAMPLE = 4096
_LONGEST_PATH = 4096


def parse(
    source: MessageSource, *, strict: bool = False, limits: MessageLimits | None = None
) -> Mail:
    """Read a message.

    Only the structure is looked at, and that of a short message later still: headers, texts and
    attachments are decoded when they are asked for, and kept. Whatever the message holds, it is
    read; `Mail.defects` says what is wrong with it.

    Args:
        source: The message as bytes, bytearray, memoryview, mmap or text; a path (a file
            named by a path is mapped, not loaded, and must not change while the mail is
            used); or a file opened for reading, read from where it stands. A str is the
            message itself, except when it is one line without a colon that names a file.
        strict: Raise at the first defect.
        limits: Other bounds than the default ones.

    Returns:
        The message.

    Raises:
        LimitError: If it is larger or has more parts than the limits allow; its `mail` is
            what was read so far.
        MessageError: If `strict` is set and the message has a defect.
        UsageError: If the source is none of these things.
        OSError: If a file cannot be read.
    """
    if type(source) is bytes and limits is None and not strict:
        return _mail(source, DEFAULT_LIMITS)
    limits = limits or DEFAULT_LIMITS
    mail = _mail(_octets(source, limits), limits)
    if strict and mail.defects:
        raise MessageError(str(mail.defects[0]))
    return mail


def _open_nested(part: Part, source: Source) -> Mail | None:
    """Open the message that a part holds; `None` if the part is no message.

    A message that is not transfer-encoded shares the octets of the outer one. An encoded one
    is a copy, so that at most `MessageLimits.nested_encoded` of them are opened in each other.
    """
    if part.node.message and part.node.children:
        return Mail.from_node(source, part.node.children[0])
    if part.content_type not in _MESSAGES or part.node.opaque:
        return None
    if source.nested >= source.limits.nested_encoded:
        return None
    try:
        return _mail(part.decode(), source.limits, source.nested + 1)
    except LimitError as error:
        # Beyond a limit: the message as far as it was read.
        if isinstance(error.mail, Mail):
            return error.mail
        raise


def _mail(octets: Buffer, limits: MessageLimits, nested: int = 0) -> Mail:
    most = limits.size if isinstance(octets, bytes) else limits.mapped
    size = len(octets)
    if size > most:
        octets = octets[: min(most, limits.size)]
    buffer = octets
    if octets.find(b"\n", 0, _SAMPLE) < 0:
        buffer = _with_line_feeds(octets)
    scanner = Scanner(buffer, limits)
    if buffer is not octets:
        scanner.index.defects.append((DefectKind.BARE_CR_LINES, scanner.root, 0))
    source = Source(octets, buffer, limits, scanner, _open_nested, nested)
    mail = Mail.from_node(source, scanner.root)
    if fits_limits(size, limits):
        return mail
    if size > most:
        raise LimitError(f"a message of {size} octets is over the limit of {most}", mail)
    stopped = source.indexed().stopped
    if stopped:
        raise LimitError(stopped, mail)
    return mail


def _with_line_feeds(octets: Buffer) -> Buffer:
    """Read lines that end in CR only as lines; places stay the same."""
    if octets.find(b"\r", 0, _SAMPLE) < 0 or octets.find(b"\n") >= 0:
        return octets
    return bytes(octets).replace(b"\r", b"\n")


def _octets(source: MessageSource, limits: MessageLimits) -> Buffer:
    """Get the octets out of their container."""
    if isinstance(source, bytes | mmap.mmap):
        return source
    if isinstance(source, bytearray | memoryview):
        return bytes(source)
    if isinstance(source, str):
        return _path_or_text(source)
    if isinstance(source, os.PathLike):
        return _mapped(Path(source))
    if hasattr(source, "read"):
        return _from_file(source, limits)
    raise UsageError(
        f"parse() takes bytes, text, a path or a binary file, not {type(source).__name__}"
    )


def _path_or_text(text: str) -> Buffer:
    if 0 < len(text) < _LONGEST_PATH and not any(char in text for char in ":\n\r\0"):
        path = Path(text)
        try:
            if path.is_file():
                return _mapped(path)
        except OSError:  # a name too long for the system is no name
            pass
    return encode_text(text)


def encode_text(text: str) -> bytes:
    """Turn text back into octets: UTF-8, and escaped octets as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _mapped(path: Path) -> Buffer:
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (ValueError, OSError):  # empty, or no regular file: /dev/stdin, a pipe
            return file.read()


def _from_file(file: IO[bytes], limits: MessageLimits) -> Buffer:
    data: bytes | str = file.read(limits.size + 1)
    return encode_text(data) if isinstance(data, str) else bytes(data)
