"""Decoding base64, quoted-printable and uuencode, valid or not.

This file knows the encodings; it knows neither headers nor charsets. Each decoder takes the
fast path of `binascii` and falls back to a tolerant one only if that cannot be trusted.
"""

import binascii
import re
from collections.abc import Iterable, Iterator

from netmail.mime.defects import DefectHandler, DefectKind, ignore

_NOT_BASE64 = bytes(
    code
    for code in range(256)
    if chr(code) not in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)
# The patterns are strings, which `re` compiles at their first use, but for three: valid bodies, of
# which most mail consists, need no other.

# The alphabet: A-Z a-z 0-9 + /, "=" pads                     RFC 2045 section 6.8, table 1
_ODD = rb"[^A-Za-z0-9+/]"

# The same with padding and line ends: what no base64 has       RFC 2045 section 6.8
_JUNK = rb"[^A-Za-z0-9+/=\s]"

# "-- \nSent by a scanner, all is well.": text that a mailing list or a virus scanner appended has
# a character outside the alphabet, or a space between two others: quirk base64-footer.
_PROSE = rb"[^A-Za-z0-9+/=\s]|[A-Za-z0-9+/=][ \t][A-Za-z0-9+/=]"

# "SGVsbG8=IHdvcmxk": two encoded pieces joined by a mailer that encodes block by block, quirk
# base64-in-pieces.
_PADDING = rb"=[=\s]*+"

_JUNK_SHARE = 4
"""A line with one character in four outside the alphabet is a footer, not base64."""

_HELD = 1 << 20
"""Octets without a line end that are held back while streaming."""

# "a=\rb": a soft line break whose LF a gateway lost. binascii would keep the "=".
_LONE_CR = rb"=\r(?!\n)"

# "a==3Db": an equals sign that was not encoded, before one that was.
_DOUBLE = rb"=(?==)"

# What keeps binascii from the meant result: in a body with CRLF, a line end that is no CRLF or has
# spaces before it (RFC 2045 section 6.7, rule 3), ...
_NOT_CRLF = re.compile(rb"\n(?<![^ \t\r]\r\n)")

# ... in a body with LF, spaces before it (RFC 2045 section 6.7, rule 3), ...
_SPACE_LF = re.compile(rb"\n(?<=[ \t]\n)")

# ... and in each, the two escapes above: "==" and "=\r".
_ODD_ESCAPE = re.compile(rb"=(?:=|\r(?!\n))")

# hex-octet := "=" 2(DIGIT / "A" / ... / "F");  soft break: "=" CRLF      RFC 2045 section 6.7
# Any other "=" is quirk stray-equals.
_STRAY = rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)"


def decode_transfer(data: bytes, encoding: str, *, report: DefectHandler = ignore) -> bytes:
    """Undo a transfer encoding.

    Args:
        data: The body as it is in the message.
        encoding: A name from `transfer_encoding()`.
        report: Called with each defect that was worked around.

    Returns:
        The content; never raises, whatever the data.

    RFC 2045 sections 6.7 and 6.8.
    """
    if encoding == "base64":
        return _base64(data, report)
    if encoding == "quoted-printable":
        return _quoted_printable(data, report)
    if encoding == "uuencode":
        return _uuencoded(data, report)
    return data


