"""ParameterizedValue fields: Content-Type and Content-Disposition with their parameters.

This file knows the grammar of RFC 2045 and RFC 2231 and what mailers make of it; it knows no
part and no boundary. One pass over the text, at most `MessageLimits.params` parameters.
"""

import re
from typing import NamedTuple

from netmail.limits import DEFAULT_LIMITS
from netmail.mime.content.charset import decode_text, header_text
from netmail.mime.defects import DefectHandler, DefectKind, ignore
from netmail.mime.fields.encoded_words import decode_encoded_words

_TOKEN = re.compile(r"[^\s;=()\"<>@,\[\]?]+")
_SIMPLE = re.compile(r";\s*([\w.*-]+)=(?:\"([^\"\\]*)\"|([^\s;\"()=,]+))\s*(?=;|\Z)")
_NAME = re.compile(r"[^\s;=\"(),]+")
_ATOM = re.compile(r"[^;\r\n]*")
_NEXT = re.compile(r"\s+(?=[A-Za-z][\w*-]*\s*=|\()")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_OPEN_QUOTED = re.compile(r'"([^;"]*)')
_ESCAPE = re.compile(r'\\(["\\])')
_BLANKS = (" ", "\t")
_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?\Z")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


class ParameterizedValue(NamedTuple):
    """A value with parameters.

    Attributes:
        value: The first token in lower case: "text/plain", "attachment"; "" if there is none.
        params: Parameters by lower-case name, decoded; RFC 2231 forms joined and preferred.
    """

    value: str
    params: dict[str, str]


def parameterized_value(
    raw: bytes,
    *,
    limit: int = DEFAULT_LIMITS.params,
    report: DefectHandler = ignore,
    hint: str = "",
) -> ParameterizedValue:
    """Read a value and its parameters.

    Args:
        raw: The raw value, folds and all.
        limit: How many parameters are read.
        report: Told of what is against the grammar.
        hint: Charset for raw 8-bit octets.

    Returns:
        What could be read; never raises.

    RFC 2045 section 5.1, RFC 2231.
    """
    text = header_text(raw, hint)
    if "\n" in text or "\r" in text:
        text = text.replace("\r", "").replace("\n", "")
    text = text.strip()
    head = _TOKEN.match(text)
    position = head.end() if head else 0
    value = head[0].lower() if head else ""
    if text.startswith("=", position):
        # "Content-Disposition: filename=a.txt": the value itself is missing.
        position, value = 0, ""
    pairs: list[tuple[str, str]] = []
    while (simple := _SIMPLE.match(text, position)) is not None and len(pairs) < limit:
        pairs.append((simple[1].lower(), simple[3] if simple[2] is None else simple[2]))
        position = simple.end()
    if position < len(text) and text[position:] != ";":
        pairs += _tolerant(text, position, limit - len(pairs), report)
    return ParameterizedValue(value, _joined(pairs, report) if pairs else {})


def _tolerant(text: str, position: int, limit: int, report: DefectHandler) -> list[tuple[str, str]]:
    """Read parameters from a text with comments, missing semicolons or open quotes."""
    pairs: list[tuple[str, str]] = []
    while position < len(text):
        position = _skip(text, position)
        match = _NAME.match(text, position)
        equals = _skip_blanks(text, match.end()) if match else position
        if match is None or not text.startswith("=", equals):
            position = max(equals, _next_start(text, position)) if match else position + 1
            continue
        if len(pairs) >= limit:
            report(DefectKind.TOO_MANY_PARAMETERS)
            break
        value, position = _value(text, _skip_blanks(text, equals + 1), report)
        pairs.append((match[0].lower(), value))
    return pairs


def _skip(text: str, position: int) -> int:
    """Go past separators and comments."""
    while position < len(text):
        if text[position] == "(":
            position = _skip_comment(text, position)
        elif text[position] in " \t;,":
            position += 1
        else:
            break
    return position


def _skip_blanks(text: str, position: int) -> int:
    """Go past blanks and comments."""
    while text[position : position + 1] in _BLANKS:
        position += 1
    while text.startswith("(", position):
        position = _skip_comment(text, position)
    return position


def _skip_comment(text: str, position: int) -> int:
    """Go past one comment, nested ones in it, and the blanks after; counts, never recurses."""
    if not text.startswith("(", position):
        return position
    depth = 0
    while position < len(text):
        char = text[position]
        position += 2 if char == "\\" else 1
        depth += (char == "(") - (char == ")")
        if depth == 0:
            break
    while text[position : position + 1] in _BLANKS:
        position += 1
    return position


def _next_start(text: str, position: int) -> int:
    """Where reading goes on after something that is no parameter."""
    blank = re.compile(r"[;\s(]").search(text, position + 1)
    return blank.start() if blank else len(text)


def _value(text: str, position: int, report: DefectHandler) -> tuple[str, int]:
    if text.startswith('"', position):
        quoted = _QUOTED.match(text, position)
        if quoted is not None:
            return _ESCAPE.sub(r"\1", quoted[1]), quoted.end()
        report(DefectKind.BAD_PARAMETER)
        opened = _OPEN_QUOTED.match(text, position)
        return (opened[1].strip(), opened.end()) if opened else ("", position + 1)
    atom = _ATOM.match(text, position)
    plain = atom[0] if atom else ""
    following = _NEXT.search(plain)
    if following is not None:
        plain = plain[: following.start()]
    return plain.strip(), position + max(len(plain), 0)


def _joined(pairs: list[tuple[str, str]], report: DefectHandler) -> dict[str, str]:
    """Put RFC 2231 sections together; the extended form wins over the plain one."""
    plain: dict[str, str] = {}
    if report is ignore and not any("*" in name or "=?" in value for name, value in pairs):
        for name, value in pairs:
            plain.setdefault(name, value)
        return plain
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, value in pairs:
        match = _SECTION.match(name) if "*" in name else None
        if match is None:
            if name in plain:
                report(DefectKind.DUPLICATE_PARAMETER)
            elif "=?" in value and name != "name":
                # Of Content-Type's name it is how everybody writes, for older readers.
                report(DefectKind.BAD_PARAMETER)
            plain.setdefault(name, decode_encoded_words(value))
        else:
            number = int(match[2]) if match[2] else 0
            extended = match[2] is None or match[3] is not None
            sections.setdefault(match[1], {}).setdefault(number, (value, extended))
    for name, numbered in sections.items():
        plain[name] = _extended(numbered)
    return plain


def _extended(numbered: dict[int, tuple[str, bool]]) -> str:
    """Decode sections in the order of their numbers; a gap ends nothing."""
    ordered = [numbered[number] for number in sorted(numbered)]
    label = ""
    data = bytearray()
    for index, (value, extended) in enumerate(ordered):
        text = value
        if extended and index == 0:
            label, text = _charset(value)
        octets = text.encode("utf-8", "surrogatepass")
        data += _PERCENT.sub(_octet, octets) if extended else octets
    if not label and not any(extended for _, extended in ordered):
        return decode_encoded_words(data.decode("utf-8", "replace"))
    return decode_text(bytes(data), label)


def _charset(value: str) -> tuple[str, str]:
    """Split "utf-8'en'text"; a value without the quotes is all text."""
    label, quote, rest = value.partition("'")
    _, second, text = rest.partition("'")
    return (label, text) if quote and second else ("", value)


def _octet(match: "re.Match[bytes]") -> bytes:
    return bytes([int(match[1], 16)])
