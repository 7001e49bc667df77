"""ENABLED, LANGUAGE, COMPARATOR and JMAPACCESS: the samples of their RFCs."""

import pytest

from netmail.errors import ProtocolError
from netmail.wire.imap.data.names import (
    comparator_data,
    enable_data,
    jmapaccess_data,
    language_data,
)
from support.imap_responses import data


@pytest.mark.parametrize(
    ("read", "line", "expected"),
    [
        (enable_data, b"* ENABLED X-GOOD-IDEA condstore", {"X-GOOD-IDEA", "CONDSTORE"}),
        (enable_data, b"* ENABLED", set()),
        (language_data, b'* LANGUAGE ("EN" "DE" "i-default")', ("EN", "DE", "i-default")),
        (language_data, b"* LANGUAGE (DE)", ("DE",)),
        (comparator_data, b'* COMPARATOR "i;basic"', ("i;basic", ())),
        (
            comparator_data,
            b'* COMPARATOR i;ascii-casemap ("i;ascii-casemap" "i;octet")',
            ("i;ascii-casemap", ("i;ascii-casemap", "i;octet")),
        ),
        (
            jmapaccess_data,
            b'* JMAPACCESS "https://example.com/.well-known/jmap"',
            "https://example.com/.well-known/jmap",
        ),
    ],
)
def test_samples(read, line, expected):
    """Names are returned as they are written, extensions in upper case."""
    assert read(data(line)) == expected


@pytest.mark.parametrize(
    ("read", "lines"),
    [
        (enable_data, [b"* ENABLED (X)", b"* ENABLED NIL"]),
        (language_data, [b"* LANGUAGE", b"* LANGUAGE DE", b"* LANGUAGE ()", b"* LANGUAGE (NIL)"]),
        (comparator_data, [b"* COMPARATOR", b"* COMPARATOR NIL", b"* COMPARATOR a (b) c"]),
        (jmapaccess_data, [b"* JMAPACCESS", b"* JMAPACCESS NIL", b"* JMAPACCESS a b"]),
    ],
)
def test_no_names(read, lines):
    """What has another form is refused."""
    for line in lines:
        with pytest.raises(ProtocolError):
            read(data(line))