def decode_transfer_chunks(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Undo a transfer encoding piece by piece, in memory that does not grow with the body.

    Base64 is held back from its first defect on, and uuencode wholly: both need to see
    what follows. Joined, the pieces are what `decode_transfer()` returns.
    """
    if encoding == "base64":
        return _base64_chunks(iter(chunks))
    if encoding == "quoted-printable":
        return _quoted_printable_chunks(chunks)
    if encoding == "uuencode":
        return iter((_uuencoded(b"".join(chunks), ignore),))
    return iter(chunks)


def _uuencoded(data: bytes, report: DefectHandler) -> bytes:
    from netmail.mime.content.uuencode import decode_body  # noqa: PLC0415 - few messages need it

    return decode_body(data, report=report)


def _base64(data: bytes, report: DefectHandler) -> bytes:
    try:
        content = binascii.a2b_base64(data)
    except binascii.Error:
        return _tolerant_base64(data, report)
    digits = len(data) - data.count(b"\n") - data.count(b"\r")
    if digits and data[-16:].rstrip().endswith(b"="):
        digits -= data[-16:].count(b"=")
    # a2b_base64 stops at the first padding and skips what it does not know, without an error.
    return content if digits * 3 // 4 == len(content) else _tolerant_base64(data, report)


def _tolerant_base64(data: bytes, report: DefectHandler) -> bytes:
    data = _without_footer(data, report)
    pieces = [piece for piece in re.split(_PADDING, data) if piece]
    if len(pieces) > 1:
        report(DefectKind.BASE64_AFTER_PADDING)
    return b"".join([_quanta(piece, report) for piece in pieces])


def _without_footer(data: bytes, report: DefectHandler) -> bytes:
    """Cut the text that a mailing list or a virus scanner wrote below the base64."""
    padding = re.search(_PADDING, data)
    if padding is not None:
        prose = re.compile(_PROSE).search(data, padding.end())
        if prose is not None:
            report(DefectKind.BAD_BASE64)
            data = data[: max(padding.end(), data.rfind(b"\n", 0, prose.start()) + 1)]
    start = 0
    junk_search = re.compile(_JUNK).search
    while (junk := junk_search(data, start)) is not None:
        report(DefectKind.BAD_BASE64)
        line = data.rfind(b"\n", 0, junk.start()) + 1
        start = data.find(b"\n", junk.start())
        start = len(data) if start < 0 else start
        text = data[line:start].strip()
        if len(re.findall(_JUNK, text)) * _JUNK_SHARE >= len(text):
            return data[:line]
    return data


def _quanta(piece: bytes, report: DefectHandler) -> bytes:
    digits = piece.translate(None, _NOT_BASE64)
    spare = len(digits) % 4
    if spare == 1:
        report(DefectKind.BASE64_LENGTH)
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def _base64_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    digits = line = b""
    for chunk in chunks:
        # Whole lines only, because the rule for footers looks at lines.
        data = line + chunk
        cut = data.rfind(b"\n") + 1 if len(data) < _HELD else len(data)
        new = data[:cut].translate(None, b"\r\n")
        if re.search(_ODD, new):
            yield _base64(b"".join((digits, b"\n", data, *chunks)), ignore)
            return
        line = data[cut:]
        digits += new
        whole = len(digits) // 4 * 4
        yield binascii.a2b_base64(digits[:whole])
        digits = digits[whole:]
    yield _base64(digits + b"\n" + line, ignore)


def _quoted_printable(data: bytes, report: DefectHandler) -> bytes:
    if not _is_clean(data):
        data = _cleaned(data)
    if report is not ignore and re.search(_STRAY, data):
        report(DefectKind.BAD_QUOTED_PRINTABLE)
    return binascii.a2b_qp(data)


def _is_clean(data: bytes) -> bool:
    """Whether binascii decodes it as it is meant; a body with both line ends is checked closer.

    A pattern that begins with one certain octet is searched much faster than any other.
    """
    if data.endswith((b" ", b"\t", b"\r")) or _ODD_ESCAPE.search(data):
        return False
    rough = _NOT_CRLF if b"\r" in data else _SPACE_LF
    return rough.search(data) is None


def _cleaned(data: bytes) -> bytes:
    """Drop spaces at line ends, mend lone CR of soft breaks, escape doubled equals signs."""
    pairs = data.count(b"\r\n")
    if _has_trailing_spaces(data, pairs):
        data = _without_trailing_spaces(data)
    if pairs != data.count(b"\r"):
        data = re.sub(_LONE_CR, b"=\r\n", data)
    return re.sub(_DOUBLE, b"=3D", data)


def _has_trailing_spaces(data: bytes, pairs: int) -> bool:
    """Look for spaces and tabs at line ends."""
    if data.endswith((b" ", b"\t")) or (pairs and b" \r" in data):
        return True
    if pairs != data.count(b"\n") and b" \n" in data:
        return True
    return b"\t" in data and (b"\t\r" in data or b"\t\n" in data)


def _without_trailing_spaces(data: bytes) -> bytes:
    """Drop spaces and tabs at line ends.

    RFC 2045 section 6.7, rule 3: "any trailing white space on a line must be deleted".
    """
    *lines, last = data.split(b"\n")
    kept = [
        line[:-1].rstrip(b" \t") + b"\r" if line.endswith(b"\r") else line.rstrip(b" \t")
        for line in lines
    ]
    # The last piece ends in no LF, and a CR alone ends no line.
    return b"\n".join([*kept, last.rstrip(b" \t")])


def _quoted_printable_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        cut = rest.rfind(b"\n") + 1
        if not cut and len(rest) > _HELD:
            cut = rest.rfind(b"=", 0, len(rest) - 3)
        if cut > 0:
            yield _quoted_printable(rest[:cut], ignore)
            rest = rest[cut:]
    yield _quoted_printable(rest, ignore)
