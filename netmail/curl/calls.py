"""What a client does with its connection: make it, run a conversation over it, end it.

This file must not know a protocol, nor how to wait: each function is a generator of what a driver
has to wait for. So the blocking and the asyncio clients share all of it.
"""

from collections.abc import Generator, Iterator
from contextlib import suppress
from logging import DEBUG, INFO
from time import monotonic
from typing import NamedTuple, TypeAlias, TypeVar

from netmail.curl.connection import RECONNECT, Connection, CurlHandle
from netmail.curl.pump import Wait, pump
from netmail.curl.stream import CurlStream
from netmail.curl.tokens import Obtain, token_before_login
from netmail.errors import ConnectionLost, NetmailError, ReplyError, TransportError
from netmail.flows.flow import Connect, Flow, Intake
from netmail.flows.streaming import Streaming
from netmail.options.durations import milliseconds

T = TypeVar("T")

LONGEST_REST = 5.0
"""Seconds for what still comes after a caller has left; to connect again takes less than more."""


class Sleep(NamedTuple):
    """Ask the driver to do nothing for a while.

    Attributes:
        seconds: How long.
    """

    seconds: float


class Dial(NamedTuple):
    """Ask the driver to run the stream's `connect()`, which blocks.

    Attributes:
        stream: The stream.
    """

    stream: CurlStream


class Pull(NamedTuple):
    """Ask the driver to read from the caller's iterable as far as the intake wants.

    Attributes:
        intake: What gets the items.
    """

    intake: Intake


Steps: TypeAlias = Generator[Wait | Dial | Sleep | Pull | Obtain, None, T]


def call(connection: Connection, flow: Flow[T]) -> Steps[T]:
    """Connect if there is no connection yet, and run `flow`: the path of nearly every method.

    Args:
        connection: The connection.
        flow: The conversation.

    Raises:
        BusyError: If another thread or task uses the connection.
        NetmailError: What connecting or the flow raises.
    """
    if connection.keeper is not None:
        yield from connection.keeper.finished()
    connection.acquire()
    # Not a context manager: its calls would cost more than the lock.
    try:
        refuse_late(connection)
        if connection.streaming is not None:
            yield from finish(connection)
        if (policy := connection.options.reconnect) is not None:
            yield from replace_lost(connection, policy.delays())
        if (stream := connection.new_stream()) is not None:
            yield from open_stream(connection, stream)
        # One generator less for the usual call, which is not measured.
        run = measured if connection.observer.reporter(DEBUG) else pump
        return (yield from run(connection, flow))
    finally:
        connection.release()


def next_values(
    connection: Connection,
    streaming: Streaming[T],
    *,
    once: bool = False,
    delays: Iterator[float] | None = None,
) -> Steps[list[T]]:
    """Run a conversation up to its next values; none at its end.

    It has the connection from its first step to its end, or until its caller leaves.

    Args:
        connection: The connection.
        streaming: The conversation.
        once: Whether it ends with its first values, after which nothing is outstanding.
        delays: The waits before the next attempts, of a call that makes one; `None` for the first.

    Raises:
        BusyError: If another thread or task uses the connection, or another conversation has it.
        StateError: If `quit()` or `abort()` has ended the conversation.
        NetmailError: What connecting or the conversation raises.
    """
    streaming.refuse_if_left()
    if streaming.has_ended:
        return []
    if connection.keeper is not None:
        yield from connection.keeper.finished()
    connection.acquire(streaming, repeats=delays is not None)
    try:
        refuse_late(connection)
        if not streaming.has_begun:
            if connection.streaming is not None:
                yield from finish(connection)
            if (policy := connection.options.reconnect) is not None:
                # What follows one thing has a policy of its own, and counts the attempts itself.
                usual = iter(()) if once else policy.delays()
                yield from replace_lost(connection, delays or usual)
            if (stream := connection.new_stream()) is not None:
                yield from open_stream(connection, stream)
            connection.streaming = streaming
        run = measured if connection.observer.reporter(DEBUG) else pump
        values = [] if streaming.asked else (yield from run(connection, streaming.next()))
        # Also after an earlier step in which the wait for it was interrupted.
        while streaming.asked is Connect.ANOTHER:
            failure = yield from _replace(connection)
            values = yield from run(connection, streaming.next(failure))
        if once:
            streaming.close()
        return values
    finally:
        connection.forget_ended()
        connection.release()


