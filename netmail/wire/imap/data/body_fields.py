"""The fields of one body part, from octets to values.

This file knows what a field means, and neither their order nor the tree of parts.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from netmail.results.body_structure import BodyStructure
from netmail.results.imap_envelope import ImapEnvelope
from netmail.wire.imap.data.decoding import HeaderDecoding

Params = tuple[tuple[bytes, bytes], ...]
"""Names and values of parameters, not decoded."""

MAX_DEPTH: Final = 100
"""How deep parts may nest; real messages nest ten deep, and the reader of messages allows 100."""

_REPEATED: Final = 60
"""Octets of a parameter that is likely to come again, such as "charset" "utf-8"."""


class BodyFields(NamedTuple):
    """The fields of one part as the server wrote them, in the order of body-type-1part.

    RFC 9051 section 9: body-type-1part, body-type-mpart.
    """

    main: bytes = b""
    sub: bytes = b""
    params: Params = ()
    content_id: bytes | None = None
    description: bytes | None = None
    encoding: bytes | None = None
    size: int | None = None
    lines: int | None = None
    md5: bytes | None = None
    disposition: bytes | None = None
    disposition_params: Params = ()
    languages: tuple[bytes, ...] = ()
    location: bytes | None = None
    envelope: ImapEnvelope | None = None


def body_part(
    fields: BodyFields,
    section: str,
    children: tuple[BodyStructure, ...],
    decoding: HeaderDecoding,
) -> BodyStructure:
    """Make the value of a part.

    RFC 9051 section 7.5.2: BODYSTRUCTURE.
    """
    content_id, description = fields.content_id, fields.description
    md5, location, disposition = fields.md5, fields.location, fields.disposition
    languages = fields.languages
    return BodyStructure(
        section,
        _media_type(fields.main, fields.sub),
        _decoded(fields.params, decoding) if fields.params else {},
        # id := "Content-ID" ":" msg-id. Many mailers omit the angle brackets.
        _text(content_id).strip().strip("<>").strip() or None if content_id else None,
        decoding.text(description) if description else "",
        _text(fields.encoding).strip().lower() if fields.encoding else "",
        fields.size,
        fields.lines,
        None if md5 is None else _text(md5),
        _text(disposition).strip().lower() if disposition else "",
        _decoded(fields.disposition_params, decoding) if fields.disposition_params else {},
        tuple([_text(language) for language in languages]) if languages else (),
        None if location is None else _text(location),
        fields.envelope,
        children,
    )


@lru_cache(maxsize=256)
def _media_type(main: bytes, sub: bytes) -> str:
    # RFC 2045 section 5.2: the default is also assumed "when a syntactically invalid Content-Type
    # header field is encountered".
    return f"{_text(main)}/{_text(sub)}".lower() if main and sub else "text/plain"


def _decoded(pairs: Params, decoding: HeaderDecoding) -> dict[str, str]:
    # Mail is full of the same few; boundaries are long, and names of files differ.
    if len(pairs) == 1 and len(pairs[0][0]) + len(pairs[0][1]) < _REPEATED:
        return _repeated(pairs, decoding).copy()
    return decoding.params(list(pairs))


@lru_cache(maxsize=256)
def _repeated(pairs: Params, decoding: HeaderDecoding) -> dict[str, str]:
    return decoding.params(list(pairs))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
