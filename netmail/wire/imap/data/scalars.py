"""One value of a response as what it must be: text, a number, a mailbox name.

This file knows kinds of values, and no response.
"""

from netmail.errors import ProtocolError
from netmail.wire.imap import responses
from netmail.wire.imap.mailbox_name import decoded_name
from netmail.wire.imap.responses import DataResponse, Value
from netmail.wire.server_text import decode


def text(value: Value) -> str | None:
    """Return an atom or a string as text; `None` for NIL and for a list.

    RFC 9051 section 9: nstring.
    """
    return decode(value) if isinstance(value, bytes) else None


def texts(value: Value) -> tuple[str, ...]:
    """Return the atoms and strings of a list, or of one by itself.

    RFC 9051 section 9: astring.
    """
    values = value if isinstance(value, list) else [value]
    return tuple([decode(each) for each in values if isinstance(each, bytes)])


def number(value: Value) -> int | None:
    """Return a number; `None` for what is none.

    RFC 9051 section 9: number64.
    """
    return responses.number64(text(value))


def mailbox(value: bytes, *, strict: bool, utf8: bool = False) -> str:
    """Return a mailbox name, decoded.

    RFC 9051 section 9: mailbox.
    """
    return decoded_name(value, strict=strict, utf8=utf8)


def unfit(response: DataResponse, expected: str) -> ProtocolError:
    """Make the error for a response that has another form."""
    message = f"the response {response.name} has another form"
    return ProtocolError(message, response.rest, f"* {response.name} {expected}")
