"""MIME's functions for the header text that an IMAP server sends.

This file joins `mime` to `wire`, which do not know each other; it knows no command.
"""

from datetime import datetime
from typing import Final

from netmail.mime.content.charset import header_text
from netmail.mime.fields.dates import parse_date
from netmail.mime.fields.encoded_words import decode_encoded_words
from netmail.mime.fields.parameters import joined_parameters
from netmail.wire.imap.data.decoding import HeaderDecoding


def _text(raw: bytes) -> str:
    # Most text is ASCII with nothing to decode in it.
    if b"=?" not in raw and raw.isascii():
        text = raw.decode("ascii")
        if text.isprintable():
            return text
    # "Unfolding is accomplished by simply removing any CRLF that is immediately followed by WSP",
    # RFC 5322 section 2.2.3; servers leave folds where they send a literal.
    return decode_encoded_words(header_text(raw.replace(b"\r\n", b"")))


def _date(raw: bytes) -> datetime | None:
    return parse_date(header_text(raw)) if raw else None


def _params(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return joined_parameters(
        [(header_text(name).lower(), header_text(value)) for name, value in pairs]
    )


HEADER_DECODING: Final = HeaderDecoding(_text, _date, _params)
"""How netmail decodes header text, whether it reads a message or what a server sends of it."""
