"""LIST and UIDL of all messages, entry by entry."""

import pytest

from netmail.errors import ConnectionLost, Pop3Error, ProtocolError
from netmail.flows.flow import PEEK, Send, Values
from netmail.flows.pop3 import listing
from support.pop3_steps import leave, session
from support.replay import collected, replay_both

CALLS = {
    "scan_listings": (
        listing.scan_listings,
        "C: LIST\nS: +OK 2\nS: 1 120\nS: 7 0\nS: .",
        [{"uid": 1, "size": 120}, {"uid": 7, "size": 0}],
    ),
    "unique_ids": (
        listing.unique_ids,
        "C: UIDL\nS: +OK\nS: 1 ..\nS: 2 b\nS: .",
        [{"uid": 1, "id": ".."}, {"uid": 2, "id": "b"}],
    ),
    "lf": (listing.unique_ids, "C: UIDL\nS! +OK\\n1 a\\n.\\n", [{"uid": 1, "id": "a"}]),
    "none": (listing.scan_listings, "C: LIST\nS: +OK\nS: .", []),
}


@pytest.mark.parametrize(("call", "lines", "expected"), CALLS.values(), ids=CALLS)
def test_entries(call, lines, expected):
    """Every entry is handed over, wherever the octets are cut."""
    assert replay_both(session, lambda current: collected(call(current)), lines) == expected


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ("S: -ERR no", Pop3Error),
        ("S: +OK\nS: 1 120\nS: one\nS: .", ProtocolError),
        ("S: +OK\nS: 1 120\nEOF", ConnectionLost),
        ("S: +OK\nS! 1 1" + "0" * 9000, ProtocolError),
    ],
    ids=["refused", "no entry", "lost", "endless entry"],
)
def test_failures(lines, error):
    """What is no list raises; what came before was handed over."""
    with pytest.raises(error):
        replay_both(
            session, lambda current: collected(listing.scan_listings(current)), f"C: LIST\n{lines}"
        )


def test_handed_over_at_once():
    """An entry is there while the server is silent about the next, and the rest is dropped."""
    current = session()
    flow = listing.scan_listings(current)
    for request in flow:
        if isinstance(request, Values) and request.values:
            break
        if request is not PEEK and not isinstance(request, Send):
            current.reader.feed(b"+OK\r\n1 120\r\n2 13")
    first = request.values

    assert len(leave(flow, current.reader, b"0\r\n.\r\n")) == 1
    assert first == [{"uid": 1, "size": 120}]
    assert not current.reader.available
