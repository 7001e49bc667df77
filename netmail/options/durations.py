"""How long: milliseconds in `timeout` and `connect_timeout`, seconds everywhere else.

This file must not know what waits for how long, nor where a value came from.
"""

import re
from datetime import timedelta
from math import isfinite
from typing import Final

from netmail.errors import UsageError

MAX_MILLISECONDS: Final = 2_147_483_647
"""24 days: libcurl takes milliseconds as a C long, which has 32 bits on some systems."""
LEAST: Final = 1_000
"""Milliseconds as a plain number: a smaller one was meant as seconds, as in most libraries."""

_MILLISECOND: Final = timedelta(milliseconds=1)
# What to_dict() and `url` write where a number would be refused: "250ms"; also "30s".
_WITH_UNIT: Final = re.compile(r"(?P<number>[0-9]{1,10})(?P<unit>ms|s)")


def wait(name: str, value: object) -> int | timedelta:
    """Check how long one wait may last.

    Args:
        name: The option.
        value: Milliseconds from 1,000; a `timedelta`, or a str such as "250ms" or "30s".

    Returns:
        Milliseconds; a `timedelta` where that is shorter than a second.

    Raises:
        UsageError: If it is something else, 0, or a number that seconds were meant by.
    """
    if isinstance(value, str):
        value = _with_unit(name, value)
    if isinstance(value, timedelta):
        return _wait_of(name, value)
    if isinstance(value, bool) or not isinstance(value, int):
        kind = type(value).__name__
        raise UsageError(f"{name} is an int (milliseconds) or a timedelta, not {kind}")
    if value == 0:
        raise UsageError(f"{name} is not 0: every wait has a deadline; pass milliseconds")
    if 0 < value < LEAST:
        raise UsageError(
            f"{name}={value} is {value} milliseconds: pass {value * 1000} for {value} seconds, or "
            f"timedelta(milliseconds={value})"
        )
    if not LEAST <= value <= MAX_MILLISECONDS:
        shown = str(value) if abs(value) < 10**12 else "that"
        raise UsageError(f"{name} is milliseconds from {LEAST} to {MAX_MILLISECONDS}, not {shown}")
    return int(value)


def seconds(name: str, value: object) -> float:
    """Check a duration that is no wait: a `timedelta` or seconds.

    Args:
        name: The option or argument.
        value: Seconds, as int or float; a `timedelta`, or a str such as "250ms" or "30s".

    Returns:
        Seconds.

    Raises:
        UsageError: If it is something else, not above 0, or more than 24 days.
    """
    if isinstance(value, str):
        value = _with_unit(name, value)
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float):
        kind = type(value).__name__
        raise UsageError(f"{name} is seconds (int or float) or a timedelta, not {kind}")
    if not 0 < value <= MAX_MILLISECONDS / 1000 or not isfinite(value):
        raise UsageError(f"{name} is more than 0 and at most {MAX_MILLISECONDS // 1000} seconds")
    return float(value)


def milliseconds(value: int | timedelta) -> int:
    """Return what `wait()` has checked as milliseconds."""
    return -(-value // _MILLISECOND) if isinstance(value, timedelta) else value


def written(value: timedelta) -> str:
    """Write a duration as `wait()` reads it, in whole milliseconds."""
    return f"{milliseconds(value)}ms"


def _wait_of(name: str, value: timedelta) -> int | timedelta:
    # Rounded up: what is shorter than a millisecond is no wait without end, as libcurl's 0 is.
    whole = milliseconds(value)
    if not 1 <= whole <= MAX_MILLISECONDS:
        raise UsageError(f"{name} is more than 0 and at most 24 days: every wait has a deadline")
    return whole if whole >= LEAST else timedelta(milliseconds=whole)


def _with_unit(name: str, text: str) -> timedelta:
    found = _WITH_UNIT.fullmatch(text)
    if not found:
        raise UsageError(f'{name} as text is a number in digits with its unit: "250ms" or "30s"')
    number = int(found["number"])
    return timedelta(milliseconds=number) if found["unit"] == "ms" else timedelta(seconds=number)


def read_wait(name: str, text: str) -> object:
    """Read a wait from a URL's query: milliseconds in digits, or with a unit."""
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return int(text)
    return _with_unit(name, text)


def read_seconds(name: str, text: str) -> object:
    """Read another duration from a URL's query: seconds in digits, or with a unit."""
    try:
        return float(text) if text.isascii() and "_" not in text else _with_unit(name, text)
    except ValueError:
        return _with_unit(name, text)
