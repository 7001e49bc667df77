"""Addresses that callers give, read strictly: what has two meanings is refused.

This file must not know how addresses are written into a header, and reads no received mail.
"""

import re
from collections.abc import Iterable
from typing import TypeAlias

from netmail.address import Address, Group, addr_spec
from netmail.errors import MessageError, UsageError
from netmail.text import check_text

OneAddress: TypeAlias = str | Address | Group | tuple[str, str]
AddressInput: TypeAlias = OneAddress | Iterable[OneAddress]

LIST_LIMIT = 1_000_000
"""Characters in one string of addresses: some 30,000 of them; a longer list is a list."""

# quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE    RFC 5322 section 3.2.4
_QUOTED = r'"(?:[^"\\]|\\.)*+"'

# mailbox = name-addr / addr-spec                          RFC 5322 section 3.4
# One item of mailbox-list = (mailbox *("," mailbox)), or the display-name of a group: up to a
# delimiter that is neither quoted nor within an angle-addr or a domain-literal.
_ITEM = re.compile(rf'(?:[^",:;<\[]|{_QUOTED}|<(?:[^<>"]|{_QUOTED})*+>|\[[^\[\]]*+\])*+', re.DOTALL)

# name-addr = [display-name] angle-addr                    RFC 5322 section 3.4
# angle-addr = "<" addr-spec ">"
_NAME_ADDR = re.compile(
    rf'(?P<name>(?:[^"<>]|{_QUOTED})*+)<(?P<address>(?:[^<>"]|{_QUOTED})*+)>\s*+', re.DOTALL
)

# display-name = phrase; phrase = 1*word; word = atom / quoted-string    RFC 5322 section 3.2.5
_NAME_PIECE = re.compile(rf'({_QUOTED})|([^"]++)', re.DOTALL)


def address_list(value: AddressInput, where: str = "address") -> list[Address | Group]:
    """Read what a caller gave as one or several addresses.

    Args:
        value: "user@host", "Name <user@host>", several of them with commas, an `Address`, a
            `Group`, a (name, address) pair, or an iterable of these.
        where: What the addresses are for; it is named in errors.

    Returns:
        The addresses in order, domains as A-labels, local parts as given.

    Raises:
        MessageError: If something is not an address, or holds CR, LF, NUL or a lone surrogate.
        UsageError: If a value is of another type, or a pair is ambiguous.

    RFC 5322 section 3.4, RFC 5321 section 4.1.2, RFC 6531.
    """
    if isinstance(value, str):
        return _from_text(value, where)
    if isinstance(value, Address):
        return [_checked(value.name, value.address, where)]
    if isinstance(value, Group):
        members = tuple(_checked(item.name, item.address, where) for item in value.mailboxes)
        return [Group(check_text(value.name, where, MessageError), members)]
    pair = _pair(value)
    if pair is not None:
        return [_from_pair(*pair, where)]
    return [address for item in _items(value, where) for address in _from_item(item, where)]


def _pair(value: object) -> tuple[str, str] | None:
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, str) for v in value):
        return value
    return None


def _items(value: object, where: str) -> Iterable[object]:
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return value
    raise UsageError(f"{where}: {type(value).__name__} is not an address; give a str or Address")


def _from_item(item: object, where: str) -> list[Address | Group]:
    if isinstance(item, str | Address | Group):
        return address_list(item, where)
    pair = _pair(item)
    if pair is not None:
        return [_from_pair(*pair, where)]
    raise UsageError(f"{where}: {type(item).__name__} in a list is not an address")


def _from_pair(name: str, address: str, where: str) -> Address:
    # ("a@x", "b@y") may be a pair or two recipients. A name taken for a recipient would send the
    # message to the author of the name; a recipient taken for a name would be lost.
    if "@" in name and _looks_like_address(name):
        raise UsageError(
            f"{where}: is ({name!r}, {address!r}) a name and an address, or two addresses? "
            "Give Address(name, address), or a list"
        )
    return _checked(name, address, where)


def _looks_like_address(text: str) -> bool:
    try:
        addr_spec(text.strip(), error=MessageError)
    except MessageError:
        return False
    return True


def _checked(name: str, address: str, where: str) -> Address:
    return Address(
        check_text(name, where, MessageError),
        addr_spec(address, where, MessageError),
    )


def _from_text(text: str, where: str) -> list[Address | Group]:
    check_text(text, where, MessageError)
    if len(text) > LIST_LIMIT:
        raise MessageError(f"{where}: more than {LIST_LIMIT} characters; give a list")
    found: list[Address | Group] = []
    group: tuple[str, list[Address]] | None = None
    position, end = 0, len(text)
    while position <= end:
        item = _ITEM.match(text, position)
        stop = item.end() if item else position
        piece, delimiter = text[position:stop].strip(), text[stop : stop + 1]
        position = stop + 1
        if delimiter == ":" and group is None and piece:
            group = (_name(piece), [])
            continue
        if piece:
            mailbox = _mailbox(piece, where)
            (found if group is None else group[1]).append(mailbox)
        if delimiter == ";" and group is not None:
            found.append(Group(group[0], tuple(group[1])))
            group = None
        elif delimiter not in {"", ","}:
            raise MessageError(f"{where}: stray {delimiter!r} in {_shown(text)}; quote the name")
    if group is not None:
        raise MessageError(f"{where}: the group {_shown(group[0])} has no closing semicolon")
    if not found:
        raise MessageError(f"{where}: empty; give an address such as user@example.org")
    return found


def _mailbox(piece: str, where: str) -> Address:
    if not piece.endswith(">"):
        return Address("", addr_spec(piece, where, MessageError))
    match = _NAME_ADDR.fullmatch(piece)
    if match is None:
        raise MessageError(f"{where}: {_shown(piece)} is not of the form Name <user@host>")
    return Address(_name(match["name"]), addr_spec(match["address"].strip(), where, MessageError))


def _name(phrase: str) -> str:
    """Undo the quoting of a display name."""
    if '"' not in phrase:
        return phrase.strip()
    return "".join(
        re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL) if quoted else plain
        for quoted, plain in _NAME_PIECE.findall(phrase.strip())
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
