"""Search keys of dates and ages.

This file knows names of keys, and neither how they combine nor how they are sent. Dates are days:
a server disregards time and zone. Of a `datetime` only the date counts.
"""

from datetime import date, timedelta

from netmail.errors import UsageError
from netmail.search.key import day, named
from netmail.wire.imap.search_key import SearchKey
from netmail.wire.number import number


def before(moment: date) -> SearchKey:
    """Find messages whose internal date is before this day.

    RFC 9051 section 6.4.4.
    """
    return named("BEFORE", day(moment))


def on(moment: date) -> SearchKey:
    """Find messages whose internal date is this day.

    RFC 9051 section 6.4.4.
    """
    return named("ON", day(moment))


def since(moment: date) -> SearchKey:
    """Find messages whose internal date is this day or later.

    RFC 9051 section 6.4.4.
    """
    return named("SINCE", day(moment))


def sent_before(moment: date) -> SearchKey:
    """Find messages whose Date field is before this day.

    RFC 9051 section 6.4.4.
    """
    return named("SENTBEFORE", day(moment))


def sent_on(moment: date) -> SearchKey:
    """Find messages whose Date field is this day.

    RFC 9051 section 6.4.4.
    """
    return named("SENTON", day(moment))


def sent_since(moment: date) -> SearchKey:
    """Find messages whose Date field is this day or later.

    RFC 9051 section 6.4.4.
    """
    return named("SENTSINCE", day(moment))


def saved_before(moment: date) -> SearchKey:
    """Find messages whose date of saving in this mailbox is before this day.

    Raises:
        CapabilityError: By `search()`, if the server has no SAVEDATE.

    RFC 8514 section 4.3.
    """
    return named("SAVEDBEFORE", day(moment), capability="SAVEDATE")


def saved_on(moment: date) -> SearchKey:
    """Find messages whose date of saving in this mailbox is this day.

    Raises:
        CapabilityError: By `search()`, if the server has no SAVEDATE.

    RFC 8514 section 4.3.
    """
    return named("SAVEDON", day(moment), capability="SAVEDATE")


def saved_since(moment: date) -> SearchKey:
    """Find messages whose date of saving in this mailbox is this day or later.

    Raises:
        CapabilityError: By `search()`, if the server has no SAVEDATE.

    RFC 8514 section 4.3.
    """
    return named("SAVEDSINCE", day(moment), capability="SAVEDATE")


def save_date_supported() -> SearchKey:
    """Find all messages, if the mailbox keeps the dates of saving; otherwise none.

    Raises:
        CapabilityError: By `search()`, if the server has no SAVEDATE.

    RFC 8514 section 4.3.
    """
    return named("SAVEDATESUPPORTED", capability="SAVEDATE")


def older(age: int | timedelta) -> SearchKey:
    """Find messages whose internal date is at least this age.

    Args:
        age: Seconds, at least 1, or a timedelta, whose fractions of a second do not count.

    Raises:
        CapabilityError: By `search()`, if the server has no WITHIN.

    RFC 5032 section 3.
    """
    return named("OLDER", _seconds(age), capability="WITHIN")


def younger(age: int | timedelta) -> SearchKey:
    """Find messages whose internal date is within this age.

    Args:
        age: Seconds, at least 1, or a timedelta, whose fractions of a second do not count.

    Raises:
        CapabilityError: By `search()`, if the server has no WITHIN.

    RFC 5032 section 3.
    """
    return named("YOUNGER", _seconds(age), capability="WITHIN")


def _seconds(age: int | timedelta) -> str:
    # search-key =/ ("OLDER" / "YOUNGER") SP nz-number
    if isinstance(age, float):
        raise UsageError(f"an age is whole seconds or a timedelta, not {age!r}")
    return str(number(age // timedelta(seconds=1) if isinstance(age, timedelta) else age, "an age"))
