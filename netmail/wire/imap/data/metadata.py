"""METADATA: annotations of a mailbox or of the whole server.

This file knows entries and values in both directions, and no command.

RFC 5464 section 5.
"""

import re
from collections.abc import Mapping
from typing import Final

from netmail.errors import UsageError
from netmail.text import check_text
from netmail.wire.imap import encode
from netmail.wire.imap.data.scalars import mailbox, text, unfit
from netmail.wire.imap.encode import Argument, Literal
from netmail.wire.imap.responses import DataResponse

# entry = astring (RFC 5464 section 5): "slash-separated path to entry", such as
# "/private/comment"; section 3.2: no two slashes in a row, none at the end, no "*" and "%".
_ENTRY: Final = re.compile(r"(?:/[!-$&-)+-.0-~]++)++")


def entry(name: str) -> bytes | Literal:
    """Write the name of an entry.

    Raises:
        UsageError: If it is no path such as "/private/comment".

    RFC 5464 section 3.2.
    """
    if not _ENTRY.fullmatch(check_text(name, "the name of an entry")):
        raise UsageError(f"an entry is a path such as /private/comment, not {name!r:.60}")
    return encode.string(name.encode("ascii"))


def entry_values(values: object) -> Argument:
    """Write entries and their values; `None` removes an entry.

    Raises:
        UsageError: If there are none, or a name or value is none.

    RFC 5464 section 5: entry-values.
    """
    # entry-values = "(" entry-value *(SP entry-value) ")", entry-value = entry SP value, value =
    # nstring / literal8
    if not isinstance(values, Mapping):
        raise UsageError(f"entries are given in a dictionary, not in {type(values).__name__}")
    parts: list[bytes | Literal] = []
    for name, value in values.items():
        parts += (b" ", entry(name), b" ", _value(value))
    if not parts:
        raise UsageError("at least one entry must be given")
    return (b"(", *parts[1:], b")")


def _value(value: object) -> bytes | Literal:
    if value is None:
        return b"NIL"
    if not isinstance(value, str | bytes):
        message = f"the value of an entry is a str, bytes or None, not {type(value).__name__}"
        raise UsageError(message)
    try:
        octets = value.encode() if isinstance(value, str) else value
    except UnicodeEncodeError as error:
        raise UsageError("the value of an entry has a lone surrogate") from error
    # Only a literal8 may hold NUL, and a server takes it by "~{", which needs BINARY too.
    if b"\0" in octets:
        raise UsageError("the value of an entry cannot hold NUL")
    return encode.string(octets)


def metadata_response(
    response: DataResponse, *, strict: bool = False
) -> tuple[str, dict[str, bytes | None]]:
    """Read one METADATA response: the mailbox, "" for the server, and values by entry.

    An unsolicited response names entries that have changed, without their values: they are `None`.

    Raises:
        ProtocolError: If it is no name and entries.

    RFC 5464 section 4.4.
    """
    # metadata-resp = "METADATA" SP mailbox SP (entry-values / entry-list):
    #
    # * METADATA "INBOX" (/shared/comment "My comment" /private/comment NIL)
    # * METADATA "" /shared/comment
    match response.values():
        case [bytes() as name, list() as pairs] if len(pairs) % 2 == 0:
            values = {}
            for item, value in zip(pairs[::2], pairs[1::2], strict=True):
                if not isinstance(item, bytes) or isinstance(value, list):
                    raise unfit(response, "name (entry value ...)")
                values[_entry_name(item)] = value
            return mailbox(name, strict=strict, utf8=response.utf8), values
        case [bytes() as name, bytes(), *_] as given:
            changed = [each for each in given[1:] if isinstance(each, bytes)]
            return mailbox(name, strict=strict, utf8=response.utf8), dict.fromkeys(
                map(_entry_name, changed)
            )
    raise unfit(response, "name (entry value ...)")


def _entry_name(item: bytes) -> str:
    # "Entry names are case-insensitive", RFC 5464 section 3.2.
    return (text(item) or "").lower()
