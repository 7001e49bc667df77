"""UID SORT: the keys, the query, and what comes back."""

import pytest

from netmail import search as S  # noqa: N812
from netmail.errors import CapabilityError, ProtocolError, UsageError
from netmail.flows.imap.extensions.sort import sort
from support.imap_sessions import run, selected


def sorting(criteria, query=None):
    """Return the conversation."""
    return lambda imap: sort(imap, criteria, query, None)


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
