"""When a worker stops, and how it waits: for a time, for more messages, or for the end.

This file must not know what a worker does.
"""

import threading
from typing import Protocol


class Stopping(Protocol):
    """What a worker asks before each message, and waits with."""

    def is_set(self) -> bool:
        """Whether the worker is to stop."""

    def wait(self, timeout: float) -> bool:
        """Wait for so many seconds at most; return whether the worker is to stop."""


NEVER: Stopping = threading.Event()
"""Of a worker that ends by itself, when nothing is left to do."""
