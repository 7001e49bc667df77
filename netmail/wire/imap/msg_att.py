"""FETCH's data: the items of one message.

This file knows pairs of name and value; typed items (ENVELOPE, BODYSTRUCTURE) belong here too.
"""

import re
from collections.abc import Iterable
from typing import Final

from netmail.errors import ProtocolError
from netmail.wire.imap import quirks
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import DataResponse, Value
from netmail.wire.imap.sequence_set import LARGEST

# The shape in which servers answer UID FETCH ... (BODY.PEEK[]): text, literal, ")".
_PLAIN: Final = re.compile(rb"\* [1-9][0-9]{0,9} FETCH \(UID ([1-9][0-9]{0,8}) BODY\[\] \Z")


def usual_bodies(responses: Iterable[Fragments]) -> tuple[dict[int, bytes], list[Fragments]]:
    """Read UID and BODY[] of FETCH responses of the usual form; the others are returned.

    They come by the ten thousand, so no value is made of what is not asked for.
    """
    match = _PLAIN.match
    bodies: dict[int, bytes] = {}
    others: list[Fragments] = []
    for fragments in responses:
        if len(fragments) == 3 and fragments[2] == b")" and (found := match(fragments[0])):
            bodies[int(found[1])] = fragments[1]
        else:
            others.append(fragments)
    return bodies, others


def uid_and_body(data: DataResponse, *, strict: bool = False) -> tuple[int, bytes] | None:
    """Read UID and BODY[] of one FETCH response; `None` if it does not carry both.

    Raises:
        ProtocolError: If the response is no list of items, or its UID is no UID.
    """
    found_items = msg_att(data, strict=strict)
    uid, content = found_items.get("UID"), found_items.get("BODY[]")
    if not isinstance(content, bytes) or uid is None:
        return None
    return _uid(uid, data), content


def msg_att(data: DataResponse, *, strict: bool = False) -> dict[str, Value]:
    """Read the items of one FETCH response; names in upper case.

    Raises:
        ProtocolError: If the response is no list of names and values.

    RFC 9051 section 9: msg-att.
    """
    if data.number is None:
        raise ProtocolError("FETCH data of no message", data.fragments[0], "* n FETCH (...)")
    if data.number == 0:
        quirks.tolerate(quirks.ZERO_NUMBER, data.fragments[0], strict=strict)
    parsed = data.values()
    listed = parsed[0] if len(parsed) == 1 else None
    if not isinstance(listed, list):
        raise ProtocolError("FETCH data is no list", data.rest, "(name value ...)")
    found: dict[str, Value] = {}
    rest = iter(_flat(listed, data, strict=strict))
    for name in rest:
        try:
            value = next(rest)
        except StopIteration:
            raise ProtocolError("FETCH data has no value", data.rest, "(name value ...)") from None
        if not isinstance(name, bytes):
            raise ProtocolError("FETCH data has no name where one must be", data.rest, "a name")
        found[name.decode("ascii", "replace").upper()] = value
    return found


def _flat(listed: list[Value], data: DataResponse, *, strict: bool) -> list[Value]:
    """Take away parentheses that stand around a name and its value."""
    flat: list[Value] = []
    for value in listed:
        if isinstance(value, list) and len(flat) % 2 == 0:
            quirks.tolerate(quirks.EXTRA_PARENTHESES, data.rest, strict=strict)
            flat += value
        else:
            flat.append(value)
    return flat


def _uid(value: Value, data: DataResponse) -> int:
    if isinstance(value, bytes) and len(value) <= 10 and value.isdigit():
        uid = int(value)
        if 1 <= uid <= LARGEST:
            return uid
    raise ProtocolError("FETCH data has a UID that is none", data.rest, "1 to 4294967295")
