"""Run a flow over a stream as far as it goes without waiting.

This file moves octets and watches deadlines; it neither waits nor knows a protocol. The two
drivers, `drive` and `drive_async`, wait for what it asks.
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import Flag, auto
from time import monotonic
from typing import TypeVar

from netmail.curl.connection import Connection
from netmail.curl.stream import CurlStream
from netmail.errors import (
    ConnectionLost,
    MailTimeout,
    NetmailError,
    ProtocolError,
    ReplyError,
    UsageError,
)
from netmail.flows.flow import PEEK, Close, Flow, Request, Send
from netmail.wire.reader import Reader

T = TypeVar("T")

PROGRESS = 16 * 1024
"""Octets that count as progress where no whole line or block came: less than this within a whole
timeout is a stalled server, however steadily it drips."""

UNREAD = 64 * 1024 * 1024
"""Octets that a server may send while we are still writing, before it is taken for a flood."""


class Ready(Flag):
    """What to wait for on the socket."""

    READ = auto()
    WRITE = auto()


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask the driver to wait.

    Attributes:
        ready: For reading, for writing, or for both.
        seconds: How long at most; the pump looks at the clock itself afterwards.
    """

    ready: Ready
    seconds: float


def pump(connection: Connection, flow: Flow[T]) -> Generator[Wait, None, T]:
    """Serve what `flow` asks until it returns.

    A failure of the connection is thrown into the flow, which may still make a value of it, such
    as the report of a batch; the connection is poisoned all the same. A flow that ends by anything
    but its return, a refusal or a wrong call poisons the connection too.
    """
    deadline = Deadline(connection.options.timeout_seconds, connection.session.reader)
    try:
        want = next(flow)
        while True:
            try:
                yield from _serve(connection, want, deadline)
            except (NetmailError, OSError) as error:
                failure = _named(error)
                connection.poison(failure)
                want = flow.throw(failure)
            else:
                want = next(flow)
    except StopIteration as end:
        value: T = end.value
        return value
    except (ReplyError, UsageError):
        raise
    except BaseException as error:
        connection.poison(error)
        raise
    finally:
        flow.close()


def discard_if_closed(connection: Connection) -> None:
    """Leave a connection that the server has closed meanwhile, so that the next step dials anew.

    For calls that begin reconnect on any connection: so far nothing of them was sent.
    """
    reader = connection.session.reader
    try:
        while connection.is_open and not reader.eof and reader.available <= UNREAD:
            if not _fill(connection.opened, reader):
                break
    except ConnectionLost:
        reader.eof = True
    if connection.is_open and reader.eof:
        connection.drop(None)


def _named(error: NetmailError | OSError) -> NetmailError:
    return error if isinstance(error, NetmailError) else ConnectionLost(f"the socket: {error}")


def _serve(
    connection: Connection, want: Request, deadline: "Deadline"
) -> Generator[Wait, None, None]:
    if isinstance(want, Close):
        connection.poison(want.reason)
    elif isinstance(want, Send):
        connection.opened.wire_log.sent(want.data, want.shown)
        yield from _write(connection.opened, memoryview(want.data), deadline)
    elif want is PEEK:
        _fill(connection.opened, deadline.reader)
    else:
        yield from _read(connection.opened, deadline)


def _read(stream: CurlStream, deadline: "Deadline") -> Generator[Wait, None, None]:
    """Wait until something has arrived, or the end."""
    deadline.note_progress()
    while not _fill(stream, deadline.reader):
        yield Wait(Ready.READ, deadline.remaining("the server to answer"))


def _write(
    stream: CurlStream, rest: memoryview, deadline: "Deadline"
) -> Generator[Wait, None, None]:
    """Write everything; read meanwhile, lest both sides wait for each other for ever.

    A view and not the octets: they may be a password, and a trace with local variables shows them.
    """
    deadline.renew()
    while rest:
        try:
            count = stream.send(rest)
        except BlockingIOError:
            _take_early_answer(stream, deadline.reader)
            yield Wait(
                Ready.READ | Ready.WRITE, deadline.remaining("the server to take what is sent")
            )
        except ConnectionLost:
            _take_early_answer(stream, deadline.reader)
            raise
        else:
            rest = rest[count:]
            deadline.sent(count)


def _take_early_answer(stream: CurlStream, reader: Reader) -> None:
    while not reader.eof and reader.available <= UNREAD and _fill(stream, reader):
        pass
    if reader.eof:
        text = reader.closing_text or reader.peek().decode("utf-8", "backslashreplace").strip()
        reason = f": {text}" if text else ""
        raise ConnectionLost(f"the server closed the connection while we were sending{reason}")
    if reader.available > UNREAD:
        raise ProtocolError("the server sends without end and does not listen", reader.peek())


def _fill(stream: CurlStream, reader: Reader) -> bool:
    """Read once without waiting; tell whether anything came, the end included."""
    try:
        with reader.get_buffer() as room:
            count = stream.recv_into(room)
    except BlockingIOError:
        return False
    if count:
        reader.buffer_updated(count)
    else:
        reader.eof = True
    return True


class Deadline:
    """The deadline of one wait.

    It begins anew when the server has made progress: a whole line or block that the flow took, or
    16 KiB. A server that drips single octets does not keep us for ever.
    """

    def __init__(self, seconds: float, reader: Reader) -> None:
        self.reader = reader
        self._seconds = seconds
        self._sent = 0
        self.renew()

    def renew(self) -> None:
        """Begin to count anew."""
        self._deadline = monotonic() + self._seconds
        self._taken = self.reader.consumed
        self._arrived = self.reader.received

    def note_progress(self) -> None:
        """Begin anew if the server has sent something of use since."""
        reader = self.reader
        if reader.consumed != self._taken or reader.received - self._arrived >= PROGRESS:
            self.renew()

    def sent(self, count: int) -> None:
        """Begin anew once enough has been written."""
        self._sent += count
        if self._sent >= PROGRESS:
            self._sent = 0
            self.renew()

    def remaining(self, what: str) -> float:
        """Return how many seconds are left.

        Raises:
            MailTimeout: If none are.
        """
        seconds = self._deadline - monotonic()
        if seconds <= 0:
            message = f"waited {self._seconds:g} s for {what}; raise timeout=... (ms) if it is slow"
            raise MailTimeout(message)
        return seconds
