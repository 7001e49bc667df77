"""Parameters of MAIL and RCPT: what goes over the wire for each value."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.wire import smtp_parameters as parameters

XTEXT = {
    "abc": b"abc",
    "a b": b"a+20b",
    "a+b=c": b"a+2Bb+3Dc",
    "\r\n\x7f": b"+0D+0A+7F",
    "!~": b"!~",
    "ü": b"+C3+BC",
}


@pytest.mark.parametrize("text", XTEXT, ids=ascii)
def test_xtext(text):
    """RFC 3461 section 4: all but printable ASCII, "+" and "=" is written in hexadecimal."""
    assert parameters.xtext(text) == XTEXT[text]


@given(st.text())
def test_xtext_is_one_token(text):
    """No text begins another parameter, or another command; and none is lost."""
    written = parameters.xtext(text.encode("utf-8", "replace").decode())
    back = bytearray()
    position = 0
    while position < len(written):
        if written[position : position + 1] == b"+":
            back.append(int(written[position + 1 : position + 3], 16))
            position += 3
        else:
            back.append(written[position])
            position += 1

    assert all(33 <= octet <= 126 and octet != ord("=") for octet in written)
    assert bytes(back) == text.encode("utf-8", "replace")


ORIGINAL = {
    "bob@x.test": b" ORCPT=rfc822;bob@x.test",
    "b=o+b@x.test": b" ORCPT=rfc822;b+3Do+2Bb@x.test",
    '"a b"@x.test': b' ORCPT=rfc822;"a+20b"@x.test',
    "rfc822;bob@x.test": b" ORCPT=rfc822;bob@x.test",
    "x400;/C=US/S=Bob/": b" ORCPT=x400;/C+3DUS/S+3DBob/",
    "ünï+a=b@x.test": rb" ORCPT=utf-8;\x{FC}n\x{EF}\x{2B}a\x{3D}b@x.test",
    "\U0001f600@x.test": rb" ORCPT=utf-8;\x{1F600}@x.test",
}


@pytest.mark.parametrize("address", ORIGINAL, ids=ascii)
def test_orcpt(address):
    """RFC 3461 section 4.2, and RFC 6533 section 3 for an address beyond ASCII."""
    assert parameters.orcpt(address) == ORIGINAL[address]


def test_times_are_in_utc():
    """Times are written to the second, in UTC, with four digits of the year."""
    zone = timezone(timedelta(hours=5, minutes=30))

    assert parameters.hold_until(datetime(2030, 1, 1, 2, 0, 0, 999999, zone)) == (
        b" HOLDUNTIL=2029-12-31T20:30:00Z"
    )
    assert parameters.rrvs(datetime(987, 1, 2, tzinfo=UTC), "C") == b" RRVS=0987-01-02T00:00:00Z;C"


def test_by_time_may_have_passed():
    """RFC 2852 section 4: with by-mode N the time may be over."""
    assert parameters.by(-5, "N", trace=False) == b" BY=-5;N"


OFFERED = {
    "none": ((), None, None),
    "number": (("86400",), 86400, None),
    "both": (("86400", "2030-01-01T00:00:00Z"), 86400, datetime(2030, 1, 1, tzinfo=UTC)),
    "no number": (("soon", "2030-13-01T00:00:00Z"), None, None),
    "too long": (("1" * 5000,), None, None),
    "no zone": (("1", "2030-01-01T00:00:00"), 1, None),
    "other digits": (("٣",), None, None),
}


@pytest.mark.parametrize("name", OFFERED)
def test_what_the_server_offers(name):
    """The limits of DELIVERBY and FUTURERELEASE; what is none is no limit."""
    offered, seconds, latest = OFFERED[name]

    assert parameters.read_seconds(offered) == seconds
    assert parameters.read_latest(offered) == latest


LIMITS = {
    "named": (("MAILMAX=5", "RCPTMAX=20"), 20),
    "lower case": (("rcptmax=20",), 20),
    "another": (("RCPTDOMAINMAX=1",), None),
    "no value": (("RCPTMAX",), None),
    "zero": (("RCPTMAX=0",), None),
    "no number": (("RCPTMAX=-1",), None),
    "too long": (("RCPTMAX=1000000",), None),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name):
    """RFC 9422 section 3: names in any case, values of six digits at most."""
    offered, expected = LIMITS[name]

    assert parameters.limit(offered, "RCPTMAX") == expected
