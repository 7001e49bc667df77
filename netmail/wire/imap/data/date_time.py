"""Dates in responses: INTERNALDATE and SAVEDATE.

This file knows their form, and no FETCH; `encode.date_time()` writes it.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

from netmail.errors import ProtocolError

_MONTHS: Final = {
    name: number
    for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
# date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE (RFC 9051
# section 9), date-day-fixed = (SP DIGIT) / 2DIGIT, time = 2DIGIT ":" 2DIGIT ":" 2DIGIT,
# zone = ("+" / "-") 4DIGIT: "17-Jul-1996 02:44:25 -0700", " 7-Jul-1996 ...".
_DATE_TIME: Final = re.compile(
    rb" ?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) "
    rb"([+-])([0-9]{2})([0-9]{2})"
)


def date_time(value: object) -> datetime:
    """Read a date as servers write it.

    Raises:
        ProtocolError: If it is none.

    RFC 9051 section 9: date-time.
    """
    found = _DATE_TIME.fullmatch(value) if isinstance(value, bytes) else None
    if found is None:
        shown = value if isinstance(value, bytes) else b""
        raise ProtocolError("a date has another form", shown, "17-Jul-1996 02:44:25 -0700")
    day, name, year, hour, minute, second, sign, hours, minutes = found.groups()
    try:
        zone = _zone(sign, hours, minutes)
        # A leap second is 60, RFC 3339 section 5.7, for which datetime has no place.
        time = (int(hour), int(minute), min(int(second), 59))
        return datetime(int(year), _MONTHS[name.lower()], int(day), *time, tzinfo=zone)
    except (KeyError, ValueError):
        raise ProtocolError("there is no such date", found[0]) from None


@lru_cache(maxsize=128)
def _zone(sign: bytes, hours: bytes, minutes: bytes) -> timezone:
    """Return a zone: one object for all dates that share it."""
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == b"-" else offset) if offset else UTC
