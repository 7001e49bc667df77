"""STATUS responses: the numbers of a mailbox.

This file knows their grammar, and neither a command nor which items there are.
"""

import re
from typing import Final, TypeAlias

from netmail.errors import ProtocolError
from netmail.wire.imap import quirks, responses
from netmail.wire.imap.mailbox_name import decoded_name, mailbox_name
from netmail.wire.imap.responses import DataResponse
from netmail.wire.server_text import decode

# mailbox-data = "STATUS" SP mailbox SP "(" [status-att-list] ")": the last list that is not within
# another, which MAILBOXID's value is: "* STATUS x (MESSAGES 3 MAILBOXID (F1))"
_LIST: Final = re.compile(rb"\((?P<pairs>[^()]*+(?:\([^()]*+\)[^()]*+)*+)\)(?P<space> *+)\Z")
# "(" [status-att-list] ")" (RFC 9051 section 9), read from its end.
_PARENTHESES: Final = re.compile(rb"[()]")
# status-att-val = ("MESSAGES" SP number) / ...; extensions add items, such as X-GUID of Dovecot.
_ITEM: Final = re.compile(rb"[A-Za-z][A-Za-z0-9.-]*+")
# number = 1*DIGIT (RFC 9051 section 9), as mail.ru writes it: "UIDNEXT 9.3736e+06".
_FLOAT: Final = re.compile(r"[0-9]{1,19}(?:\.[0-9]{1,19})?[eE]\+?[0-9]{1,2}")
# The same as Zoho writes it: "HIGHESTMODSEQ -1", where number = 1*DIGIT (RFC 9051 section 9).
_NEGATIVE: Final = re.compile(rb"-[0-9]{1,19}")
# mailbox-data = "STATUS" SP mailbox SP "(" [status-att-list] ")" (RFC 9051 section 9), as nearly
# all are: a name that means itself in every encoding, and numbers of at most 18 digits.
_USUAL: Final = re.compile(
    rb'(?:([A-Za-z0-9._/-]++)|"([A-Za-z0-9._/ -]++)")'
    rb" \(((?:[A-Za-z][A-Za-z0-9.-]*+ [0-9]{1,18}(?: (?!\))|(?=\))))++)\)"
)

StatusValue: TypeAlias = int | str | None
"""The value of a STATUS item: a number, MAILBOXID's identifier, or NIL."""


def status_att_list(
    response: DataResponse, *, strict: bool = False
) -> tuple[str, dict[str, StatusValue]]:
    """Read one STATUS response: the mailbox and its values; an item that is unreadable is left out.

    Raises:
        ProtocolError: If it has not a name and pairs of item and value.

    RFC 9051 section 7.3.3.
    """
    # * STATUS "Sent Items" (MESSAGES 231 UNSEEN 4)
    #
    # One expression for the usual form: a mail program asks for a hundred mailboxes every minute.
    # test_status_att.test_usual_form_agrees holds it to what follows.
    usual = _USUAL.fullmatch(response.fragments[0], response.start)
    if usual is not None and len(response.fragments) == 1:
        written = usual[3].decode("ascii").split(" ")
        counts: dict[str, StatusValue] = {}
        counts.update(zip(map(str.upper, written[::2]), map(int, written[1::2]), strict=True))
        return (usual[1] or usual[2]).decode("ascii"), counts
    # The name may hold parentheses; the list is what begins with the last one.
    fragments = [response.rest, *response.fragments[1:]]
    found = _LIST.match(fragments[-1], _begin_of_list(fragments[-1]))
    if not found:
        expected = "name (ITEM n ...)"
        raise ProtocolError("a STATUS response has another form", response.rest, expected)
    if found["space"] or found["pairs"].endswith(b" "):
        quirks.tolerate(quirks.TRAILING_SPACE, response.rest, strict=strict)
    fragments[-1] = fragments[-1][: found.start()].rstrip(b" ")
    name = decoded_name(mailbox_name(fragments, strict=strict), strict=strict, utf8=response.utf8)
    return name, _values(found["pairs"], strict=strict)


def _begin_of_list(text: bytes) -> int:
    """Find where the list at the end begins: with the parenthesis that its last one closes."""
    depth = 0
    # Two levels are all that a list has, so that a search from the end ends soon.
    for found in _PARENTHESES.finditer(text[::-1]):
        depth += 1 if found[0] == b")" else -1
        if depth <= 0:
            return len(text) - found.end()
        if depth > 2:
            break
    return len(text)


def _values(pairs: bytes, *, strict: bool) -> dict[str, StatusValue]:
    # status-att-list = status-att-val *(SP status-att-val)
    parsed = responses.values([pairs])
    if len(parsed) % 2 or not all(isinstance(each, bytes) for each in parsed[::2]):
        raise ProtocolError("a STATUS response has no value for each item", pairs, "ITEM n ...")
    values: dict[str, StatusValue] = {}
    refused = False
    for written, value in zip(parsed[::2], parsed[1::2], strict=True):
        name = written if isinstance(written, bytes) else b""
        if not _ITEM.fullmatch(name):
            raise ProtocolError("a STATUS response has no item", pairs, "ITEM n ...")
        item = name.decode("ascii").upper()
        # APPENDLIMIT's value is number / nil, where nil is "no limit" (RFC 7889 section 4), and
        # MAILBOXID's is "(" objectid ")" (RFC 8474 section 7).
        match value:
            case None if item == "APPENDLIMIT":
                values[item] = None
            case [bytes() as identifier] if item == "MAILBOXID":
                values[item] = decode(identifier)
            case bytes() if (number := _number(value, pairs, strict=strict)) is not None:
                values[item] = number
            case bytes() if _NEGATIVE.fullmatch(value):
                quirks.tolerate(quirks.NEGATIVE_NUMBER, pairs, strict=strict)  # and left out
            case _:
                quirks.tolerate(quirks.NOT_UNDERSTOOD, pairs, strict=strict)
                refused = True
    if refused and not values:
        raise ProtocolError("a STATUS response has no value", pairs, "ITEM n ...")
    return values


def _number(value: bytes, pairs: bytes, *, strict: bool) -> int | None:
    text = decode(value)
    if _FLOAT.fullmatch(text):
        quirks.tolerate(quirks.FLOAT_NUMBER, pairs, strict=strict)
        text = str(int(float(text)))
    return responses.number64(text)
