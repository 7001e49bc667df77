"""Run flows and wait by suspending the task.

This file knows how to wait, and nothing else; `drive` is its twin.
"""

import asyncio
from collections.abc import Generator
from typing import TypeVar

from netmail.curl.connection import Connection, CurlHandle, closed_by_caller
from netmail.curl.pump import Ready, Wait, discard_if_closed, pump
from netmail.curl.stream import CurlStream
from netmail.errors import NetmailError
from netmail.flows.flow import Flow
from netmail.flows.handshake import Handshake

T = TypeVar("T")


async def drive(connection: Connection, flow: Flow[T], *, reconnect: bool = False) -> T:
    """Dial if that was not done yet, and run `flow`.

    Args:
        connection: The connection.
        flow: The conversation.
        reconnect: Whether to reconnect if the server has closed the idle connection: for a flow
            that depends on nothing sent before.

    Raises:
        BusyError: If another task uses the connection.
        NetmailError: What the dial or the flow raises.
    """
    with connection.exclusive():
        if reconnect:
            discard_if_closed(connection)
        await _open(connection)
        return await _turn(connection, pump(connection, flow))


async def connect(connection: Connection) -> None:
    """Dial now, anew if need be."""
    with connection.exclusive():
        connection.renew()
        await _open(connection)


async def disconnect(connection: Connection, *, graceful: bool) -> None:
    """End the connection, with a goodbye if `graceful` and if there is anybody to hear it."""
    with connection.exclusive():
        try:
            if graceful and connection.is_open:
                await _turn(connection, pump(connection, connection.session.quit()))
        finally:
            connection.drop(closed_by_caller())


async def probe(connection: Connection) -> NetmailError | None:
    """Dial, say NOOP and leave; return what went wrong, if anything did."""
    try:
        await drive(connection, connection.session.noop())
        await disconnect(connection, graceful=True)
    except NetmailError as error:
        return error
    finally:
        connection.drop(closed_by_caller())
    return None


async def handle(connection: Connection) -> CurlHandle:
    """Return the handle of the connection, dialling if there is none."""
    with connection.exclusive():
        await _open(connection)
        return connection.opened.handle


async def _open(connection: Connection) -> None:
    stream = connection.new_stream()
    if stream is None:
        return
    handshake = await _dial(stream)
    connection.stream = stream
    try:
        await _turn(connection, pump(connection, connection.session.open(handshake)))
    except BaseException:
        connection.drop(None)
        raise


async def _dial(stream: CurlStream) -> Handshake:
    """Dial in a thread; libcurl's dial blocks, and the loop must not."""
    dialling = asyncio.ensure_future(asyncio.to_thread(stream.connect))
    try:
        return await asyncio.shield(dialling)
    except asyncio.CancelledError:
        stream.cancel_connect()
        dialling.add_done_callback(lambda done: _discard(stream, done))
        raise


def _discard(stream: CurlStream, dialling: "asyncio.Future[Handshake]") -> None:
    """Close what a cancelled dial left, and look at its error so that asyncio does not complain."""
    if not dialling.cancelled():
        dialling.exception()
    stream.close()


async def _turn(connection: Connection, pumping: Generator[Wait, None, T]) -> T:
    try:
        wait = next(pumping)
        while True:
            try:
                await _suspend(connection, wait)
            except asyncio.CancelledError as cancelled:
                pumping.throw(cancelled)
            wait = next(pumping)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        pumping.close()


async def _suspend(connection: Connection, wait: Wait) -> None:
    """Wait until the socket is ready or the time is up; the pump looks which."""
    loop = asyncio.get_running_loop()
    fd = connection.opened.fileno()
    ready = asyncio.Event()
    if Ready.READ in wait.ready:
        loop.add_reader(fd, ready.set)
    if Ready.WRITE in wait.ready:
        loop.add_writer(fd, ready.set)
    timer = loop.call_later(wait.seconds, ready.set)
    try:
        await ready.wait()
    finally:
        timer.cancel()
        loop.remove_reader(fd)
        loop.remove_writer(fd)
