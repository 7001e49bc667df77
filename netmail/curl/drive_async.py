"""Run a connection's steps and wait by suspending the task.

This file knows how to wait, and nothing else; `drive` is its counterpart.
"""

import asyncio
from typing import TypeVar

from netmail.curl.calls import Dial, Steps
from netmail.curl.pump import Wait
from netmail.curl.stream import CurlStream

T = TypeVar("T")


async def drive(steps: Steps[T]) -> T:
    """Run `steps` to their end.

    Whatever interrupts a wait, such as a cancellation, is raised inside the steps, at the line that
    waits.
    """
    try:
        step = next(steps)
        while True:
            try:
                await (_dial(step.stream) if isinstance(step, Dial) else _suspend(step))
            except BaseException as error:  # noqa: BLE001 -- a cancellation too
                step = steps.throw(error)
            else:
                step = next(steps)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        steps.close()


async def _dial(stream: CurlStream) -> None:
    """Dial in a thread; libcurl's dial blocks, and the loop must not."""
    dialling = asyncio.ensure_future(asyncio.to_thread(stream.connect))
    try:
        await asyncio.shield(dialling)
    except asyncio.CancelledError:
        stream.cancel_connect()
        dialling.add_done_callback(lambda done: _discard(stream, done))
        raise


def _discard(stream: CurlStream, dialling: "asyncio.Future[None]") -> None:
    """Close what a cancelled dial left, and look at its error so that asyncio does not complain."""
    if not dialling.cancelled():
        dialling.exception()
    stream.close()


async def _suspend(wait: Wait) -> None:
    """Wait until the socket is ready or the time is up; the pump finds out which."""
    loop = asyncio.get_running_loop()
    fd = wait.stream.fileno()
    ready = asyncio.Event()
    loop.add_reader(fd, ready.set)
    if wait.writing:
        loop.add_writer(fd, ready.set)
    timer = loop.call_later(wait.seconds, ready.set)
    try:
        await ready.wait()
    finally:
        timer.cancel()
        loop.remove_reader(fd)
        loop.remove_writer(fd)
