"""What a message must be, as a tree: comparisons of fields, combined by &, | and ~.

This file knows no field's meaning, no search key and no server.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from netmail import UsageError

if TYPE_CHECKING:
    from netmail.query.fields import Field

MAX_DEPTH: Final = 60
"""Levels of an expression; `netmail.search` takes 100, and one level here may be two there."""


class Operator(StrEnum):
    """How a field compares with a value; `!=` is the negation of `==`."""

    EQUAL = "=="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    CONTAINS = "contains"
    STARTS_WITH = "startswith"
    LIKE = "like"
    BELONGS = "belongs"


METHODS: Final = frozenset(
    {Operator.CONTAINS, Operator.STARTS_WITH, Operator.LIKE, Operator.BELONGS}
)
"""The operators that are written as methods of a field."""


class Expression:
    """A condition on messages, such as `db.INBOX.seen == False`.

    `a & b` is both, `a | b` one of them, `~a` everything else; each comparison needs parentheses,
    `(t.size < 6000) & (t.seen == False)`. An expression has no truth value, so that `and`, `or`,
    `not`, `in` and `1 < t.size < 9`, which Python would silently make something else of, raise
    `UsageError`.
    """

    __slots__ = ()

    def __and__(self, other: "Expression") -> "Expression":
        return combined(And, (self, other))

    def __or__(self, other: "Expression") -> "Expression":
        return combined(Or, (self, other))

    def __invert__(self) -> "Expression":
        return negated(self)

    def __bool__(self) -> bool:
        message = "an expression is no truth value: write & for and, | for or, ~ for not"
        raise UsageError(f"{message}, each comparison in parentheses")


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Expression):
    """One comparison, or the opposite of one.

    Attributes:
        field: What is compared.
        operator: How.
        value: What it is compared with, as the field keeps it.
        holds: Whether the comparison has to hold; else it has not to.
    """

    field: "Field"
    operator: Operator
    value: object
    holds: bool = True

    def __repr__(self) -> str:
        if isinstance(self.value, frozenset):
            shown = f"{self.field}.belongs([{', '.join(sorted(map(repr, self.value)))}])"
        elif self.operator in METHODS:
            shown = f"{self.field}.{self.operator}({self.value!r})"
        else:
            shown = f"({self.field} {self.operator} {self.value!r})"
        return shown if self.holds else f"~{shown}"


@dataclass(frozen=True, slots=True, eq=False)
class Every(Expression):
    """What each message is, or, negated, none.

    Attributes:
        table: The table whose messages are meant; "" for any.
        holds: Whether it holds.
    """

    table: str = ""
    holds: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class And(Expression):
    """Several conditions, all of which hold.

    Attributes:
        parts: At least two, none of which is an `And`.
        depth: How many levels it has.
    """

    parts: tuple[Expression, ...]
    depth: int

    def __repr__(self) -> str:
        return f"({' & '.join(map(repr, self.parts))})"


@dataclass(frozen=True, slots=True, eq=False)
class Or(Expression):
    """Several conditions, one of which holds at least.

    Attributes:
        parts: At least two, none of which is an `Or`.
        depth: How many levels it has.
    """

    parts: tuple[Expression, ...]
    depth: int

    def __repr__(self) -> str:
        return f"({' | '.join(map(repr, self.parts))})"


def combined(kind: type[And] | type[Or], given: Iterable[Expression]) -> Expression:
    """Join conditions, flat: a chain of a thousand is one level.

    Raises:
        UsageError: If one is no expression, or there are too many levels.
    """
    parts: list[Expression] = []
    below = 0
    for each in given:
        if not isinstance(each, Expression):
            raise UsageError(f"an expression is combined with expressions, not with {each!r:.60}")
        is_same = isinstance(each, kind)
        parts += each.parts if isinstance(each, kind) else (each,)
        below = max(below, getattr(each, "depth", 0) - is_same)
    if not parts:
        return Every(holds=kind is And)
    if len(parts) == 1:
        return parts[0]
    # Each function that walks an expression calls itself for each level.
    depth = 1 + below
    if depth > MAX_DEPTH:
        raise UsageError(f"an expression has at most {MAX_DEPTH} levels")
    return kind(tuple(parts), depth)


def negated(given: Expression) -> Expression:
    """Return the opposite, in which only comparisons are negated.

    A missing header compares as Python's `None` would, so that each comparison holds or does not,
    and "not (a and b)" is "not a, or not b".
    """
    if isinstance(given, And | Or):
        opposite = Or if isinstance(given, And) else And
        return combined(opposite, [negated(each) for each in given.parts])
    if isinstance(given, Compare):
        return Compare(given.field, given.operator, given.value, not given.holds)
    if isinstance(given, Every):
        return Every(given.table, not given.holds)
    raise UsageError(f"{given!r:.60} is no expression")


def comparisons(given: Expression) -> list[Compare]:
    """List the comparisons of an expression, from left to right."""
    found: list[Compare] = []
    left = [given]
    while left:
        each = left.pop()
        if isinstance(each, And | Or):
            left += reversed(each.parts)
        elif isinstance(each, Compare):
            found.append(each)
    return found


def table_of(given: Expression) -> str:
    """Return the name of the one table that an expression is about; "" if it names none.

    Raises:
        UsageError: If it names several.
    """
    names: set[str] = set()
    left = [given]
    while left:
        each = left.pop()
        if isinstance(each, And | Or):
            left += each.parts
        elif isinstance(each, Compare):
            names.add(each.field.table)
        elif isinstance(each, Every):
            names.add(each.table)
    names.discard("")
    if len(names) > 1:
        raise UsageError(f"one query is about one table, not {' and '.join(sorted(names))}")
    return next(iter(names), "")
