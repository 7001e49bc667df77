"""Run a flow over a stream as far as possible without waiting.

This file must not wait, nor know a protocol: it moves octets and checks deadlines. The two drivers,
`drive` and `drive_async`, wait where it asks for it.
"""

from collections.abc import Generator
from time import monotonic
from typing import NamedTuple, TypeVar

from netmail.curl.connection import Connection
from netmail.curl.deadline import Deadline
from netmail.curl.guard import as_protocol_error
from netmail.curl.stream import CurlStream
from netmail.curl.tokens import Obtain, serve
from netmail.curl.wire_log import WireLog
from netmail.errors import (
    ConnectionLost,
    MessageError,
    NetmailError,
    ProtocolError,
    ReplyError,
    UsageError,
)
from netmail.flows.flow import (
    PEEK,
    RECEIVE,
    Alarm,
    Close,
    Compress,
    Flow,
    Listen,
    Request,
    Send,
    TokenNeeded,
    connection_lost,
)
from netmail.flows.hide_secrets import hide_secrets
from netmail.wire.reader import Reader
from netmail.wire.server_text import decode

T = TypeVar("T")

UNREAD = 64 * 1024 * 1024
"""Octets that a server may send while netmail is still writing, before it counts as a flood."""


MAX_LISTEN = 3600.0
"""Seconds of one wait for an event; the pump waits again."""


class Wait(NamedTuple):
    """Ask the driver to wait until the socket is ready.

    Attributes:
        stream: The stream.
        writing: Whether to wait for writing too; for reading in any case.
        seconds: How long at most; the pump looks at the clock itself afterwards.
    """

    stream: CurlStream
    writing: bool
    seconds: float


# One branch for each request and each end: functions for them would cost each command more
# than its system calls do.
def pump(connection: Connection, flow: Flow[T]) -> Generator[Wait | Obtain, None, T]:  # noqa: PLR0912
    """Serve the requests of `flow` until it returns.

    A failure of the connection is thrown into the flow, which may still make a value of it, such
    as the report of a batch; the connection is poisoned all the same. A flow that ends by anything
    but its return, a refusal or a wrong call poisons the connection too. An exception of its own
    grammar leaves as `ProtocolError`; no octets that a server sends should ever cause one.
    """
    reader, deadline = connection.session.reader, connection.deadline
    log = None if connection.stream is None else connection.stream.wire_log
    request: Request | None = None
    try:
        request = next(flow)
        while True:
            try:
                # The most frequent first: each command makes three or more of these requests.
                if (stream := connection.stream) is None:
                    _change_without_stream(connection, request)
                elif request is RECEIVE:
                    deadline.check()
                    with reader.get_buffer() as buffer:
                        # A reply is never there at once: a read before the wait would be in vain.
                        while stream.is_drained or (count := stream.recv_into(buffer)) is None:
                            yield Wait(stream, False, deadline.for_reply())
                            stream.is_drained = False
                    reader.buffer_updated(count)
                elif request is PEEK:
                    _peek(stream, reader)
                elif isinstance(request, Send):
                    deadline.restart()
                    stream.wire_log.sent(request.data, request.shown)
                    # A view: octets may be a password, which a trace with local variables shows.
                    data = memoryview(request.data)
                    # A usual command leaves in one piece, without a generator of its own.
                    if data and (sent := stream.send(data)) < len(data):
                        yield from _write(stream, data[sent:], reader, deadline)
                elif isinstance(request, Close | Compress):
                    _change(connection, request)
                elif isinstance(request, Listen | TokenNeeded):
                    yield from _wait_for(connection, stream, request)
            except (NetmailError, OSError) as error:
                failure = _failure(connection, request, error)
                connection.poison(failure)
                request = flow.throw(failure)
            else:
                request = next(flow)
    except StopIteration as end:
        value: T = end.value
        return value
    except (ReplyError, UsageError) as error:
        _hide(log, error)
        raise
    except BaseException as error:  # noqa: BLE001 -- raised again below
        ended = _ended(connection, log, error, begun=request is not None)
        raise ended from ended.__cause__
    finally:
        flow.close()


def _ended(
    connection: Connection, log: WireLog | None, error: BaseException, *, begun: bool
) -> BaseException:
    """Return what a flow that failed raises, and poison the connection if it has begun."""
    ended = connection.explained(as_protocol_error(error) or error)
    _hide(log, ended)
    # That a message cannot be written is found before anything is sent.
    if begun or not isinstance(error, MessageError):
        connection.poison(ended)
    return ended


def _hide(log: WireLog | None, error: BaseException) -> None:
    """Take the connection's secrets out of an error, if there was a connection."""
    if log is not None:
        hide_secrets(error, log.redact)


def _wait_for(
    connection: Connection, stream: CurlStream, request: Listen | TokenNeeded
) -> Generator[Wait | Obtain, None, None]:
    """Wait for what may take long: an event, or a caller's own function."""
    if isinstance(request, Listen):
        yield from _listen(connection, stream, request.alarms)
    else:
        yield from serve(connection, request)


