"""STATUS responses: the numbers of a mailbox.

This file knows their grammar, and neither a command nor which items there are.
"""

import re
from typing import Final

from netmail.errors import ProtocolError
from netmail.wire.imap import quirks, responses
from netmail.wire.imap.mailbox_name import decoded_name, mailbox_name
from netmail.wire.imap.responses import DataResponse
from netmail.wire.server_text import decode

# mailbox-data = "STATUS" SP mailbox SP "(" [status-att-list] ")"
_LIST: Final = re.compile(rb" *\((?P<pairs>[^()]*+)\)(?P<space> *)\Z")
# status-att-val = ("MESSAGES" SP number) / ...; extensions add items, such as X-GUID of Dovecot.
_ITEM: Final = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")


def status_att_list(response: DataResponse, *, strict: bool = False) -> tuple[str, dict[str, int]]:
    """Read one STATUS response: the mailbox and its numbers.

    Raises:
        ProtocolError: If it has not a name and pairs of item and number.

    RFC 9051 section 7.3.3.
    """
    # * STATUS "Sent Items" (MESSAGES 231 UNSEEN 4)
    #
    # The name may hold parentheses; the list is what begins with the last one.
    fragments = [response.rest, *response.fragments[1:]]
    found = _LIST.search(fragments[-1], max(0, fragments[-1].rfind(b"(") - 1))
    if not found:
        expected = "name (ITEM n ...)"
        raise ProtocolError("a STATUS response has another form", response.rest, expected)
    if found["space"] or found["pairs"].endswith(b" "):
        quirks.tolerate(quirks.TRAILING_SPACE, response.rest, strict=strict)
    fragments[-1] = fragments[-1][: found.start()]
    name = decoded_name(mailbox_name(fragments, strict=strict), strict=strict)
    return name, _numbers(found["pairs"], strict=strict)


def _numbers(pairs: bytes, *, strict: bool) -> dict[str, int]:
    tokens = decode(pairs).split()
    if len(tokens) % 2:
        raise ProtocolError("a STATUS response has no number for each item", pairs, "ITEM n ...")
    # status-att-list = status-att-val *(SP status-att-val)
    numbers: dict[str, int] = {}
    for item, digits in zip(tokens[::2], tokens[1::2], strict=True):
        number = responses.number64(digits)
        if digits.startswith("-") and responses.number64(digits[1:]) is not None:
            quirks.tolerate(quirks.NEGATIVE_NUMBER, pairs, strict=strict)  # and left out
        elif number is None or not _ITEM.fullmatch(item):
            raise ProtocolError("a STATUS response has no number", pairs, "ITEM n ...")
        else:
            numbers[item.upper()] = number
    return numbers
