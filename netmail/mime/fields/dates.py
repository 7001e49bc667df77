"""Dates in all the forms that mailers write.

This file knows how a date is written; it knows no header. What it returns is always aware:
a date without a zone is read as UTC, which is what most mailers that omit it mean.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from netmail.mime.fields.comments import without_comments

# date-time   = [ day-of-week "," ] date time [CFWS]          RFC 5322 section 3.3
# day-of-week = ([FWS] day-name) / obs-day-of-week
# day-name    = "Mon" / "Tue" / "Wed" / "Thu" / "Fri" / "Sat" / "Sun"
# date        = day month year
# day         = ([FWS] 1*2DIGIT FWS) / obs-day
# month       = "Jan" / "Feb" / "Mar" / "Apr" / "May" / "Jun" /
#               "Jul" / "Aug" / "Sep" / "Oct" / "Nov" / "Dec"
# year        = (FWS 4*DIGIT FWS) / obs-year
# time        = time-of-day zone
# time-of-day = hour ":" minute [ ":" second ];  each is 2DIGIT
# zone        = (FWS ( "+" / "-" ) 4DIGIT) / obs-zone
#
# The form of nearly all mail, with the comment that Unix mailers add: "... +0100 (CET)". The name
# of the day is not compared with the date: mailers get it wrong, and it tells nothing new.
_USUAL = re.compile(
    r"\s*(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d\d):(\d\d)(?::(\d\d))?"
    r"\s+([+-]\d{4}|GMT|UTC?|Z)\b\s*(?:\([^()]*\)\s*)?\Z"
)

# The patterns of rare forms are strings: `re` compiles each at its first use and keeps it.

# date-time    = full-date "T" full-time                      RFC 3339 section 5.6
# full-date    = date-fullyear "-" date-month "-" date-mday
# full-time    = partial-time time-offset
# partial-time = time-hour ":" time-minute ":" time-second [time-secfrac]
# time-offset  = "Z" / ( "+" / "-" ) time-hour ":" time-minute
# It is quirk iso-date. Seen from newsletter programs: "2024-01-15T12:30:45Z", "20240115T123045",
# "2024-01-15 12:30".
_ISO = (
    r"\s*(\d{4})-?(\d\d)-?(\d\d)(?:[T\s]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?)?\s*"
    r"(Z|[+-]\d\d:?(?:\d\d)?)?\s*\Z"
)

# "12:30:45", "12.30" (local clocks), "1:30:45 PM", "12:30:45.123".
_CLOCK = (
    r"(?<!\d)(\d{1,2})\s*[:.]\s*(\d{1,2})(?:\s*[:.]\s*(\d{1,2})(?:[.,]\d{1,9})?)?\s*"
    r"([AaPp]\.?[Mm]\.?)?(?![\d.])"
)

# "+0100", "+01:00", "GMT+0100", "UTC+1".
_OFFSET = r"(?i)(?:GMT|UTC?)?\s*([+-])\s*(\d{1,2}):?(\d\d)?(?!\d)"

# "19:22:28 0200": the sign of the zone is missing. A year is never so small.
_UNSIGNED = r"\s+((?:0\d|1[0-4])[0-5]\d)(?=\s*\Z)"

# Month, zone and day of the week in "Mon Jan 15 12:30:45 CET 2024", as date(1) writes it, ...
_WORD = r"[A-Za-z]+"

# ... and day and year in the same.                           RFC 5322 section 3.3
_NUMBER = r"\d+"

# "2024-01-15", "2024/1/15" and "2024.01.15", beside a clock in another form.
_YEAR_FIRST = r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"

# "15/01/2024", "1/15/2024", "15.01.24".
_NUMERIC = r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{2,4})(?!\d)"

_LONGEST = 200
"""Characters of a date that are read; real ones stay below 60."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januar janv ene gen", "feb februar fev fevr", "mar maerz mrz mars",
            "apr avr abr", "may mai mag maj mayo", "jun juni juin giu", "jul juli juil lug",
            "aug aout ago", "sep sept set", "oct okt oktober out ott", "nov", "dec dez dic",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
"""month of RFC 5322 section 3.3; and German, French, Spanish, Italian, Danish and Portuguese
names, of mailers that write dates in the language of the user."""

_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "ist": 330, "cet": 60,
    "cest": 120, "mez": 60, "mesz": 120, "met": 60, "mest": 120, "eet": 120, "eest": 180,
    "msk": 180, "msd": 240, "sast": 120, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540,
    "aest": 600, "aedt": 660, "acst": 570, "awst": 480, "nzst": 720, "nzdt": 780, "brt": -180,
    "art": -180, "ast": -240, "adt": -180, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600,
}  # fmt: skip
# obs-zone = "UT" / "GMT" / "EST" / "EDT" / "CST" / "CDT" / "MST" / "MDT" / "PST" / "PDT" /
#            %d65-73 / %d75-90 / %d97-105 / %d107-122         RFC 5322 section 4.3
# Every other name is quirk named-zone. The military zones of one letter but "Z" are missing here:
# RFC 822 had their signs wrong, so they "SHOULD all be considered equivalent to "-0000"", which is
# what an unknown zone is.
"""Minutes east of UTC: obs-zone, and names that it lacks."""


