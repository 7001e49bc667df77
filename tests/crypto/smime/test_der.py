"""Values of DER are read where they are, in linear time on any input."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.crypto.smime.ber import BerError, tlv
from netmail.crypto.smime.der import (
    Fields,
    Value,
    algorithm,
    dotted,
    octet_string,
    read,
    time,
    value_at,
)
from support.timing import cpu_limit


def value(text):
    """The value that octets are."""
    return read(bytes.fromhex(text))


def test_value():
    """A value knows its tag, its content and its own octets; what is after it is no part of it."""
    found = value("3003 020105 ff")

    assert found.tag == 0x30
    assert found.content.hex() == "020105"
    assert bytes(found.view) == found.content
    assert found.whole.hex() == "3003020105"
    assert [each.content for each in found.members()] == [b"\5"]


@pytest.mark.parametrize(
    ("ber", "der"),
    [
        ("3080 020105 0000", "3003020105"),
        ("3005 3080 0500 0000", "300430020500"),
        ("2406 040161 040162", "04026162"),
        ("3006 2404 04026162", "300404026162"),
        ("308103 020105", "308103020105"),
        ("bf8107020500", "bf8107020500"),
        ("1f8107020500", "1f81070205 00"),
    ],
)
def test_ber(ber, der):
    """What is BER only is written again, as deep as it may be."""
    assert value(ber).whole == bytes.fromhex(der)


def members(found):
    """All values in a value, those within them too."""
    waiting = [found]
    while waiting:
        each = waiting.pop()
        if each.tag & 0x20:
            waiting += each.members()
    return True


@pytest.mark.parametrize(
    "octets",
    [
        *("", "30", "3001", "3080", "0480", "3f", "3fffff", "308500000000", "3084ffffffff"),
        *("3089000000000000000001", "30ff", "300304026162", "3004 0203 0102", "30020201"),
    ],
)
def test_refused(octets):
    """What is no value, or has a broken one in it, is refused when it is read."""
    with pytest.raises(BerError):
        members(value(octets))


@given(st.binary(max_size=80))
def test_any_octets(octets):
    """Any octets are read or refused by the one documented error."""
    try:
        assert members(read(octets))
    except BerError:
        return


def test_fields():
    """Fields come in their order; one that may be missing is passed over."""
    fields = Fields(value("3009 020105 a0020500 0500"))

    assert fields.optional(0x30) is None
    assert fields.take(0x02).content == b"\5"
    assert fields.take(0x31, 0xA0).only(0x05).content == b""
    assert fields.optional().tag == 0x05
    assert fields.optional() is None
    with pytest.raises(BerError, match="missing"):
        fields.take()


def test_wrong_field():
    """A field of another type is refused, and so is a second one where there is one only."""
    with pytest.raises(BerError, match="missing"):
        Fields(value("3003020105")).take(0x04)
    with pytest.raises(BerError, match="more values"):
        value("a00405000500").only(0x05)
    with pytest.raises(BerError, match="another type"):
        value("0500").tagged(0x30)


def test_strings():
    """A string with the tag of a field is in one piece, or in several."""
    assert bytes(octet_string(value("80026162"))) == b"ab"
    assert bytes(octet_string(value("a006040161040162"))) == b"ab"
    assert bytes(octet_string(value("a080 2480 040161 0000 040162 0000"))) == b"ab"
    with pytest.raises(BerError):
        octet_string(value("a003020105"))


def test_algorithm():
    """An algorithm has parameters, or none."""
    assert algorithm(value("300506032a0304")) == (b"\x2a\x03\x04", None)
    name, parameters = algorithm(value("300706032a03040500"))
    assert (name, parameters.tag) == (b"\x2a\x03\x04", 0x05)


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x17, b"261122103000Z", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        (0x17, b"500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (0x18, b"20501231235959Z", datetime(2050, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (0x17, b"261322103000Z", None),
        (0x17, b"2611221030Z", None),
        (0x17, b"261122103000+0100", None),
        (0x18, b"20501231235960Z", None),
        (0x17, b"", None),
        (0x17, "\uff12\uff161122103000Z".encode(), None),
        (0x18, b"9" * 1_000_000, None),
    ],
    ids=lambda each: None if isinstance(each, bytes) and len(each) > 20 else str(each),
)
def test_time(tag, text, expected):
    """A time is read as DER writes it; any other is none."""
    assert time(read(tlv(tag, text))) == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("2a864886f70d010702", "1.2.840.113549.1.7.2"),
        ("608648016503040201", "2.16.840.1.101.3.4.2.1"),
        ("883703", "2.999.3"),
        ("", "?"),
        ("ff", "?"),
    ],
)
def test_dotted(octets, expected):
    """An object identifier is shown as it is known."""
    assert dotted(bytes.fromhex(octets)) == expected


LARGE = 1_000_000


@pytest.mark.parametrize(
    "octets",
    [
        tlv(0x31, b"\5\0" * (LARGE // 2)),
        tlv(0x31, b"\x30\0" * (LARGE // 2)),
        tlv(0x31, b"\x1f\x81\1\0" * (LARGE // 4)),
        b"\x30\x83\x0f\x42\x40" * (LARGE // 5),
        b"\x30\x80" * (LARGE // 2),
        b"\x3f" + b"\x81" * LARGE,
        tlv(0x30, b"\x24\x80" + b"\4\1a" * (LARGE // 3) + b"\0\0"),
        tlv(0x30, b"\x24\x03\4\1a" * (LARGE // 5)),
    ],
    ids=[
        *("members", "empty sequences", "long tags", "overlong", "indefinite", "one long tag"),
        *("pieces", "strings in pieces"),
    ],
)
def test_hostile_octets(octets):
    """A megabyte of any shape is read or refused without recursion, in time that is linear."""
    with cpu_limit(10):
        try:
            found = read(octets)
            assert sum(1 for _ in found.members()) >= 0
        except BerError:
            return


def test_long_identifier():
    """A megabyte of an object identifier is shown in short."""
    with cpu_limit(1):
        assert len(dotted(b"\xff" * LARGE)) < 100
        assert len(dotted(b"\1" * LARGE)) < 100


def test_limit():
    """A value may not end after what it is in, nor begin there."""
    octets = bytes.fromhex("0203010203")

    assert value_at(octets, 0, 5) == Value(octets, 2, 0, 2, 5)
    for place, limit in ((0, 4), (0, 1), (4, 5), (5, 5), (9, 5)):
        with pytest.raises(BerError):
            value_at(octets, place, limit)
