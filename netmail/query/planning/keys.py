"""Search keys as the planner computes with them: sets of numbers, flags, texts, opposites.

This file knows which keys join to one, and no field.

RFC 9051 section 6.4.4.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

INFINITE: Final = 1 << 62
"""More than any UID, size, day or modification sequence."""

Range: TypeAlias = tuple[int, int]
"""The first and the last number of a range."""


class Key:
    """What finds messages: one of the classes below."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class All(Key):
    """Each message, or, negated, none.

    Attributes:
        holds: Whether each.
    """

    holds: bool = True


@dataclass(frozen=True, slots=True)
class Numbers(Key):
    """Messages with one of some numbers.

    Attributes:
        kind: "UID", "SIZE", "DAY", "SENT" or "MODSEQ"; days are ordinals.
        ranges: The numbers, in their order and without neighbours.
    """

    kind: str
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Name(Key):
    """Messages with a flag, a keyword, an age or a text, or without it.

    Attributes:
        kind: "FLAG", "KEYWORD", "WITHIN", "HEADER", "BODY" or "TEXT".
        arguments: The flag; the keyword; the seconds; the header and the text; the text.
        holds: Whether with it.
    """

    kind: str
    arguments: tuple[str, ...]
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Several(Key):
    """What all of several keys find, or what one of them finds.

    Attributes:
        joins: Whether all.
        keys: At least two; none is an `All`, or a `Several` of the same sort.
    """

    joins: bool
    keys: tuple[Key, ...]


EVERY: Final = All()
NONE: Final = All(holds=False)


def both(*keys: Key) -> Key:
    """Find what all of the keys find."""
    return _joined(keys, joins=True)


def either(*keys: Key) -> Key:
    """Find what one of the keys finds."""
    return _joined(keys, joins=False)


def numbers(kind: str, ranges: Iterable[Range]) -> Key:
    """Find messages whose number is in one of the ranges, from 0 to `INFINITE`."""
    merged: list[Range] = []
    for low, high in sorted((max(low, 0), min(high, INFINITE)) for low, high in ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        elif low <= high:
            merged.append((low, high))
    if not merged:
        return NONE
    return EVERY if merged == [(0, INFINITE)] else Numbers(kind, tuple(merged))


def negated(key: Key) -> Key:
    """Find every other message; the opposite of a range is two ranges, and needs no NOT."""
    match key:
        case All(holds):
            return All(not holds)
        case Numbers(kind, ranges):
            return numbers(kind, _between(ranges))
        case Name(kind, arguments, holds):
            return Name(kind, arguments, not holds)
        case Several(joins, keys):
            return _joined([negated(each) for each in keys], joins=not joins)
    raise AssertionError(key)


def difference(upper: Key, lower: Key) -> Key:
    """Find what the first key finds and the second does not; it is within the first."""
    # What both have is not asked for again by its opposite.
    have = _parts(upper)
    left = [each for each in _parts(lower) if each not in have]
    return both(upper, negated(both(*left)))


def kinds(key: Key) -> set[str]:
    """Return the kinds of keys that are in a key."""
    if isinstance(key, Several):
        return set().union(*map(kinds, key.keys))
    return {key.kind} if isinstance(key, Numbers | Name) else set()


def _parts(key: Key) -> tuple[Key, ...]:
    return key.keys if isinstance(key, Several) and key.joins else (key,)


def _between(ranges: tuple[Range, ...]) -> Iterator[Range]:
    after = 0
    for low, high in ranges:
        yield after, low - 1
        after = high + 1
    yield after, INFINITE


def _joined(given: Iterable[Key], *, joins: bool) -> Key:
    """Join keys: flat, each once, and all numbers of a kind as one set.

    Dovecot 2.3 simplifies keys that it has twice in a row, and some of them wrongly.
    """
    # SMALLER 9 LARGER 3 SMALLER 7 is one range, 4 to 6.
    found: dict[Key, None] = {}
    sets: dict[str, list[tuple[Range, ...]]] = {}
    for key in _flat(given, joins=joins):
        if key == All(not joins):
            return key
        if isinstance(key, Numbers):
            sets.setdefault(key.kind, []).append(key.ranges)
        elif not isinstance(key, All):
            found[key] = None
    keys = [_merged(kind, each, joins=joins) for kind, each in sets.items()] + [*found]
    opposites = (negated(key) for key in found if isinstance(key, Name))
    if All(not joins) in keys or any(key in found for key in opposites):
        return All(not joins)
    keys = [key for key in keys if not isinstance(key, All)]
    if not keys:
        return All(joins)
    return keys[0] if len(keys) == 1 else Several(joins, tuple(keys))


def _flat(given: Iterable[Key], *, joins: bool) -> Iterator[Key]:
    for key in given:
        if isinstance(key, Several) and key.joins == joins:
            yield from key.keys
        else:
            yield key


def _merged(kind: str, sets: list[tuple[Range, ...]], *, joins: bool) -> Key:
    if not joins:
        return numbers(kind, [each for ranges in sets for each in ranges])
    first, *others = sets
    for ranges in others:
        first = tuple(_common(first, ranges))
    return numbers(kind, first)


def _common(one: tuple[Range, ...], other: tuple[Range, ...]) -> Iterator[Range]:
    """Yield what two sets have in common, in one pass over both."""
    here = there = 0
    while here < len(one) and there < len(other):
        low = max(one[here][0], other[there][0])
        high = min(one[here][1], other[there][1])
        if low <= high:
            yield low, high
        if one[here][1] < other[there][1]:
            here += 1
        else:
            there += 1
