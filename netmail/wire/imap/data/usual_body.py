"""BODYSTRUCTURE and BODY of the form that nearly all are sent in: quoted strings, NIL, numbers.

This file knows one expression for a part and one for the end of a multipart; it gives up on
anything else, which `body_structure.body_structure()` reads. The two are held together by
`test_usual_body.test_both_readers_agree`.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple, cast

from netmail.results.body_structure import BodyStructure
from netmail.wire.imap.data.body_fields import (
    MAX_DEPTH,
    media_type,
    text,
    token,
    without_brackets,
)
from netmail.wire.imap.data.decoding import HeaderDecoding
from netmail.wire.imap.data.quick_value import quick

# string = quoted / literal (RFC 9051 section 9), here quoted, and without a backslash, which the
# whole structure does not have; its text is a group or not.
_TEXT: Final = rb'"([^"]*+)"'
_SKIPPED: Final = rb'"[^"]*+"'
# body-fld-param = "(" string SP string *(SP string SP string) ")" / nil (RFC 9051 section 9)
_PARAMS: Final = rb"(?:NIL|\(%b %b(?: %b %b)*+\))" % ((_SKIPPED,) * 4)
# body-fld-dsp = "(" string SP body-fld-param ")" / nil
_DSP: Final = rb"(?:NIL|\(%b (%b)\))" % (_TEXT, _PARAMS)
# body-fld-lang = nstring / "(" string *(SP string) ")"
_LANG: Final = rb"(NIL|%b|\(%b(?: %b)*+\))" % ((_SKIPPED,) * 3)
_NSTRING: Final = rb"(?:NIL|%b)" % _TEXT
# media-basic / media-text = string SP media-subtype; body-fields = body-fld-param SP body-fld-id SP
# body-fld-desc SP body-fld-enc SP body-fld-octets; body-type-text has body-fld-lines after them
# (RFC 9051 section 9): here up to the numbers.
_FIELDS: Final = re.compile(
    rb"%b %b (%b) %b %b %b" % (_TEXT, _TEXT, _PARAMS, _NSTRING, _NSTRING, _TEXT)
)
# body-ext-1part = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc ...]]], here all
# or none (RFC 9051 section 9).
_EXTENSION: Final = re.compile(rb"(?: %b %b %b %b)?" % (_NSTRING, _DSP, _LANG, _NSTRING))
# body-type-basic / body-type-text (RFC 9051 section 9): what is before its numbers and after them
# as one text each, for most parts differ from others in the numbers alone. No number has twenty
# digits.
_LEAF: Final = re.compile(
    rb"\((%b) ([0-9]{1,19})(?: ([0-9]{1,19}))?(%b)\)"
    # "(" that is not escaped begins a group: without them it takes a third less.
    % tuple([re.sub(rb"(?<!\\)\((?!\?)", b"(?:", each.pattern) for each in (_FIELDS, _EXTENSION)])
)
# body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart], body-ext-mpart = body-fld-param
# [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc ...]]] (RFC 9051 section 9): what follows the
# parts.
_MPART: Final = re.compile(rb" %b(?: (%b) %b %b %b)?\)" % (_TEXT, _PARAMS, _DSP, _LANG, _NSTRING))
# media-message = DQUOTE "MESSAGE" DQUOTE SP DQUOTE ("RFC822" / "GLOBAL") DQUOTE
_MESSAGES: Final = frozenset({"message/rfc822", "message/global"})
_REPEATED: Final = 100
"""Octets of fields that are likely to come again: those of most texts, with a charset."""


_part: Final = quick(BodyStructure)


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
    if b"\\" in raw:
        return None
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
    fields, size, lines, extension = found.groups()
    # Boundaries are long, and names of files differ.
    read = _repeated_fields if len(fields) + len(extension) < _REPEATED else _read_fields
    (has_lines, content_type, params, content_id, description, encoding,
     md5, disposition, disposition_params, languages, location) = read(
        fields, extension, decoding
    )  # fmt: skip
    # Only text has lines; a message has an envelope and a body before them.
    if has_lines != (lines is not None):
        return None
    return _part(
        section,
        content_type,
        params.copy(),
        content_id,
        description,
        encoding,
        int(size),
        int(lines) if has_lines else None,
        md5,
        disposition,
        disposition_params.copy(),
        languages,
        location,
        None,
        (),
    )


class _Fields(NamedTuple):
    """What is around the numbers of a part."""

    has_lines: bool | None
    content_type: str
    params: dict[str, str]
    content_id: str | None
    description: str
    encoding: str
    md5: str | None
    disposition: str
    disposition_params: dict[str, str]
    languages: tuple[str, ...]
    location: str | None


def _read_fields(fields: bytes, extension: bytes, decoding: HeaderDecoding) -> _Fields:
    # Both are what a part of _LEAF has matched.
    found = cast("re.Match[bytes]", _FIELDS.fullmatch(fields))
    more = cast("re.Match[bytes]", _EXTENSION.fullmatch(extension))
    main, sub, given, content_id, description, encoding = found.groups()
    md5, disposition, disposition_params, language, location = more.groups()
    content_type, has_lines = _kind(main, sub)
    return _Fields(
        has_lines,
        content_type,
        _params(given, decoding),
        without_brackets(content_id) if content_id else None,
        decoding.text(description) if description else "",
        _token(encoding or b"7bit"),  # body-fld-enc is a string, which may be empty
        None if md5 is None else text(md5),
        _token(disposition) if disposition else "",
        _params(disposition_params, decoding) if disposition_params else {},
        _languages(language) if language else (),
        None if location is None else text(location),
    )


# Mail is full of the same few types, charsets and encodings.
_repeated_fields = lru_cache(maxsize=512)(_read_fields)


def _mpart(found: re.Match[bytes], multipart: _Open, decoding: HeaderDecoding) -> BodyStructure:
    sub, given, disposition, disposition_params, language, location = found.groups()
    return _part(
        multipart.section,
        _kind(b"multipart", sub or b"mixed")[0],
        _params(given, decoding) if given else {},
        None,
        "",
        "",
        None,
        None,
        None,
        _token(disposition) if disposition else "",
        _params(disposition_params, decoding) if disposition_params else {},
        _languages(language) if language else (),
        None if location is None else text(location),
        None,
        tuple(multipart.children),
    )


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
    strings = _strings(raw)
    return decoding.params(list(zip(strings[::2], strings[1::2], strict=True)))


def _languages(raw: bytes) -> tuple[str, ...]:
    return () if raw == b"NIL" else tuple([text(each) for each in _strings(raw)])


def _strings(raw: bytes) -> list[bytes]:
    # No string has a backslash, so that each second quote ends one.
    return raw.split(b'"')[1::2]
