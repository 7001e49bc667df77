"""One IMAP response: its kind, its name, and its values.

This file knows the grammar that all responses share, and not what a FETCH or a LIST means: that is
read by the files of those names.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from netmail.errors import ProtocolError
from netmail.limits import ServerLimits
from netmail.results.imap import RawResponse
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.tokenizer import tokens
from netmail.wire.server_text import decode

Make: TypeAlias = Callable[[bytes], object]
"""What makes a value of an atom, or of a quoted string's content."""

Value: TypeAlias = "bytes | list[Value] | None"
"""A parsed value: a string or an atom, NIL, or a list."""

MAX_NESTING: Final = ServerLimits().nesting

MAX_VALUES: Final = 2_000_000
"""Values of one response that is parsed as lists. Each costs some 60 octets of memory for two that
arrive, and lines with literals between them have no end but `limits.response`. The largest
responses of real servers, with all flags or UIDs of a mailbox, have a million."""

# response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / message-data / ...) CRLF
# (RFC 9051 section 9), of which the last two are [number SP] name [SP ...]: "* 23 EXISTS",
# "* LIST (...) ...". Ten digits hold every number; "X-GM-LABELS2" is a name, "3" is none.
_DATA: Final = re.compile(
    rb"\* (?:(?P<number>[0-9]{1,10}) )?(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?: |\Z)"
)
# response-tagged = tag SP resp-cond-state CRLF, and untagged with "*" for the tag;
# resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text, resp-cond-bye = "BYE" SP resp-text,
# resp-cond-auth = ("OK" / "PREAUTH") SP resp-text. Some servers leave out SP and text: "A1 OK".
_STATUS: Final = re.compile(
    rb"(?P<tag>[^ ]+) (?P<status>OK|NO|BAD|BYE|PREAUTH)(?: (?P<text>.*))?\Z",
    re.IGNORECASE | re.DOTALL,
)
# quoted = DQUOTE *QUOTED-CHAR DQUOTE
_QUOTED: Final = rb'"(?:[^"\\]|\\.)*+"'
# resp-text = ["[" resp-text-code "]" SP] [text], resp-text-code = atom [SP 1*<any TEXT-CHAR except
# "]">] / ...; but a quoted string or a list in a code may hold "]", as flags do:
# "* OK [PERMANENTFLAGS (\Seen a]b)] x". Gmail sends no SP and no text: "* OK [HIGHESTMODSEQ 5]".
_CODE: Final = re.compile(
    rb"\[(?P<name>[^] ]++)"
    rb"(?: (?P<data>(?:" + _QUOTED + rb'|\((?:[^()"]|' + _QUOTED + rb')*+\)|[^]"(])*+))?\] ?',
    re.DOTALL,
)
# The same as the ABNF has it, for codes whose quotes or lists are not closed: '[X "a] text'.
_LOOSE_CODE: Final = re.compile(rb"\[(?P<name>[^] ]++)(?: (?P<data>[^]]*+))?\] ?")
# One token of a value: "(" or ")"; quoted = DQUOTE *QUOTED-CHAR DQUOTE; or an atom, in which any
# octet is taken but those that begin another token, for flags and numbers are written alike. An
# item's section may hold spaces and parentheses: msg-att-static = "BODY" section ["<" number ">"]
# SP nstring / ..., section = "[" [section-spec] "]", "BODY[HEADER.FIELDS (To Cc)]<0>". Its end is
# searched for no further than any section is long, or "BODY[" a million times would take for ever.
_TOKEN: Final = re.compile(
    rb'[ \t]*+(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*+)"'
    rb'|(?P<atom>(?:BODY|BINARY(?:\.SIZE)?)\[[^]]{0,1000}+\][^ \t()"]*+|[^ \t()"]++))',
    re.DOTALL | re.IGNORECASE,
)
# SP, "exactly one space" (RFC 9051 section 9); more spaces, and tabs, could mean nothing else.
_SPACES: Final = re.compile(rb"[ \t]*+\Z")
# QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials / ...,
# quoted-specials = DQUOTE / "\"; before anything else a backslash is kept as it is.
_ESCAPED: Final = re.compile(rb'\\(["\\])')
# flag-list = "(" [flag *(SP flag)] ")", and with flag-perm in PERMANENTFLAGS, which may be "\*".
_FLAG_LIST: Final = re.compile(r"\(([^()]*)\)")
# number64 = 1*DIGIT (RFC 9051 section 9), at most 9,223,372,036,854,775,807: 19 digits; UIDs and
# counts are smaller.
_NUMBER64: Final = re.compile(r"[0-9]{1,19}")


class ResponseCode(NamedTuple):
    """A response code, such as [UIDVALIDITY 3]: its name in upper case, and its data.

    RFC 9051 section 7.1.
    """

    name: str = ""
    data: str = ""


NO_CODE: Final = ResponseCode()


class StatusResponse(NamedTuple):
    """A status response, tagged or untagged (tag "*").

    RFC 9051 section 7.1.
    """

    tag: bytes
    status: str
    code: ResponseCode
    text: str


