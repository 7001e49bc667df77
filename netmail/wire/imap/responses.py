"""One IMAP response: its kind, and its values.

This file knows the grammar that all responses share; what a FETCH or a LIST says is read by the
files of those names.
"""

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from netmail.errors import ProtocolError
from netmail.limits import ServerLimits
from netmail.results.imap import RawResponse
from netmail.wire.imap.fragments import Fragments
from netmail.wire.server_text import decode

Value: TypeAlias = "bytes | list[Value] | None"
"""A parsed value: a string or an atom, NIL, or a list."""

MAX_NESTING: Final = ServerLimits().nesting

# response-data = "*" SP ( [number SP] name [SP data] ) CRLF
_DATA = re.compile(rb"\* (?:(?P<number>[0-9]{1,10}) )?(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?: |\Z)")
_STATUS = re.compile(
    rb"(?P<tag>[^ ]+) (?P<status>OK|NO|BAD|BYE|PREAUTH)(?: (?P<text>.*))?\Z",
    re.IGNORECASE | re.DOTALL,
)
# resp-text = ["[" resp-text-code "]" SP] text; quoted strings and lists stand in some codes, and
# flags in them may hold "]".
_QUOTED = rb'"(?:[^"\\]|\\.)*+"'
_CODE = re.compile(
    rb"\[(?P<name>[^] ]++)"
    rb"(?: (?P<data>(?:" + _QUOTED + rb'|\((?:[^()"]|' + _QUOTED + rb')*+\)|[^]"(])*+))?\] ?',
    re.DOTALL,
)
# The same from servers that do not close their quotes.
_LOOSE_CODE = re.compile(rb"\[(?P<name>[^] ]++)(?: (?P<data>[^]]*+))?\] ?")
# One token of a list: parenthesis, quoted string, or atom; BODY's section stands in brackets, which
# is searched for their end no further than any section is long.
_TOKEN = re.compile(
    rb'[ \t]*+(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*+)"'
    rb'|(?P<atom>(?:BODY|BINARY(?:\.SIZE)?)\[[^]]{0,1000}+\][^ \t()"]*+|[^ \t()"]++))',
    re.DOTALL | re.IGNORECASE,
)
_BLANK = re.compile(rb"[ \t]*+\Z")
# quoted-specials = DQUOTE / "\"; before anything else the backslash stands for itself.
_ESCAPED = re.compile(rb'\\(["\\])')

# number64, which a UID, a count of messages and a MODSEQ fit into
_NUMBER = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class ResponseCode:
    """A response code, such as [UIDVALIDITY 3]: its name in upper case, and what follows.

    RFC 9051 section 7.1.
    """

    name: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class StatusResponse:
    """A status response, tagged or untagged (tag "*").

    RFC 9051 section 7.1.
    """

    tag: bytes
    status: str
    code: ResponseCode
    text: str


@dataclass(frozen=True, slots=True)
class DataResponse:
    """An untagged response with data: its number if it has one, its name, and all its fragments."""

    name: str
    number: int | None
    fragments: Fragments = field(repr=False)
    start: int = 0
    nesting: int = MAX_NESTING

    def values(self) -> list[Value]:
        """Parse what follows the name.

        Raises:
            ProtocolError: If it is no list of values.
        """
        return values([self.rest, *self.fragments[1:]], self.nesting)

    @property
    def rest(self) -> bytes:
        """What follows the name, up to the first literal."""
        return self.fragments[0][self.start :]


def status(line: bytes) -> StatusResponse | None:
    """Read a status response; `None` if the line is none."""
    found = _STATUS.match(line)
    if not found:
        return None
    words = found["text"] or b""
    code = ResponseCode()
    if coded := _CODE.match(words) or _LOOSE_CODE.match(words):
        code = ResponseCode(decode(coded["name"]).upper(), decode(coded["data"] or b""))
        words = words[coded.end() :]
    status = found["status"].decode("ascii").upper()
    return StatusResponse(found["tag"], status, code, decode(words))


def number64(text: str | None) -> int | None:
    """Read a number that a server tells; `None` if it is none, or larger than any can be.

    RFC 9051 section 9: number64.
    """
    return int(text) if text is not None and _NUMBER.fullmatch(text) else None


def name(line: bytes) -> bytes | None:
    """Read an untagged response's name, as it stands; `None` if it has none."""
    found = _DATA.match(line)
    return found["name"] if found else None


def data(fragments: Fragments, nesting: int = MAX_NESTING) -> DataResponse | None:
    """Read an untagged response's name; `None` if it has none.

    Args:
        fragments: The response.
        nesting: How deep lists in it may nest.
    """
    found = _DATA.match(fragments[0])
    if not found:
        return None
    count, word = found.groups()
    return DataResponse(
        word.decode("ascii").upper(), int(count) if count else None, fragments, found.end(), nesting
    )


def raw(fragments: Fragments, reason: str) -> RawResponse:
    """Keep a response that could not be understood."""
    return RawResponse(b"".join(fragment[:65536] for fragment in fragments[:16])[:65536], reason)


def values(fragments: Fragments, nesting: int = MAX_NESTING) -> list[Value]:
    """Parse text and literals into values; no recursion, so depth costs no stack.

    Raises:
        ProtocolError: If a parenthesis or a quote is not closed, or lists nest too deeply.
    """
    top: list[Value] = []
    stack: list[list[Value]] = [top]
    for index, fragment in enumerate(fragments):
        if index % 2:
            stack[-1].append(fragment)
        else:
            _parse_text(fragment, stack, nesting)
    if len(stack) != 1:
        raise ProtocolError("a list is not closed", fragments[0], ")")
    return top


def _parse_text(fragment: bytes, stack: list[list[Value]], nesting: int) -> None:
    at = 0
    for found in iter(_TOKEN.scanner(fragment).match, None):  # type: ignore[attr-defined]  # undocumented, stable
        at = found.end()
        kind = found.lastgroup
        if kind == "atom":
            atom = found["atom"]
            stack[-1].append(None if atom.upper() == b"NIL" else atom)
        elif kind == "quoted":
            quoted = found["quoted"]
            stack[-1].append(_ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted)
        elif kind == "open":
            if len(stack) > nesting:
                raise ProtocolError(f"lists nest more than {nesting} deep", fragment)
            inner: list[Value] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif len(stack) == 1:
            raise ProtocolError("a parenthesis closes nothing", fragment)
        else:
            stack.pop()
    if not _BLANK.match(fragment, at):
        raise ProtocolError("neither atom, string nor list", fragment[at:], "a value")
