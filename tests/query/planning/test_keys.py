"""The planner's keys, joined and negated, beside sets of messages."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from netmail.query.planning.keys import (
    EVERY,
    INFINITE,
    NONE,
    Name,
    Numbers,
    Several,
    both,
    difference,
    either,
    kinds,
    negated,
    numbers,
)


@dataclass(frozen=True)
class Message:
    """What keys look at."""

    uid: int
    size: int
    flags: frozenset[str]


MESSAGES = [
    Message(uid, uid * 7 % 11, frozenset(f for bit, f in enumerate("ab") if uid >> bit & 1))
    for uid in range(12)
]
RANGES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=3)
LEAVES = st.one_of(
    st.sampled_from([EVERY, NONE]),
    st.builds(numbers, st.sampled_from(["UID", "SIZE"]), RANGES),
    st.builds(Name, st.just("FLAG"), st.tuples(st.sampled_from("ab")), st.booleans()),
)
KEYS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(both, inner, inner), st.builds(either, inner, inner), st.builds(negated, inner)
    ),
    max_leaves=8,
)


def found(key):
    """What a key finds."""
    return {each for each in MESSAGES if finds(key, each)}


def finds(key, message):
    """Tell whether a key finds a message."""
    match key:
        case Numbers(kind, ranges):
            number = message.uid if kind == "UID" else message.size
            return any(low <= number <= high for low, high in ranges)
        case Name(_, [flag], holds):
            return (flag in message.flags) is holds
        case Several(joins, keys):
            return (all if joins else any)(finds(each, message) for each in keys)
    return key.holds


@given(KEYS, KEYS)
def test_meaning(one, other):
    """Keys mean what sets do."""
    assert found(both(one, other)) == found(one) & found(other)
    assert found(either(one, other)) == found(one) | found(other)
    assert found(negated(one)) == {*MESSAGES} - found(one)
    assert found(difference(one, both(one, other))) == found(one) - found(other)


@given(KEYS)
def test_form(key):
    """Nothing is nested in its own kind, and numbers of a kind are one set."""
    left = [key]
    while left:
        each = left.pop()
        if isinstance(each, Several):
            left += each.keys
            names = [inner.kind for inner in each.keys if isinstance(inner, Numbers)]
            assert len(each.keys) >= 2
            assert len(names) == len(set(names))
            assert not any(inner in (EVERY, NONE) for inner in each.keys)
            assert not [i for i in each.keys if isinstance(i, Several) and i.joins == each.joins]


def test_numbers():
    """Neighbours are one range, and nothing is below 0."""
    assert numbers("UID", [(5, 6), (-3, 2), (7, 9)]) == Numbers("UID", ((0, 2), (5, 9)))
    assert numbers("UID", [(4, 3)]) == NONE
    assert numbers("UID", [(-1, INFINITE + 5)]) == EVERY


def test_kinds():
    """The kinds of keys within a key."""
    key = either(numbers("SIZE", [(1, 2)]), both(Name("FLAG", ("seen",)), numbers("UID", [(1, 1)])))

    assert kinds(key) == {"SIZE", "FLAG", "UID"}
    assert kinds(EVERY) == set()
