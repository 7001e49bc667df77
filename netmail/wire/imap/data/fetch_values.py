"""The values of FETCH items, but those that have a grammar of their own.

This file knows the form of each value, and not which item has it.

RFC 9051 section 7.5.2.
"""

from collections.abc import Callable
from typing import TypeVar

from netmail.errors import ProtocolError
from netmail.wire.imap import quirks, utf7
from netmail.wire.imap.responses import Value
from netmail.wire.server_text import decode

T = TypeVar("T")


def number(value: Value) -> int:
    """Read a number.

    Raises:
        ProtocolError: If it is none.

    RFC 9051 section 9: number64.
    """
    # number64 = 1*DIGIT, at most 9,223,372,036,854,775,807; X-GM-MSGID is an unsigned one, of 20
    # digits at most. int() of many digits takes time that grows as a square.
    if isinstance(value, bytes) and len(value) <= 20 and value.isdigit():
        return int(value)
    raise ProtocolError("it is no number", value if isinstance(value, bytes) else b"")


def octets(value: Value) -> bytes:
    """Read a string.

    Raises:
        ProtocolError: If it is NIL or a list.
    """
    # nstring = string / nil, of which NIL is for `optional()`.
    if not isinstance(value, bytes):
        raise ProtocolError("it is no string")
    return value


def text(value: Value) -> str:
    """Read a string as text; raises as `octets()` does."""
    # "PREVIEW" SP nstring holds UTF-8 (RFC 8970 section 4), and objectid ASCII alone:
    # objectid = 1*255(ALPHA / DIGIT / "_" / "-"), RFC 8474 section 7.
    return decode(octets(value))


def flags(value: Value) -> tuple[str, ...]:
    """Read flags.

    Raises:
        ProtocolError: If it is no list of flags.
    """
    # "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"; NIL is an atom too, as a keyword.
    return _members(value, text)


def labels(value: Value) -> tuple[str, ...]:
    """Read Gmail's labels.

    Raises:
        ProtocolError: If it is no list of labels.
    """
    # X-GM-LABELS (\Inbox "M&APY-rz"): astrings in modified UTF-7, and flags of Gmail's own.
    return _members(value, lambda label: utf7.decode(octets(label)))


def optional(read: Callable[[Value], T]) -> Callable[[Value], T | None]:
    """Return a reader that takes NIL too, for which it returns `None`."""
    # nil = "NIL": "SAVEDATE" SP (date-time / nil), "THREADID" SP ("(" objectid ")" / nil).
    return lambda value: None if value is None else read(value)


def modseq(value: Value, *, strict: bool) -> int | None:
    """Read a modification sequence; `None` where the server has none and sends -1.

    Raises:
        ProtocolError: If it is something else.

    RFC 7162 section 7: permsg-modsequence.
    """
    # Zoho: * 1 FETCH (UID 1 MODSEQ (-1)), as in its SELECT and STATUS.
    if value == b"-1":
        quirks.tolerate(quirks.NEGATIVE_NUMBER, value, strict=strict)
        return None
    return number(value)


def in_parentheses(read: Callable[[Value], T]) -> Callable[[Value], T]:
    """Return a reader of the same in parentheses; it raises for what is not one value."""

    # fetch-mod-resp = "MODSEQ" SP "(" permsg-modsequence ")", "EMAILID" SP "(" objectid ")"
    def inner(value: Value) -> T:
        if not isinstance(value, list) or len(value) != 1:
            raise ProtocolError("it is not one value in parentheses")
        return read(value[0])

    return inner


def _members(value: Value, read: Callable[[Value], str]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ProtocolError("it is no list", value or b"", "(...)")
    return tuple(["NIL" if each is None else read(each) for each in value])
