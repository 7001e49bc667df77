"""Searches for more than UIDs: what is computed without ESEARCH, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import search as S  # noqa: N812
from netmail.errors import CapabilityError, ProtocolError, StateError, UsageError
from netmail.flows.imap.extended_search import search_for, search_many
from netmail.results.search_result import SearchResult
from support.imap_sessions import fresh, run, selected


def searching(query="ALL", result=None, partial=None):
    """Search the selected mailbox."""
    return lambda imap: search_for(imap, query, None, result, partial)


@pytest.mark.parametrize(
    ("result", "partial", "expected"),
    [
        ("count", None, SearchResult(uid=True, count=4)),
        ("min max", None, SearchResult(uid=True, min=2, max=9)),
        ("ALL", None, SearchResult(uid=True, all=(2, 5, 7, 9))),
        (None, (1, 2), SearchResult(uid=True, partial=(2, 5), partial_range="1:2")),
        (None, (2, 1), SearchResult(uid=True, partial=(2, 5), partial_range="2:1")),
        (None, (-1, -3), SearchResult(uid=True, partial=(5, 7, 9), partial_range="-1:-3")),
        (None, (-5, -5), SearchResult(uid=True, partial=(), partial_range="-5:-5")),
        (None, (-2, -9), SearchResult(uid=True, partial=(2, 5, 7), partial_range="-2:-9")),
        ("count", (5, 9), SearchResult(uid=True, count=4, partial=(), partial_range="5:9")),
    ],
)
def test_computed(result, partial, expected):
    """Without ESEARCH all UIDs are asked for, and the rest is computed."""
    transcript = "C: T1 UID SEARCH ALL\nS: * SEARCH 9 2 5 7\nS: T1 OK done"

    assert run(searching("ALL", result, partial), transcript, selected) == expected


def test_nothing_found():
    """Nothing has neither a smallest nor a largest UID."""
    transcript = "C: T1 UID SEARCH ALL\nS: * SEARCH\nS: T1 OK done"
    found = run(searching("ALL", "min max count all"), transcript, selected)

    assert found == SearchResult(uid=True, count=0, all=())


@given(
    st.sets(st.integers(1, 60), max_size=20),
    st.tuples(st.integers(1, 25), st.integers(1, 25)),
    st.booleans(),
)
def test_parts(uids, part, from_the_end):
    """A part that is computed is what RFC 9394 describes, one by one."""
    every = sorted(uids, reverse=from_the_end)
    low, high = sorted(part)
    expected = sorted(uid for place, uid in enumerate(every, 1) if low <= place <= high)
    asked = (-part[0], -part[1]) if from_the_end else part
    numbers = "".join(f" {uid}" for uid in sorted(uids))
    transcript = f"C: T1 UID SEARCH ALL\nS: * SEARCH{numbers}\nS: T1 OK done"

    assert run(searching("ALL", None, asked), transcript, selected).partial == tuple(expected)


def test_partial_by_context():
    """RFC 5267 has parts from the beginning, and none from the end."""
    capabilities = "ESEARCH CONTEXT=SEARCH"
    first = """
        C: T1 UID SEARCH RETURN (PARTIAL 1:2) UNSEEN
        S: * ESEARCH (TAG "T1") UID PARTIAL (1:2 4:5)
        S: T1 OK done
    """
    last = """
        C: T1 UID SEARCH RETURN (ALL) UNSEEN
        S: * ESEARCH (TAG "T1") UID ALL 4:6
        S: T1 OK done
    """

    found = run(searching("UNSEEN", None, (1, 2)), first, selected, capabilities=capabilities)
    assert found.partial == (4, 5)
    found = run(searching("UNSEEN", None, (-1, -2)), last, selected, capabilities=capabilities)
    assert found.partial == (5, 6)


def test_other_searches_are_left_out():
    """A response to another search is not taken for the result."""
    transcript = """
        C: T1 UID SEARCH RETURN (COUNT) UNSEEN
        S: * ESEARCH (TAG "X") UID COUNT 9
        S: * ESEARCH (TAG "T1") UID COUNT 2
        S: * ESEARCH (TAG "X") UID ADDTO (0 7)
        S: T1 OK done
    """
    found = run(searching(S.unseen(), "count"), transcript, selected, capabilities="IMAP4rev2")

    assert found.count == 2


@pytest.mark.parametrize(
    "line", ['* ESEARCH (TAG "T1") UID MAX 5', "* SEARCH 1 2", '* ESEARCH (TAG "T1") UID COUNT x']
)
def test_missing(line):
    """A response without the count that was asked for is no count of zero."""
    transcript = f"C: T1 UID SEARCH RETURN (COUNT) ALL\nS: {line}\nS: T1 OK done"

    with pytest.raises(ProtocolError):
        run(searching("ALL", "count"), transcript, selected, capabilities="ESEARCH")


@pytest.mark.parametrize(
    ("result", "partial"),
    [
        (None, (0, 1)),
        (None, (1, -1)),
        (None, (1,)),
        (None, (1, 2, 3)),
        (None, "12"),
        (None, (True, 2)),
        (None, (1.0, 2)),
        (None, (1, 2**32)),
        ("all", (1, 2)),
        ("relevancy", None),
    ],
)
def test_refused(result, partial):
    """What is no part, or no result, is refused before anything is sent."""
    with pytest.raises(UsageError):
        run(searching("ALL", result, partial), "", selected)


def test_save_needs_searchres():
    """Without SEARCHRES nothing is kept on the server."""
    with pytest.raises(CapabilityError) as caught:
        run(searching("ALL", "save"), "", selected, capabilities="ESEARCH")
    assert caught.value.capability == "SEARCHRES"


def test_many_is_refused():
    """Several mailboxes need MULTISEARCH, a login, a mailbox, and have no result to keep."""
    with pytest.raises(CapabilityError):
        run(lambda imap: search_many(imap, "ALL", "personal"), "", selected)
    with pytest.raises(StateError):
        run(lambda imap: search_many(imap, "ALL", "personal"), "", fresh)
    with pytest.raises(UsageError, match="needs a mailbox"):
        run(lambda imap: search_many(imap, "ALL", []), "", selected)
    with pytest.raises(UsageError, match="use search"):
        run(lambda imap: search_many(imap, "ALL", "x", "save"), "", selected)
