"""Search keys of dates and ages."""

from datetime import UTC, date, datetime, timedelta

import pytest

from netmail import UsageError
from netmail import search as S  # noqa: N812

DAY = date(2024, 2, 9)
NAMES = ["before", "on", "since"]


@pytest.mark.parametrize("what", ["", "sent_", "saved_"])
@pytest.mark.parametrize("name", NAMES)
def test_days(what, name):
    """A day is written as the grammar has it."""
    key = (what.strip("_") + name).upper()

    assert str(getattr(S, what + name)(DAY)) == f"{key} 9-Feb-2024"


def test_times_do_not_count():
    """Of a moment the day counts, as it does for the server."""
    assert S.since(datetime(2024, 2, 9, 23, 59, tzinfo=UTC)) == S.since(DAY)


def test_early_year():
    """A year has four digits."""
    assert str(S.before(date(7, 12, 31))) == "BEFORE 31-Dec-0007"


def test_ages():
    """An age is seconds or a timedelta."""
    assert str(S.older(259_200) & S.younger(timedelta(days=1))) == "OLDER 259200 YOUNGER 86400"
    assert str(S.save_date_supported()) == "SAVEDATESUPPORTED"


@pytest.mark.parametrize("moment", ["1-Feb-1994", 5, None, 1.5, timedelta(1)], ids=repr)
def test_no_day(moment):
    """What is no date is refused."""
    with pytest.raises(UsageError):
        S.since(moment)


@pytest.mark.parametrize("age", [0, -1, 1.5, True, "5", 2**32, timedelta(0), DAY], ids=repr)
def test_no_age(age):
    """What is no age of a second or more is refused."""
    with pytest.raises(UsageError):
        S.older(age)
    with pytest.raises(UsageError):
        S.younger(age)
