"""IMAP commands: values to octets.

This file knows how an argument is written (atom, quoted, literal) and where a command must wait
for the server; it knows no command.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from netmail.errors import UsageError
from netmail.text import check_text, strings
from netmail.wire.imap import utf7


class Pieces(Protocol):
    """Octets that are too many for memory: their number is known, and they come in pieces."""

    @property
    def size(self) -> int:
        """How many octets there are, exactly."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the octets, once."""


@dataclass(frozen=True, slots=True)
class Literal:
    """An argument of any octets, sent after its length.

    Attributes:
        data: The octets, or what yields them.
        synchronizing: Whether it waits for the server in any case. When Dovecot 2.3 refuses an
            APPEND for its flags, it does not skip a non-synchronizing literal, but executes the
            literal's lines as commands.
        binary: Whether it is a literal8, "~{n}", which may hold NUL.
        at_once: How large a non-synchronizing one may be with LITERAL+, for a caller that knows
            what the server accepts.

    RFC 9051 section 4.3.
    """

    data: bytes | Pieces
    synchronizing: bool = False
    binary: bool = False
    at_once: int = 4_096

    @property
    def size(self) -> int:
        """How many octets it has."""
        # "The number of octets in the literal", RFC 9051 section 4.3: the server counts them, and
        # what is missing of them would be taken from the next command.
        return len(self.data) if isinstance(self.data, bytes) else self.data.size


Argument: TypeAlias = bytes | Literal | tuple[bytes | Literal, ...]
"""An argument as it is written: octets that need no more care, a literal, or both in a row."""

MAX_QUOTED: Final = 1_000
"""Octets of a quoted string; a longer one is sent as a literal, which no line limit cuts."""

MAX_NON_SYNC: Final = 4_096
"""Octets of a non-synchronizing literal: LITERAL- allows no more, RFC 7888 section 5, and with
LITERAL+ a server that accepts no larger one closes the connection, for it cannot refuse in time."""

MAX_LINE: Final = 65_000
"""Octets of a command outside literals. Dovecot accepts 65,536 and Gmail 16,000; of a longer one,
Dovecot takes the rest for the beginning of the next command."""

MAX_NON_SYNC_LINE: Final = 1_000
"""Octets of a command before a non-synchronizing literal: a server that refuses a line for its
length does not skip the literal after it."""

MAX_COPIED: Final = 64 * 1024
"""Octets of a literal that is copied to be sent together with its command."""

# atom = 1*ATOM-CHAR (RFC 9051 section 9): ATOM-CHAR is any CHAR but ( ) { SP CTL % * DQUOTE \ ].
_ATOM: Final = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")
# flag = "\Answered" / ... / flag-keyword / flag-extension (RFC 9051 section 9),
# flag-keyword = "$Forwarded" / ... / atom, flag-extension = "\" atom: a backslash or none, an atom.
_FLAG: Final = re.compile(r"\\?" + _ATOM.pattern)
_SYSTEM_FLAGS: Final = {
    name.upper(): f"\\{name}" for name in ("Answered", "Flagged", "Deleted", "Seen", "Draft")
}
# QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials / UTF8-2 / ...,
# TEXT-CHAR = <any CHAR except CR and LF>; CHAR has no NUL, and UTF-8 needs ENABLE IMAP4rev2.
_UNQUOTABLE: Final = re.compile(rb"[\r\n\0\x80-\xff]")
# The same where UTF-8 is on: QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / UTF8-2 /
# UTF8-3 / UTF8-4 (RFC 9051 section 9).
_UNQUOTABLE_IN_UTF8: Final = re.compile(rb"[\r\n\0]")


def atom(text: str, what: str) -> bytes:
    """Write text that needs no quotes.

    Raises:
        UsageError: If it is no str, or no atom.

    RFC 9051 section 9: atom.
    """
    if not _ATOM.fullmatch(check_text(text, what)):
        sentence = f"{what} must be one atom, without special characters, not {text!r:.60}"
        raise UsageError(sentence)
    return text.encode("ascii")


