"""A pool of SMTP connections for threads.

This file must not know SMTP: it knows threads, locks and futures. `async_transport_pool` is its
counterpart for tasks, written by hand.
"""

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import timedelta
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from netmail.clients.pools import settings
from netmail.clients.pools.connections import Connections
from netmail.clients.pools.delivery import (
    Delivery,
    deliveries,
    fail,
    is_servers_failure,
    settle,
)
from netmail.clients.pools.jobs import Job, Jobs
from netmail.clients.pools.leases import Lease, Leases
from netmail.clients.pools.servers import PoolPolicy, PoolServers
from netmail.clients.transport import Transport
from netmail.delivery_options import DeliveryOptions
from netmail.errors import NetmailError, StateError
from netmail.flows.smtp.queue import mail_object
from netmail.limits import ServerLimits
from netmail.options.retry import RetryPolicy
from netmail.results.smtp import MessageResult

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable
    from netmail.results.events import OnEvent

DRAW: Final = 16
"""Messages that one thread sends in one call, so that they share round trips; few, so that all
threads have some, and results come soon."""


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
        queue_size: int | None = 1000,
        retry: RetryPolicy | None = None,
        retry_uncertain: bool = False,
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
            queue_size: How many messages may wait, for a connection or for another attempt;
                `submit()` waits for room. `None` for no limit.
            retry: How often, and after how long, to try again for those recipients that were
                temporarily refused, or that no server could be reached for; `None` for not at all.
                A message that waits for that occupies no connection.
            retry_uncertain: Whether to send a message again whose final reply was lost, which may
                deliver it twice; only with `retry`.
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
        leases: Leases[Transport] = Leases(
            lambda number: Transport(options[number], limits=limits, on_event=on_event),
            checked.servers,
            size,
            checked.idle_timeout,
        )
        self._breaking: set[int] = set()  # the servers that break at pipelined commands
        self._binary = any(each.binarymime for each in options)
        self._connections = Connections(leases)
        self._changed = self._connections.changed
        self._room = threading.Condition(self._connections.lock)
        self._delivery = deliveries(retry, uncertain=retry_uncertain)
        self._jobs = Jobs(settings.check_queue_size(queue_size))
        self._gives_up = False
        self._workers: set[threading.Thread] = set()

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

        While `queue_size` messages wait, it waits for room; not in a callback of a future, which
        the pool's own threads call.

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
            StateError: If the pool is closed, also while it waits for room.

        RFC 5321 section 3.3.
        """
        future: Future[MessageResult] = Future()
        try:
            mail = mail_object(
                message,
                sender,
                recipients,
                allow_long_lines=allow_long_lines,
                options=options,
                binary=self._binary,
            )
        except NetmailError as error:
            future.set_exception(error)
            return future
        with self._changed:
            self._wait_for_room()
            self._jobs.add(Job(self._delivery(mail), future))
            if self._jobs.has_later:
                self._changed.notify_all()  # to the threads that wait for the time of another
            if len(self._workers) < self._size:
                # No daemon: the interpreter waits for the messages at its end.
                worker = threading.Thread(target=self._work, name="netmail-pool")
                self._workers.add(worker)
                worker.start()
        return future

    def send(
        self,
        message: "Sendable",
        sender: str | None = None,
        recipients: Iterable[str] | str | None = None,
        *,
        allow_long_lines: bool = False,
        options: DeliveryOptions | None = None,
    ) -> MessageResult:
        """Send one message and wait for its result.

        Args:
            message: As for `submit()`.
            sender: As for `submit()`.
            recipients: As for `submit()`.
            allow_long_lines: As for `submit()`.
            options: As for `submit()`.

        Raises:
            NetmailError: As `submit()`, and what the future's `result()` raises.

        RFC 5321 section 3.3.
        """
        return self.submit(
            message, sender, recipients, allow_long_lines=allow_long_lines, options=options
        ).result()

    def close(self, *, cancel: bool = False) -> None:
        """Wait for the messages, and close the connections; a second call does nothing.

        Messages that wait for another attempt are waited for too. A `submit()` that waits for room
        raises `StateError`.

        Args:
            cancel: Whether to cancel the messages that no thread has begun with, and to try no
                other again: the last refusal is its result. Those in flight are waited for in any
                case.

        Raises:
            StateError: If it is called by one of the pool's own threads, such as from a callback
                of a future.
        """
        with self._changed:
            if threading.current_thread() in self._workers:
                raise StateError("close() waits for the pool's threads: call it from another one")
            self._connections.is_closed = True
            self._gives_up = self._gives_up or cancel
            given_up = self._jobs.give_up() if cancel else []
            self._changed.notify_all()
            self._room.notify_all()
            workers = list(self._workers)
        for job in given_up:
            job.finish()
        for worker in workers:
            worker.join()
        self._connections.close_idle()

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

    def _wait_for_room(self) -> None:
        """Wait until another message may be submitted, with the lock held."""
        # A thread of the pool would wait for itself.
        may_wait = threading.current_thread() not in self._workers
        while may_wait and self._jobs.is_full and not self._connections.is_closed:
            self._room.wait()
        if self._connections.is_closed:
            raise StateError("the pool is closed; make another one")

    def _draw(self) -> list[Job]:
        """Take the next messages when their time has come; none ends the thread."""
        with self._changed:
            while (seconds := self._jobs.wait(monotonic())) is not None:
                if (seconds := seconds or self._rate.wait(monotonic())) > 0:
                    self._changed.wait(seconds)
                    continue
                drawn = self._jobs.draw(self._size, 1 if self._rate.is_limited else DRAW)
                if self._jobs.is_low:
                    self._room.notify_all()
                if drawn:
                    self._rate.take(monotonic())
                    return drawn
            # Cancelled messages have left room too.
            self._room.notify_all()
            self._workers.discard(threading.current_thread())
            return []

    def _deliver(self, jobs: list[Job]) -> None:
        """Send messages over one connection, and what is left of them over others."""
        left = [job.delivery for job in jobs]
        tried: set[int] = set()
        try:
            while left and (lease := self._lease(tried)) is not None:
                left = self._send(lease, left, tried)
        except BaseException as error:  # noqa: BLE001 -- a callback's; the futures have it
            fail(left, error)
        for job in jobs:
            if not self._holds(job):
                job.finish()

    def _holds(self, job: Job) -> bool:
        """Keep what is left of a message for another attempt; return whether there is one."""
        seconds = job.delivery.pause()
        with self._changed:
            if seconds is None or self._gives_up:
                return False
            self._jobs.delay(job, monotonic() + seconds)
            self._changed.notify_all()
            return True

    def _send(
        self, lease: Lease[Transport], left: list[Delivery], tried: set[int]
    ) -> list[Delivery]:
        """Send messages over one connection; return those that another server may take."""
        client, session = lease.client, lease.client._session  # noqa: SLF001 -- of this layer
        # What one connection has learned of a server, the others need not learn again.
        session.breaks_pipelining |= lease.server in self._breaking
        try:
            for delivery in left:
                client._connection.exclusively(session.queue.append, delivery.attempt())  # noqa: SLF001
            report = client.send()
        except BaseException as error:
            failed = is_servers_failure(error)
            self._connections.drop(lease, failed=failed)
            if not failed:
                raise
            fail(left, error)
            tried.add(lease.server)
            return left
        if session.breaks_pipelining:
            self._breaking.add(lease.server)
        left = settle(left, report)
        if report.error is None:
            client.clear()  # what was refused for now is in the results
            self._connections.give_back(lease)
        else:
            self._connections.drop(lease, failed=True)
            tried.add(lease.server)
        return left

    # -- the connections -------------------------------------------------------------------------

    def _lease(self, tried: set[int]) -> Lease[Transport] | None:
        """Take a connection to the next server; `None` if all were tried."""
        lease = self._connections.take(tried)
        if lease is not None and lease.needs_check and not _is_alive(lease.client):
            self._connections.renew(lease)
        return lease


def _is_alive(client: Transport) -> bool:
    try:
        with client.deadline(settings.CLOSING_SECONDS):
            client.noop()
    except NetmailError:
        return False
    return True
