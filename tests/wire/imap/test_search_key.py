"""Search keys as values: how they combine, and the fewest parentheses."""

import copy
import pickle
from datetime import date

import pytest
from hypothesis import given

from netmail import UsageError
from netmail import search as S  # noqa: N812
from support.queries import KEYS, combined

A, B, C, D, E = S.seen(), S.flagged(), S.deleted(), S.draft(), S.answered()


@pytest.mark.parametrize(
    ("query", "written"),
    [
        (A, "SEEN"),
        (A & B, "SEEN FLAGGED"),
        (A & (B & C) & D, "SEEN FLAGGED DELETED DRAFT"),
        (A | B, "OR SEEN FLAGGED"),
        (A | B | C, "OR SEEN OR FLAGGED DELETED"),
        ((A | B) | (C | D), "OR OR SEEN FLAGGED OR DELETED DRAFT"),
        (A & (B | C), "SEEN OR FLAGGED DELETED"),
        (A & B | C, "OR (SEEN FLAGGED) DELETED"),
        (A | B & C, "OR SEEN (FLAGGED DELETED)"),
        (~A, "NOT SEEN"),
        (~~A, "SEEN"),
        (~(A & B), "NOT (SEEN FLAGGED)"),
        (~(A | B), "NOT OR SEEN FLAGGED"),
        (~(A & ~(B & C)), "NOT (SEEN NOT (FLAGGED DELETED))"),
        (~S.keys("SEEN"), "NOT SEEN"),
        (~S.keys("SEEN FLAGGED"), "NOT (SEEN FLAGGED)"),
        (A & S.keys("X-NEW 5 B"), "SEEN X-NEW 5 B"),
        (A | S.keys("X-NEW 5"), "OR SEEN (X-NEW 5)"),
        (S.subject('a "b" \\') & S.text("Grüße"), 'SUBJECT "a \\"b\\" \\\\" TEXT "Grüße"'),
        (S.subject("(") & (S.subject(")") | A), 'SUBJECT "(" OR SUBJECT ")" SEEN'),
        (S.any_of(A), "SEEN"),
        (S.all_of(A & B, C), "SEEN FLAGGED DELETED"),
        (
            A & S.from_("ann") & ~C | S.larger(1_000_000) & S.since(date(2026, 1, 1)),
            'OR (SEEN FROM "ann" NOT DELETED) (LARGER 1000000 SINCE 1-Jan-2026)',
        ),
    ],
    ids=str,
)
def test_written(query, written):
    """A query is written as IMAP has it, with parentheses only where one key is expected."""
    assert str(query) == written


def test_many_alternatives_nest_little():
    """A thousand alternatives are ten levels of OR, for servers that read them by recursion."""
    written = str(S.any_of(*(S.uid(number) for number in range(1, 1025))))

    assert written.startswith("OR " * 10 + "UID 1 UID 2 OR UID 3")
    assert "(" not in written


def test_repr():
    """A query is shown as IMAP writes it."""
    assert repr(A & ~S.from_("ann")) == '<SearchKey SEEN NOT FROM "ann">'


def test_values():
    """Equal queries are equal, hash alike, and can be copied and pickled."""
    query = A & (B | S.from_("ann"))
    same = A & (B | S.from_("ann"))

    assert {query: 1}[same] == 1
    assert query != A & (B | S.from_("bob"))
    assert S.subject("5") != S.keys("SUBJECT 5")
    assert copy.deepcopy(query) == query
    assert pickle.loads(pickle.dumps(query)) == query


def test_immutable():
    """A query cannot be changed, and an operator makes another one."""
    query = A & B
    with pytest.raises(AttributeError):
        query.keys = ()
    query &= C

    assert str(A & B) == "SEEN FLAGGED"
    assert str(query) == "SEEN FLAGGED DELETED"


@pytest.mark.parametrize(
    "use",
    [
        lambda: A and B,
        lambda: A or B,
        lambda: not A,
        lambda: 1 if A else 2,
        lambda: A & "FLAGGED",
        lambda: A | None,
        S.all_of,
        lambda: S.any_of(*[]),
        lambda: S.any_of([A, B]),
        lambda: S.fuzzy("x"),
    ],
    ids=["and", "or", "not", "if", "text", "None", "no keys", "no alternatives", "list", "fuzzy"],
)
def test_refused(use):
    """What would silently be another query is refused."""
    with pytest.raises(UsageError):
        use()


def test_depth():
    """A query is as deep as servers read, and no deeper."""
    query = A
    for _ in range(50):
        query = ~(query & B)

    assert str(query).count("(") == 50
    with pytest.raises(UsageError, match="100 levels"):
        S.all_of(query, B)


@given(combined(KEYS), combined(KEYS))
def test_laws(one, other):
    """Combining is associative, and NOT undoes itself."""
    assert one & (other & A) == (one & other) & A
    assert one | (other | A) == (one | other) | A
    assert str(~~one) == str(one)
