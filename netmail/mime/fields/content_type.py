"""The media type and the transfer encoding of a part, and the boundary that divides it.

This file knows the two fields; it knows neither where parts begin nor how they are decoded.
"""

import re
from functools import lru_cache

from netmail.limits import DEFAULT_LIMITS
from netmail.mime.defects import DefectHandler, DefectKind, ignore
from netmail.mime.fields.parameters import ParameterizedValue, parameterized_value

# content := "Content-Type" ":" type "/" subtype *(";" parameter)     RFC 2045 section 5.1
# type    := discrete-type / composite-type
# composite-type := "message" / "multipart" / extension-token
#
# The types whose parts contain others: any multipart, RFC 2046 section 5.1.7: unrecognized subtypes
# are "multipart/mixed"; and the messages that are read, section 5.2.1 and RFC 6532 section 3.7.
# "multipart" alone is multipart/mixed (_ALONE).
_COMPOSITE = re.compile(
    rb"\s*(?:(multipart)(?:/(digest)?|[\s;]|\Z)|message/(?:rfc822|global|news)(?:[\s;(]|\Z))",
    re.IGNORECASE,
)
# boundary      := 0*69<bchars> bcharsnospace                 RFC 2046 section 5.1.1
# bchars        := bcharsnospace / " "
# bcharsnospace := DIGIT / ALPHA / "'" / "(" / ")" / "+" / "_" / "," / "-" / "." / "/" /
#                  ":" / "=" / "?"
# In a parameter, quoted or not, and of any characters.
# The usual order: after nothing, or after the parameters that RFC 2387, RFC 1847 and RFC 6522 ask
# for. Anything else is read by `parameterized_value()`.
_BOUNDARY = re.compile(
    rb"\s*multipart/[\w.+-]+\s*;\s*(?:(?:type|charset|micalg|protocol|report-type)="
    rb"(?:\"[^\"\\]*\"|[^\s;\"()]+)\s*;\s*)*"
    rb"boundary=(?:\"([^\"\\\r\n]+)\"|([^\s;\"()]+))\s*(?:;|\Z)",
    re.IGNORECASE,
)
# type-name             = restricted-name                     RFC 6838 section 4.2
# restricted-name       = restricted-name-first *126restricted-name-chars
# restricted-name-chars = ALPHA / DIGIT / "!" / "#" / "$" / "&" / "-" / "^" / "_" / "." / "+"
# And "*", for "image/*" of mailers that did not fill in the subtype.
_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+*-]+\Z")

_REPEATED = 60
"""Octets of a value that is likely to come again, such as "text/plain; charset=utf-8"."""

_ALONE = {"multipart": "multipart/mixed", "text": "text/plain", "message": "message/rfc822"}
"""The type that a type without its subtype means."""

# encoding  := "Content-Transfer-Encoding" ":" mechanism      RFC 2045 section 6.1
# mechanism := "7bit" / "8bit" / "binary" / "quoted-printable" / "base64" /
#              ietf-token / x-token
# uuencode is older than MIME; Unix mailers called it by four names.
_KNOWN = {
    b"7bit": "7bit",
    b"8bit": "8bit",
    b"binary": "binary",
    b"base64": "base64",
    b"quoted-printable": "quoted-printable",
    b"x-uuencode": "uuencode",
    b"uuencode": "uuencode",
    b"x-uue": "uuencode",
    b"uue": "uuencode",
}

# Labels seen beside those, quirk odd-encoding-label: "base64;", '"base64"', "(comment) base64",
# "base-64", "7bits", "8-bit", "quoted_printable", "us-ascii". `re` compiles each pattern at its
# first use and keeps it.
_GUESSES = (
    (rb"base-?_?64|^b64", "base64"),
    (rb"quoted|^qp\b|printable", "quoted-printable"),
    (rb"uu-?enc|\buue", "uuencode"),
    (rb"7-?\s?bit|ascii", "7bit"),
    (rb"8-?\s?bit", "8bit"),
    (rb"binary", "binary"),
)

