"""The connections of a pool: which are lent, which are idle, and which one comes next.

This file must not know how to wait, nor what a client does: it is a table that its owner reads and
changes under its own lock, or within one event loop.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from netmail.clients.pools.servers import Servers

C = TypeVar("C")

UNCHECKED: Final = 0.25
"""The share of `idle_timeout` after which an idle connection is checked by NOOP before its use. A
firewall that forgets a connection does not close it, and forgets none so soon."""


@dataclass(slots=True, eq=False)
class Lease(Generic[C]):
    """A client that is lent to one user of the pool.

    Attributes:
        client: The client.
        server: The number of its server.
        idle_since: When it was last given back; `None` for a new one.
        needs_check: Whether it was idle for so long that it may be dead.
    """

    client: C
    server: int
    idle_since: float | None = None
    needs_check: bool = False


class Leases(Generic[C]):
    """The clients of a pool, lent and idle.

    Args:
        make: Makes a client of a server, by the server's number; it connects at its first call.
        servers: The servers.
        size: How many clients there are at most.
        idle_timeout: Seconds after which an idle client is closed.
    """

    def __init__(
        self, make: Callable[[int], C], servers: Servers, size: int, idle_timeout: float
    ) -> None:
        self._make = make
        self._servers = servers
        self._size = size
        self._idle_timeout = idle_timeout
        self._idle: list[Lease[C]] = []  # the one that was used last at the end
        self._lent = 0

    def take(self, now: float, tried: Collection[int] = ()) -> tuple[Lease[C] | None, C | None]:
        """Lend a client of the server that comes first.

        Args:
            now: The time, in seconds.
            tried: The servers that are out of the question.

        Returns:
            The lease, `None` if all clients are lent or all servers tried; and a client to close,
            which makes room for it.
        """
        order = self._servers.order(now, tried)
        if not order or self._lent >= self._size:
            return None, None
        server, closing = order[0], None
        # The one that was used last: few connections stay busy, and the others may end.
        for lease in reversed(self._idle):
            if lease.server == server:
                self._idle.remove(lease)
                idle = now - (lease.idle_since or now)
                lease.needs_check = idle >= self._idle_timeout * UNCHECKED
                self._lent += 1
                return lease, None
        if self._lent + len(self._idle) >= self._size:
            closing = self._idle.pop(0).client
        self._lent += 1
        return Lease(self._make(server), server), closing

    def renew(self, lease: Lease[C]) -> C:
        """Give a lease a new client of the same server; return the old one."""
        old, lease.client = lease.client, self._make(lease.server)
        lease.idle_since, lease.needs_check = None, False
        return old

    def give_back(self, lease: Lease[C], now: float) -> None:
        """Take back a client that can be used again."""
        self._lent -= 1
        self._servers.note_worked(lease.server)
        lease.idle_since, lease.needs_check = now, False
        self._idle.append(lease)

    def drop(self, lease: Lease[C], failed: float | None = None) -> None:
        """Take back a client that is not used again.

        Args:
            lease: The lease.
            failed: When its server failed; `None` if the reason is another.
        """
        self._lent -= 1
        if failed is not None:
            self._servers.note_failed(lease.server, failed)

    @property
    def next_expiry(self) -> float | None:
        """When the next idle client is to be closed; `None` if there is none."""
        times = [lease.idle_since or 0.0 for lease in self._idle]
        return min(times) + self._idle_timeout if times else None

    def expired(self, now: float) -> list[C]:
        """Remove the clients that were idle for too long, and return them to be closed."""
        return self._remove(
            [each for each in self._idle if now - (each.idle_since or 0.0) >= self._idle_timeout]
        )

    def idle(self) -> list[C]:
        """Remove all idle clients, and return them to be closed."""
        return self._remove(list(self._idle))

    def _remove(self, leases: list[Lease[C]]) -> list[C]:
        self._idle = [each for each in self._idle if each not in leases]
        return [each.client for each in leases]
