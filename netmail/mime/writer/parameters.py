"""Parameters of Content-Type and Content-Disposition, written (RFC 2231).

This file must not know which parameters a part has.
"""

import re

from netmail.errors import MessageError
from netmail.mime.writer.encoded_words import encoded_words
from netmail.mime.writer.header_lines import LINE, fold, written_field
from netmail.text import check_text

Parameters = tuple[tuple[str, str], ...]

# value := token / quoted-string                              RFC 2045 section 5.1
# token := 1*<any (US-ASCII) CHAR except SPACE, CTLs, or tspecials>
# Without "'" and "*": readers of RFC 2231 that search them in any value read another one.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&+.^_`{|}~-]+")
# What a quoted-string can contain without encoding           RFC 5322 section 3.2.4
_PRINTABLE = re.compile(r"[ -~]*")

# attribute-char := <any (US-ASCII) CHAR except SPACE, CTLs, "*", "'", "%", or tspecials>
#                                                             RFC 2231 section 7
_ATTRIBUTE = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`{|}~"
)
_PERCENT = tuple(chr(i) if i in _ATTRIBUTE else f"%{i:02X}" for i in range(256))

_SEGMENT = 60
"""Columns of one continuation's value: with its name and semicolon it stays under 78."""


def parameter_field(
    name: str, value: str, parameters: Parameters, *, encoded: bool = False
) -> bytes:
    """Write a header that is a token with parameters.

    Args:
        name: The header's name.
        value: The token, such as "image/png".
        parameters: Names and values in order; values are any text.
        encoded: Write text outside ASCII as encoded words in quotes. RFC 2047 section 5 forbids
            it; but Outlook reads the `name` of a Content-Type in no other form. Otherwise in the
            form of RFC 2231, the only valid one.

    Raises:
        MessageError: If a value contains CR, LF, NUL or a lone surrogate.

    RFC 2045 section 5.1, RFC 2231 section 3 and 4.
    """
    tokens = [value]
    for key, text in parameters:
        check_text(text, key, MessageError)
        tokens[-1] += ";"
        tokens += _encoded(key, text) if encoded else _parameter(key, text)
    field = fold(name, [f" {token}" for token in tokens])
    return written_field(name, field.encode("ascii"))


def _parameter(key: str, text: str) -> list[str]:
    plain = _plain(key, text)
    if plain:
        return [plain]
    segments: list[str] = []
    segment: list[str] = []
    used = len("utf-8''")
    for character in text:
        piece = "".join([_PERCENT[octet] for octet in character.encode()])
        if used + len(piece) > _SEGMENT - len(key):
            segments.append("".join(segment))
            segment, used = [], 0
        segment.append(piece)
        used += len(piece)
    segments.append("".join(segment))
    segments[0] = "utf-8''" + segments[0]
    if len(segments) == 1:
        return [f"{key}*={segments[0]}"]
    last = len(segments) - 1
    return [f"{key}*{i}*={s}{';' if i < last else ''}" for i, s in enumerate(segments)]


def _encoded(key: str, text: str) -> list[str]:
    plain = _plain(key, text)
    if plain:
        return [plain]
    # The first word is preceded by the key and a quote, the last one followed by a quote.
    words = encoded_words(text, LINE - len(key) - 4)
    words[0] = f'{key}="{words[0]}'
    words[-1] += '"'
    return words


def _plain(key: str, text: str) -> str:
    """Write a value as it is; return "" if it must be encoded."""
    if _TOKEN.fullmatch(text):
        written = f"{key}={text}"
    elif _PRINTABLE.fullmatch(text) and "=?" not in text:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        written = f'{key}="{escaped}"'
    else:
        return ""
    return written if len(written) <= LINE - 2 else ""
