"""BODYSTRUCTURE and BODY of the form that nearly all are sent in: quoted strings, NIL, numbers.

This file knows one expression for a part and one for the end of a multipart; it gives up on
anything else, which `body_structure.body_structure()` reads. The two are held together by
`test_usual_body.test_both_readers_agree`.
"""

import re
from functools import lru_cache
from typing import Final

from netmail.results.body_structure import BodyStructure
from netmail.wire.imap.data.body_fields import (
    MAX_DEPTH,
    media_type,
    text,
    token,
    without_brackets,
)
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
_MESSAGES: Final = frozenset({"message/rfc822", "message/global"})
_REPEATED: Final = 60
"""Octets of parameters that are likely to come again, such as ("charset" "utf-8")."""


class _Open:
    """A multipart of which parts are being read: its section, and what theirs begin with."""

    __slots__ = ("children", "prefix", "section")

    def __init__(self, section: str, prefix: str) -> None:
        self.section = section
        self.prefix = prefix
        self.children: list[BodyStructure] = []


def usual_body(raw: bytes, decoding: HeaderDecoding) -> BodyStructure | None:
    """Read a body structure of the usual form; `None` for any other.

    Args:
        raw: The structure as it was sent, parentheses included.
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
        if raw.startswith(b"((", at) and len(around) < MAX_DEPTH:
            around.append(_Open(section or "TEXT", section and f"{section}."))
            at += 1
            continue
        found = _LEAF.match(raw, at)
        part = _leaf(found, section or "1", decoding) if found else None
        if found is None or part is None:
            return None
        at = found.end()
        # Each multipart that ends here becomes a part of the one around it.
        while around:
            around[-1].children.append(part)
            if raw.startswith(b"(", at):
                break
            ending = _MPART.match(raw, at)
            if ending is None:
                return None
            at = ending.end()
            part = _mpart(ending, around.pop(), decoding)
        else:
            return part if at == len(raw) else None


def _leaf(found: re.Match[bytes], section: str, decoding: HeaderDecoding) -> BodyStructure | None:
    (main, sub, given, content_id, description, encoding, size, lines,
     md5, disposition, disposition_params, language, location) = found.groups()  # fmt: skip
    content_type, has_lines = _kind(main, sub)
    # Only text has lines; a message has an envelope and a body before them.
    if has_lines != (lines is not None):
        return None
    # What most parts do not have costs them no call.
    return BodyStructure(
        section,
        content_type,
        _params(given, decoding),
        without_brackets(content_id) if content_id else None,
        decoding.text(description) if description else "",
        _token(encoding or b"7bit"),  # body-fld-enc is a string, which may be empty
        int(size),
        int(lines) if has_lines else None,
        None if md5 is None else text(md5),
        _token(disposition) if disposition else "",
        _params(disposition_params, decoding) if disposition_params else {},
        _languages(language) if language else (),
        None if location is None else text(location),
        None,
        (),
    )


def _mpart(found: re.Match[bytes], multipart: _Open, decoding: HeaderDecoding) -> BodyStructure:
    sub, given, disposition, disposition_params, language, location = found.groups()
    return BodyStructure(
        multipart.section,
        _kind(b"multipart", sub or b"mixed")[0],
        _params(given, decoding) if given else {},
        disposition=_token(disposition) if disposition else "",
        disposition_params=_params(disposition_params, decoding) if disposition_params else {},
        languages=_languages(language) if language else (),
        location=None if location is None else text(location),
        children=tuple(multipart.children),
    )


# Mail is full of the same few types, charsets and encodings.


@lru_cache(maxsize=256)
def _kind(main: bytes, sub: bytes) -> tuple[str, bool | None]:
    """Return a media type, and whether a part of it has lines; `None` of what is no such part."""
    content_type = media_type(main, sub)
    if content_type in _MESSAGES or main.lower() == b"multipart":
        return content_type, None
    return content_type, main.lower() == b"text"


@lru_cache(maxsize=256)
def _token(raw: bytes) -> str:
    return token(raw)


def _params(raw: bytes, decoding: HeaderDecoding) -> dict[str, str]:
    if raw == b"NIL":
        return {}
    # Boundaries are long, and names of files differ.
    if len(raw) < _REPEATED:
        return _repeated(raw, decoding).copy()
    return _decoded(raw, decoding)


@lru_cache(maxsize=256)
def _repeated(raw: bytes, decoding: HeaderDecoding) -> dict[str, str]:
    return _decoded(raw, decoding)


def _decoded(raw: bytes, decoding: HeaderDecoding) -> dict[str, str]:
    strings = _strings(raw)
    return decoding.params(list(zip(strings[::2], strings[1::2], strict=True)))


def _languages(raw: bytes) -> tuple[str, ...]:
    return () if raw == b"NIL" else tuple([text(each) for each in _strings(raw)])


def _strings(raw: bytes) -> list[bytes]:
    # No string has a backslash, so that each second quote ends one.
    return raw.split(b'"')[1::2]
