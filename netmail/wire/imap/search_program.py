"""Queries as they are sent: search keys as text or as values, and the charset that they need.

This file knows how a query's tokens are written, and not what a search key means.

RFC 9051 section 6.4.4.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from netmail.wire.imap import encode
from netmail.wire.imap.encode import Argument, Literal
from netmail.wire.imap.search import search_keys, spaced
from netmail.wire.imap.search_key import SearchKey, Token, Written, capabilities_of, tokens_of

SearchQuery: TypeAlias = str | SearchKey
"""What to search for: IMAP search keys as text, or a query made by `netmail.search`."""


class Program(NamedTuple):
    """A query, ready to be sent.

    Attributes:
        keys: Its keys, as they are written.
        charset: The charset of its strings: "US-ASCII", or "UTF-8" where a character needs it.
        capabilities: The extensions that its keys need, in upper case.
    """

    keys: tuple[bytes | Literal, ...]
    charset: str
    capabilities: tuple[str, ...] = ()

    def arguments(self, *, with_charset: bool = True) -> list[Argument]:
        """Write the arguments of SEARCH.

        Args:
            with_charset: Whether CHARSET comes before keys that are not ASCII.

        RFC 9051 section 9: search-program = ["CHARSET" SP charset SP] search-key *(SP search-key).
        """
        # C: T1 UID SEARCH CHARSET UTF-8 SUBJECT {7}
        if self.charset == "UTF-8" and with_charset:
            return [b"CHARSET UTF-8", self.keys]
        return [self.keys]


def search_program(query: SearchQuery) -> Program:
    """Write a query; "NEW" if it is an empty text.

    Raises:
        UsageError: If it is a text that is wrong, as for `search_keys`.

    RFC 9051 section 9: search-key *(SP search-key).
    """
    # UNSEEN FROM "ann", as text or as a value, is sent alike:
    #
    # C: T1 UID SEARCH UNSEEN FROM "ann"
    if isinstance(query, SearchKey):
        tokens = list(tokens_of(query))
        needed = tuple(dict.fromkeys(capabilities_of(query)))
        is_ascii = all(token.text.isascii() for token in tokens)
        return Program(tuple(spaced(_parts(tokens))), _charset(is_ascii), needed)
    keys = search_keys(query)
    return Program(keys, _charset(query.isascii()))


def _charset(is_ascii: bool) -> str:
    # "Servers MUST support US-ASCII and UTF-8 charsets", RFC 9051 section 6.4.4.
    return "US-ASCII" if is_ascii else "UTF-8"


def _parts(tokens: list[Token | Written]) -> Iterator[bytes | Literal]:
    # search-key = "ALL" / ... / "FROM" SP astring / ... / "LARGER" SP number64 / ...: names,
    # numbers and dates are bare, astrings are quoted or literals.
    for token in tokens:
        match token:
            case Written():
                yield from search_keys(token.text)
            case Token(is_string=True):
                yield encode.string(token.text.encode())
            case _:
                yield token.text.encode()
