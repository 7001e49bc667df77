"""Run flows and wait by suspending the task.

This file knows how to wait, and nothing else; `drive` is its twin.
"""

import asyncio
from collections.abc import Generator
from typing import TypeVar

from netmail.curl.connection import CurlHandle, Link, closed
from netmail.curl.pump import Ready, Wait, leave_if_ended, pump
from netmail.curl.stream import CurlStream
from netmail.errors import NetmailError
from netmail.flows.flow import Dialled, Flow

T = TypeVar("T")


async def drive(link: Link, flow: Flow[T], *, afresh: bool = False) -> T:
    """Dial if that was not done yet, and run `flow`.

    Args:
        link: The connection.
        flow: The conversation.
        afresh: Whether to dial anew also if the server has closed meanwhile: for a flow that needs
            nothing of what was said before.

    Raises:
        BusyError: If another task uses the link.
        NetmailError: What the dial or the flow raises.
    """
    with link.claimed():
        if afresh:
            leave_if_ended(link)
        await _open(link)
        return await _turn(link, pump(link, flow))


async def connect(link: Link) -> None:
    """Dial now, anew if need be."""
    with link.claimed():
        link.renew()
        await _open(link)


async def leave(link: Link, *, politely: bool) -> None:
    """End the connection, with a goodbye if `politely` and if there is anybody to hear it."""
    with link.claimed():
        try:
            if politely and link.is_open:
                await _turn(link, pump(link, link.talk.quit()))
        finally:
            link.drop(closed())


async def probe(link: Link) -> NetmailError | None:
    """Dial, say NOOP and leave; return what went wrong, if anything did."""
    try:
        await drive(link, link.talk.noop())
        await leave(link, politely=True)
    except NetmailError as error:
        return error
    finally:
        link.drop(closed())
    return None


async def handle(link: Link) -> CurlHandle:
    """Return the handle of the connection, dialling if there is none."""
    with link.claimed():
        await _open(link)
        return link.opened.handle


async def _open(link: Link) -> None:
    stream = link.new_stream()
    if stream is None:
        return
    dialled = await _dial(stream)
    link.stream = stream
    try:
        await _turn(link, pump(link, link.talk.open(dialled)))
    except BaseException:
        link.drop(None)
        raise


async def _dial(stream: CurlStream) -> Dialled:
    """Dial in a thread; libcurl's dial blocks, and the loop must not."""
    dialling = asyncio.ensure_future(asyncio.to_thread(stream.dial))
    try:
        return await asyncio.shield(dialling)
    except asyncio.CancelledError:
        stream.abandon()
        dialling.add_done_callback(lambda done: _discard(stream, done))
        raise


def _discard(stream: CurlStream, dialling: "asyncio.Future[Dialled]") -> None:
    """Close what a cancelled dial left, and look at its error so that asyncio does not complain."""
    if not dialling.cancelled():
        dialling.exception()
    stream.close()


async def _turn(link: Link, pumping: Generator[Wait, None, T]) -> T:
    try:
        wait = next(pumping)
        while True:
            try:
                await _suspend(link, wait)
            except asyncio.CancelledError as cancelled:
                pumping.throw(cancelled)
            wait = next(pumping)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        pumping.close()


async def _suspend(link: Link, wait: Wait) -> None:
    """Wait until the socket is ready or the time is up; the pump looks which."""
    loop = asyncio.get_running_loop()
    fd = link.opened.fileno()
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