def _replace(connection: Connection) -> Steps[NetmailError | None]:
    """Connect again for a conversation that needs it; return why that cannot be."""
    try:
        connection.renew()
        if (stream := connection.new_stream()) is not None:
            yield from open_stream(connection, stream)
    except NetmailError as error:
        return error
    return None


def leave(connection: Connection, streaming: Streaming[T]) -> Steps[None]:
    """End a conversation that its caller wants no more of; the connection can be used then."""
    streaming.is_left = True
    if connection.streaming is not streaming:
        return
    if connection.keeper is not None:
        yield from connection.keeper.finished()
    connection.acquire(streaming)
    try:
        yield from finish(connection)
    finally:
        connection.release()


def connect(connection: Connection) -> Steps[None]:
    """Connect now; reconnect if the connection has ended."""
    if connection.keeper is not None:
        yield from connection.keeper.finished()
    connection.acquire()
    try:
        if connection.streaming is not None:
            yield from finish(connection)
        if not connection.is_open:
            connection.resumption = None  # the caller begins a session of its own
        connection.renew()
        if (stream := connection.new_stream()) is not None:
            yield from open_stream(connection, stream)
    finally:
        connection.release()


def disconnect(connection: Connection, *, graceful: bool) -> Steps[None]:
    """End the connection; if `graceful` and it is open, with QUIT or LOGOUT."""
    if connection.keeper is not None:
        yield from connection.keeper.finished(now=not graceful)
    connection.acquire(ends=True)
    try:
        try:
            if connection.streaming is not None:
                yield from finish(connection, reading=graceful)
            if graceful and connection.is_open:
                refuse_late(connection)
                run = measured if connection.observer.reporter(DEBUG) else pump
                yield from run(connection, connection.session.quit())
            elif graceful:
                connection.check_nothing_lost()
        finally:
            connection.end_by_caller()
    finally:
        connection.release()


def probe(connection: Connection) -> Steps[NetmailError | None]:
    """Connect, send NOOP and disconnect; return what went wrong, if anything did."""
    try:
        yield from call(connection, connection.session.noop())
        yield from disconnect(connection, graceful=True)
    except NetmailError as error:
        return error
    finally:
        connection.end_by_caller()
    return None


def handle(connection: Connection) -> Steps[CurlHandle]:
    """Return the handle of the connection; connect if there is none."""
    if connection.keeper is not None:
        yield from connection.keeper.finished()
    connection.acquire()
    try:
        if connection.streaming is not None:
            yield from finish(connection)
        if (stream := connection.new_stream()) is not None:
            yield from open_stream(connection, stream)
        return connection.opened.handle
    finally:
        connection.release()


def replace_lost(connection: Connection, delays: Iterator[float]) -> Steps[None]:
    """Connect again for a call that has sent nothing yet, if the connection was lost before it.

    Args:
        connection: The connection.
        delays: The waits before the attempts that follow the first.

    Raises:
        NetmailError: Why the last attempt failed.
    """
    if connection.is_open:
        # The end, or the reason for it, that came while nothing was asked for; no octet is sent.
        # After a long time a firewall may have forgotten the connection, and only a reply shows
        # that it has not.
        session = connection.session
        check = session.noop() if connection.is_idle else session.settle()
        with suppress(TransportError, ReplyError):
            yield from pump(connection, check)
    while connection.may_resume:
        connection.renew()
        if (stream := connection.new_stream()) is None:
            return
        try:
            yield from open_stream(connection, stream)
        except NetmailError as error:
            yield from wait_for_next(connection, error, delays)
            connection.report_reconnecting(error)


def wait_for_next(
    connection: Connection, error: NetmailError, delays: Iterator[float]
) -> Steps[None]:
    """Wait for the next attempt after one that has failed.

    Raises:
        NetmailError: The error, if it is for good or was of the last attempt.
        MailTimeout: If the call's deadline passes before the next attempt.
    """
    seconds = next(delays, None) if connection.may_resume and may_pass(error) else None
    if seconds is None:
        raise error
    # A server that gives a time refuses whatever comes before it.
    seconds = max(seconds, error.retry_after or 0.0)
    left = connection.deadline.left("the next attempt")
    yield Sleep(seconds if left is None else min(seconds, left))
    connection.deadline.left("the next attempt")


