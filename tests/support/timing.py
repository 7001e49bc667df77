"""How long tests may take, and how much of a long proof runs.

    NETMAIL_TESTS=full              the long proofs whole; `scripts/test --full` sets it
    NETMAIL_TIMEOUT_FACTOR=3        all timeouts and bounds of time three times as long

Nothing here knows what is tested.
"""

import contextlib
import gc
import os
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")

FULL = os.environ.get("NETMAIL_TESTS") == "full"
FACTOR = float(os.environ.get("NETMAIL_TIMEOUT_FACTOR", "1"))
MS = 0.001 * FACTOR
"""A millisecond in seconds: `300 * MS` is a timeout that a slow machine can make longer."""


def timeout(milliseconds: int) -> timedelta:
    """Return a value of the option `timeout`, which may be short."""
    return timedelta(milliseconds=milliseconds * FACTOR)


def full(amount: T, *, quick: T) -> T:
    """Return how much of a long proof is to run."""
    return amount if FULL else quick


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """Run a block whose time is taken as it runs in a program.

    Coverage does not measure inside: its tracing would cost more than the block. Objects of other
    tests are kept from the garbage collector meanwhile: to look at them all takes seconds.
    """
    trace = sys.gettrace()
    sys.settrace(None)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.settrace(trace)


@contextlib.contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Fail a block that needs more of the processor; other programs do not count."""
    with untraced():
        begun = time.process_time()
        yield
        took = time.process_time() - begun
    assert took < seconds * FACTOR, f"{took:.2f} s of the processor, where {seconds} were allowed"


@contextlib.contextmanager
def takes(*, least: float = 0.0, most: float) -> Iterator[None]:
    """Fail a block that takes fewer or more seconds, waiting included."""
    begun = time.monotonic()
    yield
    took = time.monotonic() - begun
    assert least * FACTOR <= took < most * FACTOR, f"{took:.2f} s, not {least} to {most}"
