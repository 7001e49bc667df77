"""When a worker stops, and how it waits: for a time, or for the end.

This file must not know what a worker does.
"""

import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from netmail import UsageError

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
"""Those that end a worker process: of its supervisor, and of a terminal."""


class StopSignal(Protocol):
    """What a worker asks before each message, and waits with; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether the worker is to stop."""

    def wait(self, timeout: float) -> bool:
        """Wait for so many seconds at most; return whether the worker is to stop."""


NEVER: Final[StopSignal] = threading.Event()
"""Of a worker that ends by itself, when nothing is left to do."""


class _Caught:
    """Set by a signal's handler.

    No `threading.Event`: a handler that runs within its `wait()` would wait for it for ever.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._reads, self._writes = os.pipe()

    def is_set(self) -> bool:
        """Whether a signal has come."""
        return self._is_set

    def wait(self, timeout: float) -> bool:
        """Wait for a signal."""
        if not self._is_set:
            select.select([self._reads], [], [], timeout)
        return self._is_set

    def catch(self, *_: object) -> None:
        """Note a signal; the second one finds the pipe as full as it needs to be."""
        if not self._is_set:
            self._is_set = True
            os.write(self._writes, b"\0")

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._reads)
        os.close(self._writes)


@contextmanager
def caught_signals() -> Iterator[StopSignal]:
    """Catch SIGTERM and SIGINT until the block ends; what handled them before does so again then.

    Raises:
        UsageError: If this is not the main thread, which alone may set handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        raise UsageError("signals are caught in the main thread only: pass `stop` to work()")
    caught = _Caught()
    before = {each: signal.signal(each, caught.catch) for each in SIGNALS}
    try:
        yield caught
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        caught.close()
