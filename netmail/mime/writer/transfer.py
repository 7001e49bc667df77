"""Transfer encodings: chosen by the resulting size, and applied.

This file must not know what a part is, nor the source of its octets.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

LINE_LIMIT = 998
"""Octets of a line without its CRLF, RFC 5322 section 2.1.1."""

BLOCK = 57 * 1152
"""Octets read at a time: whole base64 lines, and close to 64 KiB."""

_LINE_IN, _LINE_OUT = 57, 76
# transport-padding = *LWSP-char, which gateways remove             RFC 2046 section 5.1.1
_SPACES_AT_ENDS = re.compile(rb"[ \t](?:\r\n|\Z)")
_READABLE = b"\r\n\t" + bytes(range(32, 61)) + bytes(range(62, 127))


class Encoding(StrEnum):
    """A Content-Transfer-Encoding, RFC 2045 section 6.1."""

    SEVEN_BIT = "7bit"
    EIGHT_BIT = "8bit"
    BINARY = "binary"
    QUOTED_PRINTABLE = "quoted-printable"
    BASE64 = "base64"


def text_encoding(
    text: bytes, *, eight_bit: bool = False, changes_spaces: bool = False
) -> Encoding:
    """Choose the encoding of a text: the shortest that arrives unchanged.

    Args:
        text: The text's octets with CRLF line ends.
        eight_bit: Whether the transport supports octets over 127.
        changes_spaces: Whether spaces at the ends of lines must be encoded.

    RFC 2045 section 6.2.
    """
    # RFC 3156 section 5: "trailing whitespace MUST then be encoded", for gateways remove it.
    loses = changes_spaces and _SPACES_AT_ENDS.search(text) is not None
    if not loses and lines_allowed(text) and not _mbox_would_quote(text):
        if text.isascii():
            return Encoding.SEVEN_BIT
        if eight_bit:
            return Encoding.EIGHT_BIT
    escaped = len(text.translate(None, _READABLE))
    if loses:
        return Encoding.QUOTED_PRINTABLE
    # A soft break costs 3 octets in 76; base64 costs 2 in 76 and a third.
    quoted = (len(text) + 2 * escaped) * 79 // 76
    return Encoding.QUOTED_PRINTABLE if quoted <= base64_size(len(text)) else Encoding.BASE64


def lines_allowed(data: bytes) -> bool:
    """Return whether octets can be sent as lines: all ends CRLF, no NUL, none over 998 octets.

    RFC 2045 section 2.7, 2.8.
    """
    ends = data.count(b"\r\n")
    if b"\0" in data or data.count(b"\r") != ends or data.count(b"\n") != ends:
        return False
    return len(data) <= LINE_LIMIT or max(map(len, data.split(b"\r\n"))) <= LINE_LIMIT


def quoted_printable(text: bytes) -> bytes:
    """Encode a text with CRLF line ends; no line gets longer than 76 octets.

    RFC 2045 section 6.7.
    """
    encoded = binascii.b2a_qp(text, quotetabs=False, istext=True)
    if b"\r\n" not in text:
        encoded = encoded.replace(b"=\n", b"=\r\n")
    if b"From " in encoded:
        # A mailbox file would turn "From " into ">From "; the soft break keeps the line short.
        encoded = encoded.replace(b"\r\nFrom ", b"\r\n=46rom =\r\n")
        if encoded.startswith(b"From "):
            encoded = b"=46rom =\r\n" + encoded[5:]
    return encoded


def base64_lines(data: bytes) -> bytes:
    """Encode octets as lines of 76 digits with CRLF between them.

    RFC 2045 section 6.8.
    """
    encoded = binascii.b2a_base64(data, newline=False)
    if len(encoded) <= _LINE_OUT:
        return encoded
    return b"\r\n".join(
        [encoded[i : i + _LINE_OUT] for i in range(0, len(encoded), _LINE_OUT)],
    )


def base64_blocks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Encode a stream.

    Args:
        blocks: The octets; every block but the last one is a multiple of 57 octets long.
    """
    first = True
    for block in blocks:
        lines = base64_lines(block)
        yield lines if first else b"\r\n" + lines
        first = False


def base64_size(size: int) -> int:
    """Return how many octets `base64_lines` makes of so many."""
    if size == 0:
        return 0
    return 4 * -(-size // 3) + 2 * ((size - 1) // _LINE_IN)


def _mbox_would_quote(text: bytes) -> bool:
    return text.startswith(b"From ") or b"\nFrom " in text
