"""Sets of UIDs, written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import UsageError
from netmail.wire.imap.sequence_set import MAX_SET, expand, is_open, named, uid_sets
from support.timing import cpu_limit

UIDS = st.integers(1, 2**32 - 1)


@pytest.mark.parametrize(
    ("uids", "sets"),
    [
        (7, ["7"]),
        ([3, 1, 2, 7, 7], ["1:3,7"]),
        ([5], ["5"]),
        ([1, 2], ["1:2"]),
        ([], []),
        (range(1, 1_000_001), ["1:1000000"]),
        ("1:5,9,20:*", ["1:5,9,20:*"]),
        (" *:4,* ", ["*:4,*"]),
        (4294967295, ["4294967295"]),
    ],
)
def test_uid_sets(uids, sets):
    """Neighbours are joined; a str is checked and goes as it is."""
    assert uid_sets(uids) == sets


@given(st.sets(UIDS | st.integers(1, 50)), st.integers(10, 60))
def test_round_trip(uids, limit):
    """However a set is split, it names the same UIDs, and no part is longer than the limit."""
    parts = uid_sets(uids, max(limit, 21))

    assert [uid for part in parts for uid in expand(part, 2**33) or ()] == sorted(uids)
    assert all(len(part) <= max(limit, 21) for part in parts)


def test_long_str_is_split():
    """A set given as a str is split at its commas."""
    parts = uid_sets(",".join(map(str, range(1000, 9000, 2))))

    assert ",".join(parts) == ",".join(map(str, range(1000, 9000, 2)))
    assert max(map(len, parts)) <= MAX_SET


@pytest.mark.parametrize(
    "uids",
    [
        0,
        -1,
        2**32,
        True,
        1.0,
        None,
        "",
        "0",
        "01",
        "1:",
        ":1",
        "1:2:3",
        "a",
        "1,,2",
        "1, 2",
        "4294967296",
        "1:9999999999",
        "$",
        "٣",
        [0],
        [True],
        ["1"],
        [None],
        b"1",
        bytearray(b"1"),
        "1\r\n",
    ],
    ids=repr,
)
def test_refused(uids):
    """What is no set of UIDs is refused."""
    with pytest.raises(UsageError):
        uid_sets(uids)


@pytest.mark.parametrize(
    ("text", "uids"),
    [
        ("3", (3,)),
        ("1:3,7", (1, 2, 3, 7)),
        ("3:1", (3, 2, 1)),
        ("7,5", (7, 5)),
        ("1:4294967295", None),
        ("1:600000,1:600000", None),
        ("4294967296", None),
        ("0", None),
        ("", None),
        ("*", None),
        ("1:*", None),
        (",1", None),
        ("1,", None),
        ("1,,2", None),
        ("1:", None),
        (":1", None),
        ("1:2:3", None),
        ("01", None),
        ("1\n", None),
        ("x", None),
        ("٣", None),
        ("9" * 5000, None),
    ],
)
def test_expand(text, uids):
    """A server's set in its order, or nothing if it is too large or no set."""
    assert expand(text) == uids


def test_expand_in_linear_time():
    """Sets made to fill the memory are refused at once."""
    with cpu_limit(2):
        assert expand(",".join(["1:999999"] * 100_000)) is None
        assert expand("1," * 1_000_000) is None


@pytest.mark.parametrize(
    ("uids", "expected"),
    [("1:*", True), ("*", True), ("1:5", True), ("1,5", False), (5, False), ([1, 2], False)],
)
def test_is_open(uids, expected):
    """A range may include messages that the caller did not name."""
    assert is_open(uids) is expected


@given(st.sets(st.integers(1, 40), max_size=8), st.sets(st.integers(1, 40), min_size=1))
def test_named(exist, asked):
    """Those of the UIDs that exist that a set names."""
    assert named(uid_sets(asked), exist) == exist & asked


@pytest.mark.parametrize(
    ("sets", "expected"),
    [(["2:1", "9"], {1, 2, 9}), (["5:*"], {9}), (["*"], {9}), (["20:*"], {9}), (["*:3"], {4, 9})],
)
def test_named_by_the_last(sets, expected):
    """A star is the last of those that exist."""
    assert named(sets, {1, 2, 4, 9}) == expected
    assert named(sets, {}) == set()
