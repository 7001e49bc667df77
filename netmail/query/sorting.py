"""The first messages in the order of a number or time, where the server can sort by it exactly.

This file knows what SORT leaves open, and not what the rows are for.

RFC 5256 section 3.
"""

from typing import Any, Final

from netmail import ImapError
from netmail.query.finding import Query, prepare, read
from netmail.query.planning.keys import NONE
from netmail.query.planning.search_keys import written
from netmail.query.requests import Attempt, Call, Flow
from netmail.query.values import Facts, value_of

KEYS: Final = {"created": "ARRIVAL", "size": "SIZE"}
"""Fields by which a server sorts as they compare here. Texts and addresses it compares in an order
of its own, without "Re:", and by the first address only; a Date that cannot be read is
INTERNALDATE there."""

SPARE: Final = 50
"""Messages after the last that is wanted: those that equal it are sorted here."""


def first_in_order(
    query: Query, name: str, last: int, *, is_falling: bool
) -> Flow[list[Facts] | None]:
    """Return the first messages in an order; `None` if the server cannot sort them."""
    made = yield from prepare(query)
    is_one = len(query.mailboxes) == 1 and made.is_exact and made.sure != NONE
    if name not in KEYS or not is_one or not query.knowledge.uses("SORT"):
        return None
    mailbox = query.mailboxes[0]
    criteria = f"REVERSE {KEYS[name]}" if is_falling else KEYS[name]
    uids = yield Attempt(Call("sort", (criteria, written(made.sure), mailbox)))
    if isinstance(uids, ImapError):
        query.knowledge.left_out.add("SORT")
        return None
    facts: dict[int, Facts] = {}
    count = last + SPARE
    while True:
        for uid in uids[len(facts) : count]:
            facts[uid] = Facts(uid, mailbox)
        there = {uid: each for uid, each in facts.items() if not each.is_gone}
        yield from read(query, mailbox, there, {name})
        found = list(there.values())
        # RFC 5256 section 3: what is equal comes "according to the order in which they appear in
        # the mailbox"; here the newest comes first, so that all that equal the last are needed.
        if count >= len(uids) or _is_enough(found, name, last):
            break
        count *= 2
    if not _is_sorted(found, name, is_falling=is_falling):
        query.knowledge.left_out.add("SORT")
        return None
    found.sort(key=lambda each: each.uid, reverse=True)
    found.sort(key=lambda each: _value(each, name), reverse=is_falling)
    return found


def _value(facts: Facts, name: str) -> Any:
    return value_of(name, facts)


def _is_enough(found: list[Facts], name: str, last: int) -> bool:
    """Tell whether a message after the last that is wanted differs from it."""
    if not last:
        return True
    return len(found) > last and _value(found[-1], name) != _value(found[last - 1], name)


def _is_sorted(found: list[Facts], name: str, *, is_falling: bool) -> bool:
    values = [_value(each, name) for each in found]
    return values == sorted(values, reverse=is_falling)