def string(data: bytes, *, utf8: bool = False) -> bytes | Literal:
    """Write a string in quotes, or as a literal where quotes cannot carry it; never bare.

    Args:
        data: Its octets.
        utf8: Whether quotes can carry UTF-8, as after ENABLE UTF8=ACCEPT; the octets are UTF-8.

    RFC 9051 section 9: string = quoted / literal.
    """
    # astring = 1*ASTRING-CHAR / string, but Courier ends a bare name at "[", "]" or "~", and
    # hoodiecrow and WildDuck refuse such bare names as [Gmail].
    # "The quoted string form [...] has limitations on the characters that may be used", RFC 9051
    # section 4.3: a literal has none.
    unquotable = _UNQUOTABLE_IN_UTF8 if utf8 else _UNQUOTABLE
    if len(data) > MAX_QUOTED or unquotable.search(data):
        return Literal(data)
    return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def mailbox(name: str, *, utf8: bool = False) -> Argument:
    """Write a mailbox name.

    Args:
        name: The name.
        utf8: Whether names are in UTF-8, as after ENABLE UTF8=ACCEPT, and not in modified UTF-7.

    Raises:
        UsageError: If it is empty or holds a line end, NUL or lone surrogate.

    RFC 9051 section 9: mailbox; RFC 3501 section 5.1.3.
    """
    # An empty name is the root in LIST; any other command would take it for a mailbox.
    if not check_text(name, "a mailbox name"):
        raise UsageError("a mailbox name cannot be empty")
    return string(name.encode(), utf8=True) if utf8 else string(utf7.encode(name))


def mailbox_pattern(pattern: str, *, utf8: bool = False) -> Argument:
    """Write LIST's reference or pattern, in which % and * are wildcards in quotes too.

    Args:
        pattern: The pattern.
        utf8: As in `mailbox()`.

    RFC 9051 section 9: list-mailbox = 1*list-char / string.
    """
    text = check_text(pattern, "a mailbox pattern")
    return string(text.encode(), utf8=True) if utf8 else string(utf7.encode(text))


def split_at_spaces(given: str | Iterable[str], what: str) -> list[str]:
    """List what is given separated by spaces, or one by one.

    Raises:
        UsageError: If it is neither a str nor an iterable of str.
    """
    if isinstance(given, str):
        return [*filter(None, given.split(" "))]
    return strings(given, what)


def flag_list(given: str | Iterable[str]) -> bytes:
    r"""Write flags, given as "\Seen work" or one by one.

    Raises:
        UsageError: If one is no flag, or the name of a system flag without its backslash.

    RFC 9051 section 9: flag-list = "(" [flag *(SP flag)] ")".
    """
    names = split_at_spaces(given, "flags")
    # Each is a flag by itself: "\Seen \Deleted" as one name would be two flags.
    for name in names:
        if not _FLAG.fullmatch(name):
            example = r"\Seen or $Forwarded"
            raise UsageError(f"{name!r:.60} is no flag; flags are atoms such as {example}")
        # A keyword "Seen" is allowed, and marks nothing as seen in any client.
        if (meant := _SYSTEM_FLAGS.get(name.upper())) is not None:
            raise UsageError(f'{name!r} is a keyword of no meaning; did you mean r"{meant}"?')
    return f"({' '.join(names)})".encode("ascii")


def label_list(given: str | Iterable[str]) -> Argument:
    r"""Write labels of Gmail, given as one or one by one: r"\Inbox" or "To do".

    Raises:
        UsageError: If one is empty or holds a line end, NUL or lone surrogate.
    """
    # X-GM-LABELS (\Inbox "Muy Importante"): Gmail's own labels are written as flags, the others as
    # mailbox names, in modified UTF-7.
    parts: list[bytes | Literal] = []
    for label in strings(given, "labels"):
        if not check_text(label, "a label"):
            raise UsageError("a label cannot be empty")
        is_own = label.startswith("\\") and _FLAG.fullmatch(label)
        parts += (b" ", label.encode("ascii") if is_own else string(utf7.encode(label)))
    return (b"(", *parts[1:], b")")


