"""The fields of one body part, from octets to values.

This file knows what a field means, and neither their order nor the tree of parts.
"""

from typing import Final, NamedTuple

from netmail.results.body_structure import BodyStructure
from netmail.results.imap_envelope import ImapEnvelope
from netmail.wire.imap.data.decoding import HeaderDecoding

Params = tuple[tuple[bytes, bytes], ...]
"""Names and values of parameters, not decoded."""

MAX_DEPTH: Final = 100
"""How deep parts may nest; real messages nest ten deep, and the reader of messages allows 100."""


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
        media_type(fields.main, fields.sub),
        decoding.params(list(fields.params)) if fields.params else {},
        without_brackets(content_id) if content_id else None,
        decoding.text(description) if description else "",
        token(fields.encoding) if fields.encoding else "",
        fields.size,
        fields.lines,
        None if md5 is None else text(md5),
        token(disposition) if disposition else "",
        decoding.params(list(fields.disposition_params)) if fields.disposition_params else {},
        tuple([text(language) for language in languages]) if languages else (),
        None if location is None else text(location),
        fields.envelope,
        children,
    )


def media_type(main: bytes, sub: bytes) -> str:
    """Join the halves of a media type."""
    # RFC 2045 section 5.2: the default is also assumed "when a syntactically invalid Content-Type
    # header field is encountered".
    return f"{text(main)}/{text(sub)}".lower() if main and sub else "text/plain"


def without_brackets(content_id: bytes) -> str | None:
    """Read a Content-ID; `None` if nothing is in it."""
    # id := "Content-ID" ":" msg-id. Many mailers omit the angle brackets.
    return text(content_id).strip().strip("<>").strip() or None


def token(raw: bytes) -> str:
    """Read a token that means the same in any case."""
    return text(raw).strip().lower()


def text(raw: bytes) -> str:
    """Read what is no free text, so that nothing in it is decoded."""
    return raw.decode("utf-8", "replace")
