"""Run flows and wait by blocking the thread.

This file knows how to wait, and nothing else; `drive_async` is its twin.
"""

import select
from collections.abc import Generator
from typing import TypeVar

from netmail.curl.connection import Connection, CurlHandle, closed_by_caller
from netmail.curl.pump import Ready, Wait, discard_if_closed, pump
from netmail.errors import NetmailError
from netmail.flows.flow import Flow

T = TypeVar("T")

LONGEST_WAIT = 3600.0
"""Seconds of one wait, lest the milliseconds of a long timeout overflow; the pump waits again."""

_EVENTS = {
    Ready.READ: select.POLLIN,
    Ready.WRITE: select.POLLOUT,
    Ready.READ | Ready.WRITE: select.POLLIN | select.POLLOUT,
}


def drive(connection: Connection, flow: Flow[T], *, reconnect: bool = False) -> T:
    """Dial if that was not done yet, and run `flow`.

    Args:
        connection: The connection.
        flow: The conversation.
        reconnect: Whether to reconnect if the server has closed the idle connection: for a flow
            that depends on nothing sent before.

    Raises:
        BusyError: If another thread uses the connection.
        NetmailError: What the dial or the flow raises.
    """
    with connection.exclusive():
        if reconnect:
            discard_if_closed(connection)
        _open(connection)
        return _turn(connection, pump(connection, flow))


def connect(connection: Connection) -> None:
    """Dial now, anew if need be."""
    with connection.exclusive():
        connection.renew()
        _open(connection)


def disconnect(connection: Connection, *, graceful: bool) -> None:
    """End the connection, with a goodbye if `graceful` and if there is anybody to hear it."""
    with connection.exclusive():
        try:
            if graceful and connection.is_open:
                _turn(connection, pump(connection, connection.session.quit()))
        finally:
            connection.drop(closed_by_caller())


def probe(connection: Connection) -> NetmailError | None:
    """Dial, say NOOP and leave; return what went wrong, if anything did."""
    try:
        drive(connection, connection.session.noop())
        disconnect(connection, graceful=True)
    except NetmailError as error:
        return error
    finally:
        connection.drop(closed_by_caller())
    return None


def handle(connection: Connection) -> CurlHandle:
    """Return the handle of the connection, dialling if there is none."""
    with connection.exclusive():
        _open(connection)
        return connection.opened.handle


def _open(connection: Connection) -> None:
    stream = connection.new_stream()
    if stream is None:
        return
    handshake = stream.connect()
    connection.stream = stream
    try:
        _turn(connection, pump(connection, connection.session.open(handshake)))
    except BaseException:
        connection.drop(None)
        raise


def _turn(connection: Connection, pumping: Generator[Wait, None, T]) -> T:
    try:
        wait = next(pumping)
        while True:
            try:
                _block(connection, wait)
            except BaseException as interrupt:  # noqa: BLE001 -- Ctrl-C, which the flow must hear
                pumping.throw(interrupt)
            wait = next(pumping)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        pumping.close()


def _block(connection: Connection, wait: Wait) -> None:
    poll = select.poll()
    poll.register(connection.opened.fileno(), _EVENTS[wait.ready])
    poll.poll(min(wait.seconds, LONGEST_WAIT) * 1000 + 1)
