"""Run an asyncio pool of IMAP connections from threads, so that one test serves both pools.

Nothing here judges.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from netmail.clients.async_result_iterator import AsyncResultIterator
from netmail.clients.pools.async_imap_pool import AsyncImapPool

T = TypeVar("T")


class LentClient:
    """A client of the pool's loop, with methods that block."""

    def __init__(self, client: Any, pool: "ThreadedImapPool") -> None:
        self._client, self._pool = client, pool

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def call(*args: Any, **keywords: Any) -> Any:
            return self._pool.call(_awaited(found, args, keywords)).result()

        return call


async def _awaited(method: Any, args: Any, keywords: Any) -> Any:
    found = method(*args, **keywords)
    if isinstance(found, AsyncResultIterator):
        return found
    return await found


def _raise_first(errors: list[BaseException]) -> None:
    if errors:
        raise errors[0]


class ThreadedImapPool:
    """An `AsyncImapPool` in a loop of its own, with the methods of an `ImapPool`.

    Each lease is held by a task of its own, which waits until the `with` block ends.
    """

    def __init__(self, *args: Any, **keywords: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._pool: AsyncImapPool | None = None
        try:
            self._pool = self.call(self._make(args, keywords)).result()
        finally:
            if self._pool is None:
                self._end()

    @staticmethod
    async def _make(args: Any, keywords: Any) -> AsyncImapPool:
        return AsyncImapPool(*args, **keywords)

    def call(self, coroutine: "Coroutine[Any, Any, T]") -> "Future[T]":
        """Run a coroutine in the pool's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    @property
    def pool(self) -> AsyncImapPool:
        """The pool itself."""
        assert self._pool is not None
        return self._pool

    @contextmanager
    def lease(self, *args: Any, **keywords: Any) -> Iterator[LentClient]:
        """Lend a client; an exception of the block is raised in the task's block, too."""
        lent: Future[Any] = Future()
        end = asyncio.Event()
        failure: list[BaseException] = []

        async def hold() -> None:
            try:
                async with self.pool.lease(*args, **keywords) as client:
                    lent.set_result(client)
                    await end.wait()
                    _raise_first(failure)
            except BaseException as error:
                if not lent.done():
                    lent.set_exception(error)
                raise

        held = self.call(hold())
        client = lent.result(timeout=30)
        try:
            yield LentClient(client, self)
        except BaseException as error:
            failure.append(error)
            raise
        finally:
            self._loop.call_soon_threadsafe(end.set)
            raised = held.exception(timeout=30)
            if raised is not None and raised not in failure:
                raise raised

    def close(self) -> None:
        """Close the pool, and the loop with it."""
        if not self._loop.is_closed():
            self.call(self.pool.aclose()).result(timeout=30)
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
