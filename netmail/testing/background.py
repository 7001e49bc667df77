"""An asyncio loop in a thread of its own, started and stopped within deadlines.

This file must not know mail: it runs coroutines, and returns their results and errors to the
calling thread.
"""

import asyncio
import concurrent.futures
import contextlib
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

from netmail.errors import MailTimeout, StateError

START_SECONDS = 10.0
"""How long a start may take: on a loaded machine it takes a second, on a broken one it hangs."""

STOP_SECONDS = 5.0
"""How long a stop may take; after that the (daemon) thread is left running."""

CALL_SECONDS = 30.0
"""How long one call into the loop may take; each works in memory."""

T = TypeVar("T")
Start = Callable[[contextlib.AsyncExitStack], Awaitable[None]]

logger = logging.getLogger("netmail.testing")


class BackgroundLoop:
    """A thread that runs one asyncio loop until `stop()`.

    Args:
        start: Awaited in the loop first; what it puts on the stack is closed at the end.
        timeout: Seconds that the start may take.

    Raises:
        MailTimeout: If the start takes longer than `timeout`.
        Exception: Whatever `start` raises, as it was raised.
    """

    def __init__(self, start: Start, timeout: float = START_SECONDS) -> None:
        # Not the platform's default: on Windows that one cannot stop accepting before it closes.
        self._loop = asyncio.SelectorEventLoop()
        self._loop.set_exception_handler(_log_quietly)
        # In debug mode asyncio prints a warning for each callback of 0.1 s; on a busy machine, the
        # start of a server takes that long, and only its own clients wait in this loop.
        self._loop.slow_callback_duration = START_SECONDS
        self._ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._stopping = asyncio.Event()
        self._owner = os.getpid()
        self._thread = threading.Thread(
            target=self._run, args=(start, timeout), name="netmail.testing", daemon=True
        )
        self._thread.start()
        # The loop keeps the deadline; the second on top is for a loop that something blocks.
        try:
            self._ready.result(timeout + 1.0)
        except TimeoutError:
            self.stop()
            raise MailTimeout(f"the embedded servers did not start in {timeout:g} s") from None
        except BaseException:
            self.stop()
            raise

    @property
    def running(self) -> bool:
        """Whether calls can still be made; costs nothing."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def call(self, work: Callable[[], Coroutine[None, None, T]]) -> T:
        """Run a coroutine in the loop and wait for what it returns.

        Args:
            work: Makes the coroutine. It is called only if the loop runs, so that no coroutine is
                left that was never awaited.

        Raises:
            StateError: If the loop was stopped.
            MailTimeout: If it takes more than 30 s.
            Exception: Whatever the coroutine raises.
        """
        if not self.running:
            raise StateError("the embedded servers are closed")
        future = asyncio.run_coroutine_threadsafe(work(), self._loop)
        try:
            return future.result(CALL_SECONDS)
        except concurrent.futures.CancelledError:
            raise StateError("the embedded servers were closed during the call") from None
        except TimeoutError:
            future.cancel()
            raise MailTimeout(f"the embedded servers did nothing for {CALL_SECONDS:g} s") from None

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Stop the loop and join its thread; a second call does nothing.

        Args:
            timeout: Seconds to wait. What still runs then is a daemon thread, and is logged.
        """
        if os.getpid() != self._owner:  # in a forked child; the thread is the parent's
            return
        with contextlib.suppress(RuntimeError):  # the loop closed by itself
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout)
        if self._thread.is_alive():
            logger.warning("the embedded servers did not stop within %g s", timeout)

    def _run(self, start: Start, timeout: float) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main(start, timeout))

    async def _main(self, start: Start, seconds: float) -> None:
        async with contextlib.AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(seconds):
                    await start(stack)
            except BaseException as error:  # noqa: BLE001 the calling thread raises it
                self._ready.set_exception(error)
                return
            self._ready.set_result(None)
            await self._stopping.wait()


def _log_quietly(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Keep a client's failed handshake or reset out of the output of somebody's tests."""
    logger.debug("%s", context.get("message"), exc_info=context.get("exception"))  # type: ignore[arg-type]  # asyncio documents an exception here
