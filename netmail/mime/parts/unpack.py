"""What is inside files: of a winmail.dat its texts, files and messages, of a text uuencoded files.

This file knows where such content is; it knows no format: those are in `tnef.py` and `uuencode.py`.
"""

from collections.abc import Iterator

from netmail.limits import MessageLimits
from netmail.mime.content.packed_file import disposition
from netmail.mime.fields.headers import Headers
from netmail.mime.parts.attachment import Attachment
from netmail.mime.parts.inner_message import message_part
from netmail.mime.parts.part import Part, PartSource

_TNEF = frozenset(["application/ms-tnef", "application/vnd.ms-tnef"])


def unpacked(found: list[Attachment], texts: list[Part], source: PartSource) -> list[Attachment]:
    """Unpack the files inside attachments and texts.

    Args:
        found: The attachments of a message.
        texts: Its text parts.
        source: The message, with the limits on what may be unpacked.

    Returns:
        The files inside, as attachments that were not parts of the message.
    """
    files: list[Attachment] = []
    room = source.limits.expanded
    for part in texts:
        # Files that are no parts: quirk uuencoded-text.
        if part.content_type == "text/plain" and b"begin " in part.content:
            from netmail.mime.content.uuencode import find_files  # noqa: PLC0415 - few need it

            for file in find_files(part.content, room):
                files.append(_attachment(file.name, "application/octet-stream", file.content))
                room -= len(file.content)
    for attachment in found:
        if attachment.content_type in _TNEF or attachment.filename == "winmail.dat":
            limits = source.limits._replace(expanded=max(room, 0))
            for inner in _tnef_files(attachment.content, source, limits):
                files.append(inner)
                room -= len(inner.content)
    return files


def packed_texts(parts: list[Part], limits: MessageLimits) -> dict[str, str]:
    """Return the texts in the first winmail.dat among the attachments of a message.

    Args:
        parts: The attachments.
        limits: How much may be unpacked.

    Returns:
        The texts by media type.
    """
    for part in parts:
        # A text that is no part: quirk packed-text.
        if part.content_type in _TNEF or part.filename == "winmail.dat":
            from netmail.mime.content.tnef import read_tnef  # noqa: PLC0415 - few messages need it

            return read_tnef(part.content, limits).texts()
    return {}


def _tnef_files(content: bytes, source: PartSource, limits: MessageLimits) -> Iterator[Attachment]:
    from netmail.mime.content.tnef import read_tnef  # noqa: PLC0415 - few messages need it

    for file in read_tnef(content, limits).files:
        attachment = _attachment(file.name, file.content_type, file.content)
        depth = limits.nested_encoded - source.nested - 1
        if file.embedded and depth >= 0:
            from netmail.mime.content.tnef_message import message_octets  # noqa: PLC0415 - as above

            octets = message_octets(file.content, limits, depth)
            attachment = _attachment(file.name, file.content_type, octets)
            attachment.message_part = message_part(octets, source)
        yield attachment


def _attachment(name: str, content_type: str, content: bytes) -> Attachment:
    fields = {"Content-Type": content_type, "Content-Disposition": disposition(name)}
    return Attachment(Headers(fields), content)
