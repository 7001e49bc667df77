"""Search keys as values: combined by &, | and ~, compared, hashed, and shown as IMAP writes them.

This file knows how keys combine, and neither what a key means nor how a command is sent.

RFC 9051 section 6.4.4.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from netmail.errors import UsageError
from netmail.text import members

MAX_DEPTH: Final = 100
"""Levels of a query. A server reads the keys within NOT and OR by recursion, and no search has a
use for as many; a loop that combines a query with itself has reached it by mistake."""


# FROM "ann" is two tokens, of which the second is a string; LARGER 1000 is two bare ones.
class Token(NamedTuple):
    """One token of a query.

    Attributes:
        text: What is written.
        is_string: Whether it is written as a string, in quotes or as a literal.
    """

    text: str
    is_string: bool = False


class SearchKey:
    """What a message must be, to be found: a query of `netmail.search`, for `search()`.

    `a & b` finds what both find, `a | b` what one of them finds, `~a` everything else. `&` binds
    more tightly than `|`. A key is immutable and can be compared and hashed; `str()` shows it as
    IMAP writes it. It has no truth value, so that `and`, `or` and `not`, which would silently
    leave out a part of the query, raise `UsageError`.

    RFC 9051 section 6.4.4: search-key.
    """

    __slots__ = ()

    def __and__(self, other: "SearchKey") -> "SearchKey":
        return all_of(self, other)

    def __or__(self, other: "SearchKey") -> "SearchKey":
        return any_of(self, other)

    def __invert__(self) -> "SearchKey":
        # "NOT NOT x" is x.
        if isinstance(self, Prefixed) and self.name == "NOT":
            return self.key
        return Prefixed("NOT", self, _deeper([self]))

    def __bool__(self) -> bool:
        raise UsageError("a search key is no truth value: write & for and, | for or, ~ for not")

    def __str__(self) -> str:
        return "".join(_shown(tokens_of(self)))

    def __repr__(self) -> str:
        return f"<SearchKey {self}>"


# UNSEEN, SINCE 1-Feb-1994, HEADER "List-Id" "x", 1:5, $
@dataclass(frozen=True, slots=True, repr=False)
class Key(SearchKey):
    """One key: its name and its arguments.

    Attributes:
        tokens: The name and the arguments, as they are written.
        capability: The extension that it needs, in upper case; "" for a key that all servers know.
    """

    tokens: tuple[Token, ...]
    capability: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Written(SearchKey):
    """Keys as a caller has written them, whatever they are.

    Attributes:
        text: Search keys of IMAP.
    """

    text: str


# NOT SEEN, NOT (SEEN FLAGGED), FUZZY SUBJECT "x"
@dataclass(frozen=True, slots=True, repr=False)
class Prefixed(SearchKey):
    """A key after a name that changes what it finds.

    Attributes:
        name: NOT or FUZZY.
        key: The key.
        depth: How many levels of keys it has.
        capability: The extension that the name needs; "" for none.
    """

    name: str
    key: SearchKey
    depth: int
    capability: str = ""


# SEEN FLAGGED, and as an operand (SEEN FLAGGED)
@dataclass(frozen=True, slots=True, repr=False)
class AllOf(SearchKey):
    """What all of several keys find, at least two.

    Attributes:
        keys: The keys, none of which is an `AllOf`.
        depth: How many levels of keys it has.
    """

    keys: tuple[SearchKey, ...]
    depth: int


# OR SEEN FLAGGED, OR SEEN OR FLAGGED DRAFT
@dataclass(frozen=True, slots=True, repr=False)
class AnyOf(SearchKey):
    """What one of several keys finds, at least two.

    Attributes:
        keys: The keys, none of which is an `AnyOf`.
        depth: How many levels of keys it has.
    """

    keys: tuple[SearchKey, ...]
    depth: int


def all_of(*keys: SearchKey) -> SearchKey:
    """Find messages that all of these keys find.

    RFC 9051 section 6.4.4: "the result is the intersection (AND function) of all the messages that
    match those keys".
    """
    # UNSEEN FROM "ann" is both, and (UNSEEN (FROM "ann" SEEN)) is all three in a row.
    flat = _flat(keys, AllOf)
    return flat[0] if len(flat) == 1 else AllOf(flat, _deeper(flat))


def any_of(*keys: SearchKey) -> SearchKey:
    """Find messages that at least one of these keys finds.

    RFC 9051 section 6.4.4: OR <search-key1> <search-key2>.
    """
    # OR takes two keys: "Messages that match either search key." Three are OR a OR b c.
    flat = _flat(keys, AnyOf)
    return flat[0] if len(flat) == 1 else AnyOf(flat, _deeper(flat))


def _flat(given: Iterable[object], kind: type[AllOf] | type[AnyOf]) -> tuple[SearchKey, ...]:
    flat: list[SearchKey] = []
    for key in members(given):
        if not isinstance(key, SearchKey):
            raise UsageError(f"a query is made of keys of netmail.search, not of {key!r:.60}")
        flat += key.keys if isinstance(key, kind) else (key,)
    if not flat:
        raise UsageError("a query needs at least one key")
    return tuple(flat)


def _deeper(keys: Iterable[SearchKey]) -> int:
    # NOT, OR and parentheses each hold keys that the server reads within their own reading.
    depth = 1 + max([getattr(key, "depth", 0) for key in keys])
    if depth > MAX_DEPTH:
        raise UsageError(f"a query has at most {MAX_DEPTH} levels")
    return depth


def prefixed(name: str, key: SearchKey, capability: str = "") -> SearchKey:
    """Put a name before a key.

    RFC 6203 section 6: search-key =/ "FUZZY" SP search-key.
    """
    # FUZZY (SUBJECT "IMAP break" SEEN): "The FUZZY search key takes another search key as its
    # argument".
    return Prefixed(name, key, _deeper(_flat([key], AllOf)), capability)


def capabilities_of(key: SearchKey) -> Iterator[str]:
    """Yield each extension that a query needs."""
    # Keys of RFC 3501 and RFC 9051 need none; what is written as text is left to the server.
    for part in _walk(key):
        if isinstance(part, Key | Prefixed) and part.capability:
            yield part.capability


def tokens_of(key: SearchKey) -> Iterator[Token | Written]:
    """Write a query with the fewest parentheses.

    RFC 9051 section 9: search-key.
    """
    # search-key = "ALL" / "BCC" SP astring / ... /
    #              "NOT" SP search-key /
    #              "OR" SP search-key SP search-key /
    #              sequence-set /
    #              "(" search-key *(SP search-key) ")"
    #
    # Keys in a row are all wanted; only where one key is expected do they need parentheses:
    #
    # UNSEEN OR FROM "ann" (LARGER 1000 NOT (SEEN DELETED))
    for part in _walk(key):
        match part:
            case Key():
                yield from part.tokens
            case Prefixed():
                yield Token(part.name)
            case AnyOf():
                yield Token("OR")
            case Token() | Written():
                yield part


def _walk(key: SearchKey) -> Iterator[SearchKey | Token]:
    """Yield the parts of a query in the order in which they are written."""
    # No recursion: the stack holds what is still to be written, the next part last.
    stack: list[SearchKey | Token] = [*key.keys[::-1]] if isinstance(key, AllOf) else [key]
    while stack:
        part = stack.pop()
        # "When multiple keys are specified, the result is the intersection": nothing between them.
        if isinstance(part, AllOf):
            stack += (Token(")"), *part.keys[::-1], Token("("))
            continue
        yield part
        if isinstance(part, Prefixed):
            stack += _operand(part.key)
        elif isinstance(part, AnyOf):
            # OR OR a b OR c d
            #
            # Two halves, so that a hundred alternatives are seven levels and not a hundred.
            middle = len(part.keys) // 2
            for half in (part.keys[middle:], part.keys[:middle]):
                stack += _operand(half[0] if len(half) == 1 else AnyOf(half, part.depth))


def _operand(key: SearchKey) -> tuple[SearchKey | Token, ...]:
    """Put parentheses around keys of which only the first would be taken, in the stack's order."""
    # Text may be any number of keys; letters alone are one, such as SEEN.
    if isinstance(key, Written) and not key.text.isalpha():
        return (Token(")"), key, Token("("))
    return (key,)


def _shown(tokens: Iterable[Token | Written]) -> Iterator[str]:
    # SP is "exactly one space", and none is allowed after "(" or before ")".
    before = "("
    for token in tokens:
        shown = token.text
        if isinstance(token, Token) and token.is_string:
            # quoted = DQUOTE *QUOTED-CHAR DQUOTE, with a backslash before quoted-specials
            escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
            shown = f'"{escaped}"'
        yield shown if before == "(" or shown == ")" else f" {shown}"
        before = shown
