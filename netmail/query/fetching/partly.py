"""Fetching what fields need of messages: at once, or without large files, range by range.

This file knows which requests that takes, and not why the fields are wanted.
"""

from typing import Final

from netmail import FetchedMessage, ImapError
from netmail.query.planning.knowledge import Knowledge
from netmail.query.requests import Attempt, Call, Fetch, Flow
from netmail.query.values import Facts, Wanted

WHOLE: Final = 50
"""Whole messages of one FETCH."""


def take(mailbox: str, facts: dict[int, Facts], wanted: Wanted) -> Flow[None]:
    """Fetch the same of all of these messages."""
    fetched = yield Fetch(tuple(sorted(facts)), tuple(wanted.fetch()), mailbox)
    _take(facts, wanted, fetched)


def _take(facts: dict[int, Facts], wanted: Wanted, fetched: list[FetchedMessage]) -> None:
    came = {message.uid: message for message in fetched}
    for uid, each in facts.items():
        if uid in came:
            each.take(came[uid], wanted)
        else:
            each.is_gone = True


def read_parts(
    knowledge: Knowledge, mailbox: str, facts: dict[int, Facts], wanted: Wanted
) -> Flow[None]:
    """Fetch messages without their large files; whole, where that cannot be done."""
    asked = Fetch(tuple(sorted(facts)), tuple(wanted.fetch()), mailbox)
    fetched = yield Attempt(asked)
    if isinstance(fetched, ImapError):
        # A server may refuse BODYSTRUCTURE because of one message that it cannot read.
        knowledge.left_out.add("PARTS")
    else:
        _take(facts, wanted, fetched)
        yield from _read_ranges(mailbox, facts)
    left = [
        uid
        for uid, each in facts.items()
        if not each.is_gone and not each.take_outline(wanted.parts)
    ]
    whole = Wanted(wanted.items, whole=True)
    for begin in range(0, len(left), WHOLE):
        yield from take(mailbox, {uid: facts[uid] for uid in left[begin : begin + WHOLE]}, whole)


def _read_ranges(mailbox: str, facts: dict[int, Facts]) -> Flow[None]:
    """Fetch the ranges that the messages lack, one of each in a round trip."""
    outlines = {uid: each.outline for uid, each in facts.items() if each.outline is not None}
    while outlines:
        ranges = {uid: each.wanted() for uid, each in outlines.items()}
        items = {
            uid: f"BODY.PEEK[]<{wanted[0]}.{wanted[1]}>"
            for uid, wanted in ranges.items()
            if wanted is not None
        }
        outlines = {uid: outlines[uid] for uid in items}
        if not items:
            return
        fetched = yield Attempt(Call("fetch_each", (items, mailbox)))
        for uid, each in outlines.items():
            each.take(None if isinstance(fetched, ImapError) else fetched.get(uid))
