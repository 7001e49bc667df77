"""What a search that is reported on finds after each change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.results.search_result import SearchChange, SearchResult

UIDS = st.lists(st.integers(1, 60), unique=True, max_size=50)


def found(*uids):
    """Return a result of these messages, with their number."""
    return SearchResult(uid=True, all=uids, count=len(uids), tag="T1", is_updated=True)


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        # RFC 5267 section 4.3.3: three responses that are equivalent
        ((2734, 2735), [((2733,), 1), ((2732,), 1), ((2731,), 1)], (2731, 2732, 2733, 2734, 2735)),
        ((2734, 2735), [((2733,), 1), ((2731, 2732), 1)], (2731, 2732, 2733, 2734, 2735)),
        ((2734, 2735), [((2731, 2732, 2733), 1)], (2731, 2732, 2733, 2734, 2735)),
        # in the order of the mailbox, and each message once
        ((3, 9), [((1, 3, 5, 12), 0)], (1, 3, 5, 9, 12)),
        ((3, 9), [(tuple(range(40)), 0)], tuple(range(40))),
        # in the order of a sort
        ((9, 3), [((7, 8), 2)], (9, 7, 8, 3)),
        ((9, 3), [((7,), 99)], (9, 3, 7)),
        ((), [((7,), 0)], (7,)),
    ],
)
def test_added(before, changes, after):
    """Messages are put where the server says, or where they belong."""
    result = found(*before).apply([SearchChange(*change) for change in changes])

    assert (result.all, result.count) == (after, len(after))
    assert result.tag == "T1"
    assert result.is_updated


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ((1, 5, 9), ((5,), 0), (1, 9)),
        ((1, 5, 9), ((9, 1), 0), (5,)),
        ((1, 5, 9), ((5, 9), 2), (1,)),
        ((1, 5, 9), ((9,), 2), (1, 5)),  # not where the server says
        ((1, 5, 9), ((7,), 0), (1, 5, 9)),
        ((1, 5, 9), ((7,), 9), (1, 5, 9)),
    ],
)
def test_removed(before, change, after):
    """Messages are taken away where the server says, or wherever they are."""
    assert found(*before).apply([SearchChange(*change, is_removed=True)]).all == after


@given(UIDS, st.lists(st.tuples(UIDS, st.booleans()), max_size=8))
def test_any_changes(before, changes):
    """In the order of the mailbox it is what sets of messages are."""
    result, expected = found(*sorted(before)), {*before}
    for uids, is_removed in changes:
        result = result.apply([SearchChange(tuple(uids), is_removed=is_removed)])
        expected = expected - {*uids} if is_removed else expected | {*uids}

    assert result.all == tuple(sorted(expected))


def test_no_numbers():
    """A result without messages has those that are new since, and no count."""
    result = SearchResult(uid=True).apply([SearchChange((5,))])

    assert (result.all, result.count) == ((5,), None)
