"""uuencoded content: as a transfer encoding, and written into a text body.

This file knows the uuencode format; it knows no message. The format is that of POSIX's
uuencode utility; no RFC defines it, though RFC 2045 section 6.3 lets x-uuencode name it.
"""

import binascii
import re
from dataclasses import dataclass

from netmail.mime.defects import DefectHandler, DefectKind, ignore

# "begin 644 report.doc": octal mode and name, on a line alone. Mode "0644" is seen as well.
_BEGIN = re.compile(rb"^begin +([0-7]{3,4}) +([^\r\n]{1,255})\r?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class UuFile:
    """One file found in a text.

    Attributes:
        name: The name after "begin", decoded.
        content: The file's octets.
        start: Offset of its "begin" line in the text, in octets.
        end: Offset after its "end" line.
    """

    name: str
    content: bytes
    start: int
    end: int


def decode_body(data: bytes, *, report: DefectHandler = ignore) -> bytes:
    """Decode a uuencoded body: the first file in it, or its lines if "begin" is missing."""
    begin = _BEGIN.search(data)
    start = begin.end() if begin else 0
    content, _ = _lines(data, start, strict=False)
    if data.strip() and not content:
        report(DefectKind.BAD_UUENCODE)
    return content


def find_files(data: bytes, limit: int) -> list[UuFile]:
    """Find the files that older mailers and newsreaders wrote into the text.

    Args:
        data: The text body, its transfer encoding undone.
        limit: Octets that the files may have in all; what is beyond stays text.

    Returns:
        Files of which every line is valid and which are closed by "end": anything else is
        text about uuencode.
    """
    files: list[UuFile] = []
    position = 0
    while limit > 0 and (begin := _BEGIN.search(data, position)) is not None:
        content, end = _lines(data, begin.end(), strict=True)
        if end < 0:
            position = begin.end()
            continue
        name = begin[2].decode("utf-8", "replace").strip()
        files.append(UuFile(name, content, begin.start(), end))
        limit -= len(content)
        position = end
    return files


def _lines(data: bytes, start: int, *, strict: bool) -> tuple[bytes, int]:
    """Decode lines up to "end"; the second value is -1 without one, or if a strict line fails."""
    content: list[bytes] = []
    position = start
    while position < len(data):
        stop = data.find(b"\n", position)
        stop = len(data) if stop < 0 else stop
        line = data[position:stop].rstrip(b"\r")
        position = stop + 1
        if line == b"end":
            return b"".join(content), min(position, len(data))
        decoded = _line(line)
        if decoded is None and strict:
            return b"", -1
        content.append(decoded or b"")
    return b"".join(content), -1


def _line(line: bytes) -> bytes | None:
    """Decode one line; `None` if it is not uuencoded."""
    if not line.strip() or line == b"`":
        return b""
    # The first digit counts octets; a backquote and a space both mean zero.
    size = (line[0] - 32) & 63
    wanted = (size + 2) // 3 * 4
    # Mail gateways strip trailing spaces, which are zeros; some encoders write one digit more.
    digits = line[1 : 1 + wanted].ljust(wanted)
    if not 32 <= line[0] <= 96 or len(line) > wanted + 3:
        return None
    try:
        return binascii.a2b_uu(line[:1] + digits)
    except binascii.Error:
        return None
