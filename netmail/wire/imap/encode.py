"""IMAP commands: values to octets.

This file knows how an argument is written (atom, quoted, literal) and where a command must wait
for the server; it knows no command.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from netmail.errors import UsageError
from netmail.text import check_text, strings
from netmail.wire.imap import utf7


@dataclass(frozen=True, slots=True)
class Literal:
    """An argument of any octets, sent behind its length.

    Attributes:
        data: The octets.
        synchronizing: Whether it waits for the server in any case. Dovecot 2.3 that refuses an
            APPEND for its flags does not skip a non-synchronizing literal, but runs its lines as
            commands.

    RFC 9051 section 4.3.
    """

    data: bytes
    synchronizing: bool = False


Argument: TypeAlias = bytes | Literal | tuple[bytes | Literal, ...]
"""An argument as it is written: octets that need no more care, a literal, or both in a row."""

MAX_QUOTED = 1_000
"""Octets of a quoted string; a longer one is sent as a literal, which no line limit cuts."""

MAX_NON_SYNC = 4_096
"""Octets of a literal that may go unasked: LITERAL- allows no more, RFC 7888 section 5, and with
LITERAL+ a server that wants no larger one hangs up, for it cannot say so in time."""

MAX_LINE = 65_000
"""Octets of a command outside literals. Dovecot takes 65,536 and Gmail 16,000; of what is longer,
Dovecot takes the rest for the beginning of the next command."""

MAX_NON_SYNC_LINE = 1_000
"""Octets of a command before a literal that goes unasked: a server that refuses a line for its
length does not skip the literal behind it."""

MAX_COPIED = 64 * 1024
"""Octets of a literal that is copied to go out joined to its command."""

# ATOM-CHAR excludes ( ) { SP CTL % * " \ ]; ASTRING-CHAR allows ] again.
_ASTRING: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\]+")
_ATOM: Final = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")
# list-wildcards may stand bare in LIST's pattern.
_LIST_MAILBOX: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){\"\\]+")
# flag = "\" atom / flag-keyword
_FLAG: Final = re.compile(r"\\?" + _ATOM.pattern)

_UNQUOTABLE: Final = re.compile(rb"[\r\n\0\x80-\xff]")


def atom(text: str, what: str) -> bytes:
    """Write a word that may stand bare.

    Raises:
        UsageError: If it may not.
    """
    if not _ATOM.fullmatch(text):
        sentence = f"{what} must be a single word without special characters, not {text!r:.60}"
        raise UsageError(sentence)
    return text.encode("ascii")


def astring(data: bytes, bare: re.Pattern[bytes] = _ASTRING) -> bytes | Literal:
    """Write a string in the shortest form that carries it.

    RFC 9051 section 9: astring = 1*ASTRING-CHAR / string.
    """
    if bare.fullmatch(data) and data.upper() != b"NIL":
        return data
    return string(data)


def string(data: bytes) -> bytes | Literal:
    """Write a string in quotes, or as a literal where quotes cannot carry it.

    RFC 9051 section 9: string = quoted / literal.
    """
    if len(data) > MAX_QUOTED or _UNQUOTABLE.search(data):
        return Literal(data)
    return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def mailbox(name: str) -> Argument:
    """Write a mailbox name.

    Raises:
        UsageError: If it is empty or holds a line end, NUL or lone surrogate.
    """
    if not check_text(name, "a mailbox name"):
        raise UsageError("a mailbox name cannot be empty")
    return astring(utf7.encode(name))


def mailbox_pattern(pattern: str) -> Argument:
    """Write LIST's reference or pattern, in which % and * may stand bare."""
    return astring(utf7.encode(check_text(pattern, "a mailbox pattern")), _LIST_MAILBOX)


def split_at_spaces(given: str | Iterable[str], what: str) -> list[str]:
    """List words that are given parted by blanks, or one by one.

    Raises:
        UsageError: If they are given in another way.
    """
    if isinstance(given, str):
        return [*filter(None, given.split(" "))]
    return strings(given, what)


def flag_list(given: str | Iterable[str]) -> bytes:
    r"""Write flags, given as "\Seen work" or one by one.

    Raises:
        UsageError: If one is no flag.
    """
    names = split_at_spaces(given, "flags")
    for name in names:
        if not _FLAG.fullmatch(name):
            example = r"\Seen or $Forwarded"
            raise UsageError(f"{name!r:.60} is no flag; flags are words such as {example}")
    return f"({' '.join(names)})".encode("ascii")


def date_time(moment: datetime) -> bytes:
    """Write an internal date.

    Raises:
        UsageError: If it is no datetime, or has no time zone.

    RFC 9051 section 9: date-time.
    """
    if not isinstance(moment, datetime):
        raise UsageError(f"an internal date must be a datetime, not {type(moment).__name__}")
    offset = moment.utcoffset()
    if offset is None:
        raise UsageError(f"an internal date must be a datetime with a time zone, not {moment!r}")
    month = moment.ctime()[4:7]  # in English, whatever the locale
    # zone = ("+" / "-") 4DIGIT; local mean times of old have seconds, which it cannot say.
    minutes = round(offset / timedelta(minutes=1))
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    day = f"{moment.day:02}-{month}-{moment.year:04}"
    return f'"{day} {moment:%H:%M:%S} {zone}"'.encode("ascii")


def command(
    tag: bytes, name: bytes, arguments: Iterable[Argument], capabilities: Iterable[str] = ()
) -> Iterator[list[bytes]]:
    """Write a command as chunks; before each chunk but the first, the server must say "go on".

    Args:
        tag: The command's tag.
        name: The command's name, such as b"UID FETCH".
        arguments: What follows, a space before each.
        capabilities: With LITERAL+ or LITERAL-, short literals do not wait unless they are
            synchronizing.

    Yields:
        One chunk as octets to be sent in a row: a large literal is not copied to join them.
    """
    non_sync = "LITERAL+" in capabilities or "LITERAL-" in capabilities
    before: list[bytes] = []
    chunk = bytearray(tag + b" " + name)
    for part in _parts(arguments):
        if isinstance(part, bytes):
            chunk += part
            continue
        size = len(part.data)
        waits = part.synchronizing or size > MAX_NON_SYNC or len(chunk) > MAX_NON_SYNC_LINE
        if non_sync and not waits:
            chunk += b"{%d+}\r\n" % size
        else:
            chunk += b"{%d}\r\n" % size
            yield [*before, bytes(chunk)]
            before.clear()
            chunk.clear()
        if size <= MAX_COPIED:
            chunk += part.data
        else:
            before += [bytes(chunk), part.data] if chunk else [part.data]
            chunk.clear()
    yield [*before, bytes(chunk + b"\r\n")]


def check_length(arguments: Iterable[Argument]) -> None:
    """Refuse arguments that are too long for a line.

    Raises:
        UsageError: If they are; what was sent of it would leave the server out of step.
    """
    length = sum(len(part) for part in _parts(arguments) if isinstance(part, bytes))
    if length > MAX_LINE:
        message = f"a command of {length} octets is more than a server takes; say it in several"
        raise UsageError(message)


def _parts(arguments: Iterable[Argument]) -> Iterator[bytes | Literal]:
    for argument in arguments:
        yield b" "
        yield from argument if isinstance(argument, tuple) else (argument,)
