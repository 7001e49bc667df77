"""RFC 2047 encoded words: text in headers that ASCII cannot express.

This file knows RFC 2047 only: not which header it reads, and no address. One pass, no
backtracking: the time is proportional to the length of the value, whatever it contains.
"""

import binascii
import re

from netmail.limits import DEFAULT_LIMITS
from netmail.mime.content.charset import decode_text
from netmail.mime.content.charset_labels import codecs_for
from netmail.mime.content.transfer import decode_transfer
from netmail.mime.defects import DefectHandler, DefectKind, ignore

# encoded-word = "=?" charset "?" encoding "?" encoded-text "?="      RFC 2047 section 2
# charset      = token
# encoding     = token;  "B" or "Q" (section 4), in any case
# token        = 1*<Any CHAR except SPACE, CTLs, and especials>
# especials    = "(" / ")" / "<" / ">" / "@" / "," / ";" / ":" / <"> / "/" / "[" / "]" /
#                "?" / "." / "="
# encoded-text = 1*<Any printable ASCII character other than "?" or SPACE>
#
# Up to where the text begins. Section 2 allows 75 octets in all; no charset's name has 80.
_OPEN = re.compile(r"=\?([^?\s]{1,80})\?([BbQq])\?")

# The same with its text, for a value with one word only, which is read at once. Raw 8-bit
# characters and empty texts count: "=?iso-8859-1?Q?Fr\xf6sche?=" (Eudora, Outlook: quirk
# word-with-8bit), "=?utf-8?q??=".
_SINGLE = re.compile(r"=\?([^?\s]{1,80})\?([BbQq])\?([^?\s]*+)\?=")
_BREAKS = str.maketrans({"\r": " ", "\n": " ", "\0": None})

_Word = tuple[str, str, str]
"""Charset label, "b" or "q", and the encoded text."""


def decode_encoded_words(
    text: str, *, limit: int = DEFAULT_LIMITS.encoded_words, report: DefectHandler = ignore
) -> str:
    """Decode the encoded words in a text.

    Adjacent ones of one charset are joined before the charset is decoded, since mailers cut them
    inside characters and even inside a base64 quantum. Anything else stays as written.

    Args:
        text: An unfolded header value, or the part of one that is free text.
        limit: How many of them are decoded.
        report: Called with BAD_ENCODED_WORD and TOO_MANY_ENCODED_WORDS.

    Returns:
        The text without CR, LF and NUL, wherever they came from.

    RFC 2047 sections 2 and 6.2.
    """
    if "=?" not in text:
        return text.translate(_BREAKS) if _unclean(text) else text
    if text.count("=?") == 1 and (single := _SINGLE.search(text)) is not None:
        decoded = f"{text[: single.start()]}{_one(single, report)}{text[single.end() :]}"
        return decoded.translate(_BREAKS) if _unclean(decoded) else decoded
    result: list[str] = []
    pending: list[_Word] = []
    position = 0
    for start, end, word in _words(text):
        gap = text[position:start]
        # Section 6.2: white space between adjacent encoded words is ignored.
        if not pending or gap.strip(" \t\r\n"):
            result += [_join(pending, report), gap]
            pending = []
        pending.append(word)
        position = end
        limit -= 1
        if limit <= 0:
            report(DefectKind.TOO_MANY_ENCODED_WORDS)
            break
    result += [_join(pending, report), text[position:]]
    return "".join(result).translate(_BREAKS)


def _one(word: "re.Match[str]", report: DefectHandler) -> str:
    """Decode the only word of a value."""
    label, encoding, text = word.groups()
    # charset ["*" language], RFC 2231 section 5: the language is dropped.
    label = label.partition("*")[0]
    data = _base64(text, report) if encoding in "Bb" else _quoted(text, label)
    return _text(data, label, report)


def _unclean(text: str) -> bool:
    return "\n" in text or "\r" in text or "\0" in text


def _words(text: str) -> "list[tuple[int, int, _Word]]":
    """Find the encoded words: start, end and content of each."""
    found: list[tuple[int, int, _Word]] = []
    end = -1
    match = _OPEN.search(text)
    while match is not None:
        begin = match.end()
        if end < begin:
            end = text.find("?=", begin)
        if end < 0:
            break
        following = text.find("=?", begin, end)
        if following >= 0:
            # "=?utf-8?q?open =?utf-8?q?closed?=": a word that is not closed before the next one
            # opens is text.
            match = _OPEN.search(text, following)
            continue
        found.append((match.start(), end + 2, (match[1], match[2].lower(), text[begin:end])))
        match = _OPEN.search(text, end + 2)
    return found


def _join(words: list[_Word], report: DefectHandler) -> str:
    """Decode adjacent encoded words."""
    if not words:
        return ""
    result: list[str] = []
    label, data = "", bytearray()
    encoded = ""
    # RFC 2047 section 5: "Each 'encoded-word' MUST represent an integral number of characters."
    # So many mailers cut anywhere (quirk split-character) that the octets of adjacent ones in one
    # charset are joined before they are decoded, and of base64 even the digits.
    for charset, encoding, text in words:
        name = charset.partition("*")[0]
        if name.lower() != label.lower():
            data += _base64(encoded, report)
            result.append(_text(bytes(data), label, report))
            label, data, encoded = name, bytearray(), ""
        if encoding == "b":
            if encoded.endswith("="):  # padding: nothing of this word is cut
                data += _base64(encoded, report)
                encoded = ""
            encoded += text
        else:
            data += _base64(encoded, report) + _quoted(text, name)
            encoded = ""
    data += _base64(encoded, report)
    result.append(_text(bytes(data), label, report))
    return "".join(result)


def _text(data: bytes, label: str, report: DefectHandler) -> str:
    if not data:
        return ""
    text = decode_text(data, label, report=_as_word_defect(report))
    # A word names its charset, so a byte order mark at its beginning is a character:
    # RFC 3629 section 6.
    return f"\ufeff{text}" if data.startswith(b"\xef\xbb\xbf") else text


def _as_word_defect(report: DefectHandler) -> DefectHandler:
    """Report defects of a charset or transfer encoding as defects of the word."""
    if report is ignore:
        return ignore
    return lambda _: report(DefectKind.BAD_ENCODED_WORD)


def _base64(text: str, report: DefectHandler) -> bytes:
    try:
        # Strict mode refuses whatever the tolerant decoder would have to mend.
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return decode_transfer(
            text.encode("utf-8", "replace"), "base64", report=_as_word_defect(report)
        )


def _quoted(text: str, label: str) -> bytes:
    return binascii.a2b_qp(text if text.isascii() else _octets(text, label), header=True)


def _octets(text: str, label: str) -> bytes:
    """Turn raw 8-bit characters inside a word back into octets of its charset.

    The header was decoded as a whole, as UTF-8 or in a charset that was guessed.
    """
    for codec in codecs_for(label):
        try:
            return text.encode(codec)
        except UnicodeError:
            continue
    return text.encode("utf-8", "replace")
