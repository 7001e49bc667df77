"""A conversation that hands over values, step by step."""

import pytest

from netmail.errors import ConnectionLost, ReplyError
from netmail.flows.flow import RECEIVE, Left, Send, Values
from netmail.flows.streaming import Streaming
from netmail.wire.reader import Reader
from support.replay import replay


def conversation(ended):
    """Send, hand over two batches and an empty one, and note how it ends."""
    try:
        yield Send(b"a\r\n")
        yield Values([1, 2])
        yield Values([])
        yield Send(b"b\r\n")
        yield Values([3])
    except Left:
        yield Send(b"left\r\n")
        yield Values([9])
        yield Send(b"end\r\n")
        ended.append("left")
        raise
    ended.append("end")


def step(flow, transcript):
    """Run one step."""
    return replay(flow, Reader(), transcript)


def test_steps():
    """A step ends with values, and only the last one without; an empty batch is none."""
    ended = []
    streaming = Streaming(conversation(ended))

    assert streaming.name == "conversation"
    assert not streaming.has_begun
    assert step(streaming.next(), "C: a") == [1, 2]
    assert streaming.has_begun
    assert not streaming.has_ended
    assert step(streaming.next(), "C: b") == [3]
    assert step(streaming.next(), "") == []
    assert streaming.has_ended
    assert ended == ["end"]


def test_left():
    """A conversation that is left does what it must, and its values are dropped."""
    ended = []
    streaming = Streaming(conversation(ended))
    step(streaming.next(), "C: a")

    assert step(streaming.leave(), "C: left\nC: end") == []
    assert streaming.has_ended
    assert ended == ["left"]


def test_close():
    """Closed, it sends nothing."""
    streaming = Streaming(conversation([]))
    step(streaming.next(), "C: a")
    streaming.close()

    assert streaming.has_ended


def test_failures_reach_the_conversation():
    """What the driver throws is thrown into the conversation, which ends by it."""

    def lost():
        with pytest.raises(ConnectionLost):
            yield RECEIVE
        raise ReplyError("X", "refused")

    streaming = Streaming(lost())
    with pytest.raises(ReplyError):
        step(streaming.next(), "LOST")

    assert streaming.has_ended
