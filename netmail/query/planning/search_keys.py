"""The planner's keys as queries of `netmail.search`, within what servers take.

This file knows how a key is written, and not why it is wanted.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from netmail import SearchKey
from netmail import search as S  # noqa: N812 -- as the documentation writes it
from netmail.query.planning.keys import INFINITE, All, Key, Name, Numbers, Range, Several

LARGEST: Final = 0xFFFFFFFF
"""The largest UID: RFC 9051 section 9, nz-number."""

OCTETS: Final = 32_000
"""Octets of a whole query. Dovecot 2.3 refuses 70,000 in one argument, Cyrus 3.6 ends the session
at 140,000; both take 60,000 in many keys."""


def written(key: Key) -> SearchKey:
    """Write a key.

    Raises:
        UsageError: If it has too many levels.
    """
    match key:
        case All(holds):
            return S.all_() if holds else ~S.all_()
        case Numbers(kind, ranges):
            return _NUMBERS[kind](ranges)
        case Name(kind, arguments, holds):
            return _name(kind, arguments, holds=holds)
        case Several(joins, keys):
            return (S.all_of if joins else S.any_of)(*map(written, keys))
    raise AssertionError(key)


def is_too_long(key: Key) -> bool:
    """Tell whether a key is more than servers take."""
    return len(str(written(key))) > OCTETS


def _any_range(ranges: tuple[Range, ...], one: Callable[[Range], list[SearchKey]]) -> SearchKey:
    return S.any_of(*(S.all_of(*one(each)) for each in ranges))


def _uids(ranges: tuple[Range, ...]) -> SearchKey:
    # No "*": "9999:*" past the end is the last message, on every server.
    clipped = [(max(low, 1), min(high, LARGEST)) for low, high in ranges]
    shown = [f"{low}:{high}" if low < high else f"{low}" for low, high in clipped if low <= high]
    return S.uid(",".join(shown)) if shown else ~S.all_()


def _sizes(ranges: tuple[Range, ...]) -> SearchKey:
    # Both are strict: SMALLER 6000 finds 5,999.
    return _any_range(
        ranges,
        lambda each: (
            ([S.larger(each[0] - 1)] if each[0] else [])
            + ([S.smaller(each[1] + 1)] if each[1] < INFINITE else [])
        ),
    )


def _days(ranges: tuple[Range, ...]) -> SearchKey:
    return _any_range(
        ranges,
        lambda each: (
            ([S.since(date.fromordinal(each[0]))] if each[0] else [])
            + ([S.before(date.fromordinal(each[1] + 1))] if each[1] < INFINITE else [])
        ),
    )


def _sent_days(ranges: tuple[Range, ...]) -> SearchKey:
    return _any_range(
        ranges,
        lambda each: (
            ([S.sent_since(date.fromordinal(each[0]))] if each[0] else [])
            + ([S.sent_before(date.fromordinal(each[1] + 1))] if each[1] < INFINITE else [])
        ),
    )


def _modseqs(ranges: tuple[Range, ...]) -> SearchKey:
    # "MODSEQ n" finds n and more; there is no key for less.
    return _any_range(
        ranges,
        lambda each: (
            ([S.modseq(each[0])] if each[0] else [])
            + ([~S.modseq(each[1] + 1)] if each[1] < INFINITE else [])
        ),
    )


_NUMBERS: Final[dict[str, Callable[[tuple[Range, ...]], SearchKey]]] = {
    "UID": _uids,
    "SIZE": _sizes,
    "DAY": _days,
    "SENT": _sent_days,
    "MODSEQ": _modseqs,
}
_FLAGS: Final[dict[str, tuple[Callable[[], SearchKey], Callable[[], SearchKey]]]] = {
    "answered": (S.answered, S.unanswered),
    "deleted": (S.deleted, S.undeleted),
    "draft": (S.draft, S.undraft),
    "flagged": (S.flagged, S.unflagged),
    "recent": (S.recent, S.old),
    "seen": (S.seen, S.unseen),
}


def _name(kind: str, arguments: tuple[str, ...], *, holds: bool) -> SearchKey:
    # Each opposite that has a name of its own is written by it.
    match kind, arguments:
        case "FLAG", [flag]:
            return _FLAGS[flag][0 if holds else 1]()
        case "KEYWORD", [keyword]:
            return S.keyword(keyword) if holds else S.unkeyword(keyword)
        case "WITHIN", [seconds]:
            return (S.younger if holds else S.older)(int(seconds))
        case "HEADER", [name, text]:
            key = S.header(name, text)
        case "BODY", [text]:
            key = S.body(text)
        case _, [text]:
            key = S.text(text)
        case _:
            raise AssertionError(kind)
    return key if holds else ~key
