"""SEARCH: the query as callers write it, and the UIDs of the response.

This file knows the tokens of a query, and not what the search keys mean.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from netmail.errors import ProtocolError, UsageError
from netmail.text import check_text
from netmail.wire.imap import encode, quirks
from netmail.wire.imap.encode import Literal
from netmail.wire.imap.responses import DataResponse
from netmail.wire.imap.sequence_set import LARGEST, MAX_EXPANDED, expand
from netmail.wire.imap.tokenizer import tokens

# search-key = "ALL" / ... / "FROM" SP astring / ... / "(" search-key *(SP search-key) ")": a quoted
# string, a parenthesis, or an atom of anything else. Callers may write more than one space.
_TOKEN: Final = re.compile(
    r'[ \t]*+(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<paren>[()])|(?P<atom>[^ \t()"]++))', re.DOTALL
)
# The same space after the last token: "UNSEEN ", as callers join keys.
_SPACES: Final = re.compile(r"[ \t]*+\Z")
# QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials
_ESCAPED: Final = re.compile(r'\\(["\\])')
# What needs no quotes: names of search keys, flag-keyword, date = date-text, sequence-set =
# (seq-number / seq-range) ..., which have "*" and "$" (RFC 9051 section 9). No "{", which would
# begin a literal, and no "%", which no key needs.
_BARE: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%"\\]+')
_STRINGS: Final = {
    **dict.fromkeys(("BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO"), 1),
    "HEADER": 2,
}
"""How many strings follow a search key; bare, Courier would end them at "[", "]" or "~"."""
_CHARSETS: Final = frozenset({"UTF-8", "US-ASCII"})

# obsolete-search-response = "SEARCH" *(SP nz-number), and with CONDSTORE (RFC 7162 section 7)
# mailbox-data =/ "SEARCH" [1*(SP nz-number) SP search-sort-mod-seq], search-sort-mod-seq = "("
# "MODSEQ" SP mod-sequence-value ")"
_NUMBERS: Final = re.compile(
    rb"(?P<digits>[0-9 ]*+)(?:\(MODSEQ [0-9]{1,20}\) *+)?\Z", re.IGNORECASE
)
# esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data),
# search-correlator = SP "(" "TAG" SP tag-string ")"
_ESEARCH: Final = re.compile(
    rb' *+(?:\(TAG "?[^")]*+"?\) *+)?(?P<uid>UID(?: ++|\Z))?', re.IGNORECASE
)
# search-return-data = "MIN" SP nz-number / "MAX" SP nz-number / "ALL" SP sequence-set / "COUNT" SP
# number / search-ret-data-ext; RFC 7162 section 3.1.10 adds "MODSEQ" SP mod-sequence-value.
_RETURN_DATA: Final = re.compile(
    rb"(?P<name>ALL|MIN|MAX|COUNT|MODSEQ) (?P<value>[0-9:,]++)(?: ++|\Z)", re.IGNORECASE
)


def search_keys(keys: str) -> tuple[bytes | Literal, ...]:
    """Write search keys without a charset; "NEW" if there are none.

    Raises:
        UsageError: If a quote or a parenthesis is not closed, a line end or NUL is in it, or it
            names a charset other than UTF-8, or asks for a response other than UIDs.

    RFC 9051 section 9: search-key *(SP search-key).
    """
    text = check_text(keys, "a search query").strip(" \t") or "NEW"
    parts = list(_parts(text))
    first = parts[0].upper() if isinstance(parts[0], bytes) else b""
    # search = "SEARCH" [search-return-opts] SP search-program
    if first == b"RETURN":
        raise UsageError("search() returns UIDs; send SEARCH RETURN by exec()")
    if first == b"CHARSET":
        parts = _without_charset(parts)
    return tuple(spaced(parts))


def _parts(text: str) -> Iterator[bytes | Literal]:
    """Write each token of a query as it is sent."""
    depth = at = strings = 0
    for found in tokens(_TOKEN, text):
        at = found.end()
        depth += {"(": 1, ")": -1}.get(found["paren"] or "", 0)
        if depth < 0:
            raise UsageError(f"a parenthesis closes nothing in the search query {text!r:.200}")
        yield _part(found, is_string=strings > 0)
        strings = strings - 1 if strings else _STRINGS.get((found["atom"] or "").upper(), 0)
    if not _SPACES.match(text, at):
        raise UsageError(f"a quote is not closed in the search query {text!r:.200}")
    if depth:
        raise UsageError(f"a parenthesis is not closed in the search query {text!r:.200}")


def _part(found: re.Match[str], *, is_string: bool) -> bytes | Literal:
    if found["paren"]:
        return found["paren"].encode("ascii")
    if found["atom"]:
        data = found["atom"].encode()
        # NIL is an atom where a string may be absent; quoted it is always a string.
        is_bare = not is_string and _BARE.fullmatch(data) and data.upper() != b"NIL"
        return data if is_bare else encode.string(data)
    return encode.string(_ESCAPED.sub(r"\1", found["quoted"]).encode())


def _without_charset(parts: list[bytes | Literal]) -> list[bytes | Literal]:
    """Leave out CHARSET and its name: `search_program` adds it where a character needs it."""
    name = parts[1] if len(parts) > 2 else b""
    charset = name.strip(b'"').decode("ascii").upper() if isinstance(name, bytes) else ""
    if charset not in _CHARSETS:
        raise UsageError("search() sends UTF-8 by itself where it is needed; leave CHARSET out")
    return parts[2:]


def spaced(parts: Iterable[bytes | Literal]) -> Iterator[bytes | Literal]:
    """Put one space between parts, and none inside parentheses.

    RFC 9051 section 9: SP "refers to exactly one space".
    """
    before: bytes | Literal = b"("
    for part in parts:
        if before != b"(" and part != b")":
            yield b" "
        yield part
        before = part


def search_results(responses: list[DataResponse], *, strict: bool = False) -> list[int]:
    """Read the UIDs of SEARCH and ESEARCH responses, in the server's order.

    Raises:
        ProtocolError: If one holds anything but numbers.

    RFC 3501 section 7.2.5; RFC 9051 section 7.3.4.
    """
    if not responses:
        quirks.tolerate(quirks.NO_SEARCH_RESPONSE, b"", strict=strict)
    found: list[int] = []
    for response in responses:
        if response.name == "SEARCH":
            found.extend(number_list(response, strict=strict))
        else:
            quirks.tolerate(quirks.ESEARCH_FOR_SEARCH, response.rest, strict=strict)
            found.extend(_extended(response, MAX_EXPANDED - len(found)))
    return found


def number_list(response: DataResponse, *, strict: bool = False) -> list[int]:
    """Read the numbers of a SEARCH response, or of one that is written like it.

    Raises:
        ProtocolError: If it holds anything but numbers.

    RFC 9051 section 9: obsolete-search-response = "SEARCH" *(SP nz-number).
    """
    read = _NUMBERS.match(response.rest)
    if not read or len(response.fragments) > 1:
        message = f"a {response.name} response is no list of numbers"
        raise ProtocolError(message, response.rest, f"* {response.name} 1 2")
    if response.fragments[0].endswith(b" "):
        quirks.tolerate(quirks.TRAILING_SPACE, response.rest, strict=strict)
    found = read["digits"].split()
    # int() refuses thousands of digits by an error of its own.
    numbers = list(map(int, found)) if max(map(len, found), default=0) <= 10 else [0]
    if numbers and not (min(numbers) >= 1 and max(numbers) <= LARGEST):
        message = f"a {response.name} response holds what is no UID"
        raise ProtocolError(message, response.rest, "1 to 4294967295")
    return numbers


def _extended(response: DataResponse, limit: int) -> tuple[int, ...]:
    """Read an ESEARCH response of at most `limit` UIDs.

    RFC 9051 section 7.3.4; RFC 4731 section 3.1.
    """
    found = _ESEARCH.match(response.rest) if len(response.fragments) == 1 else None
    data = _return_data(response.rest[found.end() :]) if found else None
    # Without ALL nothing was found: "if the SEARCH results in no matches, the server MUST NOT
    # include the ALL result option" (RFC 4731 section 3.1), nor MIN and MAX; COUNT is 0 then.
    given = (data or {}).get("ALL", "")
    uids = expand(given, limit) if given else ()
    lost = not given and data is not None and data.get("COUNT", "0").strip("0")
    if found is None or data is None or uids is None or lost or (uids and not found["uid"]):
        message = "an ESEARCH response has no UIDs"
        raise ProtocolError(message, response.rest, 'ESEARCH (TAG "x") UID ALL 1:2')
    return uids


def _return_data(text: bytes) -> dict[str, str] | None:
    """Read names and values; `None` if the text is anything else."""
    data: dict[str, str] = {}
    at = 0
    for found in tokens(_RETURN_DATA, text):
        at = found.end()
        data[found["name"].decode("ascii").upper()] = found["value"].decode("ascii")
    return data if at == len(text) else None