def may_pass(error: NetmailError) -> bool:
    """Tell whether an error is no reason to give up: a lost connection, or a short refusal."""
    return isinstance(error, TransportError) or (isinstance(error, ReplyError) and error.transient)


def refuse_late(connection: Connection) -> None:
    """Refuse to send anything after the deadline of a block, which leaves the connection open."""
    if connection.deadline.limit is not None:
        connection.deadline.left("the call to begin")


def open_stream(connection: Connection, stream: CurlStream) -> Steps[str | None]:
    """Connect `stream` and open the session over it; a failure leaves no connection.

    Returns:
        The mechanism of the login; `None` if there was none.
    """
    yield from token_before_login(connection)
    begun = monotonic()
    reporter = connection.observer.reporter(INFO)
    if reporter is not None:
        reporter.reset()
    # libcurl connects, and logs in unless netmail does.
    stream.seconds = connection.deadline.left("the connection")
    try:
        yield Dial(stream)
    except NetmailError as error:
        failure = connection.deadline.explain(error)
        if reporter is not None:
            reporter.connection_failed(failure, since=begun)
        if failure is error:
            raise
        raise failure from None
    connection.stream = stream
    # Of this connection: a token may differ from that of the last one.
    connection.session.redact = stream.wire_log.redact
    # The session begins. From here on each failure closes what is open.
    try:
        if reporter is not None:
            reporter.connection_opened(encrypted=stream.handshake.encrypted, since=begun)
        # The option is for connecting as a whole; each wait of the login may last as long.
        with connection.deadline.waiting(_connect_seconds(connection)):
            mechanism = yield from pump(connection, connection.session.open(stream.handshake))
        # Read once; a thousand connections would keep a megabyte of it.
        stream.handshake = stream.handshake._replace(lines=())
        if reporter is not None and mechanism is not None:
            reporter.logged_in(mechanism)
        if connection.resumption is not None:
            yield from pump(connection, connection.resumption())
            connection.resumption = None
        connection.is_established = connection.options.reconnect is not None
    except BaseException as error:
        connection.discard(error)
        raise
    return mechanism


def finish(connection: Connection, *, reading: bool = True) -> Steps[None]:
    """End the conversation that its caller has left; read the rest of it within bounds.

    Where that fails the connection is poisoned, and the call that follows raises the reason.
    """
    streaming, connection.streaming = connection.streaming, None
    if streaming is None or streaming.has_ended:
        return
    if not reading or not connection.is_open:
        streaming.close()
        return
    end = monotonic() + LONGEST_REST
    steps = pump(connection, streaming.leave())
    try:
        step = next(steps)
        while (left := end - monotonic()) > 0:
            try:
                if isinstance(step, Wait):
                    step = step._replace(seconds=min(step.seconds, left))
                yield step
            except BaseException as error:  # noqa: BLE001 -- Ctrl-C too
                step = steps.throw(error)
            else:
                step = next(steps)
        message = f"the rest of {streaming.name}() took over {LONGEST_REST:g} s; {RECONNECT}"
        connection.poison(ConnectionLost(message))
    except (StopIteration, NetmailError):
        return
    finally:
        steps.close()


def _connect_seconds(connection: Connection) -> float:
    """Return how long one wait of the login may last."""
    options = connection.options
    return milliseconds(options.connect_timeout or options.timeout) / 1000


def measured(connection: Connection, flow: Flow[T]) -> Steps[T]:
    """Run `flow`, and report what it took; one that only gets why there is no connection, not."""
    stream, reader = connection.stream, connection.session.reader
    begun, sent, received = monotonic(), stream.octets_sent if stream else 0, reader.received

    def report(error: BaseException | None) -> None:
        if stream is None or (reporter := connection.observer.reporter(DEBUG)) is None:
            return
        cost = (monotonic() - begun, stream.octets_sent - sent, reader.received - received)
        try:
            reporter.call_finished(getattr(flow, "__name__", ""), *cost, error)
        except BaseException as own:  # the callback's: its caller may not know what was done
            connection.poison(own)
            raise

    try:
        value = yield from pump(connection, flow)
    except BaseException as error:
        report(error)
        raise
    report(None)
    return value
