"""What a conversation is: a generator that yields requests to send and to receive.

This file must not know a protocol, a connection or a clock: the driver that runs a flow decides
how to wait.
"""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from enum import Enum
from typing import Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from netmail.errors import ConnectionLost, NetmailError
from netmail.secret import Secret
from netmail.wire.reader import Reader

T = TypeVar("T")


class Send(NamedTuple):
    """Request to write octets.

    A tuple, because a frozen dataclass takes twice as long to make, and each command makes one.

    Attributes:
        data: The octets.
        shown: What the wire log shows instead; where `data` ends in a secret, this ends in `***`.
    """

    data: bytes
    shown: bytes | None = None

    def __repr__(self) -> str:
        return f"Send({(self.data if self.shown is None else self.shown)!r})"


class Receive(Enum):
    """Request to fill the reader's buffer."""

    WAIT = "wait until octets or the end of the stream arrive"
    PEEK = "take what has arrived, do not wait"


RECEIVE: Final = Receive.WAIT
PEEK: Final = Receive.PEEK


class Alarm:
    """A time that a flow waits for; the driver looks at the clock, from the first wait on.

    Attributes:
        seconds: How long it takes.
        end: When it is over, on the driver's clock; `None` before the first wait.
        rang: Whether it is over.
    """

    __slots__ = ("end", "rang", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end: float | None = None
        self.rang = False


class Listen(NamedTuple):
    """Request to wait until octets or the end of the stream arrive, or an alarm rings.

    Nothing is outstanding meanwhile: a wait that its caller breaks off, such as a cancelled task,
    loses nothing, and the flow listens again in the next step. Only a conversation that hands over
    values may ask for it.

    Attributes:
        alarms: When to end the wait; none for a wait without end.
    """

    alarms: tuple[Alarm, ...]


class Close(NamedTuple):
    """Request to close the connection; the flow continues to its return without it.

    Attributes:
        reason: The error that later calls report; `None` if the next call may reconnect.
    """

    reason: NetmailError | None


class Connect(Enum):
    """Request for a connection; where none can be made, the error is raised in the flow."""

    FIRST = "the open one, or a new one; an error if an earlier failure has ended it"
    AGAIN = "the open one, or a new one"
    ANOTHER = "a new one; the open one has no further use"


class Pause(NamedTuple):
    """Request to do nothing for a while.

    Attributes:
        seconds: How long.
    """

    seconds: float


class Intake(Protocol):
    """What a caller gives little by little, such as the messages of an iterable."""

    @property
    def wants(self) -> bool:
        """Whether there is room for another one."""

    @property
    def items(self) -> Iterator[object] | AsyncIterator[object]:
        """Where they come from."""

    def add(self, item: object) -> None:
        """Take one; an error of it ends the rest."""

    def end(self, error: Exception | None = None) -> None:
        """Note that no more come, and the caller's error that is the reason."""

    def note_late(self, late: bool) -> bool:
        """Note whether the caller takes long, and return it."""


class More(NamedTuple):
    """Request to read ahead from what the caller gives; at least one, unless it has ended.

    Attributes:
        intake: What gets it.
    """

    intake: Intake


class Compress(NamedTuple):
    """Request to compress both directions from here on, DEFLATE as in RFC 4978.

    What has been received and not taken belongs to the compressed stream.
    """


class TokenNeeded:
    """Request for the OAuth 2.0 access token, where a callable of the caller's returns it.

    Attributes:
        fresh: Whether the callable is called once more, because the server has refused its token.
        token: The token, from when the driver has obtained it.
        error: What the callable has raised instead.
    """

    __slots__ = ("error", "fresh", "token")

    def __init__(self, *, fresh: bool = False) -> None:
        self.fresh = fresh
        self.token: Secret | None = None
        self.error: Exception | None = None


class Values(NamedTuple, Generic[T]):
    """Request to hand values to the caller, in the middle of the conversation.

    Attributes:
        values: The values; the conversation continues when the caller wants more.
    """

    values: list[T]


class Piece(NamedTuple):
    """Octets as they came.

    Attributes:
        data: The octets.
        total: How many the whole has, with those before the offset; `None` if that is not known.
    """

    data: bytes
    total: int | None


class Left(Exception):
    """Raised in a flow at `Values` where the caller wants no more.

    The flow reads what the server still sends in response to the last command, sends no other, and
    lets the exception pass.
    """


Request: TypeAlias = Send | Receive | Listen | Close | Compress | TokenNeeded
Errand: TypeAlias = Connect | Pause | More
"""What a conversation over several connections asks of its caller's side."""
Flow: TypeAlias = Generator[Request, None, T]
StreamingFlow: TypeAlias = Generator[Request | Values[T] | Errand, None, None]


def receive(reader: Reader, attempt: Callable[[], T | None]) -> Flow[T]:
    """Call `attempt` after each arrival of octets until it returns a value.

    Raises:
        ConnectionLost: If the stream ends before that.
    """
    while (found := attempt()) is None:
        if reader.eof:
            raise connection_lost(reader)
        yield RECEIVE
    return found


def connection_lost(reader: Reader) -> ConnectionLost:
    """Make the error for a stream that ended, with the server's closing text if it sent one."""
    reason = f": {reader.closing_text}" if reader.closing_text else ""
    return ConnectionLost(f"the server closed the connection{reason}; call connect() to reconnect")
