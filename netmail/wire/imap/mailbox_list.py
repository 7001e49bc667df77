"""LIST, LSUB and STATUS: what they say of mailboxes.

This file knows their grammar and no command.
"""

import re
from typing import Final, TypedDict

from netmail.errors import ProtocolError
from netmail.wire.imap import quirks, responses, utf7
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import DataResponse

# mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
# The second form of the delimiter is a backslash that nobody escaped.
_LIST: Final = re.compile(
    rb'\((?P<flags>[^()"]*+)\) (?:"(?:\\(?P<escaped>["\\])|(?P<plain>[^"]))"|(?P<nil>NIL|"")) ',
    re.IGNORECASE,
)
# An astring without quotes, and what LIST-EXTENDED may put behind it.
_BARE: Final = re.compile(rb'(?P<name>[^\x00-\x20\x7f(){%*"\\]++)(?: +\((?P<more>.*))?', re.DOTALL)
# mailbox-data = "STATUS" SP mailbox SP "(" [status-att-list] ")"
_COUNTS: Final = re.compile(rb" *\((?P<pairs>[^()]*+)\)(?P<blank> *)\Z")
_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")


class ListEntry(TypedDict):
    r"""One mailbox of LIST or LSUB.

    `name` as people write it; `delimiter` between the levels of its name, `None` for a flat one;
    `attributes` such as "\HasNoChildren" and "\Sent".
    """

    name: str
    delimiter: str | None
    attributes: list[str]


def mailbox_list(response: DataResponse, *, strict: bool = False) -> tuple[ListEntry, bytes]:
    """Read one LIST or LSUB response: the mailbox, and its name as the server wrote it.

    Raises:
        ProtocolError: If it has not attributes, delimiter and name.

    RFC 9051 section 7.3.1: mailbox-list.
    """
    found = _LIST.match(response.pieces[0], response.start)
    if not found:
        expected = "(flags) delimiter name"
        raise ProtocolError("a LIST response has another form", response.rest, expected)
    delimiter = found["escaped"] or found["plain"]
    written = _name([response.pieces[0][found.end() :], *response.pieces[1:]], strict=strict)
    listed = ListEntry(
        name=_shown(written, strict=strict),
        delimiter=responses.text(delimiter) if delimiter else None,
        attributes=responses.text(found["flags"]).split(),
    )
    return listed, written


def status_att_list(response: DataResponse, *, strict: bool = False) -> tuple[str, dict[str, int]]:
    """Read one STATUS response: the mailbox and its numbers.

    Raises:
        ProtocolError: If it has not a name and pairs of word and number.

    RFC 9051 section 7.3.4: mailbox-data "STATUS".
    """
    pieces = [response.rest, *response.pieces[1:]]
    found = _COUNTS.search(pieces[-1], max(0, pieces[-1].rfind(b"(") - 1))
    if not found:
        expected = "name (WORD n ...)"
        raise ProtocolError("a STATUS response has another form", response.rest, expected)
    if found["blank"] or found["pairs"].endswith(b" "):
        quirks.tolerate(quirks.TRAILING_BLANK, response.rest, strict=strict)
    pieces[-1] = pieces[-1][: found.start()]
    mailbox = _shown(_name(pieces, strict=strict), strict=strict)
    return mailbox, _numbers(found["pairs"], strict=strict)


def _numbers(pairs: bytes, *, strict: bool) -> dict[str, int]:
    words = responses.text(pairs).split()
    told: dict[str, int] = {}
    if len(words) % 2:
        raise ProtocolError("a STATUS response has no number for each word", pairs, "WORD n ...")
    for word, digits in zip(words[::2], words[1::2], strict=True):
        number = responses.number(digits)
        if digits.startswith("-") and responses.number(digits[1:]) is not None:
            quirks.tolerate(quirks.NEGATIVE_NUMBER, pairs, strict=strict)  # and told to nobody
        elif number is None or not _ATTRIBUTE.fullmatch(word):
            raise ProtocolError("a STATUS response has no number", pairs, "WORD n ...")
        else:
            told[word.upper()] = number
    return told


def _name(pieces: Fragments, *, strict: bool) -> bytes:
    """Read a mailbox name, which ends the response, as its octets."""
    if len(pieces) > 1:
        if len(pieces) == 3 and not pieces[0].strip(b" ") and not pieces[2].strip(b" "):
            return pieces[1]
        raise ProtocolError("a mailbox name is followed by what is none", pieces[-1], "CRLF")
    text = pieces[0]
    if bare := _BARE.fullmatch(text):
        return bare["name"]
    if text.startswith(b'"'):
        return _quoted_name(text, strict=strict)
    return _unquoted_name(text, strict=strict)


def _quoted_name(text: bytes, *, strict: bool) -> bytes:
    try:
        parsed = responses.values([text])
    except ProtocolError:
        parsed = []
    match parsed:
        case [bytes() as name]:
            if text.endswith(b" "):
                quirks.tolerate(quirks.TRAILING_BLANK, text, strict=strict)
            return name
        case [bytes() as name, list()]:  # LIST-EXTENDED's data, RFC 5258
            return name
    return _unquoted_name(text, strict=strict)


def _unquoted_name(text: bytes, *, strict: bool) -> bytes:
    """Take what is no astring as it stands, without the quotes around it."""
    quirks.tolerate(quirks.UNQUOTED_NAME, text, strict=strict)
    name = text.rstrip(b" ")
    if len(name) > 1 and name.startswith(b'"') and name.endswith(b'"'):
        name = name[1:-1]
    if not name or name.startswith((b'"', b"(")):
        raise ProtocolError("a mailbox has no name", text, "a name")
    return name


def _shown(written: bytes, *, strict: bool) -> str:
    if not utf7.is_canonical(written):
        quirks.tolerate(quirks.FOREIGN_NAME, written, strict=strict)
    return utf7.decode(written)
