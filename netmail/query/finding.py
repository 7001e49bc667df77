"""Finding messages: the searches of a plan, what a refusal teaches, and what is looked at here.

This file knows the order of the steps, and yields each request; it never waits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from netmail import ImapError
from netmail.query.expressions import Expression
from netmail.query.fetching.partly import read_parts, take
from netmail.query.learn import find_refused, learn
from netmail.query.planning.bounds import Situation
from netmail.query.planning.decide import decide, missing
from netmail.query.planning.keys import kinds
from netmail.query.planning.knowledge import Knowledge
from netmail.query.planning.plan import Plan, plan
from netmail.query.planning.search_keys import written
from netmail.query.requests import (
    Attempt,
    Call,
    Flow,
    Found,
    Offers,
    Search,
    Together,
    found_by,
)
from netmail.query.values import Facts, Price, Wanted, source_of

BATCH = {
    Price.UID: 25_000,
    Price.META: 25_000,
    Price.HEADER: 1_000,
    Price.PARTS: 250,
    Price.WHOLE: 50,
}
"""Messages of one FETCH, by what is fetched of them: some megabytes at most, but for messages."""

TRIES = 10
"""Plans of one query: each refusal takes away a kind of key, of which there are ten."""


@dataclass(slots=True)
class Query:
    """What is wanted of one table.

    Attributes:
        expression: What messages must be.
        mailboxes: Where they are.
        knowledge: What is known of the server.
        zone: The zone of dates; `None` for the machine's.
        as_server: Whether `content` is what the server's own search makes of it.
        names: The tables' names by mailbox.
    """

    expression: Expression
    mailboxes: tuple[str, ...]
    knowledge: Knowledge
    zone: tzinfo | None = None
    as_server: bool = False
    names: dict[str, str] = field(default_factory=dict)

    def plan(self) -> Plan:
        """Make the plan, by what is known now."""
        now = datetime.now(UTC)
        situation = Situation(self.knowledge, now, self.zone, as_server=self.as_server)
        return plan(self.expression, situation)


@dataclass(slots=True)
class Candidates:
    """What the searches found in one mailbox.

    Attributes:
        mailbox: The mailbox.
        plan: The plan.
        sure: UIDs of messages that are surely meant; empty if they were counted only.
        count: How many these are.
        doubtful: UIDs of messages that may be meant.
    """

    mailbox: str
    plan: Plan
    sure: frozenset[int] = frozenset()
    count: int = 0
    doubtful: tuple[int, ...] = ()


def prepare(query: Query) -> Flow[Plan]:
    """Learn what the plan depends on, and make it."""
    knowledge = query.knowledge
    knowledge.capabilities = yield Offers()
    if query.mailboxes:
        yield from learn(knowledge, query.expression, query.mailboxes[0])
    return query.plan()


def search(query: Query, mailboxes: tuple[str, ...], result: str = "all") -> Flow[list[Candidates]]:
    """Search mailboxes, with the keys that the server takes."""
    if not mailboxes:
        return []
    made = yield from prepare(query)
    for _ in range(TRIES):
        outcomes = yield from _ask(made, mailboxes, result)
        refused = [each for each in outcomes if isinstance(each, ImapError)]
        if not refused:
            found = [each for each in outcomes if not isinstance(each, ImapError)]
            return [_candidates(made, name, [each[name] for each in found]) for name in mailboxes]
        # SELECT may be refused as well, and that teaches nothing about keys.
        used = set().union(*map(kinds, made.searches))
        if not used or not _is_of_search(refused[0]):
            raise refused[0]
        yield from find_refused(query.knowledge, made.searches, mailboxes[0])
        made = query.plan()
    raise refused[0]


def _ask(
    made: Plan, mailboxes: tuple[str, ...], result: str
) -> Flow[list[dict[str, Found] | ImapError]]:
    """Make the searches of a plan; return what each key found in each mailbox, or its refusal."""
    # A message may be in both, if it changes meanwhile: it is named to be counted once.
    wanted = result if made.is_exact else "all"
    keys = [written(key) for key in made.searches]
    found: list[dict[str, Found] | ImapError] = []
    if len(mailboxes) == 1:
        asked = tuple(Search(key, mailboxes[0], wanted) for key in keys)
        outcomes = (yield Together(asked)) if asked else []
        found += [
            each if isinstance(each, ImapError) else {mailboxes[0]: each} for each in outcomes
        ]
        return found
    for key in keys:
        outcome = yield Attempt(Call("search_each", (key, mailboxes, wanted)))
        if isinstance(outcome, ImapError):
            return [outcome]
        found.append({name: found_by(each, wanted) for name, each in outcome.items()})
    return found


def _is_of_search(error: ImapError) -> bool:
    return "SEARCH" in error.command.upper()


def _candidates(made: Plan, mailbox: str, outcomes: list[Found]) -> Candidates:
    found = Candidates(mailbox, made)
    for key, outcome in zip(made.searches, outcomes, strict=True):
        if isinstance(outcome, int):
            found.count = outcome
        elif key is made.sure:
            found.sure, found.count = frozenset(outcome), len(outcome)
        else:
            # What was deleted between the two searches, or changed, counts once.
            found.doubtful = tuple(sorted({*outcome} - found.sure, reverse=True))
    return found


def batches(uids: Iterable[int], price: Price, limit: int | None) -> Iterator[tuple[int, ...]]:
    """Cut UIDs into batches; the first ones are small where only some rows are wanted."""
    left = tuple(uids)
    # Ten rows may be among the first fifty messages; if not, twice as many are looked at.
    size = BATCH[price] if limit is None else min(BATCH[price], max(50, limit))
    place = 0
    while place < len(left):
        yield left[place : place + size]
        place += size
        size = min(BATCH[price], size * 2)


def read(query: Query, mailbox: str, facts: dict[int, Facts], names: set[str]) -> Flow[None]:
    """Fetch what these fields need, of the messages that lack it; what is gone is left out."""
    lacking = {uid: each for uid, each in facts.items() if not all(map(each.has, names))}
    lack = {name for each in lacking.values() for name in names if not each.has(name)}
    wanted = Wanted.of(lack, in_parts=query.knowledge.uses("PARTS"))
    if not wanted:
        return
    if wanted.parts:
        yield from read_parts(query.knowledge, mailbox, lacking, wanted)
    else:
        yield from take(mailbox, lacking, wanted)
    # A message that did not come was deleted meanwhile: no number names another one.
    for uid in [uid for uid, each in facts.items() if each.is_gone]:
        del facts[uid]


def read_true(
    query: Query, found: Candidates, uids: tuple[int, ...], names: set[str]
) -> Flow[list[Facts]]:
    """Decide about a batch of messages, and read these fields of those that are meant."""
    facts = {uid: Facts(uid, found.mailbox) for uid in uids}
    left = found.plan.left
    undecided = {uid: each for uid, each in facts.items() if uid not in found.sure}
    while left is not None and undecided:
        for uid, each in list(undecided.items()):
            decided = decide(left, each, query.zone)
            if decided is not None:
                del undecided[uid]
            if decided is False:
                del facts[uid]
        lack = set().union(*(missing(left, each, query.zone) for each in undecided.values()))
        if not lack:
            break
        # The cheapest fields first, and with them what the rows need at that price.
        price = min(source_of(name).price for name in lack)
        along = {name for name in names if source_of(name).price <= price}
        before = {*undecided}
        now = {name for name in lack if source_of(name).price is price}
        yield from read(query, found.mailbox, undecided, now | along)
        for uid in before - {*undecided}:
            del facts[uid]
    yield from read(query, found.mailbox, facts, names)
    return list(facts.values())
