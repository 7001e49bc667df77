"""A sample of what a server's search makes of one message, before its keys are trusted.

This file knows which keys a message must be found by, and which not, and never waits.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from netmail import FetchedMessage, ImapError
from netmail import search as S  # noqa: N812 -- as the documentation writes it
from netmail.query.planning.bounds import LARGEST_SIZE, LONGEST, SLACK
from netmail.query.planning.keys import INFINITE, Key, Name, both, either, numbers
from netmail.query.planning.knowledge import SAMPLED, Knowledge
from netmail.query.planning.search_keys import written
from netmail.query.requests import Attempt, Fetch, Flow, Search, Together


class Probe(NamedTuple):
    """A key, and what is known of the message.

    Attributes:
        kind: The kind of the key.
        key: The key.
        is_found: Whether it must find the message.
    """

    kind: str
    key: Key
    is_found: bool


def check_sample(knowledge: Knowledge, mailbox: str) -> Flow[None]:
    """Search for the newest message by each kind of key; leave out those that get it wrong."""
    # "*" is the last message, and none only of an empty mailbox: RFC 9051 section 6.4.9.
    items = ("FLAGS", "INTERNALDATE", "RFC822.SIZE")
    fetched = yield Attempt(Fetch("*", items, mailbox))
    if isinstance(fetched, ImapError) or not fetched:
        return
    message: FetchedMessage = max(fetched, key=lambda each: each.uid)
    probes = [each for each in _probes(message, datetime.now(UTC)) if knowledge.uses(each.kind)]
    # All at once first, which is nearly always right; only else each for itself.
    every = both(*(each.key for each in probes if each.is_found))
    none = either(*(each.key for each in probes if not each.is_found))
    outcomes = yield _searches(message.uid, [every, none], mailbox)
    if [isinstance(each, tuple) and bool(each) for each in outcomes] != [True, False]:
        outcomes = yield _searches(message.uid, [each.key for each in probes], mailbox)
        for probe, outcome in zip(probes, outcomes, strict=True):
            if isinstance(outcome, ImapError) or bool(outcome) is not probe.is_found:
                knowledge.left_out.add(probe.kind)
    knowledge.checked |= SAMPLED


def _searches(uid: int, keys: list[Key], mailbox: str) -> Together:
    return Together(tuple(Search(S.uid(uid) & written(key), mailbox) for key in keys))


def _probes(message: FetchedMessage, now: datetime) -> Iterator[Probe]:
    """Yield for each kind a key that must find the message, and one that must not."""
    size, created = message.size, message.internal_date
    if size is not None and 0 < size < LARGEST_SIZE:
        yield Probe("SIZE", numbers("SIZE", [(size, size)]), is_found=True)
        yield Probe("SIZE", numbers("SIZE", [(size + 1, INFINITE)]), is_found=False)
        yield Probe("SIZE", numbers("SIZE", [(0, size - 1)]), is_found=False)
    for flag in ("seen", "flagged", "answered", "deleted", "draft"):
        is_set = rf"\{flag}" in {each.lower() for each in message.flags or ()}
        yield Probe("FLAG", Name("FLAG", (flag,), holds=is_set), is_found=True)
        yield Probe("FLAG", Name("FLAG", (flag,), holds=not is_set), is_found=False)
    if created is None:
        return
    # The server's day may be the one before or after.
    day = created.astimezone(UTC).toordinal()
    yield Probe("DAY", numbers("DAY", [(day - 1, day + 1)]), is_found=True)
    yield Probe("DAY", numbers("DAY", [(0, day - 2)]), is_found=False)
    yield Probe("DAY", numbers("DAY", [(day + 2, INFINITE)]), is_found=False)
    age = int((now - created).total_seconds()) + SLACK
    if 0 < age < LONGEST:
        yield Probe("WITHIN", Name("WITHIN", (str(age),)), is_found=True)
        yield Probe("WITHIN", Name("WITHIN", (str(age),), holds=False), is_found=False)
