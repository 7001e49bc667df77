"""The connections of a pool for tasks: given back, closed after some time idle.

This file must not know a protocol, nor what a connection is lent for. `connections` is its
counterpart for threads, written by hand.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from time import monotonic
from typing import Generic, TypeVar

from netmail.clients.async_client import AsyncClient
from netmail.clients.pools.leases import Lease, Leases
from netmail.clients.pools.settings import CLOSING_SECONDS
from netmail.errors import NetmailError

C = TypeVar("C", bound=AsyncClient)


class AsyncConnections(Generic[C]):
    """The connections of a pool, and the task that closes those that are idle for too long.

    Args:
        leases: Which of them are lent, and which are idle.
    """

    def __init__(self, leases: Leases[C]) -> None:
        self.leases = leases
        self._reaper: asyncio.Task[None] | None = None

    def give_back(self, lease: Lease[C]) -> None:
        """Take back a connection that can be used again."""
        self.leases.give_back(lease, monotonic())
        if self._reaper is None or self._reaper.done():
            self._reaper = asyncio.get_running_loop().create_task(self._reap())

    async def drop(self, lease: Lease[C], *, failed: bool) -> None:
        """Close a connection that is not used again; `failed` if that is its server's failure."""
        # Counted first: a cancellation while it closes must not leave it lent.
        self.leases.drop(lease, monotonic() if failed else None)
        await lease.client.abort()

    async def close_idle(self) -> None:
        """Close what is idle once the pool is closed, and wait for the task that did it."""
        if self._reaper is not None:
            self._reaper.cancel()
            await asyncio.wait([self._reaper])
        await close_all(self.leases.idle())

    async def _reap(self) -> None:
        """Close connections that are idle for too long; end when none is idle."""
        while (expiry := self.leases.next_expiry) is not None:
            await asyncio.sleep(max(0.0, expiry - monotonic()))
            await close_all(self.leases.expired(monotonic()))


async def close_all(clients: Collection[AsyncClient]) -> None:
    """End connections by QUIT or LOGOUT, and close them whatever comes of it."""
    try:
        for client in clients:
            with suppress(NetmailError), client.deadline(CLOSING_SECONDS):
                await client.quit()
    finally:  # where the task is cancelled, the others are closed without QUIT or LOGOUT
        for client in clients:
            await client.abort()
