"""What callers attach, made into attached files: name, media type and octets.

This file must not know where in a message a file is written.
"""

import os
import re
from dataclasses import replace
from typing import Protocol, TypeAlias, cast

from netmail.errors import MessageError, UsageError
from netmail.mime.read_message import ReadMessage, StdlibMessage
from netmail.mime.writer.attached_message import AttachedMessage
from netmail.mime.writer.content import Content, Octets, content_of, name_of
from netmail.mime.writer.draft import AttachedFile
from netmail.mime.writer.message_output import MessageOutput
from netmail.text import check_text

# type "/" subtype = restricted-name "/" restricted-name       RFC 6838 section 4.2
# restricted-name  = restricted-name-first *126restricted-name-chars
_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")

# cid-url = "cid" ":" content-id                              RFC 2392 section 2
# Of the characters of msg-id (RFC 5322 section 3.6.4) those that a URL names without an escape.
_CONTENT_ID = re.compile(r"[!#$&'*+./0-9=?@A-Z^_`a-z{|}~-]{1,200}")

# A packed file has the media type of its packing: the receiver unpacks it.
_PACKED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
    "br": "application/x-brotli",
}


class ReadableFile(Protocol):
    """An open file of octets or of text."""

    def read(self, size: int = -1, /) -> bytes | str:
        """Read at most so much; the rest if the size is negative."""


class FilePart(Protocol):
    """An attachment of a message that was read."""

    @property
    def filename(self) -> str | None:
        """Its file name."""

    @property
    def content_type(self) -> str:
        """Its media type without parameters."""

    @property
    def content_id(self) -> str | None:
        """Its Content-ID."""

    @property
    def content(self) -> bytes | str | None:
        """Its octets, or its text."""


FileSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | ReadableFile
Attachable: TypeAlias = FileSource | FilePart | ReadMessage | MessageOutput | StdlibMessage


def attached_file(
    source: Attachable,
    name: str | None = None,
    *,
    content_type: str | None = None,
    content_id: str | None = None,
    inline: bool = False,
) -> AttachedFile:
    """Make an attached file of a caller's source.

    Args:
        source: A path, octets, an open file, an attachment that was read, or a message.
        name: Its file name; for a path or a named file its own, without folders, by default.
        content_type: Its media type; by default guessed from the name.
        content_id: Its name in HTML after "cid:", without angle brackets.
        inline: Whether it is to be shown with the text, and not offered as a file.

    Raises:
        MessageError: If the file cannot be read, or a value is not allowed in a header.
        UsageError: If the source has no name, or is nothing that can be attached.
    """
    found = _from_message(source) or _from_part(source) or _from_file(source, name)
    return replace(
        found,
        name=found.name if name is None else check_text(name, "attachment name", MessageError),
        content_type=checked_type(content_type) if content_type else found.content_type,
        content_id=content_id_of(content_id) if content_id else found.content_id,
        inline=inline or bool(content_id) or found.inline,
    )


def _from_message(source: object) -> AttachedFile | None:
    content: Content
    if isinstance(source, MessageOutput):
        # A copy: later changes of the message do not change the attachment, and no message can
        # contain itself.
        content = AttachedMessage(source.snapshot())
    elif hasattr(source, "raw_items") and hasattr(source, "get_payload"):
        from netmail.mime.writer.stdlib import StdlibOutgoing  # noqa: PLC0415  # seldom needed

        content = AttachedMessage(StdlibOutgoing(cast("StdlibMessage", source), complete=False))
    elif isinstance(raw := getattr(source, "raw", None), bytes | memoryview):
        if not hasattr(source, "message_id"):
            return None
        if not raw:
            raise UsageError("attachment: this mail was not read from octets; build a Message")
        content = Octets(bytes(raw))
    else:
        return None
    return AttachedFile(content, "message.eml", "message/rfc822")


def _from_part(source: object) -> AttachedFile | None:
    if hasattr(source, "content_type") and hasattr(source, "content"):
        return attached_part(cast("FilePart", source))
    return None


def _from_file(source: object, name: str | None) -> AttachedFile:
    content = content_of(source)
    if name is None and not name_of(source):
        raise UsageError("attachment: octets and unnamed files need a name")
    name = name_of(source) if name is None else name
    check_text(name, "attachment name", MessageError)
    return AttachedFile(content, name, guessed_type(name))


def attached_part(part: FilePart) -> AttachedFile:
    """Make an attached file of an attachment that was received.

    The sender's values are not trusted: a name loses its control characters, a media type that
    is not valid is replaced, and such an identifier is dropped.
    """
    content = part.content or b""
    octets = content.encode() if isinstance(content, str) else bytes(content)
    name = "".join(c if c.isprintable() else "_" for c in part.filename or "")
    kind = part.content_type if _TYPE.fullmatch(part.content_type) else "application/octet-stream"
    if kind.startswith("multipart/"):
        kind = "application/octet-stream"
    cid = (part.content_id or "").strip("<> ")
    cid = cid if _CONTENT_ID.fullmatch(cid) else ""
    return AttachedFile(Octets(octets), name or "attachment", kind, (), cid, bool(cid))


def checked_type(content_type: str) -> str:
    """Check a media type.

    Raises:
        MessageError: If it is not of the form type/subtype, or a multipart.
    """
    if not _TYPE.fullmatch(content_type):
        raise MessageError(f"content type: {content_type[:80]!r} is not of the form type/subtype")
    if content_type.lower().startswith("multipart/"):
        raise MessageError("content type: a multipart is built by the message itself")
    return content_type.lower()


def content_id_of(text: str) -> str:
    """Check an identifier that HTML names after "cid:".

    Raises:
        MessageError: If it has a space or anything else that a URL must escape.
    """
    cid = check_text(text, "content id", MessageError).removeprefix("<").removesuffix(">")
    if not _CONTENT_ID.fullmatch(cid):
        raise MessageError(f"content id: {cid[:80]!r} cannot be named in a URL; take letters")
    return cid


def guessed_type(name: str) -> str:
    """Guess a media type from a file name's suffix."""
    import mimetypes  # noqa: PLC0415  # reads the system's tables, which only attachments need

    _, dot, suffix = name.rpartition(".")
    kind, packed = mimetypes.guess_type(f"file.{suffix}") if dot and suffix.isascii() else ("", "")
    return _PACKED.get(packed or "", kind or "application/octet-stream")
