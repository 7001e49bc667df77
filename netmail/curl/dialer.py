"""The dials of one event loop: a `CurlMulti` that the loop serves.

This file must not know a protocol, nor what is dialled: only handles, and when each is done.

A handle stays in the multi after its dial, until it is closed: libcurl keeps the connection there,
and `send()` and `recv()` fail without it.
"""

import asyncio
import os
import select
from threading import Thread
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import pycurl

from netmail.curl.readiness import Readiness
from netmail.errors import UsageError

DialError: TypeAlias = tuple[int, str]
"""libcurl's number and message."""

_DIALERS: Final["WeakKeyDictionary[asyncio.AbstractEventLoop, Dialer]"] = WeakKeyDictionary()


def dialer_of(loop: asyncio.AbstractEventLoop) -> "Dialer":
    """Return what dials in a loop; it exists from the first dial to the last close."""
    dialer = _DIALERS.get(loop)
    if dialer is None or not dialer.made_by_this_process:
        dialer = _DIALERS[loop] = Dialer(loop)
    return dialer


def refuse_unwatched(error: BaseException) -> BaseException:
    """Return what to raise for a loop that cannot watch a socket; other errors as they are."""
    if not isinstance(error, NotImplementedError):
        return error
    message = (
        "this event loop has no add_reader(); run asyncio with SelectorEventLoop, as by "
        "asyncio.run(..., loop_factory=asyncio.SelectorEventLoop)"
    )
    return UsageError(message)


class Dialer:
    """Dial within one event loop, without a thread.

    Args:
        loop: The loop, which is running.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._process = os.getpid()
        self._dials: dict[pycurl.Curl, asyncio.Future[DialError | None]] = {}
        self._handles: dict[pycurl.Curl, Readiness | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._watched: set[int] = set()
        self._is_acting = False
        self._is_hanging = False
        self._has_ended = False
        self._failure: BaseException | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)

    async def dial(self, handle: pycurl.Curl) -> DialError | None:
        """Dial; the handle belongs to this object until `close()`.

        Args:
            handle: The handle, with all of its options.

        Returns:
            What libcurl ended with; `None` if the connection is made.

        Raises:
            UsageError: If the loop cannot watch a socket.
        """
        done: asyncio.Future[DialError | None] = self._loop.create_future()
        self._dials[handle] = done
        self._handles[handle] = None
        self._multi.add_handle(handle)
        # Now, not at the timer that libcurl has set: from here on its own timeout counts.
        self._act(pycurl.SOCKET_TIMEOUT, 0)
        try:
            return await done
        finally:
            self._dials.pop(handle, None)

    def readiness(self, handle: pycurl.Curl, fd: int, poll: select.poll) -> Readiness:
        """Return what tells whether the socket of a connection is ready; `close()` ends it.

        Args:
            handle: The handle, after its dial.
            fd: Its socket.
            poll: A poll object with the socket, registered for reading.
        """
        readiness = self._handles[handle] = Readiness(self._loop, fd, poll)
        return readiness

    def close(self, handle: pycurl.Curl) -> None:
        """Close a handle, and its connection with it. Safe to call twice, and from any thread."""
        if not self.made_by_this_process:
            return  # the parent's: libcurl would wait for threads that a fork does not copy
        if self._is_acting or self.runs_elsewhere:
            # A finalizer, within a callback of libcurl's or in another thread.
            self._loop.call_soon_threadsafe(self.close, handle)
            return
        if handle not in self._handles:
            return
        readiness = self._handles.pop(handle)
        if readiness is not None and not self._loop.is_closed():
            readiness.stop()
        # It ended before its name was found: libcurl's thread may look for it still.
        self._is_hanging |= readiness is None and not handle.getinfo(pycurl.NAMELOOKUP_TIME)
        self._multi.remove_handle(handle)
        handle.close()
        if not self._handles:
            self._end()

    @property
    def runs_elsewhere(self) -> bool:
        """Whether the loop runs in another thread; libcurl must not be used in two at once."""
        # A loop that has ended keeps the connections that were made in it: any may use them.
        return (
            self._loop.is_running()
            and asyncio._get_running_loop() is not self._loop  # noqa: SLF001 -- get_running_loop() raises outside one
            and self.made_by_this_process
        )

    @property
    def made_by_this_process(self) -> bool:
        """Whether this process made it; a fork copies the object, and shares the loop's epoll."""
        return self._process == os.getpid()

    def _end(self) -> None:
        """Give back what the multi has; the next dial of the loop makes another one."""
        if _DIALERS.get(self._loop) is self:
            del _DIALERS[self._loop]
        self._set_timer(-1)
        while self._watched:
            self._unwatch(self._watched.pop())
        # From here on no callback may touch the loop: they come from another thread, perhaps.
        self._has_ended = True
        if self._is_hanging:
            # libcurl waits for its threads here, as long as the system's resolver takes.
            Thread(target=self._multi.close, name="netmail-resolver", daemon=True).start()
        else:
            self._multi.close()

    def _unwatch(self, fd: int) -> None:
        if not self._loop.is_closed():
            self._loop.remove_reader(fd)
            self._loop.remove_writer(fd)

    def _act(self, fd: int, events: int) -> None:
        """Let libcurl do what can be done now."""
        self._is_acting = True
        try:
            self._multi.socket_action(fd, events)
        except pycurl.error as error:
            self._failure = self._failure or error
        finally:
            self._is_acting = False
        queued = True
        while queued:
            queued, made, failed = self._multi.info_read()
            for handle in made:
                self._finish(handle, None)
            for handle, number, message in failed:
                self._finish(handle, (number, message))
        if self._failure is not None:
            failure, self._failure = refuse_unwatched(self._failure), None
            for done in self._dials.values():
                if not done.done():
                    done.set_exception(failure)

    def _finish(self, handle: pycurl.Curl, error: DialError | None) -> None:
        done = self._dials.get(handle)
        if done is not None and not done.done():
            done.set_result(error)

    # -- called by libcurl: nothing may be raised into it ----------------------------------------

    def _watch(self, event: int, fd: int, _multi: object, _data: object) -> None:
        """Watch a socket for what libcurl waits for."""
        try:
            loop = self._loop
            if self._has_ended or loop.is_closed() or not self.made_by_this_process:
                return
            if event == pycurl.POLL_REMOVE:
                self._watched.discard(fd)
                self._unwatch(fd)
                return
            self._watched.add(fd)
            if event == pycurl.POLL_OUT:
                loop.remove_reader(fd)
            else:
                loop.add_reader(fd, self._act, fd, pycurl.CSELECT_IN)
            if event == pycurl.POLL_IN:
                loop.remove_writer(fd)
            else:
                loop.add_writer(fd, self._act, fd, pycurl.CSELECT_OUT)
        except BaseException as error:  # noqa: BLE001 -- see above
            self._failure = error

    def _set_timer(self, milliseconds: int) -> None:
        """Call libcurl again after a while; -1 for not at all."""
        try:
            if self._has_ended:
                return
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._loop.is_closed() or not self.made_by_this_process:
                return
            if milliseconds >= 0:
                self._timer = self._loop.call_later(
                    milliseconds / 1000, self._act, pycurl.SOCKET_TIMEOUT, 0
                )
        except BaseException as error:  # noqa: BLE001 -- see above
            self._failure = error
