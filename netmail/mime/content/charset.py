"""Octets to text when the charset label is right, missing or wrong.

This file knows charsets and the order in which they are tried; it knows no header and no part.
"""

import re

from netmail.mime.content.charset_labels import MULTI_BYTE, codecs_for
from netmail.mime.defects import DefectHandler, DefectKind, ignore

# <meta charset="windows-1251">, or the older form that Outlook and mailing programs write:
# <META http-equiv="Content-Type" content="text/html; charset=windows-1251">
# A string, which `re` compiles at its first use: most HTML has a charset parameter.
_META = rb"(?i)<meta[^>]{0,256}?charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([\w.:-]{2,40})"

_META_WINDOW = 4096
"""Octets in which a <meta> is searched: browsers read 1,024, mailers put style sheets first."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

_BOM_STARTS = frozenset(mark[:1] for mark, _ in _BOMS)

_PLAIN = frozenset([("ascii",), ("utf-8",), ("cp1252",)])
"""Codecs in which ASCII is ASCII, of those that most mail uses."""

_EVIDENCE = 2
"""Valid multi-byte characters for each bad one that show the charset of a broken text. Western
text read as UTF-8 has hardly any valid ones, and two-octet charsets read as UTF-8 fewer than bad
ones; so one of each is enough where the label is UTF-8 too."""

_CP1252 = {
    code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)
}
"""Where windows-1252 differs from ISO 8859-1; its five undefined octets are C1 controls."""


def western(data: bytes) -> str:
    """Decode as windows-1252, its five undefined octets as C1 controls: never fails.

    WHATWG Encoding Standard section 9.1.
    """
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_CP1252)


def header_text(raw: bytes, hint: str = "") -> str:
    """Decode raw octets of a header: UTF-8, else the hinted charset, else windows-1252.

    UTF-8 with few bad octets, as where a value was cut inside a character, is UTF-8 with U+FFFD.

    Args:
        raw: The octets, unfolded.
        hint: The label of the message's own charset. Mailers that write raw 8-bit header fields
            write them in the charset of the body.

    RFC 6532 section 3.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    # Not UTF-8: quirk raw-8bit-header.
    broken = _repaired(raw, "utf-8", _EVIDENCE)
    if broken is not None:
        return broken
    for codec in codecs_for(hint) if hint else ():
        text = _strict(raw, codec)
        if text is not None:
            return text
    return western(raw)


def html_label(data: bytes) -> str:
    """Return the charset that an HTML document names in a <meta>; "" if none."""
    match = re.search(_META, data[:_META_WINDOW])
    return match[1].decode("ascii", "replace") if match else ""


def decode_text(data: bytes, label: str = "", *, report: DefectHandler = ignore) -> str:
    """Decode a text body in the charset that its label means, or in the one that fits.

    Missing and US-ASCII labels are tried as UTF-8 first; then the label's superset, then
    UTF-8, then windows-1252. A byte order mark beats the label.

    Args:
        data: The body, its transfer encoding undone.
        label: The charset parameter; "" if there is none.
        report: Called with UNKNOWN_CHARSET, WRONG_CHARSET and UNDECODABLE.
    """
    codecs = codecs_for(label)
    if codecs in _PLAIN and data.isascii():
        return data.decode()
    # A label that means no charset: quirk unknown-charset.
    if label and not codecs:
        report(DefectKind.UNKNOWN_CHARSET)
    for mark, codec in _BOMS if data[:1] in _BOM_STARTS else ():
        if data.startswith(mark) and (codec == "utf-8" or "utf-16" in codecs):
            return data[len(mark) :].decode(codec, "replace")
    if not codecs or codecs == ("ascii",):
        return _unlabelled(data, report)
    if codecs == ("utf-16",):
        codecs = (_utf_16_order(data),)
    for codec in codecs:
        text = _strict(data, codec)
        if text is not None:
            return text
    # Another charset than the label's, or a few bad octets: quirk wrong-charset.
    return _guess(data, codecs, report)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return _characters(data.decode(codec), codec)
    except UnicodeError:
        if codec != "cp1252":
            return None
    # The WHATWG superset maps the five undefined octets to controls, so it refuses nothing.
    return western(data) if _looks_western(data) else None


def _characters(text: str, codec: str) -> str:
    """Replace what is no character: Python's UTF-7 gives halves of surrogate pairs."""
    if codec != "utf-7":
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _looks_western(data: bytes) -> bool:
    """Whether octets that windows-1252 does not define are single ones, not UTF-8 sequences."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def _unlabelled(data: bytes, report: DefectHandler) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _guess(data, (), report)


def _guess(data: bytes, codecs: tuple[str, ...], report: DefectHandler) -> str:
    """Choose between a text with a few bad octets and one in an unnamed charset.

    One broken octet costs one character, never the rest of the text.
    """
    labelled = codecs[:1] == ("utf-8",)
    # Octets of a seven-bit charset such as ISO-2022-JP are valid UTF-8 too: ASCII.
    text = None if data.isascii() else _strict(data, "utf-8")
    if text is not None:
        report(DefectKind.WRONG_CHARSET)
        return text
    text = _repaired(data, "utf-8", 1 if labelled else _EVIDENCE)
    if text is not None and not labelled:
        report(DefectKind.WRONG_CHARSET)
    for codec in codecs if text is None else ():
        text = _repaired(data, codec, _EVIDENCE) if codec in MULTI_BYTE else None
        if text is not None:
            break
    report(DefectKind.WRONG_CHARSET if text is None else DefectKind.UNDECODABLE)
    return western(data) if text is None else text


def _repaired(data: bytes, codec: str, evidence: int) -> str | None:
    """Decode with U+FFFD for what is broken; `None` if too little is valid in this charset."""
    text = _characters(data.decode(codec, "replace"), codec)
    bad = text.count("\ufffd")
    valid = _wide(text) - bad
    return text if valid and valid >= bad * evidence else None


def _wide(text: str) -> int:
    """Count the characters outside ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _utf_16_order(data: bytes) -> str:
    """Tell the octet order of UTF-16 without a mark: western text has zeros in its high octets."""
    sample = data[:2048]
    return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
