"""The transcript player is a judge: it must see what a flow does wrong."""

import pytest

from netmail.errors import ConnectionLost, MailTimeout
from netmail.flows.flow import PEEK, RECEIVE, Close, Flow, Send, receive
from netmail.wire.reader import Reader
from support.replay import read_transcript, replay, replay_both

ASKED = """
    # a comment
    C: ASK
    S: answer
"""


class Session:
    """Asks one question."""

    def __init__(self) -> None:
        self.reader = Reader()

    def ask(self) -> Flow[bytes]:
        yield PEEK
        yield Send(b"ASK\r\n")
        return (yield from receive(self.reader, self.reader.line))


def test_value_comes_back():
    """The flow's value is returned."""
    session = Session()

    assert replay(session.ask(), session.reader, ASKED) == b"answer"


def test_both_ways_agree():
    """Whole and octet by octet end in the same."""
    assert replay_both(Session, Session.ask, ASKED) == b"answer"


@pytest.mark.parametrize(
    ("transcript", "sentence"),
    [
        ("C: ASKED\nS: x", "flow sends"),
        ("C: ASK", "waits for the server"),
        ("C: ASK\nS: x\nC: QUIT", "flow ended"),
        ("C: ASK\nS: x\nS: y", "flow ended"),
        ("C: ASK\nwhat", "line 2"),
    ],
    ids=["other", "silent", "unsaid", "unheard", "unreadable"],
)
def test_difference_fails(transcript, sentence):
    """What differs from the transcript fails with its place."""
    session = Session()

    with pytest.raises(AssertionError, match=sentence):
        replay(session.ask(), session.reader, transcript)


@pytest.mark.parametrize(
    ("event", "error"),
    [("EOF", ConnectionLost), ("LOST", ConnectionLost), ("TIMEOUT", MailTimeout)],
)
def test_events_reach_the_flow(event, error):
    """The connection's failures are raised where the flow waits."""
    with pytest.raises(error):
        replay_both(Session, Session.ask, f"C: ASK\nS! ans\n{event}")


def test_cancel_closes_the_flow():
    """A cancelled flow ends where it is."""
    session = Session()
    flow = session.ask()
    replay(flow, session.reader, "C: ASK\nCANCEL")

    assert list(flow) == []


def test_unasked_words_arrive_by_peek():
    """What the server says at the client's turn is there after PEEK."""
    session = Session()

    def flow() -> Flow[bytes | None]:
        yield PEEK
        return session.reader.line()

    assert replay(flow(), session.reader, "S: hello", size=1) == b"hello"


def test_raw_lines_have_escapes_and_no_line_end():
    """C! and S! say octets exactly."""
    turns = read_transcript("S! a\\r\\nb\\xff\nS: c\nC! \\x00")

    assert [(turn.who, turn.data) for turn in turns] == [("S", b"a\r\nb\xffc\r\n"), ("C", b"\0")]


def test_octet_by_octet_is_octet_by_octet():
    """With size 1 each wait gives one octet."""
    reader = Reader()

    def flow() -> Flow[int]:
        yield RECEIVE
        first = reader.available
        while reader.line() is None:
            yield RECEIVE
        return first

    assert replay(flow(), reader, "S: abc", size=1) == 1


def test_abandoned_connection_serves_nobody():
    """After Close the flow may return, but not speak."""
    reader = Reader()

    def flow() -> Flow[str]:
        yield Close(ConnectionLost("enough"))
        try:
            yield Send(b"MORE\r\n")
        except ConnectionLost:
            return "nobody heard"
        return "heard"

    assert replay(flow(), reader, "S: unread") == "nobody heard"