@dataclass(frozen=True, slots=True)
class DataResponse:
    """An untagged response with data: its number if it has one, its name, and all its fragments.

    `utf8` tells that mailbox names in it are in UTF-8, and not in modified UTF-7.

    RFC 9051 sections 7.2 to 7.5.
    """

    name: str
    number: int | None
    fragments: Fragments = field(repr=False)
    start: int = 0
    nesting: int = MAX_NESTING
    utf8: bool = False

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
    """Read a status response; `None` if the line is none.

    RFC 9051 section 9: resp-cond-state, resp-cond-bye, resp-cond-auth.
    """
    # T1 OK [APPENDUID 38505 3955] done
    found = _STATUS.match(line)
    if not found:
        return None
    tag, status, rest = found.groups(b"")
    code = NO_CODE
    if rest.startswith(b"[") and (coded := _CODE.match(rest) or _LOOSE_CODE.match(rest)):
        code = ResponseCode(decode(coded["name"]).upper(), decode(coded["data"] or b""))
        rest = rest[coded.end() :]
    return StatusResponse(tag, status.decode("ascii").upper(), code, decode(rest))


def bare_code(line: bytes) -> StatusResponse | None:
    """Read an untagged response that is a response code alone; `None` if the line is none."""
    # * [COPYUID 55 31 6]
    if not line.startswith(b"* ["):
        return None
    found = status(b"* OK " + line[2:])
    return found._replace(status="") if found and found.code.name else None


def number64(text: str | None) -> int | None:
    """Read a number that a server sent; `None` if it is none, or larger than any can be.

    RFC 9051 section 9: number64.
    """
    return int(text) if text is not None and _NUMBER64.fullmatch(text) else None


def flag_list(text: str) -> list[str]:
    """Read the flags of PERMANENTFLAGS; none where there is no list.

    RFC 9051 section 7.1: "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")".
    """
    found = _FLAG_LIST.search(text)
    return found[1].split() if found else []


def name(line: bytes) -> bytes | None:
    """Read an untagged response's name as it is written; `None` if it has none."""
    found = _DATA.match(line)
    return found["name"] if found else None


def data(
    fragments: Fragments, nesting: int = MAX_NESTING, *, utf8: bool = False
) -> DataResponse | None:
    """Read an untagged response's number and name; `None` if it has no name.

    Args:
        fragments: The response.
        nesting: How deep lists in it may nest.
        utf8: Whether mailbox names in it are in UTF-8.

    RFC 9051 section 9: response-data.
    """
    found = _DATA.match(fragments[0])
    if not found:
        return None
    digits, name = found.groups()
    return DataResponse(
        name.decode("ascii").upper(),
        int(digits) if digits else None,
        fragments,
        found.end(),
        nesting,
        utf8,
    )


def raw(fragments: Fragments, reason: str) -> RawResponse:
    """Keep a response that was not understood, at most 64 KiB of it."""
    return RawResponse(b"".join(part[:65536] for part in fragments[:16])[:65536], reason)


def unescaped(quoted: bytes) -> bytes:
    """Return the text of a quoted string.

    RFC 9051 section 9: quoted.
    """
    return _ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted


def values(fragments: Fragments, nesting: int = MAX_NESTING) -> list[Value]:
    """Parse text and literals into values: an atom and a quoted string are both octets.

    Raises:
        ProtocolError: If a parenthesis or a quote is not closed, or lists nest too deeply.

    RFC 9051 section 4: atom, number, string, parenthesized list, NIL.
    """
    # (UID 4 FLAGS (\Seen) BODY[] {3}: b"UID", b"4", b"FLAGS", [b"\\Seen"], ... as one list
    return tree(fragments, nesting, _atom, _string)


def tree(fragments: Fragments, nesting: int, atom: Make, string: Make) -> list[Any]:
    """Parse text and literals into lists; no recursion, so depth costs no stack.

    Args:
        fragments: Text and literals, which stay octets.
        nesting: How deep lists may nest.
        atom: Makes a value of an atom.
        string: Makes a value of a quoted string's content.

    Raises:
        ProtocolError: If a parenthesis or a quote is not closed, lists nest too deeply, or there
            are more values than `MAX_VALUES`.

    RFC 9051 section 4.
    """
    if _count(fragments) > MAX_VALUES:
        raise ProtocolError(f"a response has over {MAX_VALUES} values", fragments[0])
    stack: list[list[object]] = [[]]
    for index, fragment in enumerate(fragments):
        if index % 2:  # a literal: text and literals alternate
            stack[-1].append(fragment)
        else:
            _parse_text(fragment, stack, nesting, atom, string)
    if len(stack) != 1:
        raise ProtocolError("a list is not closed", fragments[0], ")")
    return stack[0]


def _count(fragments: Fragments) -> int:
    """Count values, or a few more, where there can be too many at all."""
    # Two octets are the shortest value and what separates it from the next.
    texts = fragments[::2]
    if sum(map(len, texts)) + len(fragments) < MAX_VALUES:
        return 0
    return len(fragments) + sum([text.count(b" ") + text.count(b"(") for text in texts])


def _parse_text(
    fragment: bytes, stack: list[list[object]], nesting: int, atom: Make, string: Make
) -> None:
    at = 0
    for found in tokens(_TOKEN, fragment):
        at = found.end()
        kind = found.lastgroup
        if kind == "atom":
            stack[-1].append(atom(found["atom"]))
        elif kind == "quoted":
            stack[-1].append(string(unescaped(found["quoted"])))
        elif kind == "open":
            if len(stack) > nesting:
                raise ProtocolError(f"lists nest more than {nesting} deep", fragment)
            inner: list[object] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif len(stack) == 1:
            raise ProtocolError("a parenthesis closes nothing", fragment)
        else:
            stack.pop()
    if not _SPACES.match(fragment, at):
        raise ProtocolError("neither atom, string nor list", fragment[at:], "a value")


def _atom(atom: bytes) -> bytes | None:
    # nil = "NIL"; the string is quoted.
    return None if atom.upper() == b"NIL" else atom


def _string(content: bytes) -> bytes | None:
    return content
