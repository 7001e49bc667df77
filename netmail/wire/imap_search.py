"""SEARCH: the query as callers write it, and the UIDs that come back.

This file knows words, quotes and parentheses of a query, and not what the keys mean.
"""

import re
from collections.abc import Iterator

from netmail.errors import ProtocolError, UsageError
from netmail.wire.imap_encode import Argument, Literal
from netmail.wire.imap_parse import Data
from netmail.wire.safe import one_line
from netmail.wire.sequence import expand

# A quoted string, a parenthesis, or a word; blanks lie between.
_WORD = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<paren>[()])|(?P<word>[^\s()"]+))')
_ESCAPED = re.compile(r"\\(.)")


def query(keys: str) -> list[Argument]:
    """Write a query given as IMAP search keys; "NEW" if it is empty.

    What is not ASCII is sent as a UTF-8 literal, and CHARSET UTF-8 before all.

    Raises:
        UsageError: If a quote or a parenthesis is not closed, or a line end or NUL is in it.

    RFC 9051 section 6.4.4.
    """
    text = one_line(keys, "a search query").strip() or "NEW"
    parts = tuple(_spaced(_words(text)))
    if any(isinstance(part, Literal) for part in parts):
        return [b"CHARSET UTF-8", parts]
    return [parts]


def _words(text: str) -> Iterator[bytes | Literal]:
    depth = at = 0
    while text[at:].strip():
        found = _WORD.match(text, at)
        if not found:
            raise UsageError(f"a quote is not closed in the search query {text!r}")
        at = found.end()
        depth += {"(": 1, ")": -1}.get(found["paren"] or "", 0)
        if depth < 0:
            raise UsageError(f"a parenthesis closes nothing in the search query {text!r}")
        yield _write(found)
    if depth:
        raise UsageError(f"a parenthesis is not closed in the search query {text!r}")


def _write(found: re.Match[str]) -> bytes | Literal:
    written = found[0].strip()
    if written.isascii():
        return written.encode("ascii")
    quoted = found["quoted"]
    plain = written if quoted is None else _ESCAPED.sub(r"\1", quoted)
    return Literal(plain.encode())


def _spaced(words: Iterator[bytes | Literal]) -> Iterator[bytes | Literal]:
    """Put a space between words, and none inside parentheses."""
    before: bytes | Literal = b"("
    for word in words:
        if before != b"(" and word != b")":
            yield b" "
        yield word
        before = word


def results(responses: list[Data]) -> list[int]:
    """Read the UIDs of SEARCH and ESEARCH responses, in the server's order.

    Raises:
        ProtocolError: If one holds anything but numbers.
    """
    found: list[int] = []
    for response in responses:
        if response.name == "SEARCH":
            found.extend(_numbers(response))
        elif response.name == "ESEARCH" and (all_ := re.search(rb"\bALL (\S+)", response.rest)):
            found.extend(expand(all_[1].decode("ascii", "replace")))
    return found


def _numbers(response: Data) -> list[int]:
    # CONDSTORE adds (MODSEQ n) behind the numbers; some servers add a blank.
    numbers, _, _ = response.rest.partition(b"(")
    try:
        return list(map(int, numbers.split()))
    except ValueError:
        raise ProtocolError("SEARCH's reply is no list of numbers", response.rest) from None