LEAF, MULTIPART, DIGEST, MESSAGE = range(4)
"""What a Content-Type tells about the structure of its part."""


def structure_of(raw: bytes) -> int:
    """Return what may be inside a part with a raw Content-Type: LEAF, MULTIPART and so on."""
    match = _COMPOSITE.match(raw)
    if match is None:
        return LEAF
    if match[1] is None:
        return MESSAGE
    return DIGEST if match[2] else MULTIPART


def boundary_of(raw: bytes) -> bytes:
    """Return the boundary of a multipart from its raw Content-Type; b"" if there is none.

    RFC 2046 section 5.1.1.
    """
    match = _BOUNDARY.match(raw)
    if match is not None:
        # bcharsnospace: a boundary ends in no space, else transport padding would hide it.
        return (match[1] or match[2]).rstrip()
    return (
        parameterized_value(raw).params.get("boundary", "").encode("utf-8", "surrogatepass").strip()
    )


def content_type(
    raw: bytes | None,
    default: str = "text/plain",
    *,
    limit: int = DEFAULT_LIMITS.params,
    report: DefectHandler = ignore,
    hint: str = "",
) -> ParameterizedValue:
    """Read a Content-Type.

    Args:
        raw: The raw value; `None` if the field is missing.
        default: The type of a part without the field: "message/rfc822" in a digest.
        limit: How many parameters are read.
        report: Called with BAD_CONTENT_TYPE, and as by `parameterized_value()`.
        hint: Charset for raw 8-bit octets.

    Returns:
        Type and parameters; "text/plain" for a type that breaks the grammar.

    RFC 2045 section 5.2.
    """
    # Section 5.2: a part without the field is plain text, but in a digest a message (RFC 2046
    # section 5.1.5).
    if raw is None:
        return ParameterizedValue(default, {})
    if len(raw) <= _REPEATED and limit >= _REPEATED and report is ignore and not hint:
        repeated = _repeated(raw)
        return ParameterizedValue(repeated.value, repeated.params.copy())
    return _read(raw, limit, report, hint)


def transfer_encoding(raw: bytes, *, report: DefectHandler = ignore) -> str:
    """Name the transfer encoding that a header value means.

    Args:
        raw: The value of Content-Transfer-Encoding; b"" if there is none.
        report: Called with ODD_ENCODING_LABEL and UNKNOWN_ENCODING.

    Returns:
        "7bit", "8bit", "binary", "base64", "quoted-printable" or "uuencode"; "8bit", which
        changes nothing, for a label that means none of them.

    RFC 2045 section 6.1.
    """
    if not raw:
        return "7bit"
    label = raw.strip().lower()
    known = _KNOWN.get(label)
    if known is not None:
        return known
    for pattern, name in _GUESSES:
        if re.search(pattern, label[:200]):
            report(DefectKind.ODD_ENCODING_LABEL)
            return name
    # Section 6.4 asks for application/octet-stream then. The octets as they are serve as well, and
    # show a text whose label is wrong.
    report(DefectKind.UNKNOWN_ENCODING)
    return "8bit"


@lru_cache(maxsize=256)
def _repeated(raw: bytes) -> ParameterizedValue:
    """Read a short value, or return one read before: mail is full of the same few."""
    return _read(raw, DEFAULT_LIMITS.params, ignore, "")


def _read(raw: bytes, limit: int, report: DefectHandler, hint: str) -> ParameterizedValue:
    result = parameterized_value(raw, limit=limit, report=report, hint=hint)
    # Section 5.2: the default is also assumed "when a syntactically invalid Content-Type header
    # field is encountered".
    if _TYPE.match(result.value):
        return result
    report(DefectKind.BAD_CONTENT_TYPE)
    return ParameterizedValue(_ALONE.get(result.value.strip("/'"), "text/plain"), result.params)
