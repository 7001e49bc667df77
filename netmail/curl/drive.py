"""Run a connection's steps and wait by blocking the thread.

This file must not know anything but how to wait; `drive_async` is its counterpart.
"""

import select
import time
from typing import TypeVar

from netmail.curl.calls import Dial, Pull, Sleep, Steps
from netmail.curl.pull import pull
from netmail.curl.pump import Wait
from netmail.curl.tokens import Obtain

T = TypeVar("T")

LONGEST_WAIT = 3600.0
"""Seconds of one wait: the milliseconds of a long timeout would overflow; the pump waits again."""


def drive(steps: Steps[T]) -> T:
    """Run `steps` to their end.

    Whatever interrupts a wait, such as Ctrl-C, is raised inside the steps, at the line that waits.
    """
    try:
        step = next(steps)
        while True:
            try:
                # The most frequent first, and without a call: each command waits once.
                if isinstance(step, Wait) and not step.writing:
                    # One more, since poll() rounds: an early end would wait again for nothing.
                    step.stream.poll.poll(min(step.seconds, LONGEST_WAIT) * 1000 + 1)
                else:
                    _perform(step)
            except BaseException as error:  # noqa: BLE001 -- Ctrl-C too
                step = steps.throw(error)
            else:
                step = next(steps)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        steps.close()


def _perform(step: Wait | Dial | Sleep | Pull | Obtain) -> None:
    if isinstance(step, Dial):
        step.stream.connect()
        return
    if isinstance(step, Sleep):
        time.sleep(step.seconds)
        return
    if isinstance(step, Obtain):
        step.call()
        return
    if isinstance(step, Pull):
        pull(step.intake)
        return
    poll = step.stream.poll
    poll.modify(step.stream, select.POLLIN | select.POLLOUT)
    try:
        poll.poll(min(step.seconds, LONGEST_WAIT) * 1000 + 1)
    finally:
        poll.modify(step.stream, select.POLLIN)
