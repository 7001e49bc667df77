"""Run a connection's steps and wait by suspending the task.

This file must not know anything but how to wait; `drive` is its counterpart.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from netmail.curl.calls import Dial, Sleep, Steps
from netmail.curl.pump import Wait
from netmail.curl.stream import CurlStream
from netmail.curl.tokens import Obtain

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
                await _perform(step)
            except BaseException as error:  # noqa: BLE001 -- a cancellation too
                step = steps.throw(error)
            else:
                step = next(steps)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        steps.close()


def _perform(step: Wait | Dial | Sleep | Obtain) -> Coroutine[None, None, None]:
    if isinstance(step, Dial):
        return _dial(step.stream)
    if isinstance(step, Obtain):
        return step.call_and_await()
    return asyncio.sleep(step.seconds) if isinstance(step, Sleep) else _suspend(step)


async def _dial(stream: CurlStream) -> None:
    """Dial in a thread: libcurl's perform() blocks, and the loop must not."""
    dial = asyncio.ensure_future(asyncio.to_thread(stream.connect))
    try:
        # The thread cannot be stopped; shielded, its end can still be waited for.
        await asyncio.shield(dial)
    except asyncio.CancelledError:
        stream.cancel_connect()
        dial.add_done_callback(lambda done: _discard(stream, done))
        raise


def _discard(stream: CurlStream, dial: "asyncio.Future[None]") -> None:
    """Close what a cancelled dial leaves."""
    if not dial.cancelled():
        dial.exception()  # asyncio logs an exception that was never retrieved
    stream.close()


async def _suspend(wait: Wait) -> None:
    """Wait until the socket is ready or the time is up; the pump finds out which."""
    # Of this call, not of the first: one client may be used in several loops, one after the other.
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
