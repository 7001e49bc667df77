"""An idle connection of an asyncio client, kept alive by NOOP from a timer of the event loop.

This file must not know a protocol. A blocking client has no such thing, since nothing runs between
its calls.
"""

import asyncio
from collections.abc import Generator
from contextlib import suppress
from weakref import ref

from netmail.curl.calls import Steps, refuse_late
from netmail.curl.connection import Connection
from netmail.curl.drive_async import drive
from netmail.curl.pump import pump
from netmail.curl.tokens import Obtain
from netmail.errors import BusyError, NetmailError


class LoopKeeper:
    """The timer of one connection, and the NOOP that it sends.

    A timer and no task: between two NOOPs nothing waits, and an event loop that ends has nothing to
    cancel.

    Args:
        connection: The connection. It is not kept from being freed.
        seconds: How long it may be idle.
    """

    def __init__(self, connection: Connection, seconds: float) -> None:
        self._connection = ref(connection)
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._end = 0.0  # of the time that the connection may be idle
        self._task: asyncio.Task[None] | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether NOOP is in flight."""
        return self._task is not None

    def rest(self) -> None:
        """Count the time from now on: a call has ended."""
        connection = self._connection()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # messages may be added before a loop runs, and need no connection
            return
        if loop is not self._loop:
            self._stop()  # one client may be used in several loops, one after the other
            self._loop = loop
        if connection is None or not connection.is_open:
            self._stop()
            return
        self._end = loop.time() + self._seconds
        # A timer that rings too early is set again: calls follow each other closely, as a rule.
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._ring)

    def finished(self, *, now: bool = False) -> Generator[Obtain, None, None]:
        """Wait until no NOOP is in flight.

        Args:
            now: Whether to break it off, which closes the connection.
        """
        # Of the loop that runs: a task of another one has ended with it.
        while self._task is not None and not self._task.done():
            if self._loop is None or self._loop.is_closed():
                break
            if now:
                self._task.cancel()
            yield Obtain(self._wait)

    async def _wait(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        loop, connection = self._loop, self._connection()
        if loop is None or connection is None or not connection.is_open:
            return
        if (left := self._end - loop.time()) > 0:
            self._timer = loop.call_later(left, self._ring)
            return
        self._task = loop.create_task(drive(noop_if_idle(connection)))
        self._task.add_done_callback(self._forget)

    def _forget(self, _task: "asyncio.Task[None]") -> None:
        self._task = None


def noop_if_idle(connection: Connection) -> Steps[None]:
    """Send NOOP if no call uses the connection; where it fails, the next call finds the reason."""
    try:
        connection.acquire()
    except BusyError:
        return  # the end of that call starts the time again
    try:
        # A conversation that hands over values has the connection between its steps too.
        if connection.is_open and connection.streaming is None:
            with suppress(NetmailError):
                refuse_late(connection)
                yield from pump(connection, connection.session.noop())
            # No call has begun: one that may begin on any connection makes another.
            connection.ended_idle = not connection.is_open
    finally:
        connection.release()
