"""Run an asyncio client as if it were blocking, so that one test serves both twins.

This file knows no protocol: a coroutine method becomes a method, everything else stays.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator

from netmail.clients.async_result_iterator import AsyncResultIterator
from netmail.clients.pipelining.async_pipeline import AsyncPipeline


class Blocking:
    """An asyncio client with blocking methods."""

    def __init__(self, client, loop):
        self.client = client
        self.loop = loop

    def __getattr__(self, name):
        found = getattr(self.client, name)
        if inspect.iscoroutinefunction(found):
            return lambda *a, **k: self._own(self.loop.run_until_complete(found(*a, **k)))
        if inspect.ismethod(found):
            return lambda *a, **k: self._own(found(*a, **k))
        return found

    def _own(self, value):
        if isinstance(value, AsyncResultIterator):
            return BlockingIterator(value, self.loop)
        if isinstance(value, AsyncPipeline):
            return Blocking(value, self.loop)
        return self if value is self.client else value

    def __enter__(self):
        self.loop.run_until_complete(self.client.__aenter__())
        return self

    def __exit__(self, *error):
        return self.loop.run_until_complete(self.client.__aexit__(*error))


class BlockingIterator:
    """An asyncio iterator as a blocking one."""

    def __init__(self, values, loop):
        self.values = values
        self.loop = loop

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.loop.run_until_complete(anext(self.values))
        except StopAsyncIteration:
            raise StopIteration from None

    def __getattr__(self, name):
        return getattr(self.values, name)

    def close(self):
        self.loop.run_until_complete(self.values.aclose())

    def __enter__(self):
        self.loop.run_until_complete(self.values.__aenter__())
        return self

    def __exit__(self, *error):
        return self.loop.run_until_complete(self.values.__aexit__(*error))


def maker(kind: str, blocking: type, asynchronous: type) -> Iterator[Callable[..., object]]:
    """Yield what makes clients of a kind, "blocking" or "asyncio", with the same methods."""
    if kind == "blocking":
        yield blocking
        return
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        yield lambda *a, **k: Blocking(asynchronous(*a, **k), loop)
