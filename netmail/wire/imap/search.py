"""SEARCH: the query as callers write it, and the UIDs that come back.

This file knows words, quotes and parentheses of a query, and not what the keys mean.
"""

import re
from collections.abc import Iterator
from typing import Final

from netmail.errors import ProtocolError, UsageError
from netmail.text import check_text
from netmail.wire.imap import encode, quirks
from netmail.wire.imap.encode import Argument, Literal
from netmail.wire.imap.responses import DataResponse
from netmail.wire.imap.sequence_set import LARGEST, expand

# A quoted string, a parenthesis, or a word; blanks lie between.
_WORD: Final = re.compile(
    r'[ \t]*+(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<paren>[()])|(?P<word>[^ \t()"]++))', re.DOTALL
)
_BLANK: Final = re.compile(r"[ \t]*+\Z")
_ESCAPED: Final = re.compile(r'\\(["\\])')
# What may stand bare: keys, numbers, dates, sets such as 1:* and $, and no "{", which would begin
# a literal.
_BARE: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%"\\]+')
_CHARSETS: Final = frozenset({"UTF-8", "US-ASCII"})

# esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
_ESEARCH: Final = re.compile(
    rb'(?: *\(TAG "?[^")]*"?\))?(?P<uid> *UID\b)?(?: +ALL (?P<all>[0-9:,]+))? *\Z', re.IGNORECASE
)


def search_program(keys: str) -> list[Argument]:
    """Write a query given as IMAP search keys; "NEW" if it is empty.

    What is not ASCII is sent as a UTF-8 literal, and CHARSET UTF-8 before all.

    Raises:
        UsageError: If a quote or a parenthesis is not closed, a line end or NUL is in it, or it
            names a charset, or asks for another answer than UIDs.

    RFC 9051 section 6.4.4.
    """
    text = check_text(keys, "a search query").strip(" \t") or "NEW"
    words = list(_words(text))
    first = words[0].upper() if isinstance(words[0], bytes) else b""
    if first == b"RETURN":
        raise UsageError("search() returns UIDs; send SEARCH RETURN by exec()")
    if first == b"CHARSET":
        words = _without_charset(words)
    parts = tuple(_spaced(words))
    if text.isascii():
        return [parts]
    return [b"CHARSET UTF-8", parts]


def _words(text: str) -> Iterator[bytes | Literal]:
    depth = at = 0
    for found in iter(_WORD.scanner(text).match, None):  # type: ignore[attr-defined]  # as in re's own Scanner
        at = found.end()
        depth += {"(": 1, ")": -1}.get(found["paren"] or "", 0)
        if depth < 0:
            raise UsageError(f"a parenthesis closes nothing in the search query {text!r:.200}")
        yield _write(found)
    if not _BLANK.match(text, at):
        raise UsageError(f"a quote is not closed in the search query {text!r:.200}")
    if depth:
        raise UsageError(f"a parenthesis is not closed in the search query {text!r:.200}")


def _write(found: re.Match[str]) -> bytes | Literal:
    if found["paren"]:
        return found["paren"].encode("ascii")
    if found["word"]:
        return encode.astring(found["word"].encode(), _BARE)
    return encode.string(_ESCAPED.sub(r"\1", found["quoted"]).encode())


def _without_charset(words: list[bytes | Literal]) -> list[bytes | Literal]:
    """Leave out CHARSET and its name: what is sent is chosen by what the words hold."""
    name = words[1] if len(words) > 2 else b""
    charset = name.strip(b'"').decode("ascii").upper() if isinstance(name, bytes) else ""
    if charset not in _CHARSETS:
        raise UsageError("search() sends UTF-8 by itself where it is needed; leave CHARSET out")
    return words[2:]


def _spaced(words: list[bytes | Literal]) -> Iterator[bytes | Literal]:
    """Put a space between words, and none inside parentheses."""
    before: bytes | Literal = b"("
    for word in words:
        if before != b"(" and word != b")":
            yield b" "
        yield word
        before = word


def search_results(responses: list[DataResponse], *, strict: bool = False) -> list[int]:
    """Read the UIDs of SEARCH and ESEARCH responses, in the server's order.

    Raises:
        ProtocolError: If one holds anything but numbers.
    """
    if not responses:
        quirks.tolerate(quirks.NO_SEARCH_REPLY, b"", strict=strict)
    found: list[int] = []
    for response in responses:
        if response.name == "SEARCH":
            found.extend(_numbers(response, strict=strict))
        else:
            quirks.tolerate(quirks.ESEARCH_FOR_SEARCH, response.rest, strict=strict)
            found.extend(_extended(response))
    return found


def _numbers(response: DataResponse, *, strict: bool) -> list[int]:
    # CONDSTORE adds (MODSEQ n) behind the numbers, RFC 7162 section 3.1.5.
    digits, _, _ = response.rest.partition(b"(")
    if digits.translate(None, b"0123456789 ") or len(response.fragments) > 1:
        raise ProtocolError("SEARCH's reply is no list of numbers", response.rest, "* SEARCH 1 2")
    if response.fragments[0].endswith(b" "):
        quirks.tolerate(quirks.TRAILING_SPACE, response.rest, strict=strict)
    words = digits.split()
    # int() refuses thousands of digits by an error of its own.
    numbers = list(map(int, words)) if max(map(len, words), default=0) <= 10 else [0]
    if numbers and not (min(numbers) >= 1 and max(numbers) <= LARGEST):
        raise ProtocolError("SEARCH's reply holds what is no UID", response.rest, "1 to 4294967295")
    return numbers


def _extended(response: DataResponse) -> tuple[int, ...]:
    """Read ESEARCH's ALL; without it nothing was found.

    RFC 9051 section 7.3.4; RFC 4731 section 3.1.
    """
    found = _ESEARCH.fullmatch(response.rest) if len(response.fragments) == 1 else None
    uids = expand((found["all"] or b"").decode("ascii")) if found and found["all"] else ()
    if found is None or uids is None or (uids and not found["uid"]):
        raise ProtocolError("ESEARCH tells no UIDs", response.rest, 'ESEARCH (TAG "x") UID ALL 1:2')
    return uids
