"""FETCH responses: the items of one message.

This file knows pairs of name and value, and of the items only UID and BODY[].
"""

import re
from collections.abc import Iterable
from typing import Final

from netmail.errors import ProtocolError
from netmail.wire.imap import quirks
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import DataResponse, Value
from netmail.wire.imap.sequence_set import LARGEST

# message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att)), msg-att = "(" ... ")", and in it
# msg-att-static = "UID" SP uniqueid / "BODY" section SP nstring: what servers send for the command
# UID FETCH n (UID BODY.PEEK[]). It is the last step of the fast path that `fragments` describes.
_USUAL: Final = re.compile(rb"\* [1-9][0-9]{0,9} FETCH \(UID ([1-9][0-9]{0,8}) BODY\[\] \Z")


# message-data =/ uniqueid SP "UIDFETCH" SP msg-att (RFC 9586 section 4).
_UID_FETCH: Final = re.compile(rb"\* (?P<uid>[0-9]{1,10}) UIDFETCH \(", re.IGNORECASE)


def as_fetch(fragments: Fragments) -> Fragments:
    """Write a UIDFETCH response as the FETCH response that means the same; others stay.

    RFC 9586 section 3.3.
    """
    # * 25996 UIDFETCH (FLAGS (\Seen)) is * 25996 FETCH (UID 25996 FLAGS (\Seen)): no code reads the
    # number before FETCH, which is a sequence number elsewhere and the UID here.
    text = _UID_FETCH.sub(rb"* \g<uid> FETCH (UID \g<uid> ", fragments[0], count=1)
    return [text, *fragments[1:]]


def usual_bodies(responses: Iterable[Fragments]) -> tuple[dict[int, bytes], list[Fragments]]:
    """Read UID and BODY[] of FETCH responses of the usual form; return the others as they are.

    They come by the ten thousand, so no value is made of anything else.

    RFC 9051 section 7.5.2.
    """
    match = _USUAL.match
    bodies: dict[int, bytes] = {}
    others: list[Fragments] = []
    for fragments in responses:
        if len(fragments) == 3 and fragments[2] == b")" and (found := match(fragments[0])):
            bodies[int(found[1])] = fragments[1]
        else:
            others.append(fragments)
    return bodies, others


def uid_and_body(data: DataResponse, *, strict: bool = False) -> tuple[int, bytes | None] | None:
    """Read UID and BODY[] of one FETCH response; `None` if it does not carry both.

    The content is `None` where the server has none to send.

    Raises:
        ProtocolError: If the response is no list of items, or its UID is no UID.

    RFC 9051 section 7.5.2.
    """
    # Unsolicited FETCH responses, such as one of changed FLAGS, come between those asked for.
    items = msg_att(data, strict=strict)
    uid, content = items.get("UID"), items.get("BODY[]")
    if "BODY[]" not in items or uid is None:
        return None
    if isinstance(content, list):
        raise ProtocolError("the content of a message is a list", data.rest, "a string or NIL")
    return _uid(uid, data), content


def msg_att(data: DataResponse, *, strict: bool = False) -> dict[str, Value]:
    """Read the items of one FETCH response; names in upper case.

    Raises:
        ProtocolError: If the response is no list of names and values.

    RFC 9051 section 9: msg-att.
    """
    # * 23 FETCH (UID 447 FLAGS (\Seen) BODY[] {310}
    #
    # message-data = nz-number SP (... / ("FETCH" SP msg-att))
    if data.number is None:
        raise ProtocolError("FETCH data of no message", data.fragments[0], "* n FETCH (...)")
    if data.number == 0:
        quirks.tolerate(quirks.ZERO_NUMBER, data.fragments[0], strict=strict)
    parsed = data.values()
    listed = parsed[0] if len(parsed) == 1 else None
    if not isinstance(listed, list):
        raise ProtocolError("FETCH data is no list", data.rest, "(name value ...)")
    flat = _flat(listed, data, strict=strict)
    # msg-att-static = "UID" SP uniqueid / "BODY" section SP nstring / ...: a name and a value each.
    if len(flat) % 2 and _is_content(flat[-1]):
        quirks.tolerate(quirks.NO_VALUE, data.rest, strict=strict)
        flat.append(None)
    if len(flat) % 2:
        raise ProtocolError("FETCH data has no value", data.rest, "(name value ...)")
    items: dict[str, Value] = {}
    # message-data =/ uniqueid SP "UIDFETCH" SP msg-att (RFC 9586 section 4): the number is the UID,
    # and no item repeats it.
    if data.name == "UIDFETCH":
        items["UID"] = b"%d" % data.number
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        if not isinstance(name, bytes):
            raise ProtocolError("FETCH data has no name where one must be", data.rest, "a name")
        items[name.decode("ascii", "replace").upper()] = value
    return items


def _is_content(name: Value) -> bool:
    # section = "[" [section-spec] "]", BINARY[...] and BINARY.SIZE[...] alike.
    return isinstance(name, bytes) and name.endswith(b"]")


def _flat(listed: list[Value], data: DataResponse, *, strict: bool) -> list[Value]:
    """Take away parentheses around a name and its value."""
    flat: list[Value] = []
    rest = data.rest  # once: each time is a copy, and a response may have a million lists
    # A list may be a value, as of FLAGS, but never a name.
    for value in listed:
        if isinstance(value, list) and len(flat) % 2 == 0:
            quirks.tolerate(quirks.EXTRA_PARENTHESES, rest, strict=strict)
            flat += value
        else:
            flat.append(value)
    return flat


def _uid(value: Value, data: DataResponse) -> int:
    # uniqueid = nz-number: 1 to 4,294,967,295
    if isinstance(value, bytes) and len(value) <= 10 and value.isdigit():
        uid = int(value)
        if 1 <= uid <= LARGEST:
            return uid
    raise ProtocolError("FETCH data has a UID that is none", data.rest, "1 to 4294967295")
