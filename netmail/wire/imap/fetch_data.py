"""FETCH responses by the ten thousand: which are messages that were asked for.

This file knows UID and FLAGS, and how the usual response looks; the rest of it is for the message.

RFC 9051 section 7.5.2.
"""

import re
from collections.abc import Iterable
from typing import Final

from netmail.errors import ProtocolError
from netmail.wire.imap.data.fetch_values import number
from netmail.wire.imap.fetched_message import FetchedMessage, Reading
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.sequence_set import LARGEST

# What most FETCH responses look like: UID, FLAGS, and one literal. message-data = nz-number SP
# ("EXPUNGE" / ("FETCH" SP msg-att)), msg-att-static = "UID" SP uniqueid / "BODY" section SP nstring
# and msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")". Nine digits are below
# 4,294,967,295.
_USUAL: Final = re.compile(
    rb"\* [1-9][0-9]{0,8} FETCH \(UID ([1-9][0-9]{0,8})"
    rb"(?: FLAGS \(([!#-\'*-Z^-z|}~\\\]\[ ]*+)\))?(?: (BODY\[\] )|\))\Z"
)
# The same pairs in any order, MODSEQ among them, and nothing else: what a server also sends
# unsolicited when flags change. fetch-mod-resp = "MODSEQ" SP "(" permsg-modsequence ")". UID alone
# is no update: Cyrus sends it of a message whose BINARY[...] it cannot decode.
_UPDATE: Final = re.compile(
    rb"\* [0-9]{1,10} FETCH (?!\(UID [0-9]{1,10}\))"
    rb"\((?: ?(?:UID [0-9]{1,10}|FLAGS \([^()]*+\)|MODSEQ \([0-9]{1,20}\)))*+\)\Z",
    re.IGNORECASE,
)
# msg-att-static = "UID" SP uniqueid, before anything that may hold another "UID 5".
_FIRST_UID: Final = re.compile(rb"\* [1-9][0-9]{0,9} FETCH \(UID ([1-9][0-9]{0,8}) ")
# The same before any string, in a response that cannot be parsed: "* 3 FETCH (UID 5 FLAGS (\Seen".
_SOME_UID: Final = re.compile(rb'[^"{]*?[ (]UID ([1-9][0-9]{0,9})(?![0-9])', re.IGNORECASE)


def fetched_messages(
    batch: Iterable[Fragments], reading: Reading, *, only_flags: bool = False
) -> tuple[list[FetchedMessage], list[Fragments]]:
    """Read FETCH responses; return those of messages, and those that cannot be read.

    Args:
        batch: The responses.
        reading: How they are read.
        only_flags: Whether nothing but UID, FLAGS and MODSEQ was asked for.

    Raises:
        ProtocolError: If one cannot be read and the reading is strict.

    RFC 9051 section 7.5.2.
    """
    # The usual form by one expression, because it comes by the ten thousand; all others by their
    # grammar. test_fetch_data.test_quick_pattern_agrees holds the first to the second.
    match = _USUAL.match
    messages: list[FetchedMessage] = []
    broken: list[Fragments] = []
    for fragments in batch:
        if (found := match(fragments[0])) is not None:
            uid, flags, has_body = found.groups()
            if has_body is None:
                usual = only_flags and len(fragments) == 1
            else:
                usual = len(fragments) == 3 and fragments[2] == b")"
            if usual:
                messages.append(FetchedMessage(int(uid), fragments, reading, flags))
                continue
        # "This response occurs as the result of a FETCH or STORE command, as well as by a
        # unilateral server decision (e.g., flag updates)", RFC 9051 section 7.5.2: such an update
        # is no message that was asked for.
        if not only_flags and len(fragments) == 1 and _UPDATE.match(fragments[0]):
            continue
        other = _uid(fragments, reading)
        if other:
            messages.append(FetchedMessage(other, fragments, reading))
        elif other is None:
            broken.append(fragments)
    if reading.strict:
        _raise_for_defects(messages)
    return messages, broken


def _raise_for_defects(messages: list[FetchedMessage]) -> None:
    for message in messages:
        if message.defect is not None:
            raise ProtocolError(message.defect, message.raw)


def _uid(fragments: Fragments, reading: Reading) -> int | None:
    """Return a response's UID; 0 if it has none, `None` if it cannot be read."""
    # "Server implementations MUST implicitly include the UID message data item as part of any
    # FETCH response caused by a UID command", RFC 9051 section 6.4.9.
    if not reading.strict and (first := _FIRST_UID.match(fragments[0])) is not None:
        return int(first[1])
    try:
        items = reading.items(fragments)
        uid = number(items.value("UID")) if "UID" in items else 0
    except ProtocolError:
        if reading.strict:
            raise
        found = _SOME_UID.match(fragments[0])
        uid = int(found[1]) if found else LARGEST + 1
    return uid if uid <= LARGEST else None
