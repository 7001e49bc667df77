r"""Play the server's part of a transcript to a flow, and check the client's part.

A transcript is text, a line a move:

    C: EHLO me          the flow must send this line; CRLF is added
    S: 250 hello        the server sends this line; CRLF is added
    C! a\x00b           the flow must send exactly these octets; Python's escapes, no CRLF added
    S! 250 cut of       the server sends exactly these octets; Python's escapes, no CRLF added
    EOF                 the server closes: the reader's end
    LOST                the connection breaks: `ConnectionLost` is thrown into the flow
    ALARM               time passes until the next alarm of a wait for an event
    TIMEOUT             the deadline passes: `MailTimeout` is thrown into the flow
    CANCEL              the caller goes away: the flow is closed; `replay` returns None
    # why               a remark; empty lines count as nothing

Indentation is taken off; one space after "C:" and the like belongs to the mark, all others count.
Lines are UTF-8. Adjacent lines of one side are one turn: it does not matter how a flow cuts what
it sends into `Send`s. An event happens to whatever the flow asks for next. What the server says
while it is the client's turn has arrived by the flow's next PEEK: unsolicited data.

    replay(flow, reader, transcript)             one run, the server's turns whole
    replay(flow, reader, transcript, size=1)     one run, octet by octet
    replay_both(make, flow, transcript)          both, from fresh sessions; equal in the end
    saved("smtp", "postfix", "batch")            tests/transcripts/smtp/postfix/batch.txt

`replay` returns what the flow returns and raises what it raises. A flow that sends anything else,
waits where the server has nothing to say, or ends too early, fails with AssertionError and says
where in the transcript. After `Close` the server's octets may remain unread.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from netmail.curl.errands import Sending
from netmail.errors import ConnectionLost, MailTimeout, NetmailError
from netmail.flows.flow import (
    PEEK,
    Close,
    Compress,
    Connect,
    Flow,
    Listen,
    Request,
    Send,
    StreamingFlow,
)
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.streaming import Streaming
from netmail.wire.reader import Reader

T = TypeVar("T")

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
_EVENTS = ("ALARM", "EOF", "LOST", "TIMEOUT", "CANCEL")


class Talk(Protocol):
    """A session's conversations, as far as a replay needs them."""

    reader: Reader


S = TypeVar("S", bound=Talk)


@dataclass
class Turn:
    """What one side says until the other speaks, or an event."""

    who: str
    data: bytes
    line: int


@dataclass
class Stage:
    """Where a replay is."""

    turns: list[Turn]
    size: int | None
    broken: NetmailError | None = field(default=None)

    @property
    def now(self) -> Turn | None:
        """The turn that has not been played to its end."""
        return self.turns[0] if self.turns else None

    def take(self, count: int) -> bytes:
        """Play `count` octets of the turn."""
        turn = self.turns[0]
        taken, turn.data = turn.data[:count], turn.data[count:]
        if not turn.data:
            self.turns.pop(0)
        return taken

    def place(self) -> str:
        """Say where the transcript is."""
        if self.now is None:
            return "the transcript is at its end"
        return f"the transcript, line {self.now.line}, has {self.now.who}: {self.now.data[:300]!r}"


def saved(protocol: str, server: str, name: str) -> str:
    """Read a transcript from its file."""
    return (TRANSCRIPTS / protocol / server / f"{name}.txt").read_text("utf-8")


def replay(
    flow: Flow[T],
    reader: Reader,
    transcript: str,
    *,
    size: int | None = None,
    partial: bool = False,
) -> T:
    """Run `flow` against `transcript` once.

    Args:
        flow: The conversation.
        reader: The reader that it takes from.
        transcript: Text as the module's docstring describes.
        size: Octets of the server's that arrive at a time; `None` for whole turns.
        partial: Whether a flow that fails may leave the rest unsent.

    Raises:
        AssertionError: If the flow does anything but what it says.
    """
    stage = Stage(read_transcript(transcript), size)
    try:
        want = next(flow)
        while True:
            if stage.now is not None and stage.now.who == "CANCEL":
                stage.turns.pop(0)
                flow.close()
                assert not stage.turns, f"nothing follows CANCEL, but {stage.place()}"
                return None  # type: ignore[return-value]  # nobody is there to take the value
            failure = _serve(stage, want, reader)
            want = next(flow) if failure is None else flow.throw(failure)
    except StopIteration as end:
        unplayed = [turn for turn in stage.turns if turn.who == "C" or stage.broken is None]
        assert not unplayed, f"the flow ended, but {stage.place()}"
        left = reader.available and stage.broken is None
        assert not left, f"the flow ended and left {reader.peek()!r} unread"
        return end.value
    except NetmailError:
        unsent = any(turn.who == "C" for turn in stage.turns)
        assert partial or not unsent, f"the flow failed, but {stage.place()}"
        raise


