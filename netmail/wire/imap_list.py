"""LIST, LSUB and STATUS: what they say of mailboxes.

This file knows their grammar and no command.
"""

from typing import TypedDict

from netmail.errors import ProtocolError
from netmail.wire import utf7
from netmail.wire.imap_parse import Data, Value


class Folder(TypedDict):
    r"""One mailbox of LIST or LSUB.

    `name` as people write it; `delimiter` between the levels of its name, `None` for a flat one;
    `attributes` such as "\HasNoChildren" and "\Sent".
    """

    name: str
    delimiter: str | None
    attributes: list[str]


def folder(response: Data) -> Folder:
    """Read one LIST or LSUB response.

    Raises:
        ProtocolError: If it has not attributes, delimiter and name.

    RFC 9051 section 7.3.1: mailbox-list.
    """
    match response.values()[:3]:
        case [list() as attributes, (bytes() | None) as delimiter, (bytes() | None) as name]:
            return Folder(
                # A mailbox may be called NIL: an astring in that place is never NIL.
                name=utf7.decode(b"NIL" if name is None else name),
                delimiter=delimiter.decode("ascii", "replace") if delimiter else None,
                attributes=[_word(attribute) for attribute in attributes],
            )
    raise ProtocolError("a LIST response has another form", response.rest, "(flags) delimiter name")


def counts(response: Data) -> tuple[str, dict[str, int]]:
    """Read one STATUS response: the mailbox and its numbers.

    Raises:
        ProtocolError: If it has not a name and pairs of word and number.

    RFC 9051 section 7.3.4: mailbox-data "STATUS".
    """
    match response.values():
        case [(bytes() | None) as name, list() as pairs] if len(pairs) % 2 == 0:
            words = [_word(pair) for pair in pairs]
            numbers = dict(zip(words[::2], words[1::2], strict=True))
            if all(number.isdecimal() for number in numbers.values()):
                mailbox = utf7.decode(b"NIL" if name is None else name)
                return mailbox, {word.upper(): int(number) for word, number in numbers.items()}
    raise ProtocolError("a STATUS response has another form", response.rest, "name (WORD n ...)")


def _word(value: Value) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else "NIL"
