"""BODYSTRUCTURE and BODY of the form that nearly all are sent in: quoted strings, NIL, numbers.

This file knows one expression for a part and one for the end of a multipart; it gives up on
anything else, which `body_structure.body_structure()` reads. The two are held together by
`test_usual_body.test_both_readers_agree`.
"""

import re
from typing import Final

from netmail.results.body_structure import BodyStructure
from netmail.wire.imap.data.body_fields import MAX_DEPTH, BodyFields, Params, body_part
from netmail.wire.imap.data.decoding import HeaderDecoding

# string = quoted / literal (RFC 9051 section 9), here quoted and without a backslash; its text is
# a group or not.
_TEXT: Final = rb'"([^"\\]*+)"'
_SKIPPED: Final = rb'"[^"\\]*+"'
# body-fld-param = "(" string SP string *(SP string SP string) ")" / nil (RFC 9051 section 9)
_PARAMS: Final = rb"(?:NIL|\(%b %b(?: %b %b)*+\))" % ((_SKIPPED,) * 4)
# body-fld-dsp = "(" string SP body-fld-param ")" / nil
_DSP: Final = rb"(?:NIL|\(%b (%b)\))" % (_TEXT, _PARAMS)
# body-fld-lang = nstring / "(" string *(SP string) ")"
_LANG: Final = rb"(NIL|%b|\(%b(?: %b)*+\))" % ((_SKIPPED,) * 3)
# media-basic / media-text = string SP media-subtype; body-fields = body-fld-param SP body-fld-id SP
# body-fld-desc SP body-fld-enc SP body-fld-octets; body-type-text has body-fld-lines after them;
# body-ext-1part = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc ...]]], here
# all or none (RFC 9051 section 9). No number has twenty digits.
_LEAF: Final = re.compile(
    rb"\(%b %b (%b) (?:NIL|%b) (?:NIL|%b) %b ([0-9]{1,19})(?: ([0-9]{1,19}))?"
    rb"(?: (?:NIL|%b) %b %b (?:NIL|%b))?\)"
    % (_TEXT, _TEXT, _PARAMS, _TEXT, _TEXT, _TEXT, _TEXT, _DSP, _LANG, _TEXT)
)
# body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart], body-ext-mpart = body-fld-param
# [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc ...]]] (RFC 9051 section 9): what follows the
# parts.
_MPART: Final = re.compile(
    rb" %b(?: (%b) %b %b (?:NIL|%b))?\)" % (_TEXT, _PARAMS, _DSP, _LANG, _TEXT)
)
# media-message = DQUOTE "MESSAGE" DQUOTE SP DQUOTE ("RFC822" / "GLOBAL") DQUOTE
_MESSAGES: Final = frozenset({b"rfc822", b"global"})


class _Open:
    """A multipart of which parts are being read: its section, and what theirs begin with."""

    __slots__ = ("children", "prefix", "section")

    def __init__(self, section: str, prefix: str) -> None:
        self.section = section
        self.prefix = prefix
        self.children: list[BodyStructure] = []


def usual_body(text: bytes, decoding: HeaderDecoding) -> BodyStructure | None:
    """Read a body structure of the usual form; `None` for any other.

    Args:
        text: The structure as it was sent, parentheses included.
        decoding: How text is decoded.

    RFC 9051 section 7.5.2.
    """
    # (("text" "plain" NIL NIL NIL "7bit" 12 1)("image" "gif" NIL NIL NIL "base64" 30) "mixed")
    around: list[_Open] = []
    at = 0
    while True:
        # RFC 9051 section 6.4.5.1: parts are numbered within the part around them; the outermost
        # multipart has no number, and its text is the section TEXT.
        section = f"{around[-1].prefix}{len(around[-1].children) + 1}" if around else ""
        if text.startswith(b"((", at) and len(around) < MAX_DEPTH:
            around.append(_Open(section or "TEXT", section and f"{section}."))
            at += 1
            continue
        found = _LEAF.match(text, at)
        fields = _leaf(found) if found else None
        if found is None or fields is None:
            return None
        at = found.end()
        part = body_part(fields, section or "1", (), decoding)
        # Each multipart that ends here becomes a part of the one around it.
        while around:
            around[-1].children.append(part)
            if text.startswith(b"(", at):
                break
            ending = _MPART.match(text, at)
            if ending is None:
                return None
            at = ending.end()
            done = around.pop()
            part = body_part(_mpart(ending), done.section, tuple(done.children), decoding)
        else:
            return part if at == len(text) else None


def _leaf(found: re.Match[bytes]) -> BodyFields | None:
    (main, sub, given, content_id, description, encoding, size, lines,
     md5, disposition, disposition_params, language, location) = found.groups()  # fmt: skip
    kind = main.lower()
    # Only text has lines; a message has an envelope and a body before them.
    if (kind == b"text") != (lines is not None) or kind == b"multipart":
        return None
    if kind == b"message" and sub.lower() in _MESSAGES:
        return None
    return BodyFields(
        main,
        sub,
        _pairs(given),
        content_id,
        description,
        encoding or b"7bit",  # body-fld-enc is a string, which may be empty
        int(size),
        int(lines) if lines is not None else None,
        md5,
        disposition,
        _pairs(disposition_params) if disposition_params else (),
        _strings(language) if language else (),
        location,
    )


def _mpart(found: re.Match[bytes]) -> BodyFields:
    sub, given, disposition, disposition_params, language, location = found.groups()
    return BodyFields(
        b"multipart",
        sub,
        _pairs(given),
        disposition=disposition,
        disposition_params=_pairs(disposition_params),
        languages=_strings(language),
        location=location,
    )


def _pairs(raw: bytes | None) -> Params:
    strings = _strings(raw)
    return tuple(zip(strings[::2], strings[1::2], strict=True)) if strings else ()


def _strings(raw: bytes | None) -> tuple[bytes, ...]:
    # No string has a backslash, so that each second quote ends one.
    return () if raw is None or raw == b"NIL" else tuple(raw.split(b'"')[1::2])
