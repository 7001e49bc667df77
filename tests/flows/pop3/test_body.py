"""A body in pieces: what is too much to drop."""

from netmail.flows.flow import Close
from netmail.flows.pop3.body import MAX_LEFT, Body
from netmail.wire.reader import Reader


def test_too_much_to_drop():
    """The connection is closed where the rest is longer than what connecting costs."""
    reader = Reader()
    asked = []
    for request in Body(reader).drop():
        asked.append(request)
        reader.feed(b"x" * 1_000_000)

    assert len(asked) == MAX_LEFT // 1_000_000 + 2
    assert isinstance(asked[-1], Close)


def test_nothing_left_to_drop():
    """At its end there is nothing to wait for."""
    reader = Reader()
    reader.feed(b".\r\n+OK")

    assert list(Body(reader).drop()) == []
    assert reader.peek() == b"+OK"
