"""Texts of a message: without what is no text, and joined.

This file knows how a text part becomes what a person reads.
"""

from collections.abc import Iterable

from netmail.mime.content.uuencode import find_files
from netmail.mime.limits import MessageLimits
from netmail.mime.parts.part import Part


def split_text(part: Part, limits: MessageLimits) -> str:
    """The text of a part without the uuencoded files that stand in it.

    Args:
        part: A text part.
        limits: How much may be unpacked.
    """
    if part.content_type != "text/plain" or b"begin " not in part.content:
        return part.text
    content = part.content
    kept: list[bytes] = []
    position = 0
    for file in find_files(content, limits.expanded):
        kept.append(content[position : file.start])
        position = file.end
    return part.decode_text(b"".join([*kept, content[position:]])) if position else part.text


def join_texts(pieces: Iterable[str]) -> str:
    """Join texts so that each begins on a line of its own."""
    result: list[str] = []
    for piece in pieces:
        if result and not result[-1].endswith("\n"):
            result.append("\n")
        if piece:
            result.append(piece)
    return "".join(result)
