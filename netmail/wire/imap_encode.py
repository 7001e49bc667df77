"""IMAP commands: values to octets.

This file knows how an argument is written (atom, quoted, literal) and where a command must wait
for the server; it knows no command.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from netmail.errors import UsageError
from netmail.wire import utf7
from netmail.wire.safe import one_line


@dataclass(frozen=True, slots=True)
class Literal:
    """An argument of any octets, sent behind its length.

    RFC 9051 section 4.3.
    """

    data: bytes


Argument: TypeAlias = bytes | Literal | tuple[bytes | Literal, ...]
"""An argument as it is written: octets that need no more care, a literal, or both in a row."""

MAX_QUOTED = 1_000
"""Octets of a quoted string; a longer one is sent as a literal, which no line limit cuts."""

MAX_EAGER = 4_096
"""Octets of a literal that may go unasked under LITERAL-, RFC 7888 section 5."""

# ATOM-CHAR excludes ( ) { SP CTL % * " \ ]; ASTRING-CHAR allows ] again.
_ASTRING = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\]+")
_ATOM = re.compile(r"[^\x00-\x20\x7f-\U0010ffff(){%*\"\\\]]+")
# list-wildcards may stand bare in LIST's pattern.
_LIST_MAILBOX = re.compile(rb"[^\x00-\x20\x7f-\xff(){\"\\]+")
# flag = "\" atom / flag-keyword
_FLAG = re.compile(r"\\?[^\x00-\x20\x7f-\U0010ffff(){%*\"\\\]]+")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def atom(text: str, what: str) -> bytes:
    """Write a word that may stand bare.

    Raises:
        UsageError: If it may not.
    """
    if not _ATOM.fullmatch(text):
        raise UsageError(f"{what} must be a single word without special characters, not {text!r}")
    return text.encode("ascii")


def astring(data: bytes, bare: re.Pattern[bytes] = _ASTRING) -> bytes | Literal:
    """Write a string in the shortest form that carries it.

    RFC 9051 section 9: astring = 1*ASTRING-CHAR / string.
    """
    if bare.fullmatch(data) and data.upper() != b"NIL":
        return data
    if len(data) <= MAX_QUOTED and data.isascii() and not re.search(rb"[\r\n\0]", data):
        return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return Literal(data)


def mailbox(name: str) -> Argument:
    """Write a mailbox name.

    Raises:
        UsageError: If it is empty or holds a line end, NUL or lone surrogate.
    """
    if not one_line(name, "a mailbox name"):
        raise UsageError("a mailbox name cannot be empty")
    return astring(utf7.encode(name))


def list_mailbox(pattern: str) -> Argument:
    """Write LIST's reference or pattern, in which % and * may stand bare."""
    return astring(utf7.encode(one_line(pattern, "a mailbox pattern")), _LIST_MAILBOX)


def flags(words: str | Iterable[str]) -> bytes:
    r"""Write flags, given as "\Seen work" or one by one.

    Raises:
        UsageError: If one is no flag.
    """
    names = words.split() if isinstance(words, str) else list(words)
    for name in names:
        if not _FLAG.fullmatch(name):
            raise UsageError(rf"{name!r} is no flag; flags are words such as \Seen or $Forwarded")
    return b"(" + " ".join(names).encode("ascii") + b")"


def date_time(moment: datetime) -> bytes:
    """Write an internal date.

    Raises:
        UsageError: If it has no time zone.

    RFC 9051 section 9: date-time.
    """
    if moment.utcoffset() is None:
        raise UsageError("an internal date must be a datetime with a time zone")
    month = _MONTHS[moment.month - 1]
    return f'"{moment:%d}-{month}-{moment.year:04} {moment:%H:%M:%S %z}"'.encode("ascii")


def encode(
    tag: bytes, name: bytes, arguments: Iterable[Argument], capabilities: Iterable[str] = ()
) -> Iterator[bytes]:
    """Write a command as pieces; before each piece but the first, the server must say "go on".

    Args:
        tag: The command's tag.
        name: The command's name, such as b"UID FETCH".
        arguments: What follows, a space before each.
        capabilities: With LITERAL+, or LITERAL- for short ones, literals do not wait.
    """
    all_eager = "LITERAL+" in capabilities
    short_eager = "LITERAL-" in capabilities
    piece = bytearray(tag + b" " + name)
    for argument in arguments:
        piece += b" "
        for part in argument if isinstance(argument, tuple) else (argument,):
            if isinstance(part, bytes):
                piece += part
                continue
            size = len(part.data)
            if all_eager or (short_eager and size <= MAX_EAGER):
                piece += b"{%d+}\r\n" % size
            else:
                yield bytes(piece + b"{%d}\r\n" % size)
                piece.clear()
            piece += part.data
    yield bytes(piece + b"\r\n")