def date_time(moment: datetime) -> bytes:
    """Write an internal date.

    Raises:
        UsageError: If it is no datetime, or has no time zone.

    RFC 9051 section 9: date-time.
    """
    if not isinstance(moment, datetime):
        raise UsageError(f"an internal date must be a datetime, not {type(moment).__name__}")
    # date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE,
    # as in "29-Feb-2024 12:30:00 +0100"; without a zone it could be any of forty hours.
    offset = moment.utcoffset()
    if offset is None:
        raise UsageError(f"an internal date must be a datetime with a time zone, not {moment!r}")
    month = moment.ctime()[4:7]  # in English, whatever the locale
    # zone = ("+" / "-") 4DIGIT: hours and minutes; local mean times of old have seconds too.
    minutes = round(offset / timedelta(minutes=1))
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    day = f"{moment.day:02}-{month}-{moment.year:04}"
    return f'"{day} {moment:%H:%M:%S} {zone}"'.encode("ascii")


def parts_of(arguments: Iterable[Argument]) -> list[bytes | Literal]:
    """List what a command's arguments consist of, with a space before each.

    Raises:
        UsageError: If they are too long for a line; a part of them that is sent would leave the
            server out of step.

    RFC 9051 section 9: SP "refers to exactly one space".
    """
    parts: list[bytes | Literal] = []
    for argument in arguments:
        parts += (b" ", *argument) if isinstance(argument, tuple) else (b" ", argument)
    length = sum([len(part) for part in parts if isinstance(part, bytes)])
    if length > MAX_LINE:
        message = f"a command of {length} octets is more than a server takes; split it into several"
        raise UsageError(message)
    return parts


def command(
    tag: bytes, name: bytes, parts: Iterable[bytes | Literal], capabilities: Iterable[str] = ()
) -> Iterator[list[bytes | Pieces]]:
    """Write a command in chunks; before each but the first, a continuation request must come.

    Args:
        tag: The command's tag.
        name: The command's name, such as b"UID FETCH".
        parts: The arguments, as `parts_of()` returns them.
        capabilities: With LITERAL+ or LITERAL-, short literals do not wait unless they are
            synchronizing.

    Yields:
        One chunk as octets to be sent in a row: a large literal is not copied to join them.

    RFC 9051 section 4.3; RFC 7888.
    """
    before: list[bytes | Pieces] = []
    chunk = bytearray(tag + b" " + name)
    line = len(chunk)  # without literals, which no limit of a line counts
    for part in parts:
        if isinstance(part, bytes):
            chunk += part
            line += len(part)
            continue
        # literal = "{" number64 ["+"] "}" CRLF *CHAR8
        size = part.size
        chunk += b"~" * part.binary  # literal8 = "~{" number64 "}" CRLF *OCTET
        if _may_go_at_once(part, line, capabilities):
            chunk += b"{%d+}\r\n" % size
        else:
            # "The client is not permitted to send the octets of the synchronizing literal unless
            # the server indicates that it is expected", RFC 9051 section 7.6.
            chunk += b"{%d}\r\n" % size
            yield [*before, bytes(chunk)]
            before.clear()
            chunk.clear()
        # One write for a command and its short literals; a large one is written without a copy.
        if isinstance(part.data, bytes) and size <= MAX_COPIED:
            chunk += part.data
        else:
            before += [bytes(chunk), part.data] if chunk else [part.data]
            chunk.clear()
        line = 0
    yield [*before, bytes(chunk + b"\r\n")]


def octets_of(chunk: Iterable[bytes | Pieces]) -> Iterator[bytes]:
    """Yield what is sent in a row, octets that come in pieces as they come."""
    for some in chunk:
        if isinstance(some, bytes):
            yield some
        else:
            # The next is read when the one before it was written, so that one is in memory.
            yield from some.pieces()


def _may_go_at_once(literal: Literal, line: int, capabilities: Iterable[str]) -> bool:
    """Tell whether a literal may be non-synchronizing, after a line of so many octets."""
    if literal.synchronizing or line > MAX_NON_SYNC_LINE:
        return False
    # "Non-synchronizing literals MUST NOT be larger than 4096 octets", RFC 9051 section 4.3.
    if "LITERAL+" in capabilities:
        return literal.size <= literal.at_once
    # IMAP4rev2 contains LITERAL-, RFC 9051 appendix E.
    short = literal.size <= MAX_NON_SYNC
    return short and not {"LITERAL-", "IMAP4REV2"}.isdisjoint(capabilities)
