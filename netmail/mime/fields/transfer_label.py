"""The names of transfer encodings, as mailers spell them.

This file knows labels only; `transfer.py` undoes the encodings.
"""

import re

from netmail.mime.defects import DefectHandler, DefectKind, ignore

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

_GUESSES = (
    (re.compile(rb"base-?_?64|^b64"), "base64"),
    (re.compile(rb"quoted|^qp\b|printable"), "quoted-printable"),
    (re.compile(rb"uu-?enc|\buue"), "uuencode"),
    (re.compile(rb"7-?\s?bit|ascii"), "7bit"),
    (re.compile(rb"8-?\s?bit"), "8bit"),
    (re.compile(rb"binary"), "binary"),
)


def transfer_encoding(raw: bytes, *, note: DefectHandler = ignore) -> str:
    """Name the transfer encoding that a header value means.

    Args:
        raw: The value of Content-Transfer-Encoding; b"" where there is none.
        note: Told of misspelt and unknown labels.

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
        if pattern.search(label[:200]):
            note(DefectKind.ODD_ENCODING_LABEL)
            return name
    note(DefectKind.UNKNOWN_ENCODING)
    return "8bit"