def collected(flow: StreamingFlow[T]) -> Flow[list[T]]:
    """Run a flow that hands over values as one that returns them all."""
    streaming, values = Streaming(flow), []
    while some := (yield from streaming.next()):
        values += some
    return values


def over_one_connection(sending: Sending[T], session: SmtpSession) -> Flow[list[T]]:
    """Run a flow that asks for its connections, and gets a new one; return what it hands over."""
    streaming, values = Streaming(sending.run()), []
    while not streaming.has_ended:
        values += yield from streaming.next()
        assert streaming.asked in {None, Connect.FIRST}, "a transcript is one connection"
        session.openings += streaming.asked is not None
    return values


def replay_both(make: Callable[[], S], talk: Callable[[S], Flow[T]], transcript: str) -> T:
    """Run a conversation whole and octet by octet, each with a session of its own.

    Returns or raises what the run octet by octet does, after checking that the other agreed.
    """
    whole = _outcome(make(), talk, transcript, None)
    single = _outcome(make(), talk, transcript, 1)
    assert _comparable(whole) == _comparable(single)
    if isinstance(single, BaseException):
        raise single
    return single


def read_transcript(transcript: str) -> list[Turn]:
    """Read the text into turns."""
    turns: list[Turn] = []
    for number, raw in enumerate(transcript.splitlines(), 1):
        line = raw.lstrip()
        if not line or line.startswith("#"):
            continue
        who, data = _read_line(line, number)
        if turns and data and turns[-1].who == who:
            turns[-1].data += data
        else:
            turns.append(Turn(who, data, number))
    return turns


def _read_line(line: str, number: int) -> tuple[str, bytes]:
    if line.strip() in _EVENTS:
        return line.strip(), b""
    mark, text = line[:2], line[2:].removeprefix(" ")
    if mark in {"C:", "S:"}:
        return mark[0], text.encode() + b"\r\n"
    if mark in {"C!", "S!"}:
        return mark[0], text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode(
            "latin-1"
        )
    raise AssertionError(f"line {number} of the transcript is not C:, S:, C!, S! or an event")


def _serve(stage: Stage, want: Request, reader: Reader) -> NetmailError | None:
    """Do what the flow asks for; return what went wrong."""
    if isinstance(want, Close):
        stage.broken = want.reason
        return None
    if stage.broken is None and stage.now is not None and stage.now.who in {"LOST", "TIMEOUT"}:
        stage.broken = _failure(stage.turns.pop(0).who)
        return stage.broken
    if stage.broken is not None:
        return ConnectionLost("the connection ended during this call")
    if isinstance(want, Listen) and stage.now is not None and stage.now.who == "ALARM":
        stage.turns.pop(0)
        passed = min(alarm.seconds for alarm in want.alarms)
        for alarm in want.alarms:
            alarm.seconds -= passed
            alarm.rang = not alarm.seconds
    elif isinstance(want, Send):
        _check_sent(stage, want.data)
    elif not isinstance(want, Compress):  # a transcript shows what is inside the compression
        _feed(stage, reader, wait=want is not PEEK)
    return None


def _failure(event: str) -> NetmailError:
    return ConnectionLost("it broke") if event == "LOST" else MailTimeout("it took too long")


def _check_sent(stage: Stage, data: bytes) -> None:
    now = stage.now
    expected = now.data[: len(data)] if now is not None and now.who == "C" else b""
    assert expected == data, f"the flow sends {data[:300]!r}, but {stage.place()}"
    stage.take(len(data))


def _feed(stage: Stage, reader: Reader, *, wait: bool) -> None:
    now = stage.now
    if now is not None and now.who == "S":
        # Unsolicited data has arrived whole.
        reader.feed(stage.take(stage.size if stage.size and wait else len(now.data)))
    elif now is not None and now.who == "EOF":
        stage.turns.pop(0)
        reader.eof = True
    else:
        assert not wait, f"the flow waits for the server, but {stage.place()}"


def _outcome(session: S, talk: Callable[[S], Flow[T]], transcript: str, size: int | None) -> T:
    try:
        return replay(talk(session), session.reader, transcript, size=size)
    except NetmailError as error:
        return error  # type: ignore[return-value]  # callers look at its class


def _comparable(outcome: object) -> object:
    return (type(outcome), str(outcome)) if isinstance(outcome, BaseException) else outcome
