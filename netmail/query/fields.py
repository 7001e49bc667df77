"""Fields of a table: what can be compared, and with what.

This file knows no search key and no server; how a field is read is in `values`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Never, TypeVar

from netmail import UsageError
from netmail.query.expressions import Compare, Expression, Operator, negated

T = TypeVar("T")

_BEYOND: Final = 1 << 64
"""More than any number of a message."""


class Field:
    """One field of a table, such as `db.INBOX.subject`; `str()` is "INBOX.subject".

    Comparisons make an `Expression`; `~field` orders by it, the largest first.

    Attributes:
        table: The table's name.
        name: The field's name; of a header that has no name of its own, "header:" and its name.
    """

    __slots__ = ("name", "table")

    def __init__(self, table: str, name: str) -> None:
        self.table = table
        self.name = name

    def __invert__(self) -> "Descending":
        return Descending(self)

    def __hash__(self) -> int:
        return hash((self.table, self.name))

    def __bool__(self) -> bool:
        raise UsageError(f"{self} is a field and no truth value: compare it, as in {self} == True")

    # `Never`: mypy refuses every use, since Python makes a truth value of what is returned.
    def __contains__(self, value: Never) -> bool:
        raise UsageError(f"{self} takes no `in`: write {self}.contains(...), or .belongs(...)")

    def __str__(self) -> str:
        return f"{self.table}.{self.name}" if self.table else self.name

    __repr__ = __str__

    def _compare(self, operator: Operator, value: object) -> Expression:
        return Compare(self, operator, value)


@dataclass(frozen=True, slots=True)
class Descending:
    """An order by a field, the largest first.

    Attributes:
        field: The field.
    """

    field: Field


class FlagField(Field):
    """A flag of messages: compares with `True` and `False`."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def __eq__(self, other: bool) -> Expression:  # type: ignore[override]
        if not isinstance(other, bool):
            raise UsageError(f"{self} compares with True or False, not with {_shown(other)}")
        return Compare(self, Operator.EQUAL, value=True, holds=other)

    def __ne__(self, other: bool) -> Expression:  # type: ignore[override]
        return negated(self == other)

    def belongs(self, values: Iterable[bool]) -> Expression:
        """Find messages whose flag is one of these."""
        given = _members(values, self._checked, str(self))
        return Compare(self, Operator.BELONGS, frozenset(given))

    def _checked(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise UsageError(f"{self} compares with True or False, not with {_shown(value)}")
        return value


class NumberField(Field):
    """A number: compares with ints, and with `None` where it may be missing."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def __eq__(self, other: int | None) -> Expression:  # type: ignore[override]
        return self._compare(Operator.EQUAL, None if other is None else self._checked(other))

    def __ne__(self, other: int | None) -> Expression:  # type: ignore[override]
        return negated(self == other)

    def __lt__(self, other: int) -> Expression:
        return self._compare(Operator.LESS, self._checked(other))

    def __le__(self, other: int) -> Expression:
        return self._compare(Operator.AT_MOST, self._checked(other))

    def __gt__(self, other: int) -> Expression:
        return self._compare(Operator.MORE, self._checked(other))

    def __ge__(self, other: int) -> Expression:
        return self._compare(Operator.AT_LEAST, self._checked(other))

    def belongs(self, values: Iterable[int]) -> Expression:
        """Find messages whose number is one of these; none for an empty iterable."""
        given = _members(values, self._checked, str(self))
        return self._compare(Operator.BELONGS, frozenset(given))

    def _checked(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise UsageError(f"{self} compares with ints, not with {_shown(value)}")
        # RFC 9051 section 4.2: numbers have 63 bits at most; beyond them all compare alike.
        return max(-_BEYOND, min(value, _BEYOND))


class DateField(Field):
    """A time: compares with a `datetime`, and with a `date`, which is the whole local day.

    A `datetime` without zone is local. `None` is a time that is missing or cannot be read.
    """

    __slots__ = ()
    __hash__ = Field.__hash__

    def __eq__(self, other: date | None) -> Expression:  # type: ignore[override]
        return self._compare(Operator.EQUAL, None if other is None else self._checked(other))

    def __ne__(self, other: date | None) -> Expression:  # type: ignore[override]
        return negated(self == other)

    def __lt__(self, other: date) -> Expression:
        return self._compare(Operator.LESS, self._checked(other))

    def __le__(self, other: date) -> Expression:
        return self._compare(Operator.AT_MOST, self._checked(other))

    def __gt__(self, other: date) -> Expression:
        return self._compare(Operator.MORE, self._checked(other))

    def __ge__(self, other: date) -> Expression:
        return self._compare(Operator.AT_LEAST, self._checked(other))

    def belongs(self, values: Iterable[date]) -> Expression:
        """Find messages of one of these days or times; none for an empty iterable."""
        given = _members(values, self._checked, str(self))
        return self._compare(Operator.BELONGS, frozenset(given))

    def _checked(self, value: object) -> date:
        if not isinstance(value, date):
            raise UsageError(f"{self} compares with dates and datetimes, not with {_shown(value)}")
        return value


class TextField(Field):
    """A text: every comparison is without case. `None` is a header that is missing."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def __eq__(self, other: str | None) -> Expression:  # type: ignore[override]
        return self._compare(Operator.EQUAL, None if other is None else self._checked(other))

    def __ne__(self, other: str | None) -> Expression:  # type: ignore[override]
        return negated(self == other)

    def __lt__(self, other: str) -> Expression:
        return self._compare(Operator.LESS, self._checked(other))

    def __le__(self, other: str) -> Expression:
        return self._compare(Operator.AT_MOST, self._checked(other))

    def __gt__(self, other: str) -> Expression:
        return self._compare(Operator.MORE, self._checked(other))

    def __ge__(self, other: str) -> Expression:
        return self._compare(Operator.AT_LEAST, self._checked(other))

    def contains(self, text: str) -> Expression:
        """Find messages that have the text anywhere in the field."""
        return self._compare(Operator.CONTAINS, self._checked(text))

    def startswith(self, text: str) -> Expression:
        """Find messages whose field begins with the text."""
        return self._compare(Operator.STARTS_WITH, self._checked(text))

    def like(self, pattern: str) -> Expression:
        r"""Find messages whose field fits a pattern of SQL.

        Args:
            pattern: "%" is any text, "_" any character, and a backslash makes the next character
                ordinary.
        """
        return self._compare(Operator.LIKE, self._checked(pattern))

    def belongs(self, values: Iterable[str]) -> Expression:
        """Find messages whose field is one of these texts; none for an empty iterable."""
        given = _members(values, self._checked, str(self))
        return self._compare(Operator.BELONGS, frozenset(given))

    def _checked(self, value: object) -> str:
        if not isinstance(value, str):
            raise UsageError(f"{self} compares with str, not with {_shown(value)}")
        return value


class ListField(TextField):
    """Several texts: a comparison holds if it holds for one of them.

    `== None` finds messages that have none.
    """

    __slots__ = ()
    __hash__ = Field.__hash__


class AddressField(ListField):
    """Addresses: each compares as "user@example.org" and as "Name <user@example.org>"."""

    __slots__ = ()
    __hash__ = Field.__hash__


class KeywordField(ListField):
    """Flags that are no system flags, such as "$Forwarded": `contains()` takes a whole one."""

    __slots__ = ()
    __hash__ = Field.__hash__

    def contains(self, text: str) -> Expression:
        """Find messages that have this keyword, in any case."""
        return self._compare(Operator.EQUAL, self._checked(text))


def _shown(value: object) -> str:
    """Return a value as errors show it."""
    try:
        return f"{value!r:.60}"
    except ValueError:  # Python writes no int of more than some thousand digits
        return f"a value of {type(value).__name__}"


def _members(values: object, checked: Callable[[object], T], name: str) -> list[T]:
    """Check each of several values."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise UsageError(f"{name}.belongs() takes an iterable of values, not {_shown(values)}")
    return [checked(each) for each in values]
