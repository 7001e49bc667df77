"""Commands in flight: how many, in which order, and what a lost connection says of the server."""

import pytest

from netmail.errors import ConnectionLost, MailTimeout, ProtocolError
from netmail.flows.flow import PEEK, Close, Left, Send, Values
from netmail.flows.pop3 import many, pipelining
from support.pop3_steps import leave, session
from support.replay import collected, replay, replay_both

OK = "S: +OK\nS: .\n"
REPLY = b"+OK\r\n.\r\n"


def contents(uids):
    """Return what a whole conversation about messages hands over."""

    def converse(current):
        messages = yield from collected(many.retr_many(current, uids))
        return [str(message.error or message.content) for message in messages]

    return converse


def in_flight(current, count, size=10):
    """Serve `count` messages as a fast server would; return the lines in flight after each Send."""
    waiting, sent = [], []
    for request in many.retr_many(current, range(1, count + 1)):
        if isinstance(request, Send):
            waiting += request.data.splitlines(keepends=True)
            assert len(b"".join(waiting)) < pipelining.COMMANDS + 20
            sent.append(len(waiting))
        elif request is not PEEK and not isinstance(request, Values):
            current.reader.feed(b"+OK\r\n" + b"x" * size + b"\r\n.\r\n")
            waiting.pop(0)
    assert not waiting
    return sent


def test_window_of_commands():
    """Commands in flight never have more octets than any socket's buffer."""
    sent = in_flight(session(), 2000)

    assert sent[0] == pipelining.FIRST
    assert max(sent) > 300


@pytest.mark.parametrize(("size", "most"), [(100_000, 16), (2_000_000, 16), (1000, 400)])
def test_window_of_replies(size, most):
    """Large messages are not asked for far ahead: a caller that leaves has them dropped."""
    sent = in_flight(session(), 60, size)

    assert max(sent) <= most
    assert size < 1_000_000 or max(sent[1:]) <= pipelining.FIRST
    assert size < 1_000_000 or sent[-1] == 1


@pytest.mark.parametrize(
    "current",
    [lambda: session(()), lambda: session(pipelining="off")],
    ids=["no CAPA", "option"],
)
def test_one_by_one(current):
    """Each command waits for the reply to the one before."""
    lines = f"C: RETR 1\n{OK}C: RETR 2\n{OK}C: RETR 3\n{OK}"

    assert replay_both(current, contents([1, 2, 3]), lines) == ["b''"] * 3


def test_refusals_between_bodies():
    """-ERR has no body, whatever the next reply looks like."""
    lines = "C: RETR 1\nC: RETR 2\nC: RETR 3\nS: -ERR no\nS: +OK\nS: ..\nS: .\nS: -ERR [X] no\n"
    expected = ["RETR: no", r"b'.\r\n'", "RETR: [X] no"]

    assert replay_both(session, contents([1, 2, 3]), lines) == expected


def test_each_line_end():
    """A server may end the lines of one reply with LF, and those of the next with CRLF."""
    lines = "C: RETR 1\nC: RETR 2\nS! +OK\\na\\n.\\n+OK\\r\\nb\\n.\\n\\r\\n.\\r\\n"

    assert replay_both(session, contents([1, 2]), lines) == [r"b'a\n'", r"b'b\n.\n\r\n'"]


@pytest.mark.parametrize("reply", ["", "S! +O", "S! +OK\\r\\nhalf", "S! +OK\\r\\nhalf\\r\\n."])
@pytest.mark.parametrize(
    ("event", "error"),
    [("EOF", ConnectionLost), ("LOST", ConnectionLost), ("TIMEOUT", MailTimeout)],
)
def test_lost_at_the_first_reply(reply, event, error):
    """A server that cannot bear several commands is given one at a time from then on."""
    current = session()
    with pytest.raises(error):
        replay(contents([1, 2])(current), current.reader, f"C: RETR 1\nC: RETR 2\n{reply}\n{event}")
    current.reader.reset()
    later = f"C: RETR 1\n{OK}C: RETR 2\n{OK}"

    assert current.breaks_pipelining
    assert replay(contents([1, 2])(current), current.reader, later) == ["b''"] * 2


def test_lost_with_one_in_flight():
    """Then pipelining was not the reason."""
    current = session()
    with pytest.raises(ConnectionLost):
        replay(contents([1])(current), current.reader, "C: RETR 1\nEOF")

    assert not current.breaks_pipelining


def test_lost_twice():
    """A server that has shown that it can is blamed at the second loss only."""
    current, blamed = session(), []
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            replay(
                contents([1, 2, 3, 4])(current),
                current.reader,
                f"C: RETR 1\nC: RETR 2\nC: RETR 3\nC: RETR 4\n{OK}{OK}EOF",
            )
        current.reader.reset()
        blamed.append(current.breaks_pipelining)

    assert blamed == [False, True]


@pytest.mark.parametrize("line", ["S: +OK 9 9", "S: junk"])
def test_unsolicited(line):
    """A reply before the first command is not taken for its reply."""
    with pytest.raises(ProtocolError, match="unsolicited"):
        replay_both(session, contents([1, 2]), line)


def test_no_status():
    """A line that is neither +OK nor -ERR ends the conversation."""
    with pytest.raises(ProtocolError, match="RETR"):
        replay_both(session, contents([1, 2]), f"C: RETR 1\nC: RETR 2\n{OK}S: text\n")


def left_after_one(current, *arriving):
    """Leave after the first message, and let the rest arrive; return what is asked for then."""
    flow = many.retr_many(current, [1, 2, 3])
    request = next(flow)
    while not isinstance(request, Values):
        if request is not PEEK and not isinstance(request, Send):
            current.reader.feed(REPLY)
        request = next(flow)
    return leave(flow, current.reader, *arriving)


def test_left():
    """The replies that are still to come are read, and nothing else is sent."""
    current = session()
    asked = left_after_one(current, REPLY + b"+OK\r\nhal", b"f\r\n.\r\n")

    assert len(asked) == 2
    assert not current.reader.available


def test_left_with_too_much_to_come():
    """More than 16 MiB are not read: to connect again takes less."""
    current = session()
    asked = left_after_one(current, b"+OK\r\n" + b"x" * pipelining.MAX_LEFT, b"x\r\n")

    assert isinstance(asked[-1], Close)


def test_left_and_closed():
    """The end of the stream is an error then too."""
    current = session()
    flow = many.retr_many(current, [1, 2])
    request = next(flow)
    while not isinstance(request, Values):
        if request is not PEEK and not isinstance(request, Send):
            current.reader.feed(REPLY)
        request = next(flow)
    current.reader.eof = True
    with pytest.raises(ConnectionLost):
        flow.throw(Left())
