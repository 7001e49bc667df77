"""The connections of a pool for threads: given back, closed after some time idle.

This file must not know a protocol, nor what a connection is lent for. `async_connections` is its
counterpart for tasks, written by hand.
"""

import threading
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic
from typing import Generic, TypeVar

from netmail.clients.client import Client
from netmail.clients.pools.leases import Lease, Leases
from netmail.clients.pools.settings import CLOSING_SECONDS
from netmail.errors import NetmailError

C = TypeVar("C", bound=Client)


class Connections(Generic[C]):
    """The connections of a pool, and the thread that closes those that are idle for too long.

    Args:
        leases: Which of them are lent, and which are idle; read and changed under `changed`.

    Attributes:
        lock: Guards the pool's state.
        changed: Notified when that changes; a condition of the lock.
        is_closed: Whether the pool is closed; set by the pool.
    """

    def __init__(self, leases: Leases[C]) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.is_closed = False
        self._leases = leases
        self._reaper: threading.Thread | None = None

    def take(self, tried: Iterable[int]) -> Lease[C] | None:
        """Lend a connection to the next server; `None` if all were tried."""
        with self.changed:
            lease, closing = self._leases.take(monotonic(), tuple(tried))
        if closing is not None:
            close_all([closing])
        return lease

    def renew(self, lease: Lease[C]) -> None:
        """Give a lease a new client in place of a dead one."""
        with self.changed:
            dead = self._leases.renew(lease)
        dead.abort()

    def give_back(self, lease: Lease[C]) -> None:
        """Take back a connection that can be used again."""
        with self.changed:
            self._leases.give_back(lease, monotonic())
            if self._reaper is None and not self.is_closed:
                # A daemon: an idle connection keeps no program from ending.
                self._reaper = threading.Thread(
                    target=self._reap, name="netmail-pool-idle", daemon=True
                )
                self._reaper.start()

    def drop(self, lease: Lease[C], *, failed: bool) -> None:
        """Close a connection that is not used again; `failed` if that is its server's failure."""
        # Counted first: an interrupt while it closes must not leave it lent.
        with self.changed:
            self._leases.drop(lease, monotonic() if failed else None)
        lease.client.abort()

    def close_idle(self) -> None:
        """Close what is idle once the pool is closed, and wait for the thread that did it."""
        with self.changed:
            reaper = self._reaper
            self.changed.notify_all()
        if reaper is not None:
            reaper.join()
        close_all(self._leases.idle())

    def _reap(self) -> None:
        """Close connections that are idle for too long; end when none is idle."""
        while expired := self._wait_for_expired():
            close_all(expired)

    def _wait_for_expired(self) -> list[C]:
        with self.changed:
            while not self.is_closed and (expiry := self._leases.next_expiry) is not None:
                if expired := self._leases.expired(monotonic()):
                    return expired
                self.changed.wait(max(0.0, expiry - monotonic()))
            self._reaper = None
            return []


def close_all(clients: Iterable[Client]) -> None:
    """End connections by QUIT or LOGOUT, and close them whatever comes of it."""
    for client in clients:
        with suppress(NetmailError), client.deadline(CLOSING_SECONDS):
            client.quit()
        client.abort()
