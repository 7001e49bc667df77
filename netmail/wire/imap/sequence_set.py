"""Sets of UIDs: as callers write them, as they are sent, and as servers write them.

This file knows numbers and ranges, and no command.

RFC 9051 section 9: sequence-set = (seq-number / seq-range) ["," sequence-set].
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from typing import Final, TypeAlias

from netmail.errors import UsageError
from netmail.text import members
from netmail.wire.number import number

UidSet: TypeAlias = int | str | Iterable[int]
"""One UID, UIDs, or an IMAP set such as "1:5,9,20:*"."""

MAX_SET: Final = 8_000
"""Octets of one set in a command. Courier accepts 16,000 an argument, Yahoo once accepted 1,000 a
line; RFC 7162 section 4 asks clients to stay within 8,192 a command."""

MAX_EXPANDED: Final = 1_000_000
"""UIDs that a server's set may name; "1:4294967295" would fill the memory."""

LARGEST: Final = 0xFFFFFFFF
"""The largest UID there is."""

# seq-range = seq-number ":" seq-number, seq-number = nz-number / "*", nz-number = digit-nz *DIGIT;
# 4294967295 has ten digits.
_SEQ_RANGE: Final = re.compile(r"([1-9][0-9]{0,9}|\*)(?::([1-9][0-9]{0,9}|\*))?")
# uid-set = (uniqueid / uid-range) *("," uid-set), uid-range = (uniqueid ":" uniqueid),
# uniqueid = nz-number: a server's sets have no "*".
_UID_SET: Final = re.compile(
    r"[1-9][0-9]{0,9}(?::[1-9][0-9]{0,9})?(?:,[1-9][0-9]{0,9}(?::[1-9][0-9]{0,9})?)*+"
)


def uid_sets(uids: UidSet, limit: int = MAX_SET) -> list[str]:
    """Write a set as one or more arguments of at most `limit` octets; none for an empty set.

    Raises:
        UsageError: If it is no set of UIDs from 1 to 4294967295.

    RFC 9051 section 4.1.1.
    """
    if isinstance(uids, str):
        items = _check_items(uids)
    elif isinstance(uids, int):
        items = [str(number(uids, "a UID"))]
    elif isinstance(uids, bytes | bytearray | memoryview) or not isinstance(uids, Iterable):
        # Octets are an iterable of ints too: b"5" would be message 53.
        raise UsageError(f"UIDs are an int, ints or a str such as '1:5,9', not {uids!r:.60}")
    else:
        items = list(_ranges({number(uid, "a UID") for uid in members(uids)}))
    return list(_pack(items, limit))


def is_open(uids: UidSet) -> bool:
    """Tell whether a set may name messages that the caller does not know of, as "1:*" does."""
    # "A UID range of 559:* always includes the UID of the last message in the mailbox", RFC 9051
    # section 6.4.9, and 1:5 includes what another session has added between.
    return isinstance(uids, str) and (":" in uids or "*" in uids)


def named(sets: Iterable[str], uids: Collection[int]) -> set[int]:
    """Find those of `uids` that sets name, as a client writes them.

    Args:
        sets: Sets, as `uid_sets()` returns them.
        uids: UIDs that exist.

    RFC 9051 section 9: sequence-set.
    """
    found: set[int] = set()
    # "* represents the largest number in use", RFC 9051 section 9: 9:* is 9 and the last one.
    last = str(max(uids, default=0))
    ordered = sorted(uids)
    for item in ",".join(sets).replace("*", last).split(","):
        first, _, other = item.partition(":")
        low, high = sorted((int(first), int(other or first)))
        found.update(ordered[bisect_left(ordered, low) : bisect_right(ordered, high)])
    return found


def split_set(text: str, limit: int) -> list[str]:
    """Split a set into several of at most `limit` octets.

    RFC 9051 section 9: sequence-set = (seq-number / seq-range) ["," sequence-set].
    """
    return [text] if len(text) <= limit else list(_pack(text.split(","), limit))


def below(text: str, uid: int) -> str:
    """Return the part of a set that is below a UID; "" if there is none.

    RFC 9738 section 3.1.
    """
    # Of 22000:25000,* below 24001 it is 22000:24000: "*" is the highest, and was worked on first.
    found: list[str] = []
    for item in text.split(","):
        ends = [LARGEST if end == "*" else int(end) for end in item.split(":")]
        low, high = min(ends), min(max(ends), uid - 1)
        if low <= high:
            found.append(_range(low, high))
    return ",".join(found)


def expand(text: str, limit: int = MAX_EXPANDED) -> tuple[int, ...] | None:
    """List the UIDs of a set that a server sent, in its order; `None` if it makes no sense.

    RFC 9051 section 9: uid-set = (uniqueid / uid-range) *("," uid-set).
    """
    # 2,5:7 is 2, 5, 6 and 7
    if not _UID_SET.fullmatch(text):
        return None
    found: list[int] = []
    for item in text.split(","):
        first, _, last = item.partition(":")
        low = int(first)
        high = int(last) if last else low
        if max(low, high) > LARGEST or abs(high - low) + len(found) >= limit:
            return None
        # "two uniqueid values and all values between these two regardless of order"
        step = 1 if low <= high else -1
        found.extend(range(low, high + step, step))
    return tuple(found)


def _check_items(text: str) -> list[str]:
    items = text.strip(" ").split(",")
    for item in items:
        numbers = _SEQ_RANGE.fullmatch(item)
        if not numbers or any(_is_too_large(end) for end in numbers.groups()):
            raise UsageError(f"{text!r:.200} is no set of UIDs; write one as in 1:5,9,20:*")
    return items


def _is_too_large(end: str | None) -> bool:
    return end not in {None, "*"} and int(end or 0) > LARGEST


def _ranges(uids: set[int]) -> Iterator[str]:
    """Join neighbours: 1 2 3 7 becomes 1:3 7."""
    first = last = 0
    for uid in sorted(uids):
        if first and uid == last + 1:
            last = uid
            continue
        if first:
            yield _range(first, last)
        first = last = uid
    if first:
        yield _range(first, last)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}:{last}"


def _pack(items: list[str], limit: int) -> Iterator[str]:
    # A comma joins the items of one command; a set that is too long is sent by several commands.
    packed: list[str] = []
    size = 0
    for item in items:
        if packed and size + len(item) + 1 > limit:
            yield ",".join(packed)
            packed, size = [], 0
        packed.append(item)
        size += len(item) + 1
    if packed:
        yield ",".join(packed)
