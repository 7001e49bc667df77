"""COPYUID and APPENDUID."""

import pytest

from netmail.errors import ProtocolError
from netmail.results.imap import AppendResult, CopyResult
from netmail.wire.imap.uidplus import appenduid, appenduids, copyuid


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (None, None),
        ("38505 304,319:320 3956:3958", CopyResult(38505, (304, 319, 320), (3956, 3957, 3958))),
        ("1 3:1 5:7", CopyResult(1, (3, 2, 1), (5, 6, 7))),
    ],
)
def test_copyuid(text, result):
    """The two sets correspond one by one, in the server's order."""
    assert copyuid(text, strict=True) == result


@pytest.mark.parametrize(
    "text", ["", "7", "7 4:5", "7 1:2 4:6", "x 1 2", "7 1:* 2:*", "7 1 x", "7 1 2 3", "-1 1 2"]
)
def test_unfit_copyuid(text):
    """What makes no sense is left out, and refused where strict."""
    assert copyuid(text) is None
    with pytest.raises(ProtocolError, match="do not fit"):
        copyuid(text, strict=True)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("38505 3955", AppendResult(38505, 3955)),
        (None, AppendResult()),
        ("", AppendResult()),
        ("38505", AppendResult()),
        ("38505 1:2", AppendResult()),
        ("x 1", AppendResult()),
        ("1 2 3", AppendResult()),
    ],
)
def test_appenduid(text, result):
    """One number each; what makes no sense is left out."""
    assert appenduid(text) == result


@pytest.mark.parametrize(
    ("text", "uids"),
    [
        ("38505 3955:3957", [3955, 3956, 3957]),
        ("38505 7,3955:3956", [7, 3955, 3956]),
        (None, [0, 0, 0]),
        ("38505 3955", [0, 0, 0]),
        ("38505 1:4", [0, 0, 0]),
        ("38505 1:*", [0, 0, 0]),
        ("x 1:3", [0, 0, 0]),
        ("1 1:999999999999", [0, 0, 0]),
    ],
)
def test_appenduids(text, uids):
    """One UID for each message, or none for any."""
    assert [each.uid for each in appenduids(text, 3)] == uids
