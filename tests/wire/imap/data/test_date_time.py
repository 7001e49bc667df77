"""Dates of responses: as servers write them, and what is none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.wire.imap import encode
from netmail.wire.imap.data.date_time import date_time

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=ZONES).map(lambda moment: moment.replace(microsecond=0)))
def test_inverts_encode(moment):
    """What netmail writes it reads."""
    assert moment == date_time(encode.date_time(moment).strip(b'"'))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b" 7-Jul-1996 02:44:25 +0000", datetime(1996, 7, 7, 2, 44, 25, tzinfo=UTC)),
        (b"7-jul-1996 02:44:25 +0000", datetime(1996, 7, 7, 2, 44, 25, tzinfo=UTC)),
        (b"31-Dec-2016 23:59:60 +0000", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_forms(written, expected):
    """One digit, any case, and a leap second are dates too."""
    assert expected == date_time(written)


@pytest.mark.parametrize(
    "written",
    [
        *(b"", b"x", None, [], b"31-Feb-2024 00:00:00 +0000", b"01-Foo-2024 00:00:00 +0000"),
        *(b"01-Jan-0000 00:00:00 +0000", b"01-Jan-2024 25:00:00 +0000", b"01-Jan-2024 00:00:00"),
        b"01-Jan-2024 00:00:00 +9999",
    ],
)
def test_no_date(written):
    """Anything else is refused by netmail's own error."""
    with pytest.raises(ProtocolError):
        date_time(written)
