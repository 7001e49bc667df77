# Written by scripts/twins from async_driver.py: edit that file, not this one.
"""What makes the requests of query flows, by the asyncio IMAP client.

This file knows the client's calls, and not what they are for.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from netmail import Imap, ImapError, Pending
from netmail.query.requests import (
    Attempt,
    Call,
    Fetch,
    Flow,
    Offers,
    Ready,
    Request,
    RowFlow,
    Search,
    Status,
    Together,
    found_by,
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
            case Together(asked):
                return self._together(asked)
            case Fetch(uids, items, mailbox):
                return [each for each in self.imap.fetch_many(uids, items, mailbox)]
            case Call(name, arguments, keywords):
                return getattr(self.imap, name)(*arguments, **keywords)
            case Attempt(tried):
                try:
                    return self._perform(tried)
                except ImapError as refusal:
                    return refusal
            case Offers():
                # The capabilities are those after the login: RFC 9051 section 7.2.2.
                if not self.imap.is_authenticated:
                    self.imap.connect()
                return self.imap.capabilities
        raise AssertionError(request)

    def _together(self, asked: tuple[Search | Status, ...]) -> list[Any]:
        """Ask in one round trip, and return what each question found, or its refusal."""
        with self.imap.pipeline() as pipeline:
            pending: list[Pending[Any]] = [
                pipeline.status(each.mailbox, each.item)
                if isinstance(each, Status)
                else pipeline.search(each.key, each.mailbox, result=each.result)
                for each in asked
            ]
        return [_outcome(one, each) for one, each in zip(asked, pending, strict=True)]


def _outcome(asked: Search | Status, pending: Pending[Any]) -> Any:
    if isinstance(pending.error, ImapError):
        return pending.error
    found = pending.result()
    if isinstance(asked, Status):
        return found[asked.item]
    return found_by(found, asked.result)
