"""Files inside files: the contents of winmail.dat and of uuencoded text, as attachments.

This file knows where such files are; it knows no format: those are in `tnef.py` and `uuencode.py`.
"""

from netmail.limits import MessageLimits
from netmail.mime.fields.headers import Headers
from netmail.mime.parts.attachment import Attachment
from netmail.mime.parts.part import Part

_TNEF = frozenset(["application/ms-tnef", "application/vnd.ms-tnef"])


def unpacked(found: list[Attachment], texts: list[Part], limits: MessageLimits) -> list[Attachment]:
    """Unpack the files inside attachments and texts.

    Args:
        found: The attachments of a message.
        texts: Its text parts.
        limits: How much may be unpacked.

    Returns:
        The files inside, as attachments that were not parts of the message.
    """
    room = limits.expanded
    files: list[Attachment] = []
    for part in texts:
        # Files that are no parts: quirk uuencoded-text.
        if part.content_type == "text/plain" and b"begin " in part.content:
            from netmail.mime.content.uuencode import find_files  # noqa: PLC0415 - few need it

            for file in find_files(part.content, room):
                files.append(_attachment(file.name, "application/octet-stream", file.content))
                room -= len(file.content)
    for attachment in found:
        if attachment.content_type in _TNEF or attachment.filename == "winmail.dat":
            from netmail.mime.content.tnef import tnef_files  # noqa: PLC0415 - as above

            for inner in tnef_files(attachment.content, room):
                files.append(_attachment(inner.name, inner.content_type, inner.content))
                room -= len(inner.content)
    return files


def _attachment(name: str, content_type: str, content: bytes) -> Attachment:
    # The name becomes a header field, and must not end it.
    clean = "".join(char for char in name if char.isprintable()).replace("\\", "/")
    quoted = clean.replace('"', "'")
    disposition = f'attachment; filename="{quoted}"'
    headers = Headers({"Content-Type": content_type, "Content-Disposition": disposition})
    return Attachment(headers, content)
