"""VANISHED: ranges, however large."""

import pytest

from netmail.errors import ProtocolError
from netmail.results.vanished import Vanished
from netmail.wire.imap.data.vanished import expunged_resp
from support.imap_responses import data


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            b"(EARLIER) 41,43:116,118,120:211,214:540",
            Vanished(((41, 41), (43, 116), (118, 118), (120, 211), (214, 540)), earlier=True),
        ),
        (b"505,507,510,625", Vanished(((505, 505), (507, 507), (510, 510), (625, 625)))),
        (b"9:7 ", Vanished(((7, 9),))),
        (b"(earlier) 1:4294967295", Vanished(((1, 4294967295),), earlier=True)),
    ],
)
def test_samples(line, expected):
    """The samples of RFC 7162 section 3.2.10, and what servers write."""
    assert expunged_resp(data(b"* VANISHED " + line)) == expected


@pytest.mark.parametrize(
    "line", [b"", b"0", b"*", b"1:*", b"1:2:3", b"1,,2", b"4294967296", b"(LATER) 1", b"x"]
)
def test_no_uids(line):
    """What holds anything else is refused."""
    with pytest.raises(ProtocolError):
        expunged_resp(data(b"* VANISHED " + line))


def test_members():
    """UIDs are found without a list of them all, and listed if asked for."""
    vanished = Vanished(((1, 3), (7, 4_000_000_000)))

    assert 3 in vanished
    assert 4 not in vanished
    assert 3_999_999_999 in vanished
    assert "3" not in vanished
    assert list(Vanished(((1, 3), (7, 7)))) == [1, 2, 3, 7]
