"""UID SORT: the keys, the query, and what comes back."""

import pytest

from netmail import search as S  # noqa: N812
from netmail.errors import CapabilityError, ProtocolError, UsageError
from netmail.flows.imap.extensions.sort import sort, sort_for
from netmail.results.search_result import SearchResult
from support.imap_sessions import run, selected


def sorting(criteria, query=None):
    """Return the conversation."""
    return lambda imap: sort(imap, criteria, query, None)


def asking(result=None, partial=None, criteria="DATE", query=None):
    """Return the conversation that asks for more than UIDs, or for less."""
    return lambda imap: sort_for(imap, criteria, query, None, result=result, partial=partial)


def with_sort(more=""):
    """Return a session with a server that has the extension."""
    return selected(f"SORT {more}")


@pytest.mark.parametrize(
    ("criteria", "query", "sent"),
    [
        ("date", None, "(DATE) US-ASCII ALL"),
        ("DATE", "", "(DATE) US-ASCII ALL"),
        ("REVERSE DATE REVERSE FROM", S.unseen(), "(REVERSE DATE REVERSE FROM) US-ASCII UNSEEN"),
        (["ARRIVAL"], S.from_("ann") & S.seen(), '(ARRIVAL) US-ASCII FROM "ann" SEEN'),
    ],
)
def test_sent(criteria, query, sent):
    """Criteria, charset and query, in this order."""
    transcript = f"C: T1 UID SORT {sent}\nS: * SORT 3 1 2\nS: T1 OK done"

    assert run(sorting(criteria, query), transcript, with_sort) == [3, 1, 2]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", []),
        ("S: * SORT\n", []),
        ("S: * SORT 5 4 \n", [5, 4]),
        ("S: * SORT 1 (MODSEQ 9)\n", [1]),
    ],
)
def test_responses(lines, expected):
    """The order is the server's; without a response nothing was found."""
    transcript = f"C: T1 UID SORT (DATE) US-ASCII ALL\n{lines}S: T1 OK done"

    assert run(sorting("DATE"), transcript, with_sort) == expected


@pytest.mark.parametrize("line", ["x", "0", "1 (2)", "4294967296"])
def test_unreadable(line):
    """A result that cannot be read is not an empty one."""
    transcript = f"C: T1 UID SORT (DATE) US-ASCII ALL\nS: * SORT {line}\nS: T1 OK done"

    with pytest.raises(ProtocolError):
        run(sorting("DATE"), transcript, with_sort)


@pytest.mark.parametrize(
    ("criteria", "query", "needed"),
    [
        ("DATE", None, "SORT"),
        ("DISPLAYFROM", None, "SORT=DISPLAY"),
        ("RELEVANCY", None, "SEARCH=FUZZY"),
        ("DATE", S.older(5), "WITHIN"),
    ],
)
def test_capabilities(criteria, query, needed):
    """Each key names what it needs."""
    with pytest.raises(CapabilityError) as caught:
        run(sorting(criteria, query), "", lambda: selected("" if needed == "SORT" else "SORT"))
    assert caught.value.capability == needed


@pytest.mark.parametrize(
    "criteria", ["", [], "REVERSE", "DATE REVERSE", "REVERSE REVERSE DATE", "AGE", "(DATE)", [5]]
)
def test_wrong_criteria(criteria):
    """What is no key is refused before anything is sent."""
    with pytest.raises(UsageError):
        run(sorting(criteria), "", with_sort)


@pytest.mark.parametrize(
    ("result", "partial", "expected"),
    [
        ("min max count", None, SearchResult(uid=True, min=5, max=9, count=3)),
        ("all", None, SearchResult(uid=True, all=(5, 2, 9))),
        (None, (1, 2), SearchResult(uid=True, partial=(5, 2), partial_range="1:2")),
        (None, (-1, -2), SearchResult(uid=True, partial=(2, 9), partial_range="-1:-2")),
    ],
)
def test_computed(result, partial, expected):
    """Without ESORT all UIDs are asked for, and first, last and parts are of their order."""
    transcript = "C: T1 UID SORT (DATE) US-ASCII ALL\nS: * SORT 5 2 9\nS: T1 OK done"
    found = run(asking(result, partial), transcript, with_sort)

    assert found == expected


@pytest.mark.parametrize(
    ("more", "partial", "sent", "received", "expected"),
    [
        ("ESORT CONTEXT=SORT", (1, 2), "COUNT PARTIAL 1:2", "COUNT 9 PARTIAL (1:2 50,7)", (50, 7)),
        ("ESORT CONTEXT=SORT", (-1, -2), "COUNT ALL", "COUNT 3 ALL 50,7,4", (7, 4)),
        ("ESORT PARTIAL", (-1, -1), "COUNT PARTIAL -1:-1", "COUNT 9 PARTIAL (-1:-1 7)", (7,)),
    ],
)
def test_esort(more, partial, sent, received, expected):
    """ESORT returns what is wanted, in the order of the sort, RFC 5267 section 3."""
    transcript = f"""
        C: T1 UID SORT RETURN ({sent}) (REVERSE DATE) US-ASCII UNDELETED
        S: * ESEARCH (TAG "T1") UID {received}
        S: T1 OK Sort completed
    """
    found = run(
        asking("count", partial, "REVERSE DATE", S.undeleted()),
        transcript,
        lambda: with_sort(more),
    )

    assert found.partial == expected


def test_nothing_is_kept():
    """What a sort finds is not kept on the server."""
    with pytest.raises(UsageError, match="use search"):
        run(asking("save"), "", with_sort)
