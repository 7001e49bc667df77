"""METADATA: the samples of RFC 5464 section 4, values of any octets, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError, UsageError
from netmail.wire.imap.data.metadata import entry, entry_values, metadata_response
from netmail.wire.imap.encode import Literal
from support.imap_responses import data


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        (
            [b'"INBOX" (/shared/comment "Shared comment" /private/comment NIL)'],
            ("INBOX", {"/shared/comment": b"Shared comment", "/private/comment": None}),
        ),
        ([b'"" (/Shared/Comment ', b"a\r\nb\0", b")"], ("", {"/shared/comment": b"a\r\nb\0"})),
        ([b'"INBOX" ()'], ("INBOX", {})),
        (
            [b'"Entw&APw-rfe" /shared/comment /private/comment'],
            ("Entwürfe", {"/shared/comment": None, "/private/comment": None}),
        ),
    ],
)
def test_samples(fragments, expected):
    """Values by entry, and an unsolicited response without values."""
    response = data(b"* METADATA " + fragments[0], *fragments[1:])

    assert metadata_response(response, strict=True) == expected


@pytest.mark.parametrize("line", [b"", b"x", b"x (/a)", b"x ((a) b)", b"x (/a (b))", b"(a b)"])
def test_no_metadata(line):
    """What has another form is refused."""
    with pytest.raises(ProtocolError):
        metadata_response(data(b"* METADATA " + line))


ENTRIES = st.sampled_from(["/private/comment", "/shared/vendor/x/a-b", "/private/x y"[:10]])
VALUES = st.none() | st.binary(max_size=40).map(lambda octets: octets.replace(b"\0", b""))


@given(values=st.dictionaries(ENTRIES, VALUES, min_size=1))
def test_round_trip(values):
    """What is written is read, whatever the octets."""
    fragments = [b'* METADATA "" ']
    for part in entry_values(values):
        if isinstance(part, Literal):
            fragments += [part.data, b""]
        else:
            fragments[-1] += part

    assert metadata_response(data(*fragments)) == ("", values)


@pytest.mark.parametrize(
    "name", ["", "x", "/", "/a/", "/a//b", "/a*", "/%", "/a b", "/ä", "/a\r\n", None, 5]
)
def test_wrong_entries(name):
    """RFC 5464 section 3.2: an entry is a path without wildcards."""
    with pytest.raises(UsageError):
        entry(name)


@pytest.mark.parametrize("values", [{}, {"/a": 5}, {"/a": "\0"}, {"/a": "\ud800"}, {"a": "b"}])
def test_wrong_values(values):
    """What cannot be sent as it is given is refused."""
    with pytest.raises(UsageError):
        entry_values(values)
