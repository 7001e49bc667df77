"""`parse()`: octets in any container, to a `Mail`; and the messages nested in it.

This file knows containers: bytes, text, files, maps. It knows no grammar.
"""

import mmap
import os
from typing import IO, TypeAlias

from netmail.errors import LimitError, MessageError, UsageError
from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.defects import DefectKind
from netmail.mime.fields.header_block import OctetBuffer
from netmail.mime.mail import Mail
from netmail.mime.parts.part import Part, PartSource
from netmail.mime.parts.scanner import Scanner, fits_limits

MessageSource: TypeAlias = (
    bytes | str | bytearray | memoryview | mmap.mmap | os.PathLike[str] | IO[bytes]
)
"""What `parse()` takes."""

_MESSAGES = frozenset(["message/rfc822", "message/global", "message/news"])
"""Media types of messages: RFC 2046 section 5.2.1, RFC 6532 section 3.7, and old newsreaders."""

_SAMPLE = 4096
"""Octets in which the kind of line end is looked for."""

_LONGEST_PATH = 4096


def parse(
    source: MessageSource, *, strict: bool = False, limits: MessageLimits | None = None
) -> Mail:
    """Read a message.

    Only the structure is read, and that of a short message later still: headers, texts and
    attachments are decoded when they are first asked for. Every message can be read, whatever
    it contains; `Mail.defects` lists what is wrong with it.

    Args:
        source: The message as bytes, bytearray, memoryview, mmap or text; a path (a file
            named by a path is mapped, not loaded, and must not change while the mail is
            used); or a file opened for reading, read from its current position. A str is the
            message itself, unless it is one line without a colon that names a file.
        strict: Raise at the first defect.
        limits: Other bounds than the default ones.

    Returns:
        The message.

    Raises:
        LimitError: If it is larger or has more parts than the limits allow; its `mail` is
            the message as far as it was read.
        MessageError: If `strict` is set and the message has a defect.
        UsageError: If the source is none of these things.
        OSError: If a file cannot be read.

    RFC 5322, RFC 2045.
    """
    if type(source) is bytes and limits is None and not strict:
        return _mail(source, DEFAULT_LIMITS)
    limits = limits or DEFAULT_LIMITS
    mail = _mail(_octets(source, limits), limits)
    if strict and mail.defects:
        raise MessageError(str(mail.defects[0]))
    return mail


def _open_nested(part: Part, source: PartSource) -> Mail | None:
    """Open the message that a part contains; `None` if the part is no message.

    A message that is not transfer-encoded shares the octets of the outer one. An encoded one
    is a copy, so at most `MessageLimits.nested_encoded` of them are opened in each other.
    """
    if part.node.message and part.node.children:
        return Mail.from_node(source, part.node.children[0])
    if part.content_type not in _MESSAGES or part.node.opaque:
        return None
    if source.nested >= source.limits.nested_encoded:
        return None
    # Encoded, which RFC 2046 section 5.2.1 forbids: quirk encoded-message.
    try:
        return _mail(part.decode(), source.limits, source.nested + 1)
    except LimitError as error:
        # Beyond a limit: the message as far as it was read.
        if isinstance(error.mail, Mail):
            return error.mail
        raise


def _mail(octets: OctetBuffer, limits: MessageLimits, nested: int = 0) -> Mail:
    most = limits.size if isinstance(octets, bytes) else limits.mapped
    size = len(octets)
    if size > most:
        octets = octets[: min(most, limits.size)]
    buffer = octets
    # No LF at all, but perhaps CR: quirk bare-cr-lines.
    if octets.find(b"\n", 0, _SAMPLE) < 0:
        buffer = _with_line_feeds(octets)
    scanner = Scanner(buffer, limits)
    if buffer is not octets:
        scanner.index.defects.append((DefectKind.BARE_CR_LINES, scanner.root, 0))
    source = PartSource(octets, buffer, limits, scanner.finish, _open_nested, nested=nested)
    mail = Mail.from_node(source, scanner.root)
    if fits_limits(size, limits):
        return mail
    # A longer message is scanned now: the caller must learn from parse() that it is too large.
    if size > most:
        raise LimitError(f"a message of {size} octets is over the limit of {most}", mail)
    stopped = source.indexed().stopped
    if stopped:
        raise LimitError(stopped, mail)
    return mail


def _with_line_feeds(octets: OctetBuffer) -> OctetBuffer:
    """Return octets whose lines end in CR only with LF instead; all offsets stay the same."""
    if octets.find(b"\r", 0, _SAMPLE) < 0 or octets.find(b"\n") >= 0:
        return octets
    return bytes(octets).replace(b"\r", b"\n")


def _octets(source: MessageSource, limits: MessageLimits) -> OctetBuffer:
    """Get the octets out of their container."""
    if isinstance(source, bytes | mmap.mmap):
        return source
    if isinstance(source, bytearray | memoryview):
        return bytes(source)
    if isinstance(source, str):
        return _path_or_text(source, limits)
    if isinstance(source, os.PathLike):
        return _mapped(source, limits)
    if hasattr(source, "read"):
        return _from_file(source, limits)
    raise UsageError(
        f"parse() takes bytes, text, a path or a binary file, not {type(source).__name__}"
    )


def _path_or_text(text: str, limits: MessageLimits) -> OctetBuffer:
    one_line = 0 < len(text) < _LONGEST_PATH and not any(char in text for char in ":\n\r\0")
    # pathlib would load urllib and ipaddress, which takes an eighth of the time of importing this.
    if one_line and os.path.isfile(text):  # noqa: PTH113 - for that reason
        return _mapped(text, limits)
    return _encoded(text)


def _encoded(text: str) -> bytes:
    """Turn text back into octets: UTF-8, and escaped octets as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _mapped(path: str | os.PathLike[str], limits: MessageLimits) -> OctetBuffer:
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib, as above
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (ValueError, OSError):  # empty, or no regular file: /dev/stdin, /dev/zero, a pipe
            return file.read(limits.size + 1)


def _from_file(file: IO[bytes], limits: MessageLimits) -> OctetBuffer:
    data: bytes | str = file.read(limits.size + 1)
    return _encoded(data) if isinstance(data, str) else bytes(data)
