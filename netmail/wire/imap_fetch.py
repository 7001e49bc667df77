"""FETCH's data: the items of one message.

This file knows pairs of name and value; typed items (ENVELOPE, BODYSTRUCTURE) belong here too.
"""

import re

from netmail.errors import ProtocolError
from netmail.wire.imap_parse import Data, Value

# The shape in which servers answer UID FETCH ... (BODY.PEEK[]): text, literal, ")".
_PLAIN_BODY = re.compile(rb"\(UID ([0-9]{1,10}) BODY\[\] \Z")


def body(data: Data) -> tuple[int, bytes] | None:
    """Read UID and BODY[] of one FETCH response; `None` if it does not carry both.

    Raises:
        ProtocolError: If the response is no list of items.
    """
    pieces = data.pieces
    if (
        len(pieces) == 3
        and pieces[2] == b")"
        and (found := _PLAIN_BODY.match(pieces[0], data.start))
    ):
        return int(found[1]), pieces[1]
    found_items = items(data)
    uid, content = found_items.get("UID"), found_items.get("BODY[]")
    if not isinstance(uid, bytes) or not uid.isdigit() or not isinstance(content, bytes):
        return None
    return int(uid), content


def items(data: Data) -> dict[str, Value]:
    """Read the items of one FETCH response; names in upper case.

    Raises:
        ProtocolError: If the response is no list of names and values.

    RFC 9051 section 9: msg-att.
    """
    parsed = data.values()
    pairs = parsed[0] if len(parsed) == 1 else None
    if not isinstance(pairs, list) or len(pairs) % 2:
        raise ProtocolError("FETCH data is no list of pairs", data.rest, "(name value ...)")
    found: dict[str, Value] = {}
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        if not isinstance(name, bytes):
            raise ProtocolError("FETCH data has no name where one must be", data.rest, "a name")
        found[name.decode("ascii", "replace").upper()] = value
    return found
