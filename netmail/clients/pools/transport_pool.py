"""A pool of SMTP connections for threads.

This file must not know SMTP: it knows threads, locks and futures. `async_transport_pool` is its
counterpart for tasks, written by hand.
"""

import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from netmail.clients.pools import settings
from netmail.clients.pools.delivery import Delivery, fail, is_servers_failure, settle
from netmail.clients.pools.leases import Lease, Leases
from netmail.clients.pools.servers import PoolPolicy, PoolServers
from netmail.clients.transport import Transport
from netmail.delivery_options import DeliveryOptions
from netmail.errors import NetmailError, StateError
from netmail.flows.smtp.queue import mail_object
from netmail.limits import ServerLimits
from netmail.results.smtp import MessageResult

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable
    from netmail.results.events import OnEvent

DRAW: Final = 16
"""Messages that one thread sends in one call, so that they share round trips; few, so that all
threads have some, and results come soon."""
CLOSING_SECONDS: Final = 5.0
"""Seconds for the check of an idle connection, and for its QUIT, which decides nothing."""


class _Job(NamedTuple):
    delivery: Delivery
    future: Future[MessageResult]


class TransportPool:
    """Connections to one SMTP server or several, and messages that are sent over any of them.

    Threads of the pool's own send the messages; any number of threads may submit them. A thread
    lives while messages wait, a connection until it was idle for `idle_timeout`.

        with TransportPool("smtp://localhost", size=5) as pool:
            futures = [pool.submit(message) for message in messages]

    RFC 5321.
    """

    def __init__(
        self,
        servers: PoolServers = None,
        /,
        size: int = 5,
        max_messages: int | None = 100,
        rate: float | None = None,
        idle_timeout: float | timedelta = 60,
        *,
        policy: PoolPolicy = "failover",
        limits: ServerLimits | None = None,
        on_event: "OnEvent | None" = None,
        **keywords: object,
    ) -> None:
        """Check the arguments; nothing is sent before the first message.

        Args:
            servers: The options of a server as `Transport` takes them, or a list of them in the
                order in which they are to be tried.
            size: How many connections there are at most, over all servers.
            max_messages: How many messages one connection carries; `None` for no limit but the
                server's.
            rate: How many messages a second the pool sends at most, evenly spaced; `None` for no
                limit.
            idle_timeout: Seconds, or a `timedelta`, after which an idle connection is closed.
            policy: "failover" for the first server as long as it works; "round-robin" for each in
                turn. With both, a message that one server does not take because it cannot be
                reached goes to the next one; a server that failed comes last for 30 seconds.
            limits: As for `Transport`.
            on_event: As for `Transport`; called in the pool's threads.
            **keywords: Options by name, which hold for all servers.

        Raises:
            UsageError: If an argument is wrong.
        """
        checked = settings.check(servers, size, max_messages, rate, idle_timeout, policy, keywords)
        options = checked.servers.options
        self._size = size
        self._rate = checked.rate
        self._leases: Leases[Transport] = Leases(
            lambda number: Transport(options[number], limits=limits, on_event=on_event),
            checked.servers,
            size,
            checked.idle_timeout,
        )
        self._changed = threading.Condition()
        self._waiting: deque[_Job] = deque()
        self._workers: set[threading.Thread] = set()
        self._reaper: threading.Thread | None = None
        self._closed = False

    def submit(
        self,
        message: "Sendable",
        sender: str | None = None,
        recipients: Iterable[str] | str | None = None,
        *,
        allow_long_lines: bool = False,
        options: DeliveryOptions | None = None,
    ) -> Future[MessageResult]:
        """Hand a message over to be sent; later changes to it have no effect.

        Args:
            message: As for `Transport.add_message()`, as the other arguments.
            sender: The bare address to send from, instead of the message's.
            recipients: The bare addresses to send to, instead of the message's.
            allow_long_lines: Whether lines of more than 998 octets are allowed.
            options: What is asked of the servers that deliver it.

        Returns:
            The result, in the future. Its `result()` raises `MessageError` or `UsageError` if the
            message cannot be sent as it is, and the error of the last server if none could be
            reached. A refusal is no exception, but in the `MessageResult`. A message that waits
            can be cancelled.

        Raises:
            StateError: If the pool is closed.

        RFC 5321 section 3.3.
        """
        future: Future[MessageResult] = Future()
        try:
            mail = mail_object(
                message, sender, recipients, allow_long_lines=allow_long_lines, options=options
            )
        except NetmailError as error:
            future.set_exception(error)
            return future
        with self._changed:
            if self._closed:
                raise StateError("the pool is closed; make another one")
            self._waiting.append(_Job(Delivery(mail), future))
            if len(self._workers) < self._size:
                # No daemon: the interpreter waits for the messages at its end.
                worker = threading.Thread(target=self._work, name="netmail-pool")
                self._workers.add(worker)
                worker.start()
        return future

    def send(self, message: "Sendable") -> MessageResult:
        """Send one message and wait for its result.

        Args:
            message: As for `submit()`.

        Raises:
            NetmailError: As `submit()`, and what the future's `result()` raises.

        RFC 5321 section 3.3.
        """
        return self.submit(message).result()

    def close(self, *, cancel: bool = False) -> None:
        """Wait for the messages, and close the connections; a second call does nothing.

        Args:
            cancel: Whether to cancel the messages that no thread has begun with. Those in flight
                are waited for in any case.

        Raises:
            StateError: If it is called by one of the pool's own threads, such as from a callback
                of a future.
        """
        with self._changed:
            if threading.current_thread() in self._workers:
                raise StateError("close() waits for the pool's threads: call it from another one")
            self._closed = True
            if cancel:
                for job in self._waiting:
                    job.future.cancel()
            self._changed.notify_all()
            threads = [*self._workers, *([self._reaper] if self._reaper else [])]
        for thread in threads:
            thread.join()
        _close_all(self._leases.idle())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(cancel=kind is not None)

    # -- the threads that send -------------------------------------------------------------------

    def _work(self) -> None:
        while jobs := self._draw():
            self._deliver(jobs)

    def _draw(self) -> list[_Job]:
        """Take the next messages when their time has come; none ends the thread."""
        with self._changed:
            while self._waiting:
                if self._waiting[0].future.cancelled():
                    self._waiting.popleft()
                elif (seconds := self._rate.wait(monotonic())) > 0:
                    self._changed.wait(seconds)
                elif drawn := self._take_jobs():
                    return drawn
            self._workers.discard(threading.current_thread())
            return []

    def _take_jobs(self) -> list[_Job]:
        share = 1 if self._rate.is_limited else min(DRAW, -(-len(self._waiting) // self._size))
        jobs = [self._waiting.popleft() for _ in range(share)]
        running = [job for job in jobs if job.future.set_running_or_notify_cancel()]
        if running:
            self._rate.take(monotonic())
        return running

    def _deliver(self, jobs: list[_Job]) -> None:
        """Send messages over one connection, and what is left of them over others."""
        left = [job.delivery for job in jobs]
        tried: set[int] = set()
        try:
            while left and (lease := self._lease(tried)) is not None:
                left = self._send(lease, left, tried)
        except BaseException as error:  # noqa: BLE001 -- a callback's; the futures have it
            fail(left, error)
        for job in jobs:
            try:
                job.future.set_result(job.delivery.outcome())
            except BaseException as error:  # noqa: BLE001 -- the future's
                job.future.set_exception(error)

    def _send(
        self, lease: Lease[Transport], left: list[Delivery], tried: set[int]
    ) -> list[Delivery]:
        """Send messages over one connection; return those that another server may take."""
        client, session = lease.client, lease.client._session  # noqa: SLF001 -- of this layer
        try:
            for delivery in left:
                client._connection.exclusively(session.queue.append, delivery.attempt())  # noqa: SLF001
            report = client.send()
        except BaseException as error:
            failed = is_servers_failure(error)
            self._drop(lease, failed=failed)
            if not failed:
                raise
            fail(left, error)
            tried.add(lease.server)
            return left
        left = settle(left, report)
        if report.error is None:
            client.clear()  # what was refused for now is in the results
            self._give_back(lease)
        else:
            self._drop(lease, failed=True)
            tried.add(lease.server)
        return left

    # -- the connections -------------------------------------------------------------------------

    def _lease(self, tried: set[int]) -> Lease[Transport] | None:
        """Take a connection to the next server; `None` if all were tried."""
        with self._changed:
            lease, closing = self._leases.take(monotonic(), tried)
        if closing is not None:
            _close_all([closing])
        if lease is not None and lease.needs_check and not _is_alive(lease.client):
            with self._changed:
                dead = self._leases.renew(lease)
            dead.abort()
        return lease

    def _give_back(self, lease: Lease[Transport]) -> None:
        with self._changed:
            self._leases.give_back(lease, monotonic())
            if self._reaper is None and not self._closed:
                # A daemon: an idle connection keeps no program from ending.
                self._reaper = threading.Thread(
                    target=self._reap, name="netmail-pool-idle", daemon=True
                )
                self._reaper.start()

    def _drop(self, lease: Lease[Transport], *, failed: bool) -> None:
        lease.client.abort()
        with self._changed:
            self._leases.drop(lease, monotonic() if failed else None)

    def _reap(self) -> None:
        """Close connections that are idle for too long; end when none is idle."""
        while expired := self._wait_for_expired():
            _close_all(expired)

    def _wait_for_expired(self) -> list[Transport]:
        with self._changed:
            while not self._closed and (expiry := self._leases.next_expiry) is not None:
                if expired := self._leases.expired(monotonic()):
                    return expired
                self._changed.wait(max(0.0, expiry - monotonic()))
            self._reaper = None
            return []


def _is_alive(client: Transport) -> bool:
    try:
        with client.deadline(CLOSING_SECONDS):
            client.noop()
    except NetmailError:
        return False
    return True


def _close_all(clients: list[Transport]) -> None:
    for client in clients:
        with suppress(NetmailError), client.deadline(CLOSING_SECONDS):
            client.quit()
        client.abort()
