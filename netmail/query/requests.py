"""What the query flows ask a driver to do; a flow is a generator that yields these.

This file knows neither clients nor why something is asked.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from netmail import SearchKey, SearchResult
from netmail.query.rows import Row

T = TypeVar("T")
Found: TypeAlias = int | tuple[int, ...]
"""What a search finds: how many messages, or their UIDs."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search; its outcome is a tuple of UIDs or a count, or the `ImapError` of its refusal.

    Attributes:
        key: What is searched.
        mailbox: Where.
        result: "all" or "count".
    """

    key: SearchKey
    mailbox: str
    result: str = "all"


@dataclass(frozen=True, slots=True)
class Status:
    """One number of a mailbox; its outcome is that, or the `ImapError` of its refusal.

    Attributes:
        mailbox: The mailbox.
        item: "MESSAGES" or "UNSEEN".
    """

    mailbox: str
    item: str


@dataclass(frozen=True, slots=True)
class Together:
    """Searches and numbers in one round trip; the outcome is a list with that of each.

    Attributes:
        asked: The searches and the numbers.
    """

    asked: tuple[Search | Status, ...]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One FETCH; its outcome is a list of `FetchedMessage`.

    Attributes:
        uids: The messages; "*" for the last one.
        items: What is fetched of each.
        mailbox: Where they are.
    """

    uids: tuple[int, ...] | str
    items: tuple[str, ...]
    mailbox: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method of the client; its outcome is what that returns.

    Attributes:
        name: The method.
        arguments: Its arguments.
        keywords: Its arguments by name.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that may be refused; its outcome is that of the request, or the `ImapError`.

    Attributes:
        request: The request.
    """

    request: Fetch | Call


@dataclass(frozen=True, slots=True)
class Offers:
    """What the server offers: connects where needed; the outcome is a set of capabilities."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Rows that can be handed over; there is no outcome.

    Attributes:
        rows: The rows.
    """

    rows: tuple[Row, ...]


def found_by(result: SearchResult, wanted: str) -> Found:
    """Return what a search was to find: "all", or "count"."""
    return result.count or 0 if wanted == "count" else result.all or ()


Request: TypeAlias = Together | Fetch | Call | Attempt | Offers
Flow: TypeAlias = Generator[Request, Any, T]
"""A flow that returns a value."""
RowFlow: TypeAlias = Generator[Request | Ready, Any, None]
"""A flow that hands rows over."""
