"""Durations: which numbers are taken, in which unit, and how they are written."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import UsageError
from netmail.options.durations import (
    MAX_MILLISECONDS,
    milliseconds,
    read_seconds,
    read_wait,
    seconds,
    wait,
    written,
)
from netmail.options.options import MailProtocol, parse_options

MS = timedelta(milliseconds=1)

WAITS = {
    "least": (1_000, 1_000),
    "most": (MAX_MILLISECONDS, MAX_MILLISECONDS),
    "timedelta": (timedelta(minutes=2), 120_000),
    "short timedelta": (300 * MS, 300 * MS),
    "a second": (timedelta(seconds=1), 1_000),
    "shorter than a millisecond": (timedelta(microseconds=1), MS),
    "rounded up": (timedelta(seconds=1, microseconds=1), 1_001),
    "text in ms": ("250ms", 250 * MS),
    "text in s": ("30s", 30_000),
}


@pytest.mark.parametrize(("value", "kept"), WAITS.values(), ids=WAITS)
def test_wait(value, kept):
    """Numbers are milliseconds; a duration with its unit may be shorter than a second."""
    assert wait("timeout", value) == kept


NO_WAITS = {
    "seconds": (30, "timeout=30 is 30 milliseconds: pass 30000 for 30 seconds"),
    "one": (1, "pass 1000 for 1 seconds"),
    "almost": (999, r"timedelta\(milliseconds=999\)"),
    "none": (0, "every wait has a deadline"),
    "no time": (timedelta(0), "every wait has a deadline"),
    "before": (-timedelta(seconds=1), "every wait has a deadline"),
    "negative": (-5, "from 1000 to"),
    "too long": (MAX_MILLISECONDS + 1, "from 1000 to"),
    "weeks": (timedelta(weeks=4), "24 days"),
    "endless": (10**5000, "not that"),
    "float": (30.0, "timedelta, not float"),
    "bool": (True, "not bool"),
    "text": ("30", "with its unit"),
    "other unit": ("5min", "with its unit"),
    "long text": ("9" * 5000 + "s", "with its unit"),
    "many": ("9999999999s", "24 days"),
}


@pytest.mark.parametrize(("value", "reason"), NO_WAITS.values(), ids=NO_WAITS)
def test_no_wait(value, reason):
    """A number below 1,000 was meant as seconds: the refusal says what to pass."""
    with pytest.raises(UsageError, match=reason):
        wait("timeout", value)


SECONDS = {
    "int": (60, 60.0),
    "float": (0.5, 0.5),
    "timedelta": (timedelta(minutes=1), 60.0),
    "text": ("1500ms", 1.5),
}


@pytest.mark.parametrize(("value", "kept"), SECONDS.values(), ids=SECONDS)
def test_seconds(value, kept):
    """Every other duration is seconds."""
    found = seconds("deadline", value)

    assert found == kept
    assert isinstance(found, float)


@pytest.mark.parametrize(
    "value", [0, -1, 0.0, float("nan"), float("inf"), 1e9, True, None, "5", b"5", timedelta(0)]
)
def test_no_seconds(value):
    """Durations are above 0 and at most 24 days, and no other type is taken for one."""
    with pytest.raises(UsageError, match="deadline"):
        seconds("deadline", value)


READ = {
    "milliseconds": (read_wait, "5000", 5_000),
    "with ms": (read_wait, "250ms", 250 * MS),
    "seconds": (read_seconds, "2.5", 2.5),
    "with s": (read_seconds, "60s", timedelta(minutes=1)),
}


@pytest.mark.parametrize(("read", "text", "value"), READ.values(), ids=READ)
def test_read(read, text, value):
    """A URL's query has digits, or digits and a unit."""
    assert read("timeout", text) == value


@pytest.mark.parametrize("read", [read_wait, read_seconds])
@pytest.mark.parametrize("text", ["", "x", "1_000", "٣", "5 s", "s", "-"])
def test_unreadable(read, text):
    """Anything else is refused."""
    with pytest.raises(UsageError, match="in digits"):
        read("timeout", text)


@given(st.timedeltas(MS, timedelta(days=24)))
def test_written(value):
    """What is written is read again, in milliseconds rounded up."""
    assert wait("timeout", written(value)) == wait("timeout", value)
    assert timedelta(0) <= milliseconds(value) * MS - value < MS


@given(st.timedeltas(MS, timedelta(days=24)))
def test_options_with_a_short_timeout(value):
    """Options keep a short timeout through a copy, a URL and JSON."""
    options = parse_options(MailProtocol.IMAP, timeout=value)

    assert options.timeout_seconds == milliseconds(value) / 1000
    assert parse_options(MailProtocol.IMAP, options) == options
    assert parse_options(MailProtocol.IMAP, options.url) == options
    assert parse_options(MailProtocol.IMAP, json.loads(json.dumps(options.to_dict()))) == options
