"""Run an asyncio pool from threads, so that one test serves both pools; and messages for them.

Nothing here judges.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self, TypeVar

from netmail.clients.pools.async_transport_pool import AsyncTransportPool
from netmail.envelope import Envelope
from servers.limited import LimitedServer, Limits

T = TypeVar("T")

ANN = "ann@example.test"


def envelope(number: int = 0, *recipients: str) -> Envelope:
    """A message with a number."""
    content = b"Subject: %d\r\n\r\nhello\r\n" % number
    return Envelope(ANN, recipients or (f"r{number}@example.test",), content)


def sent_to(server: Any) -> list[str]:
    """The recipients of all messages that a server accepted."""
    return sorted(name for each in server.sent for name in each.recipients)


def results(futures: "list[Future[Any]]") -> list[Any]:
    """Wait for results, no longer than any test may take."""
    return [future.result(timeout=30) for future in futures]


def descriptors_open() -> int:
    """How many descriptors the process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def closed_port() -> str:
    """The URL of a server that is down."""
    with LimitedServer(Limits()) as gone:
        port = gone.port
    gone.server_close()
    return f"smtp://127.0.0.1:{port}"


async def _result(task: "asyncio.Task[T]") -> T:
    return await task


class ThreadedPool:
    """An `AsyncTransportPool` in a loop of its own, with the methods of a `TransportPool`."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._pool: AsyncTransportPool | None = None
        try:
            self._pool = self._call(self._make(args, keywords)).result()
        finally:
            if self._pool is None:
                self._end()

    @staticmethod
    async def _make(args: Any, keywords: Any) -> AsyncTransportPool:
        return AsyncTransportPool(*args, **keywords)

    def _call(self, coroutine: "Coroutine[Any, Any, T]") -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    @property
    def pool(self) -> AsyncTransportPool:
        """The pool itself."""
        assert self._pool is not None
        return self._pool

    def submit(self, *args: Any, **keywords: Any) -> "Future[Any]":
        """Send a message; the future is that of its `send()`."""
        return self._call(self.pool.send(*args, **keywords))

    def submitted(self, message: Any) -> "Future[Any]":
        """Have a task made for a message, and wait as long as that waits; its future."""
        return self._call(_result(self._call(self.pool.submit(message)).result()))

    def send(self, message: Any) -> Any:
        """Send a message and wait."""
        return self.submit(message).result()

    def close(self, *, cancel: bool = False) -> None:
        """Close the pool, and the loop with it."""
        if not self._loop.is_closed():
            self._call(self.pool.aclose(cancel=cancel)).result()
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        self.close(cancel=kind is not None)
