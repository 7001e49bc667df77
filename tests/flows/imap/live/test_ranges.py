"""Ranges of UIDs: joined, and compared with those that are known."""

from hypothesis import given
from hypothesis import strategies as st

from netmail.flows.imap.live.ranges import among, joined, ranges_of
from netmail.results.vanished import Vanished
from support.timing import cpu_limit

PAIRS = st.lists(
    st.tuples(st.integers(1, 40), st.integers(1, 40)).map(lambda ends: (*sorted(ends),))
)


@given(st.lists(st.integers(1, 60)))
def test_ranges_of(uids):
    """Neighbours are one range, and no UID is lost."""
    ranges = ranges_of(uids)

    assert [*Vanished(ranges)] == sorted({*uids})
    assert len(ranges) == sum(uid - 1 not in uids for uid in {*uids})


@given(PAIRS)
def test_joined(ranges):
    """Joined ranges name the same UIDs, each once."""
    assert [*Vanished(joined(ranges))] == sorted({*Vanished(tuple(ranges))})


@given(PAIRS, st.sets(st.integers(1, 60)))
def test_among(ranges, uids):
    """Those that are known are found, each once."""
    vanished = Vanished(tuple(ranges))

    assert among(sorted(uids), [vanished]) == sorted(uids & {*vanished})


def test_linear():
    """All UIDs there can be, named again and again, cost no more than once."""
    hostile = Vanished(((1, 0xFFFFFFFF),) * 200_000)

    with cpu_limit(1.0):
        assert among(range(1, 1_000_000, 10), [hostile]) == [*range(1, 1_000_000, 10)]
