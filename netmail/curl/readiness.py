"""Whether the socket of one connection is ready, for the one task that waits for it.

This file must not know libcurl, nor what is read or written.
"""

import asyncio
import select


class Readiness:
    """Watch one socket within one event loop, as long as the connection is open.

    The loop watches for reading all the time that calls follow each other: to begin and to end
    that costs two system calls, as much as the rest of a wait. It stops where the socket is ready
    and no call waits.

    Args:
        loop: The loop.
        fd: The socket.
        poll: A poll object with the socket, registered for reading.

    Attributes:
        loop: The loop.
    """

    __slots__ = ("_end", "_fd", "_is_watched", "_poll", "_rings", "_timer", "_waiter", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int, poll: select.poll) -> None:
        self.loop = loop
        self._fd = fd
        self._poll = poll
        self._is_watched = False
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rings = 0.0  # when the timer does
        self._end = 0.0  # of the present wait

    def wait(self, writing: bool, seconds: float) -> "asyncio.Future[None]":
        """Return what is done when the socket is ready, or the time is up.

        Args:
            writing: Whether to wait for writing too; for reading in any case.
            seconds: How long at most.

        Raises:
            NotImplementedError: If the loop cannot watch a socket.
        """
        loop = self.loop
        waiter = self._waiter = loop.create_future()
        if not self._is_watched:
            loop.add_reader(self._fd, self._readable)
            self._is_watched = True
        if writing:
            loop.add_writer(self._fd, self._writable)
        self._end = loop.time() + seconds
        # A timer that rings too early is set again: most waits end long before, and need none.
        if self._timer is None or self._rings > self._end:
            self._set_timer(seconds)
        return waiter

    def stop(self) -> None:
        """Watch no more, before the socket is closed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_watched:
            self.loop.remove_reader(self._fd)
            self.loop.remove_writer(self._fd)
            self._is_watched = False

    def _readable(self) -> None:
        # The loop may have looked at the socket before the task has read, and call this after it.
        if not self._poll.poll(0):
            return
        if self._waiter is None or self._waiter.done():
            self.loop.remove_reader(self._fd)
            self._is_watched = False
        else:
            self._waiter.set_result(None)

    def _writable(self) -> None:
        self.loop.remove_writer(self._fd)
        self._finish()

    def _finish(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _set_timer(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings = self._end
        self._timer = self.loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        left = self._end - self.loop.time()
        if left > 0:
            self._set_timer(left)
        else:
            self._finish()
