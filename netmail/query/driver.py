# Written by scripts/twins from async_driver.py: edit that file, not this one.
"""What makes the requests of query flows, by the asyncio IMAP client.

This file knows the client's calls, and not what they are for.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from netmail import Imap, ImapError
from netmail.query.requests import (
    Call,
    Fetch,
    Flow,
    Offers,
    Ready,
    Request,
    RowFlow,
    Search,
    Together,
)
from netmail.query.rows import Row

T = TypeVar("T")


class Driver:
    """Runs flows.

    Args:
        imap: The client.
    """

    def __init__(self, imap: Imap) -> None:
        self.imap = imap

    def run(self, flow: Flow[T]) -> T:
        """Run a flow, and return what it returns."""
        outcome: Any = None
        while True:
            try:
                request = flow.send(outcome)
            except StopIteration as ended:
                value: T = ended.value
                return value
            outcome = self._perform(request)

    def rows(self, flow: RowFlow) -> Iterator[Row]:
        """Run a flow, and yield the rows that it hands over."""
        outcome: Any = None
        while True:
            try:
                request = flow.send(outcome)
            except StopIteration:
                return
            outcome = None
            if isinstance(request, Ready):
                for row in request.rows:
                    yield row
            else:
                outcome = self._perform(request)

    def _perform(self, request: Request) -> Any:
        match request:
            case Together(searches):
                return self._together(searches)
            case Fetch(uids, items, mailbox):
                return [each for each in self.imap.fetch_many(uids, items, mailbox)]
            case Call(name, arguments, keywords):
                return getattr(self.imap, name)(*arguments, **keywords)
            case Offers():
                if not self.imap.is_authenticated:
                    self.imap.connect()
                return self.imap.capabilities
        raise AssertionError(request)

    def _together(self, searches: tuple[Search, ...]) -> list[Any]:
        """Send searches in one round trip, and return what each found, or its refusal."""
        with self.imap.pipeline() as pipeline:
            pending = [
                pipeline.search(each.key, each.mailbox, result=each.result) for each in searches
            ]
        outcomes: list[Any] = []
        for search, each in zip(searches, pending, strict=True):
            if isinstance(each.error, ImapError):
                outcomes.append(each.error)
                continue
            found = each.result()
            outcomes.append(found.count or 0 if search.result == "count" else found.all or ())
        return outcomes
