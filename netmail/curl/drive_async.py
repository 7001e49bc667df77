"""Run a connection's steps and wait by suspending the task.

This file must not know anything but how to wait; `drive` is its counterpart.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from netmail.curl.calls import Dial, Pull, Sleep, Steps
from netmail.curl.dialer import Dialer, dialer_of, refuse_unwatched
from netmail.curl.pull import pull_async
from netmail.curl.pump import Wait
from netmail.curl.readiness import Readiness
from netmail.curl.stream import CurlStream
from netmail.curl.tokens import Obtain

T = TypeVar("T")


async def drive(steps: Steps[T]) -> T:
    """Run `steps` to their end.

    Whatever interrupts a wait, such as a cancellation, is raised inside the steps, at the line that
    waits.
    """
    # Of this call, not of the first: one client may be used in several loops, one after the other.
    loop = asyncio.get_running_loop()
    try:
        step = next(steps)
        while True:
            try:
                # Without a coroutine of its own: that would cost as much as the rest of a wait.
                if (
                    isinstance(step, Wait)
                    and (readiness := step.stream.readiness) is not None
                    and readiness.loop is loop
                ):
                    await readiness.wait(step.writing, step.seconds)
                else:
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
    if isinstance(step, Sleep):
        return asyncio.sleep(step.seconds)
    return _wait_elsewhere(step.stream, writing=step.writing, seconds=step.seconds)


async def _dial(stream: CurlStream) -> None:
    """Do as `CurlStream.connect()`, and let the event loop run meanwhile."""
    stream.prepare()
    loop = asyncio.get_running_loop()
    # What `resolve` says would hold for all of one dialer's connections.
    dialer = stream.dialer = Dialer(loop) if stream.has_own_addresses else dialer_of(loop)
    try:
        failure = await dialer.dial(stream.handle)
    except BaseException:
        # A cancellation, for example; nothing of the dial remains.
        stream.close()
        raise
    stream.finish(failure)
    stream.readiness = dialer.readiness(stream.handle, stream.fileno(), stream.poll)


async def _wait_elsewhere(stream: CurlStream, *, writing: bool, seconds: float) -> None:
    """Wait in another loop than the one that the connection was made in, which has ended."""
    readiness = Readiness(asyncio.get_running_loop(), stream.fileno(), stream.poll)
    try:
        await readiness.wait(writing, seconds)
    except NotImplementedError as error:
        raise refuse_unwatched(error) from None
    finally:
        readiness.stop()
