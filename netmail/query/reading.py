"""What a query reads: the number of messages, their UIDs, and rows.

This file knows which steps each of them takes, and not how a step finds anything.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from netmail.query.compare import fold
from netmail.query.expressions import comparisons
from netmail.query.fields import TextField
from netmail.query.finding import (
    BATCH,
    Candidates,
    Query,
    batches,
    read,
    read_true,
    search,
)
from netmail.query.planning.keys import EVERY, Name
from netmail.query.requests import Flow, Offers, Ready, RowFlow, Status, Together
from netmail.query.rows import Row
from netmail.query.sorting import first_in_order
from netmail.query.values import Facts, Price, compared, source_of, texts_of, value_of

T = TypeVar("T")
Order = Sequence[tuple[str, bool]]
"""Names of fields, each with whether the largest comes first."""


def count(query: Query) -> Flow[int]:
    """Count the messages that are meant."""
    total = 0
    if len(query.mailboxes) > 1:
        known = yield from _counted(query)
        if known is not None:
            return known
    for found in (yield from search(query, query.mailboxes, "count")):
        total += found.count
        for uids in batches(found.doubtful, price_of(found, set()), None):
            meant = yield from read_true(query, found, uids, set())
            total += len(meant)
    return total


def _counted(query: Query) -> Flow[int | None]:
    """Count in all mailboxes by numbers that servers keep: one round trip, and none selected.

    RFC 9051 section 6.3.11: STATUS.
    """
    # Only what one search would decide, so that both have the same result.
    query.knowledge.capabilities = yield Offers()
    made = query.plan()
    item = _NUMBERS.get(made.sure) if made.is_exact else None
    if item is None:
        return None
    outcomes = yield Together(tuple(Status(mailbox, item) for mailbox in query.mailboxes))
    return sum(outcomes) if all(isinstance(each, int) for each in outcomes) else None


_NUMBERS: Final = {EVERY: "MESSAGES", Name("FLAG", ("seen",), holds=False): "UNSEEN"}
"""What STATUS counts."""


def uids(query: Query, mailboxes: tuple[str, ...]) -> Flow[dict[str, list[int]]]:
    """List the UIDs of the messages that are meant, the newest first, of each mailbox with some."""
    meant: dict[str, list[int]] = {}
    for found in (yield from search(query, mailboxes)):
        true = {*found.sure}
        for each in batches(found.doubtful, price_of(found, set()), None):
            facts = yield from read_true(query, found, each, set())
            true |= {one.uid for one in facts}
        if true:
            meant[found.mailbox] = sorted(true, reverse=True)
    return meant


def rows(query: Query, names: Sequence[str], first: int, last: int | None, order: Order) -> RowFlow:
    """Hand rows over, as few as are wanted, the newest message first if no order is given."""
    if order:
        yield from _ordered(query, names, first, last, order)
        return
    at = 0
    for found in (yield from search(query, query.mailboxes)):
        if last is not None and at >= last:
            return
        every = sorted({*found.sure, *found.doubtful}, reverse=True)
        price = price_of(found, {*names})
        if not found.doubtful:
            # All are meant: what is before the first row is passed over without a look.
            for each in batches(_part(every, at, first, last), price, None):
                facts = yield from read_true(query, found, each, {*names})
                yield Ready(tuple(_row(query, one, names) for one in facts))
            at += len(every)
            continue
        for each in batches(every, price, last):
            facts = yield from read_true(query, found, each, {*names})
            made = [_row(query, one, names) for one in _part(facts, at, first, last)]
            yield Ready(tuple(made))
            at += len(facts)
            if last is not None and at >= last:
                return


def _ordered(
    query: Query, names: Sequence[str], first: int, last: int | None, order: Order
) -> RowFlow:
    """Hand rows over in an order that depends on what is in the messages."""
    fields = {compared(name) for name, _ in order}
    if len(order) == 1 and last is not None:
        name, is_falling = order[0]
        best = yield from first_in_order(query, name, last, is_falling=is_falling)
        if best is not None:
            yield from _in_order(query, names, best[first:last])
            return
    every: list[Facts] = []
    for found in (yield from search(query, query.mailboxes)):
        uids_ = sorted({*found.sure, *found.doubtful}, reverse=True)
        for each in batches(uids_, price_of(found, fields), None):
            every += yield from read_true(query, found, each, fields)
    # The sort is stable: the last of several fields first.
    for name, is_falling in reversed(order):
        every.sort(key=lambda facts: sort_key(name, facts), reverse=is_falling)
    yield from _in_order(query, names, every[first:last])


def _in_order(query: Query, names: Sequence[str], wanted: list[Facts]) -> RowFlow:
    """Hand rows over as they are in a list."""
    # Only now the fields of the rows, and only of the rows that are wanted.
    size = batch_size({*names})
    for begin in range(0, len(wanted), size):
        part = wanted[begin : begin + size]
        for mailbox in dict.fromkeys(each.mailbox for each in part):
            there = {each.uid: each for each in part if each.mailbox == mailbox}
            yield from read(query, mailbox, there, {*names})
            part = [each for each in part if each.mailbox != mailbox or each.uid in there]
        yield Ready(tuple(_row(query, each, names) for each in part))


def _part(every: list[T], at: int, first: int, last: int | None) -> list[T]:
    """Return those of a list that are wanted, where `at` others were before it."""
    return every[max(first - at, 0) : None if last is None else max(last - at, 0)]


def _row(query: Query, facts: Facts, names: Sequence[str]) -> Row:
    return Row(facts, names, query.names.get(facts.mailbox, ""))


def price_of(found: Candidates, names: set[str]) -> Price:
    """Return the price of the most expensive thing that is fetched."""
    prices = [source_of(name).price for name in names]
    if found.plan.left is not None and found.doubtful:
        prices += [
            source_of(compared(each.field.name)).price for each in comparisons(found.plan.left)
        ]
    return max(prices, default=Price.UID)


def batch_size(names: set[str]) -> int:
    """Return how many messages one FETCH of these fields is for."""
    return BATCH[max((source_of(name).price for name in names), default=Price.UID)]


def sort_key(name: str, facts: Facts) -> tuple[bool, Any]:
    """Return what messages are ordered by: missing values first, texts without case."""
    value = value_of(compared(name), facts)
    if issubclass(source_of(name).kind, TextField):
        texts = [fold(text) for text in texts_of(value)]
        return bool(texts), texts
    return value is not None, 0 if value is None else value