def parse_date(text: str) -> datetime | None:
    """Read a date.

    Args:
        text: An unfolded Date value, or the last part of a Received field.

    Returns:
        An aware datetime, or `None` if no day, month and year can be found. A second of
        60 is 59, an impossible zone is UTC.

    RFC 5322 sections 3.3 and 4.3.
    """
    usual = _USUAL.match(text)
    if usual is not None:
        day, month, year, hour, minute, second, zone = usual.groups()
        number = _MONTHS.get(month.lower())
        if number is not None:
            clock = (int(hour), int(minute), int(second) if second else 0)
            return _make((int(year), number, int(day)), clock, _usual_zone(zone))
    # Section 4.3: the obsolete syntax allows CFWS between any two tokens.
    text = without_comments(text[:_LONGEST])[0].strip()
    iso = re.match(_ISO, text)
    if iso is not None:
        year, month, day, hour, minute, second, zone = iso.groups()
        clock = (int(hour or 0), int(minute or 0), int(second or 0))
        return _make((int(year), int(month), int(day)), clock, _zone(zone or ""))
    return _unordered(text)


def _unordered(text: str) -> datetime | None:
    """Read a date in no standard form: find clock, zone and month wherever they are."""
    # "15 Jan 2024" alone is the midnight before it, in UTC.
    clock = (0, 0, 0)
    zone = 0
    # "2024/01/15 12:30", "1/15/2024 12:30 PM": digits are a date only if no month is named.
    numeric = re.search(_YEAR_FIRST, text)
    if numeric is None and _month_in(text) is None:
        numeric = re.search(_NUMERIC, text)
    # The clock follows the date: "15.01.24" itself looks like a clock.
    found = re.compile(_CLOCK).search(text, numeric.end() if numeric else 0)
    if found is None and numeric is not None:
        # "12:30 15/01/2024": the clock is first.
        found = re.search(_CLOCK, text[: numeric.start()])
    if found is not None:
        clock = _clock(found)
        rest = re.sub(_UNSIGNED, r" +\1", text[found.end() :])
        zone = _zone_in(rest)
        # ctime() and date(1) write the year after the clock and the zone: quirk ctime-date.
        text = f"{text[: found.start()]} {re.sub(_OFFSET, ' ', rest)}"
    day = _day(text)
    return _make(day, clock, zone) if day else None


def _clock(match: "re.Match[str]") -> tuple[int, int, int]:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    # "12:30 AM" is half past midnight. With "14:30 PM" the mark tells nothing new.
    half = (match[4] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour, minute, second


def _day(text: str) -> tuple[int, int, int] | None:
    """Find year, month and day in a text without clock and zone."""
    first = re.search(_YEAR_FIRST, text)
    if first is not None:
        return int(first[1]), int(first[2]), int(first[3])
    month = _month_in(text)
    numbers = [number for number in re.findall(_NUMBER, text) if len(number) <= 4]
    if month is None:
        numeric = re.search(_NUMERIC, text)
        return _numeric(numeric) if numeric else None
    if len(numbers) < 2:
        return None
    # "15 Jan 2024" and "Jan 15, 2024" have day and year in this order; "2024 Jan 15" has not.
    day, year = numbers[0], numbers[1]
    if len(day) > 2 or int(day) > 31:
        day, year = year, day
    return _century(year), month, int(day)


def _month_in(text: str) -> int | None:
    """Return the number of the first month named in a text."""
    found = (_month(word.lower()) for word in re.findall(_WORD, text))
    return next((number for number in found if number is not None), None)


def _month(word: str) -> int | None:
    # "January" and "Octobre" begin with a known name; "Mai" is one, "Ma" is none.
    return _MONTHS.get(word) or (_MONTHS.get(word[:3]) if len(word) > 3 else None)


def _numeric(match: "re.Match[str]") -> tuple[int, int, int]:
    """Read 31/12/2020 and 12/31/2020: day first, unless that cannot be."""
    day, month = int(match[1]), int(match[2])
    if month > 12:
        day, month = month, day
    return _century(match[3]), month, day


def _century(year: str) -> int:
    """Complete a year: "00" to "49" are 20xx, other two and three digits add 1900.

    RFC 5322 section 4.3, obs-year.
    """
    number = int(year)
    if len(year) == 2:
        return number + (2000 if number < 50 else 1900)
    return number + 1900 if len(year) == 3 else number


def _zone_in(text: str) -> int:
    """Return the minutes east of UTC of the first zone in a text."""
    offset = re.search(_OFFSET, text)
    if offset is not None:
        return _zone(f"{offset[1]}{offset[2].zfill(2)}{offset[3] or '00'}")
    for word in re.findall(_WORD, text):
        minutes = _ZONES.get(word.lower())
        if minutes is not None:
            return minutes
    return 0


def _zone(text: str) -> int:
    """Return the minutes east of UTC of a zone, 0 if it is unknown or impossible."""
    if text[:1] in ("+", "-"):
        digits = text[1:].replace(":", "").ljust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:4])
        return (-minutes if text[0] == "-" else minutes) if minutes < 24 * 60 else 0
    # Section 4.3: unknown zones "SHOULD be considered equivalent to "-0000"".
    return _ZONES.get(text.lower(), 0)


@lru_cache(maxsize=128)
def _usual_zone(text: str) -> int:
    return _zone(text)


@lru_cache(maxsize=128)
def _offset(minutes: int) -> timezone:
    """Return the zone so far east of UTC: one object for all dates that share it."""
    return timezone(timedelta(minutes=minutes))


def _make(day: tuple[int, int, int], clock: tuple[int, int, int], zone: int) -> datetime | None:
    hour, minute, second = clock
    try:
        if hour < 24 and second < 60:
            return datetime(*day, hour, minute, second, tzinfo=_offset(zone) if zone else UTC)
        # A leap second (60) cannot be a datetime's; 24:00 is the beginning of the next day.
        date = datetime(
            *day, hour % 24, minute, min(second, 59), tzinfo=_offset(zone) if zone else UTC
        )
        return date if hour < 24 else date + timedelta(days=1) if hour == 24 else None
    except (ValueError, OverflowError):
        return None
