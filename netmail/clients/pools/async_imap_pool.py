"""A pool of IMAP connections for tasks.

This file must not know IMAP: it knows tasks and one event loop. `imap_pool` is its counterpart for
threads, written by hand.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self

from netmail.clients.async_imap import AsyncImap
from netmail.clients.pools import settings
from netmail.clients.pools.async_connections import AsyncConnections, close_all
from netmail.clients.pools.delivery import is_servers_failure
from netmail.clients.pools.leases import Lease, Leases
from netmail.clients.pools.servers import PoolPolicy, PoolServers
from netmail.errors import NetmailError, StateError
from netmail.flows.imap.lending import restore
from netmail.limits import ServerLimits
from netmail.options.options import MailProtocol

if TYPE_CHECKING:
    from netmail.results.events import OnEvent


class AsyncImapPool:
    """Connections to one IMAP account, each lent to one task at a time.

        async with AsyncImapPool("imaps://user:password@host", size=5) as pool:
            async with pool.lease() as imap:
                print(await imap.search("UNSEEN", "INBOX"))

    A lease is as a new client that is logged in: no mailbox is selected, and nothing is known of
    what an earlier lease has seen. Connections are made when they are needed, and end once they
    were idle for `idle_timeout`.

    RFC 9051 section 3.
    """

    def __init__(
        self,
        servers: PoolServers = None,
        /,
        size: int = 5,
        idle_timeout: float | timedelta = 60,
        *,
        policy: PoolPolicy = "failover",
        limits: ServerLimits | None = None,
        on_event: "OnEvent | None" = None,
        **keywords: object,
    ) -> None:
        """Check the arguments; nothing is sent before the first lease.

        Args:
            servers: The options of a server as `AsyncImap` takes them, or a list of them in the
                order in which they are to be tried.
            size: How many connections there are at most, over all servers.
            idle_timeout: Seconds, or a `timedelta`, after which an idle connection is closed.
            policy: "failover" for the first server as long as it works; "round-robin" for each in
                turn. With both, a lease goes to the next server where one cannot be reached or
                refuses the login; a server that failed comes last for 30 seconds.
            limits: As for `AsyncImap`.
            on_event: As for `AsyncImap`.
            **keywords: Options by name, which hold for all servers.

        Raises:
            UsageError: If an argument is wrong.
        """
        checked, idle = settings.check_leases(
            MailProtocol.IMAP, servers, size, idle_timeout, policy, keywords
        )
        self._options = checked.options
        self._leases: Leases[AsyncImap] = Leases(
            lambda number: AsyncImap(self._options[number], limits=limits, on_event=on_event),
            checked,
            size,
            idle,
        )
        self._connections = AsyncConnections(self._leases)
        self._free = size
        self._waiting: deque[asyncio.Future[None]] = deque()  # in the order of their turns
        self._holders: list[asyncio.Task[object] | None] = []
        self._unused = asyncio.Event()  # set while nothing is lent
        self._unused.set()
        self._is_closed = False

    def lease(
        self, timeout: int | timedelta | None = None
    ) -> AbstractAsyncContextManager[AsyncImap]:
        r"""Lend a connected client for an `async with` block; it is the block's alone.

        Leases are given in the order in which they were asked for. At the end of the block the
        selected mailbox is left by UNSELECT, which deletes nothing that is flagged \Deleted. The
        connection is closed instead, and the next lease has a new one, if a call in the block has
        lost it or was broken off, if a loop over `fetch_many()` or the like is still open, and if
        the block has called `enable()`, `notify()` or `unauthenticate()`. An exception that has to
        do with none of these costs no connection. Do not use the client after the block.

        An idle connection that the server has closed is replaced before the lease; one that was
        idle for more than a quarter of `idle_timeout` is asked by NOOP first.

        Args:
            timeout: How long to wait while all connections are lent: milliseconds from 1,000, or a
                `timedelta`; `None` for the option `timeout`. To connect has its own,
                `connect_timeout`.

        Returns:
            A context manager, which raises what follows where the block begins.

        Raises:
            UsageError: If `timeout` is wrong.
            MailTimeout: If no connection is free in time.
            StateError: If the pool is closed, also while the lease waits.
            NetmailError: The error of the last server, if none could be reached.
            BusyError: At the end of the block, if another task still uses the client.

        RFC 9051 section 6.4.2.
        """
        return self._lend(settings.waiting_seconds(timeout, self._options[0]))

    async def aclose(self) -> None:
        """Refuse new leases, wait for those that are lent, and close all connections.

        Leases that wait raise `StateError`. A second call does nothing more.

        Raises:
            StateError: If the calling task has a lease itself, which would never end.
        """
        if asyncio.current_task() in self._holders:
            raise StateError("aclose() waits for all leases: call it outside of this one")
        self._is_closed = True
        while self._waiting:
            _wake(self._waiting.popleft())
        await self._unused.wait()
        await self._connections.close_idle()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    # -- one lease -------------------------------------------------------------------------------

    @asynccontextmanager
    async def _lend(self, seconds: float) -> AsyncGenerator[AsyncImap, None]:
        await self._wait_for_turn(seconds)
        holder = asyncio.current_task()
        self._holders.append(holder)
        self._unused.clear()
        try:
            lease = await self._connected()
            try:
                yield lease.client
            finally:
                await self._take_back(lease)
        finally:
            self._holders.remove(holder)
            self._pass_turn()
            if not self._holders:
                self._unused.set()

    async def _wait_for_turn(self, seconds: float) -> None:
        if not self._is_closed and self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        if not self._is_closed:
            self._waiting.append(turn)
            await self._wait_for(turn, seconds)
        if self._is_closed:
            raise StateError("the pool is closed; make another one")

    async def _wait_for(self, turn: "asyncio.Future[None]", seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif not turn.cancelled():  # the turn came at the same time
                self._pass_turn()
            if isinstance(error, TimeoutError):
                raise settings.waited(seconds) from None
            raise

    def _pass_turn(self) -> None:
        """Let the next one have the turn that has ended."""
        self._free += 1
        while self._free and self._waiting:
            if _wake(self._waiting.popleft()):
                self._free -= 1

    async def _connected(self) -> Lease[AsyncImap]:
        """Take a connection to the first server that can be reached."""
        tried: set[int] = set()
        failure: BaseException = StateError("the pool has no server")
        while True:
            lease, closing = self._leases.take(monotonic(), tried)
            if lease is None:
                raise failure
            try:
                if closing is not None:
                    await close_all([closing])
                await self._make_ready(lease)
            except BaseException as error:
                failed = is_servers_failure(error)
                await self._connections.drop(lease, failed=failed)
                if not failed:
                    raise
                failure = error
                tried.add(lease.server)
            else:
                return lease

    async def _make_ready(self, lease: Lease[AsyncImap]) -> None:
        if lease.idle_since is not None and not await _is_alive(lease):
            await self._leases.renew(lease).abort()
        if lease.idle_since is None:
            await lease.client.connect()

    async def _take_back(self, lease: Lease[AsyncImap]) -> None:
        reusable = False
        try:
            reusable = await _is_restored(lease.client)
        finally:
            if reusable:
                self._connections.give_back(lease)
            else:
                await self._connections.drop(lease, failed=False)


async def _is_alive(lease: Lease[AsyncImap]) -> bool:
    client, session = lease.client, lease.client._session  # noqa: SLF001 -- of this layer
    if not client.is_connected:
        return False
    try:
        with client.deadline(settings.CLOSING_SECONDS):
            # The shorter check costs no round trip: it takes in what has arrived, BYE or the end.
            await client._run(session.noop() if lease.needs_check else session.settle())  # noqa: SLF001
    except NetmailError:
        return False
    return True


async def _is_restored(client: AsyncImap) -> bool:
    if not client.is_connected or client._connection.streaming is not None:  # noqa: SLF001
        return False
    try:
        with client.deadline(settings.CLOSING_SECONDS):
            return await client._run(restore(client._session))  # noqa: SLF001 -- of this layer
    except NetmailError:
        return False


def _wake(turn: "asyncio.Future[None]") -> bool:
    """Give a turn to the task that waits for it; return whether it still does."""
    if turn.done():
        return False
    turn.set_result(None)
    return True
