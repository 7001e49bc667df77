"""Expressions as trees."""

import pytest

from netmail import UsageError
from netmail.query.expressions import (
    MAX_DEPTH,
    And,
    Every,
    Or,
    combined,
    comparisons,
    negated,
    table_of,
)
from netmail.query.table import TableFields

T = TableFields("INBOX", "INBOX")
OTHER = TableFields("Sent", "Sent")
A, B, C = T.seen == True, T.size < 9, T.subject.contains("x")  # noqa: E712 -- an expression


def test_flat():
    """A chain is one level."""
    assert repr(A & B & C) == (
        "((INBOX.seen == True) & (INBOX.size < 9) & INBOX.subject.contains('x'))"
    )
    assert len((A | B | C).parts) == 3


def test_negation_goes_down():
    """The opposite of all is one of the opposites."""
    assert repr(~(A & (B | C))) == (
        "(~(INBOX.seen == True) | (~(INBOX.size < 9) & ~INBOX.subject.contains('x')))"
    )
    assert repr(~~(A | B)) == repr(A | B)
    assert negated(Every("INBOX")).holds is False


@pytest.mark.parametrize(
    "use",
    [
        lambda: bool(A),
        lambda: A and B,
        lambda: not A,
        lambda: 1 < T.size < 9,
        lambda: T.uid in [5, 6],
        lambda: 5 in T.uid,
        lambda: "x" in T.subject,
        lambda: bool(T.seen),
    ],
)
def test_no_truth_value(use):
    """What Python would silently make something else of is refused."""
    with pytest.raises(UsageError):
        use()


@pytest.mark.parametrize("use", [lambda: A & True, lambda: A | "x", lambda: A & T.seen])
def test_no_expression(use):
    """An expression is combined with expressions only."""
    with pytest.raises(UsageError):
        use()


def test_depth():
    """Levels end before Python's recursion does; a chain of any length is one."""
    deep = A
    for _ in range(MAX_DEPTH // 2):
        deep = (deep & B) | C
    with pytest.raises(UsageError, match="levels"):
        deep & B
    assert combined(Or, [B] * 5_000).depth == 1


def test_combined_of_few():
    """Of nothing, all hold, and none does."""
    assert combined(And, []).holds
    assert not combined(Or, []).holds
    assert combined(Or, [A]) is A


def test_comparisons():
    """They are listed from left to right."""
    assert [each.field.name for each in comparisons((A | B) & C)] == ["seen", "size", "subject"]


def test_table():
    """One query is about one table."""
    assert table_of(A & B) == "INBOX"
    assert table_of(Every("Sent")) == "Sent"
    with pytest.raises(UsageError, match="one table"):
        table_of(A & (OTHER.size > 1))
