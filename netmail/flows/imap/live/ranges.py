"""Ranges of UIDs, as servers name those that vanish.

This file knows numbers only; a server may name the same ones any number of times.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from netmail.results.vanished import Vanished


def ranges_of(uids: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Join neighbours among UIDs into ranges."""
    return joined((uid, uid) for uid in uids)


def joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join ranges that overlap or touch; the result ascends."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def among(uids: Sequence[int], vanished: Iterable[Vanished]) -> list[int]:
    """List those of ascending UIDs that vanish."""
    # Joined first, so that a range which is named a million times costs no million copies.
    return [
        uid
        for low, high in joined(each for some in vanished for each in some.ranges)
        for uid in uids[bisect_left(uids, low) : bisect_right(uids, high)]
    ]
