"""A pool of SMTP connections for tasks.

This file must not know SMTP: it knows tasks and one event loop. `transport_pool` is its counterpart
for threads, written by hand.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from netmail.clients.async_transport import AsyncTransport
from netmail.clients.pools import settings
from netmail.clients.pools.async_connections import AsyncConnections, close_all
from netmail.clients.pools.delivery import (
    Delivery,
    deliveries,
    fail,
    is_servers_failure,
    settle,
)
from netmail.clients.pools.leases import Lease, Leases
from netmail.clients.pools.servers import PoolPolicy, PoolServers
from netmail.delivery_options import DeliveryOptions
from netmail.errors import NetmailError, StateError
from netmail.flows.smtp.queue import MailObject, mail_object
from netmail.limits import ServerLimits
from netmail.options.retry import RetryPolicy
from netmail.results.smtp import MessageResult

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable
    from netmail.results.events import OnEvent


class AsyncTransportPool:
    """Connections to one SMTP server or several, and messages that are sent over any of them.

    Any number of tasks of one event loop may send at once. A connection lives until it was idle
    for `idle_timeout`.

        async with AsyncTransportPool("smtp://localhost", size=5) as pool:
            results = await asyncio.gather(*(pool.send(message) for message in messages))

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
            servers: The options of a server as `AsyncTransport` takes them, or a list of them in
                the order in which they are to be tried.
            size: How many connections there are at most, over all servers.
            max_messages: How many messages one connection carries; `None` for no limit but the
                server's.
            rate: How many messages a second the pool sends at most, evenly spaced; `None` for no
                limit.
            idle_timeout: Seconds, or a `timedelta`, after which an idle connection is closed.
            policy: "failover" for the first server as long as it works; "round-robin" for each in
                turn. With both, a message that one server does not take because it cannot be
                reached goes to the next one; a server that failed comes last for 30 seconds.
            queue_size: How many messages of `submit()` may wait, for a connection or for another
                attempt; it waits for room. `None` for no limit.
            retry: How often, and after how long, to try again for those recipients that were
                temporarily refused, or that no server could be reached for; `None` for not at all.
                A message that waits for that occupies no connection.
            retry_uncertain: Whether to send a message again whose final reply was lost, which may
                deliver it twice; only with `retry`.
            limits: As for `AsyncTransport`.
            on_event: As for `AsyncTransport`.
            **keywords: Options by name, which hold for all servers.

        Raises:
            UsageError: If an argument is wrong.
        """
        checked = settings.check(servers, size, max_messages, rate, idle_timeout, policy, keywords)
        options = checked.servers.options
        self._rate = checked.rate
        self._leases: Leases[AsyncTransport] = Leases(
            lambda number: AsyncTransport(options[number], limits=limits, on_event=on_event),
            checked.servers,
            size,
            checked.idle_timeout,
        )
        self._connections = AsyncConnections(self._leases)
        self._breaking: set[int] = set()  # the servers that break at pipelined commands
        self._binary = any(each.binarymime for each in options)
        self._delivery = deliveries(retry, uncertain=retry_uncertain)
        self._turns = asyncio.Semaphore(size)
        # Of those in flight and those that wait.
        waiting = settings.check_queue_size(queue_size)
        self._room = None if waiting is None else asyncio.Semaphore(waiting + size)
        self._tasks: set[asyncio.Task[MessageResult]] = set()
        self._sending = 0
        self._idle = asyncio.Event()  # set while nothing is being sent
        self._idle.set()
        self._is_closed = False
        self._cancelled = asyncio.Event()  # set by a close that does not wait for the waiting ones

    async def send(
        self,
        message: "Sendable",
        sender: str | None = None,
        recipients: Iterable[str] | str | None = None,
        *,
        allow_long_lines: bool = False,
        options: DeliveryOptions | None = None,
    ) -> MessageResult:
        """Send one message as soon as a connection is free; later changes to it have no effect.

        A task that is cancelled meanwhile loses no other message: its connection is closed, if it
        has one.

        Args:
            message: As for `AsyncTransport.add_message()`, as the other arguments.
            sender: The bare address to send from, instead of the message's.
            recipients: The bare addresses to send to, instead of the message's.
            allow_long_lines: Whether lines of more than 998 octets are allowed.
            options: What is asked of the servers that deliver it.

        Returns:
            The result. A refusal is in it, and no exception.

        Raises:
            MessageError: If the message cannot be sent as it is.
            UsageError: If it is no message, or an address is invalid.
            NetmailError: The error of the last server, if none could be reached.
            StateError: If the pool is closed, or was closed before the message's turn.

        RFC 5321 section 3.3.
        """
        self._refuse_closed()
        return await self._send(
            mail_object(
                message,
                sender,
                recipients,
                allow_long_lines=allow_long_lines,
                options=options,
                binary=self._binary,
            )
        )

    async def submit(
        self,
        message: "Sendable",
        sender: str | None = None,
        recipients: Iterable[str] | str | None = None,
        *,
        allow_long_lines: bool = False,
        options: DeliveryOptions | None = None,
    ) -> "asyncio.Task[MessageResult]":
        """Begin to send a message in a task of its own; wait only while `queue_size` others wait.

        Args:
            message: As for `send()`; later changes to it have no effect.
            sender: As for `send()`.
            recipients: As for `send()`.
            allow_long_lines: As for `send()`.
            options: As for `send()`.

        Returns:
            The task; its result is that of `send()`, and so is what it raises.

        Raises:
            StateError: If the pool is closed, also while it waits for room.

        RFC 5321 section 3.3.
        """
        self._refuse_closed()
        mail: MailObject | NetmailError
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
            mail = error
        await self._take_room()
        sending = _raise(mail) if isinstance(mail, NetmailError) else self._send(mail)
        task = asyncio.get_running_loop().create_task(sending)
        self._tasks.add(task)  # the loop alone would let it be collected
        task.add_done_callback(self._forget)
        return task

    async def aclose(self, *, cancel: bool = False) -> None:
        """Wait for the messages, and close the connections; a second call does nothing.

        Messages that wait for another attempt are waited for too. A `submit()` that waits for room
        raises `StateError`.

        Args:
            cancel: Whether the messages that have no connection yet are not sent: `send()` raises
                `StateError` for them. No other is tried again then: the last refusal is its
                result. Those in flight are waited for in any case.

        Raises:
            StateError: If it is called by a task that `submit()` has made.
        """
        if asyncio.current_task() in self._tasks:
            raise StateError("aclose() waits for the pool's tasks: call it from another one")
        self._is_closed = True
        if cancel:
            self._cancelled.set()
        await self._idle.wait()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._connections.close_idle()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose(cancel=kind is not None)

    def _refuse_closed(self) -> None:
        if self._is_closed:
            raise StateError("the pool is closed; make another one")

    async def _take_room(self) -> None:
        """Wait until another task may be made."""
        if self._room is not None:
            await self._room.acquire()
        if self._is_closed:
            self._free_room()
            self._refuse_closed()

    def _free_room(self) -> None:
        if self._room is not None:
            self._room.release()

    def _forget(self, task: "asyncio.Task[MessageResult]") -> None:
        self._tasks.discard(task)
        self._free_room()

    async def _send(self, mail: MailObject) -> MessageResult:
        """Send a message that is checked, as often as it takes."""
        self._sending += 1
        self._idle.clear()
        delivery = self._delivery(mail)
        try:
            await self._attempt(delivery)
            # Nothing is held meanwhile, neither a turn nor a connection.
            while (seconds := delivery.pause()) is not None and await self._lasts(seconds):
                await self._attempt(delivery)
            return delivery.outcome()
        finally:
            self._sending -= 1
            if not self._sending:
                self._idle.set()

    async def _attempt(self, delivery: Delivery) -> None:
        """Send a message when its turn and its moment have come."""
        async with self._turns:
            is_open = await self._lasts(self._rate.take(monotonic()))
            if is_open:
                await self._deliver(delivery)
            elif not delivery.is_begun:
                raise StateError("the pool was closed before the message's turn")

    async def _lasts(self, seconds: float) -> bool:
        """Wait; return at once, and false, when the pool is closed without waiting."""
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._cancelled.wait(), seconds)
        return not self._cancelled.is_set()

    async def _deliver(self, delivery: Delivery) -> None:
        """Send a message over one connection, and what is left of it over others."""
        left = [delivery]
        tried: set[int] = set()
        while left and (lease := await self._lease(tried)) is not None:
            left = await self._send_over(lease, left, tried)

    async def _send_over(
        self, lease: Lease[AsyncTransport], left: list[Delivery], tried: set[int]
    ) -> list[Delivery]:
        """Send messages over one connection; return those that another server may take."""
        client, session = lease.client, lease.client._session  # noqa: SLF001 -- of this layer
        # What one connection has learned of a server, the others need not learn again.
        session.breaks_pipelining |= lease.server in self._breaking
        try:
            for delivery in left:
                client._connection.exclusively(session.queue.append, delivery.attempt())  # noqa: SLF001
            report = await client.send()
        except BaseException as error:
            failed = is_servers_failure(error)
            await self._connections.drop(lease, failed=failed)
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
            await self._connections.drop(lease, failed=True)
            tried.add(lease.server)
        return left

    # -- the connections -------------------------------------------------------------------------

    async def _lease(self, tried: set[int]) -> Lease[AsyncTransport] | None:
        """Take a connection to the next server; `None` if all were tried."""
        lease, closing = self._leases.take(monotonic(), tried)
        try:
            if closing is not None:
                await close_all([closing])
            if lease is not None and lease.needs_check and not await _is_alive(lease.client):
                await self._leases.renew(lease).abort()
        except BaseException:
            if lease is not None:
                await self._connections.drop(lease, failed=False)
            raise
        return lease


async def _raise(error: NetmailError) -> NoReturn:
    raise error


async def _is_alive(client: AsyncTransport) -> bool:
    try:
        with client.deadline(settings.CLOSING_SECONDS):
            await client.noop()
    except NetmailError:
        return False
    return True
