"""The bounds of an expression: a key that finds only true messages, and one that finds them all.

This file knows what servers make of each key, and never asks one.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final, NamedTuple

from netmail import UsageError
from netmail import search as S  # noqa: N812 -- as the documentation writes it
from netmail.query.compare import ordinary
from netmail.query.expressions import And, Compare, Every, Expression, Operator, Or
from netmail.query.planning.keys import (
    EVERY,
    INFINITE,
    NONE,
    All,
    Key,
    Name,
    Numbers,
    Range,
    both,
    either,
    negated,
    numbers,
)
from netmail.query.planning.knowledge import Knowledge
from netmail.query.planning.ranges import SECOND, moment, ranges_of, utc_day
from netmail.query.planning.runs import runs
from netmail.query.values import Price, source_of

SLACK: Final = 600
"""Seconds by which the clocks of both sides may differ: what is that near is looked at here."""

LARGEST_UID: Final = 0xFFFFFFFF
LARGEST_SIZE: Final = 0x7FFFFFFE
"""The largest size in a key, 2 GiB: "LARGER 4294967292" ends a session with Cyrus 3.6."""

LONGEST: Final = 0x7FFFFFFF
"""The largest age in seconds that is sent, 68 years: others may count in 32 bits."""

UID_RANGES: Final = 150
"""Ranges of UIDs in one key: some 3,000 octets of the 8,192 that RFC 7162 section 4 advises."""

FIRST_DAY: Final = date(1971, 1, 1).toordinal()
LAST_DAY: Final = date(2037, 12, 30).toordinal()
"""Days outside of these are not sent: Cyrus refuses the year 1, and some count in 32 bits."""

UNREADABLE: Final = ((0, date(1970, 1, 2).toordinal()),)
"""The days of a Date that is missing or cannot be read, on Dovecot: the first one of all."""

_STRUCTURED: Final = {
    *("sender", "to", "cc", "bcc"),
    *("message_id", "in_reply_to", "references", "list_id"),
}


class Bounds(NamedTuple):
    """What an expression can be searched by.

    Attributes:
        lower: Finds true messages only.
        upper: Finds all true messages.
    """

    lower: Key
    upper: Key

    @property
    def is_exact(self) -> bool:
        """Whether the search finds what the expression means."""
        return self.lower == self.upper


@dataclass(frozen=True, slots=True)
class Situation:
    """What the bounds depend on beside the expression.

    Attributes:
        knowledge: What is known of the server.
        now: The time.
        zone: The zone of dates; `None` for the machine's.
        as_server: Whether `content` and `email` are what the server's own search makes of them.
        slack: Seconds by which the clocks of both sides may differ.
    """

    knowledge: Knowledge
    now: datetime
    zone: tzinfo | None = None
    as_server: bool = False
    slack: int = SLACK


_UNKNOWN: Final = Bounds(NONE, EVERY)


def bounds(expression: Expression, situation: Situation) -> Bounds:
    """Compute the bounds of an expression."""
    match expression:
        case Every(_, holds):
            return Bounds(All(holds), All(holds))
        case And(parts):
            each = [bounds(part, situation) for part in parts]
            return Bounds(both(*(b.lower for b in each)), both(*(b.upper for b in each)))
        case Or(parts):
            each = [bounds(part, situation) for part in parts]
            return Bounds(either(*(b.lower for b in each)), either(*(b.upper for b in each)))
        case Compare():
            lower, upper = _positive(expression, situation)
            if expression.holds:
                return Bounds(lower, upper)
            # What is surely not found is what the upper bound leaves out.
            return Bounds(negated(upper), negated(lower))
    raise AssertionError(expression)


def residual(expression: Expression, situation: Situation) -> Expression | None:
    """Return what is left to decide of messages that the upper bound has found; `None` if nothing.

    A condition that the search decides, one of several that all have to hold, is left out.
    """
    if bounds(expression, situation).is_exact:
        return None
    # Of "a or b" the search does not say which of both holds; of "a and b" it says that a does.
    if not isinstance(expression, And):
        return expression
    left = [part for part in expression.parts if not bounds(part, situation).is_exact]
    return left[0] if len(left) == 1 else And(tuple(left), expression.depth)


def doubtful_kinds(expression: Expression) -> set[str]:
    """Return the kinds of keys for an expression of which not every server is trusted."""
    found: set[str] = set()
    for compare in _comparisons(expression):
        name = compare.field.name
        source = source_of(name)
        if name in _KINDS:
            found |= _KINDS[name]
        elif source.item == "FLAGS":
            found.add("FLAG")
        elif source.price is Price.HEADER:
            found.add("HEADER")
    return found


_KINDS: Final = {
    "sent": {"SENT"},
    "keywords": {"KEYWORD"},
    "size": {"SIZE"},
    "created": {"DAY", "WITHIN"},
}
"""The kinds of keys for these fields."""


def _comparisons(expression: Expression) -> list[Compare]:
    if isinstance(expression, And | Or):
        return [each for part in expression.parts for each in _comparisons(part)]
    return [expression] if isinstance(expression, Compare) else []


# -- one comparison ------------------------------------------------------------------------------


def _positive(compare: Compare, situation: Situation) -> Bounds:
    """Return the bounds of a comparison that has to hold."""
    name = compare.field.name
    source = source_of(name)
    if source.price >= Price.PARTS:
        return _content(compare, situation)
    if name == "keywords":
        return _keyword(compare, situation.knowledge)
    if compare.operator is Operator.EQUAL and compare.value is None:
        # "HEADER X" with an empty text finds each message that has the field, on every server.
        return _absent(name, situation.knowledge) if _is_text(name) else _UNKNOWN
    if source.item == "FLAGS":
        return _flag(compare, situation.knowledge)
    if source.price is Price.HEADER and name != "sent":
        return _text(compare, situation)
    ranges = ranges_of(compare.operator, compare.value, situation.zone)
    if name == "created":
        return _created(ranges, situation)
    if name == "sent":
        return _sent(ranges, situation.knowledge)
    return _number("UID" if name in {"uid", "id"} else name.upper(), ranges, situation.knowledge)


def _exact(key: Key) -> Bounds:
    return Bounds(key, key)


def _flag(compare: Compare, knowledge: Knowledge) -> Bounds:
    if not knowledge.uses("FLAG"):
        return _UNKNOWN
    key = Name("FLAG", (compare.field.name,))
    wanted = compare.value if isinstance(compare.value, frozenset) else {compare.value}
    return _exact(either(*(key if each else negated(key) for each in wanted)))


def _keyword(compare: Compare, knowledge: Knowledge) -> Bounds:
    if compare.operator is not Operator.EQUAL or not isinstance(compare.value, str):
        return _UNKNOWN
    try:
        S.keyword(compare.value)
    except UsageError:
        return _UNKNOWN  # no keyword has such a name
    # A system flag is no keyword, and KEYWORD takes none: flag-keyword = atom.
    if not knowledge.uses("KEYWORD") or compare.value.startswith("\\"):
        return _UNKNOWN
    return _exact(Name("KEYWORD", (compare.value.lower(),)))


def _number(kind: str, ranges: list[Range], knowledge: Knowledge) -> Bounds:
    if not knowledge.uses(kind):
        return _UNKNOWN
    if kind == "UID":
        return _uids(ranges)
    # RFC 7162 section 3.1.5: messages "whose mod-sequences are equal to or greater than" it.
    if kind == "MODSEQ":
        return _exact(numbers(kind, ranges))
    # What cannot be sent is left out of the lower bound, and is in the upper one.
    return Bounds(
        numbers(kind, _inside(ranges, 0, LARGEST_SIZE)),
        numbers(kind, _outside(ranges, 0, LARGEST_SIZE)),
    )


def _uids(ranges: list[Range]) -> Bounds:
    key = numbers("UID", [(max(low, 1), min(high, LARGEST_UID)) for low, high in ranges])
    if not isinstance(key, Numbers) or len(key.ranges) <= UID_RANGES:
        return _exact(key)
    # Too many for one command. UIDs cost nothing to look at, so the whole stretch is searched.
    return Bounds(NONE, numbers("UID", [(key.ranges[0][0], key.ranges[-1][1])]))


def _inside(ranges: list[Range], least: int, most: int) -> list[Range]:
    """Cut ranges to what can be sent: fewer numbers."""
    return [
        (max(low, least) if low else 0, high if high == INFINITE else min(high, most - 1))
        for low, high in ranges
        if low <= most
    ]


def _outside(ranges: list[Range], least: int, most: int) -> list[Range]:
    """Widen ranges to what can be sent: more numbers."""
    return [
        (min(low, most) if low > least else 0, max(high, least) if high < most else INFINITE)
        for low, high in ranges
        if low <= high
    ]


# -- times ---------------------------------------------------------------------------------------


def _created(ranges: list[Range], situation: Situation) -> Bounds:
    now = moment(situation.now, None)
    each = [
        Bounds(both(begin.lower, end.lower), both(begin.upper, end.upper))
        for first, last in ranges
        if first <= last
        for begin, end in [_edges(first, last, now, situation)]
    ]
    return Bounds(either(*(b.lower for b in each)), either(*(b.upper for b in each)))


def _edges(first: int, last: int, now: int, situation: Situation) -> tuple[Bounds, Bounds]:
    """Return the bounds of "not before" and "not after"."""
    knowledge, slack = situation.knowledge, situation.slack
    begin = Bounds(_after(first, sure=True), _after(first, sure=False))
    end = Bounds(_before(last, sure=True), _before(last, sure=False))
    if not knowledge.uses("DAY"):
        begin, end = _UNKNOWN, _UNKNOWN
    if knowledge.uses("WITHIN"):
        # The server's own day may be another one; an age is the same everywhere, but for clocks.
        young, old = (now - first) // SECOND, (now - last) // SECOND
        begin = Bounds(_younger(young - slack, begin.lower), _younger(young + slack, begin.upper))
        # Each message is at least a second old before it is surely no more in the future.
        least = 1 + slack - SLACK
        end = Bounds(_older(max(old + slack, least), end.lower), _older(old - slack, end.upper))
    return begin if first > 0 else _exact(EVERY), end if last < INFINITE else _exact(EVERY)


def _younger(seconds: int, otherwise: Key) -> Key:
    # "YOUNGER n" is now minus n or later, RFC 5032 section 3; 0 is no age there.
    return Name("WITHIN", (str(seconds),)) if 0 < seconds <= LONGEST else otherwise


def _older(seconds: int, otherwise: Key) -> Key:
    return negated(Name("WITHIN", (str(seconds),))) if 0 < seconds <= LONGEST else otherwise


def _after(first: int, *, sure: bool) -> Key:
    """Return a key of messages from a time on: surely so, or possibly.

    Each server counts in a zone of its own, at most a day away from UTC.
    """
    day = utc_day(first) + (2 if sure else -1)
    if day > LAST_DAY:
        return NONE if sure else numbers("DAY", [(LAST_DAY, INFINITE)])
    if day < FIRST_DAY:
        return numbers("DAY", [(FIRST_DAY, INFINITE)]) if sure else EVERY
    return numbers("DAY", [(day, INFINITE)])


def _before(last: int, *, sure: bool) -> Key:
    """Return a key of messages up to a time: surely so, or possibly."""
    day = utc_day(last) + (-2 if sure else 1)
    if day > LAST_DAY:
        return numbers("DAY", [(0, LAST_DAY)]) if sure else EVERY
    if day < FIRST_DAY:
        return NONE if sure else numbers("DAY", [(0, FIRST_DAY)])
    return numbers("DAY", [(0, day)])


def _sent(ranges: list[Range], knowledge: Knowledge) -> Bounds:
    if not knowledge.uses("SENT"):
        return _UNKNOWN
    # The day counts as it is written, whatever zone is beside it.
    days = [(utc_day(first) - 1, utc_day(last) + 1) for first, last in ranges if first <= last]
    wide = _outside(days, FIRST_DAY, LAST_DAY)
    return Bounds(NONE, numbers("SENT", [*wide, *UNREADABLE]) if wide else NONE)


# -- texts ---------------------------------------------------------------------------------------


def _is_text(name: str) -> bool:
    return name != "sent" and source_of(name).price is Price.HEADER


def _header_of(name: str) -> str:
    return source_of(name).item.title()


def _absent(name: str, knowledge: Knowledge) -> Bounds:
    """Return the bounds of "the field is missing"."""
    # A field may be there, and hold no address: what is absent is missing, and more than that.
    if not knowledge.uses("HEADER"):
        return _UNKNOWN
    return Bounds(negated(Name("HEADER", (_header_of(name), ""))), EVERY)


def _text(compare: Compare, situation: Situation) -> Bounds:
    values = compare.value if isinstance(compare.value, frozenset) else {compare.value}
    # No key finds what is before a text or after it, nor what a field lacks.
    if compare.operator in _ORDERED or None in values:
        return _UNKNOWN
    each = [_holding(compare, str(value), situation) for value in sorted(map(str, values))]
    return Bounds(NONE, either(*each))


_ORDERED: Final = {Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST}


def _holding(compare: Compare, value: str, situation: Situation) -> Key:
    """Return a key for messages that hold what a text has to hold."""
    name, knowledge = compare.field.name, situation.knowledge
    if not knowledge.uses("HEADER"):
        return EVERY
    texts = ordinary(value) if compare.operator is Operator.LIKE else [value]
    found = [
        run
        for text in texts
        for run in runs(text, structured=name in _STRUCTURED, decomposes=knowledge.decomposes)
    ]
    header = _header_of(name)
    # An empty text is in each field that is there, also in an empty one.
    if not found:
        return Name("HEADER", (header, ""))
    # What a server cannot decode it leaves as it is: "=?utf-8?q?two terms?=".
    undecoded = Name("HEADER", (header, "=?"))
    return either(both(*(Name("HEADER", (header, run)) for run in found)), undecoded)


def _content(compare: Compare, situation: Situation) -> Bounds:
    name, value = compare.field.name, compare.value
    if not situation.as_server or compare.operator is not Operator.CONTAINS:
        return _UNKNOWN
    kind = {"content": "BODY", "email": "TEXT"}.get(name, "")
    return _exact(Name(kind, (str(value),))) if situation.knowledge.uses(kind) else _UNKNOWN
