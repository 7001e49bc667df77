"""A pool of IMAP connections for threads.

This file must not know IMAP: it knows threads and locks. `async_imap_pool` is its counterpart for
tasks, written by hand.
"""

import threading
from collections import deque
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from netmail.clients.imap import Imap
from netmail.clients.pools import settings
from netmail.clients.pools.connections import Connections
from netmail.clients.pools.delivery import is_servers_failure
from netmail.clients.pools.leases import Lease, Leases
from netmail.clients.pools.servers import PoolPolicy, PoolServers
from netmail.errors import NetmailError, StateError
from netmail.flows.imap.lending import restore
from netmail.limits import ServerLimits
from netmail.options.options import MailProtocol

if TYPE_CHECKING:
    from netmail.results.events import OnEvent


class ImapPool:
    """Connections to one IMAP account, each lent to one thread at a time.

        with ImapPool("imaps://user:password@host", size=5) as pool:
            with pool.lease() as imap:
                print(imap.search("UNSEEN", "INBOX"))

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
            servers: The options of a server as `Imap` takes them, or a list of them in the order in
                which they are to be tried.
            size: How many connections there are at most, over all servers.
            idle_timeout: Seconds, or a `timedelta`, after which an idle connection is closed.
            policy: "failover" for the first server as long as it works; "round-robin" for each in
                turn. With both, a lease goes to the next server where one cannot be reached or
                refuses the login; a server that failed comes last for 30 seconds.
            limits: As for `Imap`.
            on_event: As for `Imap`; called in the threads that have the leases, and in the pool's.
            **keywords: Options by name, which hold for all servers.

        Raises:
            UsageError: If an argument is wrong.
        """
        checked, idle = settings.check_leases(
            MailProtocol.IMAP, servers, size, idle_timeout, policy, keywords
        )
        self._options = checked.options
        leases: Leases[Imap] = Leases(
            lambda number: Imap(self._options[number], limits=limits, on_event=on_event),
            checked,
            size,
            idle,
        )
        self._connections = Connections(leases)
        self._changed = self._connections.changed
        self._free = size
        self._waiting: deque[object] = deque()  # in the order in which their turns come
        self._holders: list[threading.Thread] = []

    def lease(self, timeout: int | timedelta | None = None) -> AbstractContextManager[Imap]:
        r"""Lend a connected client for a `with` block; it is the block's alone.

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
            BusyError: At the end of the block, if another thread still uses the client.

        RFC 9051 section 6.4.2.
        """
        return self._lend(settings.waiting_seconds(timeout, self._options[0]))

    def close(self) -> None:
        """Refuse new leases, wait for those that are lent, and close all connections.

        Leases that wait raise `StateError`. A second call does nothing more.

        Raises:
            StateError: If the calling thread has a lease itself, which would never end.
        """
        with self._changed:
            if threading.current_thread() in self._holders:
                raise StateError("close() waits for all leases: call it outside of this one")
            self._connections.is_closed = True
            self._changed.notify_all()
            while self._holders:
                self._changed.wait()
        self._connections.close_idle()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- one lease -------------------------------------------------------------------------------

    @contextmanager
    def _lend(self, seconds: float) -> Generator[Imap, None, None]:
        self._wait_for_turn(seconds)
        holder = threading.current_thread()
        try:
            lease = self._connected()
            try:
                yield lease.client
            finally:
                self._take_back(lease)
        finally:
            with self._changed:
                self._free += 1
                self._holders.remove(holder)
                self._changed.notify_all()

    def _wait_for_turn(self, seconds: float) -> None:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                came = self._changed.wait_for(lambda: self._is_turn(ticket), seconds)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()  # the next one is the first now
            if self._connections.is_closed:
                raise StateError("the pool is closed; make another one")
            if not came:
                raise settings.waited(seconds)
            self._free -= 1
            self._holders.append(threading.current_thread())

    def _is_turn(self, ticket: object) -> bool:
        return self._connections.is_closed or (self._free > 0 and self._waiting[0] is ticket)

    def _connected(self) -> Lease[Imap]:
        """Take a connection to the first server that can be reached."""
        tried: set[int] = set()
        failure: BaseException = StateError("the pool has no server")
        while True:
            lease = self._connections.take(tried)
            if lease is None:
                raise failure
            try:
                self._make_ready(lease)
            except BaseException as error:
                failed = is_servers_failure(error)
                self._connections.drop(lease, failed=failed)
                if not failed:
                    raise
                failure = error
                tried.add(lease.server)
            else:
                return lease

    def _make_ready(self, lease: Lease[Imap]) -> None:
        if lease.idle_since is not None and not _is_alive(lease):
            self._connections.renew(lease)
        if lease.idle_since is None:
            lease.client.connect()

    def _take_back(self, lease: Lease[Imap]) -> None:
        reusable = False
        try:
            reusable = _is_restored(lease.client)
        finally:
            if reusable:
                self._connections.give_back(lease)
            else:
                self._connections.drop(lease, failed=False)


def _is_alive(lease: Lease[Imap]) -> bool:
    client, session = lease.client, lease.client._session  # noqa: SLF001 -- of this layer
    if not client.is_connected:
        return False
    try:
        with client.deadline(settings.CLOSING_SECONDS):
            # The shorter check costs no round trip: it takes in what has arrived, BYE or the end.
            client._run(session.noop() if lease.needs_check else session.settle())  # noqa: SLF001
    except NetmailError:
        return False
    return True


def _is_restored(client: Imap) -> bool:
    if not client.is_connected or client._connection.streaming is not None:  # noqa: SLF001
        return False
    try:
        with client.deadline(settings.CLOSING_SECONDS):
            return client._run(restore(client._session))  # noqa: SLF001 -- of this layer
    except NetmailError:
        return False
