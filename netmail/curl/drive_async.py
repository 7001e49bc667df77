"""Run a connection's steps and wait by suspending the task.

This file must not know anything but how to wait; `drive` is its counterpart.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from netmail.curl.calls import Dial, Pull, Sleep, Steps
from netmail.curl.dialer import Dialer, dialer_of
from netmail.curl.pull import pull_async
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


def _perform(step: Wait | Dial | Sleep | Pull | Obtain) -> Coroutine[None, None, None]:
    if isinstance(step, Dial):
        return _dial(step.stream)
    if isinstance(step, Obtain):
        return step.call_and_await()
    if isinstance(step, Pull):
        return pull_async(step.intake)
    return asyncio.sleep(step.seconds) if isinstance(step, Sleep) else _suspend(step)


async def _dial(stream: CurlStream) -> None:
    """Do as `CurlStream.connect()`, and let the event loop run meanwhile."""
    stream.prepare()
    loop = asyncio.get_running_loop()
    # What `resolve` says would hold for all of one dialer's connections.
    stream.dialer = Dialer(loop) if stream.has_own_addresses else dialer_of(loop)
    try:
        failure = await stream.dialer.dial(stream.handle)
    except BaseException:
        # A cancellation, for example; nothing of the dial remains.
        stream.close()
        raise
    stream.finish(failure)


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
