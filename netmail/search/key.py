"""How the search keys of this folder are made: a name, then strings or bare arguments.

This file knows no key.
"""

from datetime import date
from typing import Final

from netmail.errors import UsageError
from netmail.text import check_text
from netmail.wire.imap.search_key import Key, SearchKey, Token

_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
"""RFC 9051 section 9: date-month."""


def bare(name: str) -> SearchKey:
    """Make a key without arguments that all servers know."""
    return Key((Token(name),))


def named(name: str, *arguments: str, capability: str = "") -> SearchKey:
    """Make a key whose arguments need no quotes: numbers, dates, sets, atoms."""
    return Key((Token(name), *map(Token, arguments)), capability)


def string(name: str, *arguments: str, capability: str = "") -> SearchKey:
    """Make a key whose arguments are strings of any characters.

    Raises:
        UsageError: If one is no str, or holds a line end, NUL or lone surrogate.
    """
    checked = [check_text(argument, f"the text of {name}") for argument in arguments]
    return Key((Token(name), *(Token(text, is_string=True) for text in checked)), capability)


def day(moment: date) -> str:
    """Write a day.

    Raises:
        UsageError: If it is no date.

    RFC 9051 section 9: date-text = date-day "-" date-month "-" date-year.
    """
    # 1-Feb-1994, in English whatever the locale
    if not isinstance(moment, date):
        raise UsageError(f"a day must be a date, not {type(moment).__name__}")
    return f"{moment.day}-{_MONTHS[moment.month - 1]}-{moment.year:04}"
