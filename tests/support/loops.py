"""Run coroutines in asyncio's own event loop, and in uvloop's where it is installed.

Nothing here knows what is tested.
"""

import asyncio
import gc
import importlib.util
import warnings
from contextvars import ContextVar
from types import coroutine

LOOPS = ["asyncio", *(["uvloop"] if importlib.util.find_spec("uvloop") else [])]
LOOP = ContextVar("LOOP", default="asyncio")
"""Which of them `run()` takes."""


def run(work):
    """Run with asyncio's own checks on, and every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with asyncio.Runner(loop_factory=_factory()) as runner:
            value = runner.run(work)
        gc.collect()
    return value


def _factory():
    if LOOP.get() == "asyncio":
        return asyncio.SelectorEventLoop
    import uvloop

    return uvloop.new_event_loop


@coroutine
def cancelled_at(count, work):
    """Await a coroutine, and cancel it where it waits for the `count`-th time, from 0.

    Returns:
        Whether it was cancelled; False if it has ended before.
    """
    steps = work.__await__()
    try:
        future = steps.send(None)
        for _ in range(count):
            yield future
            future = steps.send(None)
        # As a task does: first what is awaited, then, by its exception, the coroutine.
        if future is not None:
            future.cancel()
        steps.throw(asyncio.CancelledError())
    except StopIteration:
        return False
    except asyncio.CancelledError:
        return True
    raise AssertionError("it waits on, though it was cancelled")
