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

# "cyBpcyBpdA==": a line that has nothing but digits, padding and a line end.
_DIGITS_ONLY = rb"[A-Za-z0-9+/]*={0,2}\s*"

# "SGVsbG8=IHdvcmxk": two encoded pieces joined by a mailer that encodes block by block, quirk
# base64-in-pieces.
_PADDING = rb"=[=\s]*+"

_JUNK_SHARE = 4
"""A line with one character in four outside the alphabet is junk or a footer, not base64."""

_SIGNATURE = (b"--", b"-- ")
"""The line above a signature: whatever follows it is text."""

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


def _base64(data: bytes, report: DefectHandler, *, begun: bool = False) -> bytes:
    """Decode base64; `begun` if other digits came before these."""
    try:
        content = binascii.a2b_base64(data)
    except binascii.Error:
        return _tolerant_base64(data, report, begun=begun)
    digits = len(data) - data.count(b"\n") - data.count(b"\r")
    if digits and data[-16:].rstrip().endswith(b"="):
        digits -= data[-16:].count(b"=")
    # a2b_base64 stops at the first padding and skips what it does not know, without an error.
    if digits * 3 // 4 == len(content):
        return content
    return _tolerant_base64(data, report, begun=begun)


def _tolerant_base64(data: bytes, report: DefectHandler, *, begun: bool) -> bytes:
    data = _without_footer(data, report)
    if re.search(_JUNK, data):
        report(DefectKind.BAD_BASE64)
        data = _without_junk_lines(data, begun=begun)
    pieces = [piece for piece in re.split(_PADDING, data) if piece]
    if len(pieces) > 1:
        report(DefectKind.BASE64_AFTER_PADDING)
    return b"".join([_quanta(piece, report) for piece in pieces])


def _without_footer(data: bytes, report: DefectHandler) -> bytes:
    """Cut the text that a mailing list or a virus scanner wrote after the padding."""
    padding = re.search(_PADDING, data)
    prose = re.compile(_PROSE).search(data, padding.end()) if padding else None
    if padding is None or prose is None:
        return data
    report(DefectKind.BAD_BASE64)
    return data[: max(padding.end(), data.rfind(b"\n", 0, prose.start()) + 1)]


def _without_junk_lines(data: bytes, *, begun: bool) -> bytes:
    """Drop lines that are no base64, and a footer: junk with text after it.

    RFC 2045 section 6.8: "All line breaks or other characters not found in Table 1 must be
    ignored by decoding software." Inside a line they are; the letters of a line of text are
    found in the table, so such a line is ignored as a whole.
    """
    kept: list[bytes] = []
    junk_at = -1
    for line in data.split(b"\n"):
        begun = begun or bool(kept)
        if begun and line.rstrip(b"\r") in _SIGNATURE:
            break
        if _is_junk(line.strip(), begun=begun):
            junk_at = len(kept) if begun else -1
        elif junk_at >= 0 and not re.fullmatch(_DIGITS_ONLY, line):
            # "____\nIvory list, ivory@lists.example": the footer began with the junk.
            return b"\n".join(kept[:junk_at])
        elif line.strip():
            kept.append(line)
    return b"\n".join(kept)


def _is_junk(text: bytes, *, begun: bool) -> bool:
    junk = len(re.findall(_JUNK, text))
    # "This is a message in MIME format.": before the first digits a sentence is junk too.
    return junk * _JUNK_SHARE >= len(text) > 0 or bool(junk and not begun and b" " in text)


def _quanta(piece: bytes, report: DefectHandler) -> bytes:
    digits = piece.translate(None, _NOT_BASE64)
    spare = len(digits) % 4
    if spare == 1:
        report(DefectKind.BASE64_LENGTH)
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def _base64_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    digits = line = b""
    begun = False
    for chunk in chunks:
        # Whole lines only, because the rule for footers looks at lines.
        data = line + chunk
        cut = data.rfind(b"\n") + 1 if len(data) < _HELD else len(data)
        new = data[:cut].translate(None, b"\r\n")
        if re.search(_ODD, new):
            yield _base64(b"".join((digits, b"\n", data, *chunks)), ignore, begun=begun)
            return
        line = data[cut:]
        digits += new
        begun = begun or bool(new)
        whole = len(digits) // 4 * 4
        yield binascii.a2b_base64(digits[:whole])
        digits = digits[whole:]
    yield _base64(digits + b"\n" + line, ignore, begun=begun)


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
