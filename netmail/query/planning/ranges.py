"""Comparisons of numbers and times as ranges: the one meaning of `<` and `==` that all use.

This file knows values and zones, and neither keys nor messages. Times are microseconds since the
year 1, UTC.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from netmail.query.expressions import Operator
from netmail.query.planning.keys import INFINITE, Range

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
_ORIGIN: Final = datetime(1, 1, 1, tzinfo=UTC)
_RANGES: Final[dict[Operator, Callable[[int, int], Range]]] = {
    Operator.EQUAL: lambda first, last: (first, last),
    Operator.LESS: lambda first, _: (0, first - 1),
    Operator.AT_MOST: lambda _, last: (0, last),
    Operator.MORE: lambda _, last: (last + 1, INFINITE),
    Operator.AT_LEAST: lambda first, _: (first, INFINITE),
}


def moment(when: datetime, zone: tzinfo | None) -> int:
    """Return a time as microseconds; one without zone is in `zone`, or the machine's."""
    if when.tzinfo is None:
        when = _aware(when, zone)
    return (when - _ORIGIN) // timedelta(microseconds=1)


def utc_day(microseconds: int) -> int:
    """Return the ordinal of the day that a time is in, UTC."""
    return microseconds // DAY + 1


def ranges_of(operator: Operator, value: object, zone: tzinfo | None) -> list[Range]:
    """Return the numbers or the microseconds for which a comparison holds.

    A date is the whole day from midnight to midnight in `zone`, or the machine's.
    """
    if operator is Operator.BELONGS and isinstance(value, frozenset):
        return [_span(each, zone) for each in value]
    return [_RANGES[operator](*_span(value, zone))]


def _span(value: object, zone: tzinfo | None) -> Range:
    if isinstance(value, datetime):
        return (moment(value, zone),) * 2
    if isinstance(value, date):
        return _midnight(value, zone), _midnight(value, zone, 1) - 1
    if isinstance(value, int):
        return value, value
    raise AssertionError(value)


def _midnight(day: date, zone: tzinfo | None, days: int = 0) -> int:
    ordinal = day.toordinal() + days
    if ordinal > date.max.toordinal():
        return INFINITE
    return moment(datetime.fromordinal(ordinal), zone)


def _aware(when: datetime, zone: tzinfo | None) -> datetime:
    if zone is not None:
        return when.replace(tzinfo=zone)
    try:
        return when.astimezone()
    except (OverflowError, ValueError, OSError):
        # The machine's zone is not known in the year 1 or 9999.
        return when.replace(tzinfo=UTC)
