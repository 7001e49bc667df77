"""Comparisons as ranges: days have two ends, times are points."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from netmail.query.expressions import Operator
from netmail.query.planning.keys import INFINITE
from netmail.query.planning.ranges import DAY, moment, ranges_of, utc_day

BERLIN = ZoneInfo("Europe/Berlin")
DATE = date(2026, 3, 29)


def at(*when, zone=UTC):
    """A time in microseconds."""
    return moment(datetime(*when, tzinfo=zone), None)


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("==", (at(2026, 3, 28, 23), at(2026, 3, 29, 22) - 1)),
        ("<", (0, at(2026, 3, 28, 23) - 1)),
        ("<=", (0, at(2026, 3, 29, 22) - 1)),
        (">", (at(2026, 3, 29, 22), INFINITE)),
        (">=", (at(2026, 3, 28, 23), INFINITE)),
    ],
)
def test_day(operator, expected):
    """A day lasts from midnight to midnight, here 23 hours."""
    assert ranges_of(Operator(operator), DATE, BERLIN) == [expected]


def test_time():
    """A time without zone is in the zone that is given."""
    naive = datetime(2026, 3, 29, 12)  # noqa: DTZ001 -- that is what is tested
    several = ranges_of(Operator.BELONGS, frozenset({5, 9}), None)

    assert ranges_of(Operator.EQUAL, naive, BERLIN) == [(at(2026, 3, 29, 10),) * 2]
    assert ranges_of(Operator.MORE, 5, None) == [(6, INFINITE)]
    assert sorted(several) == [(5, 5), (9, 9)]


@pytest.mark.parametrize("zone", [None, UTC, BERLIN, timezone(timedelta(hours=-12))])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_edges(day, zone):
    """The first and the last day that Python knows have a place too."""
    [(first, last)] = ranges_of(Operator.EQUAL, day, zone)

    assert last - first >= DAY - 1
    assert abs(utc_day(first) - day.toordinal()) <= 1
