"""Dates (RFC 5322 section 3.3) as mailers write them."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.mime.fields.dates import parse_date


def at(*values, east=0):
    return datetime(*values, tzinfo=timezone(timedelta(minutes=east)))


NOON = at(2024, 1, 15, 12, 30, 45)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 15 Jan 2024 12:30:45 +0000", NOON),
        ("15 Jan 2024 12:30:45 +0000", NOON),
        ("Mon, 15 Jan 2024 12:30:45 GMT", NOON),
        ("Mon, 15 Jan 2024 12:30:45 -0000", NOON),
        ("Mon, 15 Jan 2024 12:30:45 +0000 (UTC)", NOON),
        ("Mon, 15 Jan 2024 12:30:45", NOON),
        ("Mon, 15 Jan 2024 12:30 +0000", at(2024, 1, 15, 12, 30)),
        ("Mon, 15 Jan 2024 13:30:45 +0100", NOON),
        ("Mon, 15 Jan 2024 13:30:45 +01:00", NOON),
        ("Mon, 15 Jan 2024 13:30:45 GMT+0100", NOON),
        ("Mon, 15 Jan 2024 13:30:45 UTC+1", NOON),
        ("Mon, 15 Jan 2024 13:30:45 CET", NOON),
        ("Mon, 15 Jan 2024 07:30:45 EST", NOON),
        ("Mon, 15 Jan 2024 04:30:45 PST", NOON),
        ("Mon, 15 Jan 2024 18:00:45 +0530", NOON),
        ("Mon,15 Jan 2024 12:30:45 +0000", NOON),
        ("Monday, 15 January 2024 12:30:45 +0000", NOON),
        ("Wed, 15 Jan 2024 12:30:45 +0000", NOON),
        ("Mon Jan 15 12:30:45 2024", NOON),
        ("Mon Jan 15 12:30:45 2024 +0000", NOON),
        ("Mon Jan 15 12:30:45 GMT 2024", NOON),
        ("Mon Jan 15 13:30:45 CET 2024", NOON),
        ("Mon Jan 15 13:30:45 +0100 2024", NOON),
        ("Mon, Jan 15, 2024 12:30:45 +0000", NOON),
        ("January 15, 2024 12:30:45 PM", NOON),
        ("Jan 15 2024 12:30:45 AM", at(2024, 1, 15, 0, 30, 45)),
        ("15-Jan-2024 12:30:45 +0000", NOON),
        ("15-Jan-24 12:30:45 +0000", NOON),
        ("Mon, 15 Jan 24 12:30:45 +0000", NOON),
        ("Fri, 15 Jan 99 12:30:45 +0000", at(1999, 1, 15, 12, 30, 45)),
        ("Mon, 15 Jan 124 12:30:45 +0000", NOON),
        ("2024-01-15T12:30:45Z", NOON),
        ("2024-01-15T13:30:45+01:00", NOON),
        ("2024-01-15 12:30:45", NOON),
        ("2024-01-15 12:30:45.123456 +0000", NOON),
        ("2024/01/15 12:30:45", NOON),
        ("20240115T123045Z", NOON),
        ("15.01.2024 12:30:45", NOON),
        ("15/01/2024 12:30:45", NOON),
        ("01/15/2024 12:30:45", NOON),
        ("2024-01-15", at(2024, 1, 15)),
        ("15 Jan 2024", at(2024, 1, 15)),
        ("Mon, 15 Jan 2024 12.30.45 +0000", NOON),
        ("Mon, 15 Jan 2024 12:30:60 +0000", at(2024, 1, 15, 12, 30, 59)),
        ("Mon, 15 Jan 2024 24:00:00 +0000", at(2024, 1, 16)),
        ("Mon, 15 Jan 2024 12:30:45 +9999", NOON),
        ("Mon, 15 Jan 2024 12:30:45 FOO", NOON),
        ("Mon (day), 15 (d) Jan (m (n)) 2024 12:30:45 +0000", NOON),
        ("Mo, 15 Jän 2024 12:30:45 +0000", None),
        ("Mo, 15 Okt 2024 12:30:45 +0000", at(2024, 10, 15, 12, 30, 45)),
        ("Mon, 15  Jan\t2024 12:30:45 +0000", NOON),
        ("  Mon, 15 Jan 2024 12:30:45 +0000  ", NOON),
        ("Mon, 5 Jan 2024 1:2:3 +0000", at(2024, 1, 5, 1, 2, 3)),
        ("", None),
        ("yesterday", None),
        ("Mon, 35 Jan 2024 12:30:45 +0000", None),
        ("Mon, 15 Jan 2024 99:30:45 +0000", None),
        ("30 Feb 2024 12:30:45 +0000", None),
        ("12:30:45", None),
    ],
)
def test_forms(text, expected):
    """Every form seen in the wild, and what is none."""
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("text", "minutes"), [("+0130", 90), ("-0330", -210), ("EDT", -240), ("JST", 540)]
)
def test_offset_is_kept(text, minutes):
    """The sender's own clock is readable from the value."""
    date = parse_date(f"Mon, 15 Jan 2024 12:30:45 {text}")

    assert date.utcoffset() == timedelta(minutes=minutes)


def test_missing_zone_is_utc():
    """A date is always aware."""
    assert parse_date("15 Jan 2024 12:30:45").tzinfo is UTC


@given(st.text())
def test_any_text_is_read(text):
    """Nothing raises; what is read is aware."""
    date = parse_date(text)

    assert date is None or date.tzinfo is not None


SOME = st.integers(-2208988800, 253300000000)
"""Seconds from 1900 to 9996."""


@given(SOME, st.integers(-1439, 1439))
def test_round_trip(seconds, minutes):
    """What the standard library writes is read again."""
    zone = timezone(timedelta(minutes=minutes))
    date = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)

    assert parse_date(format_datetime(date)) == date


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Mon, 15 Jan 2024 19:22:28 0200", 2),
        ("Mon, 15 Jan 2024 19:22:28 +0200", 2),
        ("Mon, 15 Jan 2024 19:22:28 0000", 0),
        ("Mon Jan 15 19:22:28 2024", 0),
    ],
)
def test_zone_without_its_sign(text, hours):
    """It is east of UTC; four digits that are no zone are a year."""
    date = parse_date(text)

    assert date == datetime(2024, 1, 15, 19, 22, 28, tzinfo=timezone(timedelta(hours=hours)))
