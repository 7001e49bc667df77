"""A value with parameters: Content-Type and Content-Disposition.

This file knows the grammar of RFC 2045 and RFC 2231; it knows no part and no boundary. What
breaks that grammar is read by `lenient_parameters.py`, which is loaded when it is needed.
"""

import re
from typing import NamedTuple

from netmail.limits import DEFAULT_LIMITS
from netmail.mime.content.charset import decode_text, header_text
from netmail.mime.defects import DefectHandler, DefectKind, ignore
from netmail.mime.fields.encoded_words import decode_encoded_words

# token     := 1*<any (US-ASCII) CHAR except SPACE, CTLs, or tspecials>   RFC 2045 section 5.1
# tspecials := "(" / ")" / "<" / ">" / "@" / "," / ";" / ":" / "\" / <"> /
#              "/" / "[" / "]" / "?" / "="
# "/" is a tspecial, but is taken here: content := type "/" subtype. So are ":" and "\", which
# cannot begin anything else.
_TOKEN = re.compile(r"[^\s;=()\"<>@,\[\]?]+")

# 'Content-Disposition: "inline"': the value is in quotes, as parameters are.
_QUOTED_TOKEN = re.compile(r"\"([^\s;=()\"<>@,\[\]?]+)\"")

# content     := "Content-Type" ":" type "/" subtype *(";" parameter)     RFC 2045 section 5.1
# disposition := "Content-Disposition" ":" disposition-type *(";" disposition-parm)
#                                                             RFC 2183 section 2
# parameter   := attribute "=" value
# attribute   := token
# value       := token / quoted-string
# One parameter without comments, escapes and spaces around "=".
_PARAMETER = re.compile(r";\s*([\w.*-]+)=(?:\"([^\"\\]*)\"|([^\s;\"()=,]+))\s*(?=;|\Z)")

# parameter              := regular-parameter / extended-parameter    RFC 2231 section 7
# regular-parameter      := regular-parameter-name "=" value
# regular-parameter-name := attribute [section]
# section                := initial-section / other-sections
# initial-section        := "*0"
# other-sections         := "*" ("1" / "2" / ... / "9") *DIGIT
# extended-initial-name  := attribute [initial-section] "*"
# extended-other-names   := attribute other-sections "*"
# The name, its number, and the "*" of a percent-encoded section.
_SECTION = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?\Z")

# extended-other-values := *(ext-octet / attribute-char)      RFC 2231 section 7
# ext-octet             := "%" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F")
# Lower-case digits are read too: "%e2%82%ac" is an example of RFC 5987.
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
        raw: The raw value, folds included.
        limit: How many parameters are read.
        report: Called with BAD_PARAMETER, DUPLICATE_PARAMETER and TOO_MANY_PARAMETERS.
        hint: Charset for raw 8-bit octets.

    Returns:
        What could be read; never raises.

    RFC 2045 section 5.1, RFC 2231.
    """
    # Raw 8-bit octets are no token, but file names in them are common.
    text = header_text(raw, hint)
    if "\n" in text or "\r" in text:
        text = text.replace("\r", "").replace("\n", "")
    text = text.strip()
    head = _TOKEN.match(text) or _QUOTED_TOKEN.match(text)
    position = head.end() if head else 0
    value = head[0].strip('"').lower() if head else ""
    if text.startswith("=", position):
        # "Content-Disposition: filename=a.txt": the value itself is missing.
        position, value = 0, ""
    pairs: list[tuple[str, str]] = []
    while (simple := _PARAMETER.match(text, position)) is not None and len(pairs) < limit:
        pairs.append((simple[1].lower(), simple[3] if simple[2] is None else simple[2]))
        position = simple.end()
    if position < len(text) and text[position:] != ";":
        from netmail.mime.fields.lenient_parameters import (  # noqa: PLC0415 - most mail is plain
            lenient_parameters,
        )

        pairs += lenient_parameters(text, position, limit - len(pairs), report)
    return ParameterizedValue(value, joined_parameters(pairs, report) if pairs else {})


def joined_parameters(
    pairs: list[tuple[str, str]], report: DefectHandler = ignore
) -> dict[str, str]:
    """Join RFC 2231 sections; the extended form is preferred to the plain one.

    Args:
        pairs: Names in lower case, and values without their quotes.
        report: Called with BAD_PARAMETER and DUPLICATE_PARAMETER.

    RFC 2231 section 3.
    """
    plain: dict[str, str] = {}
    if report is ignore:
        for name, value in pairs:
            if "*" in name or "=?" in value:
                break
            plain.setdefault(name, value)
        else:
            return plain
        plain = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, value in pairs:
        match = _SECTION.match(name) if "*" in name else None
        if match is None:
            # The first of two counts, as of fields: quirk repeated-parameter.
            if name in plain:
                report(DefectKind.DUPLICATE_PARAMETER)
            elif "=?" in value and name != "name":
                # RFC 2047 section 5 forbids it: quirk word-in-parameter. In Content-Type's
                # "name" most mailers write them, for readers that know no RFC 2231.
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
    """Decode sections in the order of their numbers; a missing number ends nothing.

    RFC 2231 section 4.1: sections with and without percent-encoding may be mixed, and the first
    one names the charset of all.
    """
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
    """Split "utf-8'en'text" into charset and text; a value without the quotes is all text.

    RFC 2231 section 4: extended-value := charset "'" [language] "'" extended-other-values.
    """
    label, quote, rest = value.partition("'")
    _, second, text = rest.partition("'")
    return (label, text) if quote and second else ("", value)


def _octet(match: "re.Match[bytes]") -> bytes:
    return bytes([int(match[1], 16)])