def _listen(
    connection: Connection, stream: CurlStream, alarms: tuple[Alarm, ...]
) -> Generator[Wait, None, None]:
    """Read what comes; end without anything as soon as an alarm rings."""
    reader, streaming = connection.session.reader, connection.streaming
    reader.release()
    with reader.get_buffer() as buffer:
        while stream.is_drained or (count := stream.recv_into(buffer)) is None:
            if (seconds := _until(alarms)) <= 0:
                return
            whole = connection.deadline.left("an event")
            try:
                yield Wait(stream, False, seconds if whole is None else min(seconds, whole))
            except (NetmailError, OSError):
                raise
            except BaseException:
                # The caller breaks the wait off, and no octet is lost: it may continue or leave.
                if streaming is not None:
                    streaming.is_broken_off = True
                raise
            stream.is_drained = False
    reader.buffer_updated(count)


def _until(alarms: tuple[Alarm, ...]) -> float:
    """Start the alarms, let those ring whose time is over, and return the seconds to the next."""
    now, least = monotonic(), MAX_LISTEN
    for alarm in alarms:
        if alarm.end is None:
            alarm.end = now + alarm.seconds
        least = min(least, alarm.end - now)
        alarm.rang = alarm.end <= now
    return least


def _change_without_stream(connection: Connection, request: Request) -> None:
    """Close what is closed already; any other request needs a stream."""
    if not isinstance(request, Close):
        raise connection.lost()
    _change(connection, request)


def _change(connection: Connection, request: Close | Compress) -> None:
    """Close the stream, or compress it from here on."""
    if isinstance(request, Compress):
        connection.opened.start_deflate(connection.session.reader.take_all())
    elif request.reason is None:
        connection.discard()
    else:
        connection.poison(request.reason)


def discard_if_closed(connection: Connection) -> None:
    """Drop a connection that the server has closed meanwhile, so that the next step reconnects.

    For calls that may begin on any connection: so far nothing of them was sent.
    """
    reader = connection.session.reader
    if connection.ended_idle:
        connection.renew()
    if not connection.is_open or connection.stream is None:
        return
    try:
        _read_what_came(connection.stream, reader)
    except ConnectionLost:
        reader.eof = True
    if reader.eof:
        # RFC 5321 section 3.8: 421 says why. No command has read it, and reading on to the end may
        # have given an error of TLS or of the socket instead.
        reader.closing_text = reader.closing_text or decode(reader.peek()).strip()
        reason = connection_lost(reader)
        connection.discard(reason)
        connection.report_reconnecting(reason)


def _write(
    stream: CurlStream, rest: memoryview, reader: Reader, deadline: Deadline
) -> Generator[Wait, None, None]:
    """Write everything; read meanwhile, so that the two sides never wait for each other."""
    while rest:
        if count := stream.send(rest):
            rest = rest[count:]
            deadline.note_sent(count)
            continue
        _take_early_reply(stream, reader)
        yield Wait(stream, True, deadline.for_sending())


def _failure(
    connection: Connection, request: Request, error: NetmailError | OSError
) -> NetmailError:
    """Return what the flow gets: one of netmail's errors, with the server's text where it left any.

    A server that refuses what is being sent says why and closes. The write fails then, and the
    reason is still to be read.
    """
    if not isinstance(error, NetmailError):
        return ConnectionLost(f"the socket: {error}")
    if isinstance(request, Send) and isinstance(error, ConnectionLost) and connection.stream:
        try:
            _take_early_reply(connection.stream, connection.session.reader)
        except (ConnectionLost, ProtocolError) as reason:
            return reason
    return error


def _take_early_reply(stream: CurlStream, reader: Reader) -> None:
    """Read what has come before everything is sent: it may be the last of this connection.

    Raises:
        ConnectionLost: If the server has closed.
        ProtocolError: If it sends without end.
    """
    _read_what_came(stream, reader)
    if reader.eof:
        text = reader.closing_text or decode(reader.peek()).strip()
        reason = f": {text}" if text else ""
        raise ConnectionLost(f"the server closed the connection during a command{reason}")
    if reader.available > UNREAD:
        raise ProtocolError("the server sends without end and does not read", reader.peek())


def _read_what_came(stream: CurlStream, reader: Reader) -> None:
    """Read until nothing more has arrived, the end has, or it is too much to keep."""
    while not reader.eof and reader.available <= UNREAD and _peek(stream, reader):
        pass


def _peek(stream: CurlStream, reader: Reader) -> bool:
    """Read once if something has arrived, the end included; tell whether it had."""
    # A poll() costs a third of a read in vain.
    return bool(not stream.is_drained or stream.poll.poll(0)) and _fill(stream, reader)


def _fill(stream: CurlStream, reader: Reader) -> bool:
    """Read once without waiting; tell whether anything came, the end included."""
    with reader.get_buffer() as buffer:
        count = stream.recv_into(buffer)
    if count is not None:
        reader.buffer_updated(count)
    return count is not None
