"""ID: the names and versions of programs.

This file knows how both sides write theirs, and not what a server does with it.

RFC 2971 section 3.
"""

from collections.abc import Mapping
from typing import Final

from netmail.errors import UsageError
from netmail.text import check_text
from netmail.wire.imap import encode
from netmail.wire.imap.data.scalars import text, unfit
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.responses import DataResponse

MAX_FIELDS: Final = 30
"""Fields of one ID: "Implementations MUST NOT send more than 30 field-value pairs"."""
MAX_NAME: Final = 30
"""Octets of a field's name: "Field strings MUST NOT be longer than 30 octets"."""
MAX_VALUE: Final = 1_024
"""Octets of a value: "Value strings MUST NOT be longer than 1024 octets"."""


def id_params_list(fields: object) -> Argument:
    """Write what the client tells of itself; NIL for nothing.

    Raises:
        UsageError: If there are too many fields, or a name or value is too long.

    RFC 2971 section 4: id-params-list.
    """
    # id_params_list = "(" *(string SPACE nstring) ")" / nil
    if not isinstance(fields, Mapping):
        raise UsageError(f"an ID is a dictionary of texts, not {type(fields).__name__}")
    if not fields:
        return b"NIL"
    if len(fields) > MAX_FIELDS:
        raise UsageError(f"an ID has at most {MAX_FIELDS} fields, not {len(fields)}")
    parts: list[bytes | encode.Literal] = []
    for name, value in fields.items():
        written = _string(name, "the name of an ID field", MAX_NAME)
        parts += (b" ", written, b" ")
        parts.append(b"NIL" if value is None else _string(value, "an ID field", MAX_VALUE))
    return (b"(", *parts[1:], b")")


def _string(given: object, what: str, limit: int) -> bytes | encode.Literal:
    octets = check_text(given, what).encode()
    if len(octets) > limit:
        raise UsageError(f"{what} is longer than {limit} octets")
    return encode.string(octets)


def id_response(response: DataResponse) -> dict[str, str | None]:
    """Read one ID response: values by lower-case name.

    Raises:
        ProtocolError: If it is neither NIL nor pairs.

    RFC 2971 section 4: id_response.
    """
    # id_response = "ID" SPACE id_params_list:
    #
    # * ID ("name" "Cyrus" "version" "1.5" "support-url" NIL)
    match response.values():
        case [None] | []:
            return {}
        case [list() as given] if all(isinstance(name, bytes) for name in given[::2]):
            pairs = zip(given[::2], [*given, None][1::2], strict=False)
            return {(text(name) or "").lower(): text(value) for name, value in pairs}
    raise unfit(response, '("name" "value")')
