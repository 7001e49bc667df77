"""Run a flow over a stream as far as it goes without waiting.

This file moves octets and watches deadlines; it neither waits nor knows a protocol. The two
drivers, `drive` and `drive_async`, wait for what it asks.
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import Flag, auto
from time import monotonic
from typing import TypeVar

from netmail.curl.connection import Link
from netmail.curl.stream import CurlStream
from netmail.errors import (
    ConnectionLost,
    MailTimeout,
    NetmailError,
    ProtocolError,
    ReplyError,
    UsageError,
)
from netmail.flows.flow import PEEK, Abandon, Flow, Send, Want
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


def pump(link: Link, flow: Flow[T]) -> Generator[Wait, None, T]:
    """Serve what `flow` asks until it returns.

    A failure of the connection is thrown into the flow, which may still make a value of it, such
    as the report of a batch; the link is poisoned all the same. A flow that ends by anything but
    its return, a refusal or a wrong call poisons the link too.
    """
    patience = Patience(link.options.timeout_seconds, link.talk.reader)
    try:
        want = next(flow)
        while True:
            try:
                yield from _serve(link, want, patience)
            except (NetmailError, OSError) as error:
                failure = _named(error)
                link.poison(failure)
                want = flow.throw(failure)
            else:
                want = next(flow)
    except StopIteration as end:
        value: T = end.value
        return value
    except (ReplyError, UsageError):
        raise
    except BaseException as error:
        link.poison(error)
        raise
    finally:
        flow.close()


def leave_if_ended(link: Link) -> None:
    """Leave a connection that the server has closed meanwhile, so that the next step dials anew.

    For calls that begin afresh on any connection: so far nothing of them was sent.
    """
    reader = link.talk.reader
    try:
        while link.is_open and not reader.ended and reader.waiting <= UNREAD:
            if not _fill(link.opened, reader):
                break
    except ConnectionLost:
        reader.ended = True
    if link.is_open and reader.ended:
        link.drop(None)


def _named(error: NetmailError | OSError) -> NetmailError:
    return error if isinstance(error, NetmailError) else ConnectionLost(f"the socket: {error}")


def _serve(link: Link, want: Want, patience: "Patience") -> Generator[Wait, None, None]:
    if isinstance(want, Abandon):
        link.poison(want.reason)
    elif isinstance(want, Send):
        link.opened.wiretap.sent(want.data, want.shown)
        yield from _write(link.opened, memoryview(want.data), patience)
    elif want is PEEK:
        _fill(link.opened, patience.reader)
    else:
        yield from _read(link.opened, patience)


def _read(stream: CurlStream, patience: "Patience") -> Generator[Wait, None, None]:
    """Wait until something has arrived, or the end."""
    patience.note_progress()
    while not _fill(stream, patience.reader):
        yield Wait(Ready.READ, patience.left("the server to answer"))


def _write(
    stream: CurlStream, rest: memoryview, patience: "Patience"
) -> Generator[Wait, None, None]:
    """Write everything; read meanwhile, lest both sides wait for each other for ever.

    A view and not the octets: they may be a password, and a trace with local variables shows them.
    """
    patience.renew()
    while rest:
        try:
            count = stream.send(rest)
        except BlockingIOError:
            _take_early_answer(stream, patience.reader)
            yield Wait(Ready.READ | Ready.WRITE, patience.left("the server to take what is sent"))
        except ConnectionLost:
            _take_early_answer(stream, patience.reader)
            raise
        else:
            rest = rest[count:]
            patience.sent(count)


def _take_early_answer(stream: CurlStream, reader: Reader) -> None:
    while not reader.ended and reader.waiting <= UNREAD and _fill(stream, reader):
        pass
    if reader.ended:
        words = reader.farewell or reader.peek().decode("utf-8", "backslashreplace").strip()
        said = f"; its last words: {words}" if words else ""
        raise ConnectionLost(f"the server closed the connection while we were sending{said}")
    if reader.waiting > UNREAD:
        raise ProtocolError("the server sends without end and does not listen", reader.peek())


def _fill(stream: CurlStream, reader: Reader) -> bool:
    """Read once without waiting; tell whether anything came, the end included."""
    try:
        with reader.room() as room:
            count = stream.recv_into(room)
    except BlockingIOError:
        return False
    if count:
        reader.filled(count)
    else:
        reader.ended = True
    return True


class Patience:
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
        self._taken = self.reader.taken
        self._arrived = self.reader.arrived

    def note_progress(self) -> None:
        """Begin anew if the server has sent something of use since."""
        reader = self.reader
        if reader.taken != self._taken or reader.arrived - self._arrived >= PROGRESS:
            self.renew()

    def sent(self, count: int) -> None:
        """Begin anew once enough has been written."""
        self._sent += count
        if self._sent >= PROGRESS:
            self._sent = 0
            self.renew()

    def left(self, what: str) -> float:
        """Return how many seconds are left.

        Raises:
            MailTimeout: If none are.
        """
        seconds = self._deadline - monotonic()
        if seconds <= 0:
            message = f"waited {self._seconds:g} s for {what}; raise timeout=... (ms) if it is slow"
            raise MailTimeout(message)
        return seconds
