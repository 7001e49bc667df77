"""The event that ends waiting: a manager sets it, and the end of the program does.

This file must not know what waits.
"""

import threading
import time
from typing import Final

# Python sets nothing when the main thread ends: it then only waits for the other threads. So they
# look themselves, this often (seconds); a program ends that much later.
_LOOK: Final = 0.25


class Stopping(threading.Event):
    """Set by `set()`, or once the main thread has ended.

    A thread that waits for it with a time limit does not hold up a program that has ended.
    """

    def is_set(self) -> bool:
        """Tell whether it is time to stop."""
        return super().is_set() or program_has_ended()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is time to stop.

        Args:
            timeout: Seconds; `None` for no limit.

        Returns:
            `False` if the time has passed first.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            seconds = look_after(deadline)
            if seconds <= 0:
                return False
            # Nothing wakes a thread at the end of the program, so no wait is longer than a look.
            super().wait(seconds)
        return True


def program_has_ended() -> bool:
    """Tell whether the main thread has ended: the program waits for its other threads only."""
    return not threading.main_thread().is_alive()


def look_after(deadline: float | None) -> float:
    """Return the seconds to wait before the main thread is looked at again; 0 at the deadline."""
    return _LOOK if deadline is None else max(0.0, min(_LOOK, deadline - time.monotonic()))
