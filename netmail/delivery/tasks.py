"""A queue of messages and the tasks of an event loop that deliver them: they come with the load.

This file must not know any manager or transport.
"""

import asyncio
import logging
from typing import TypeAlias, cast

from netmail import MessageResult, RetryPolicy, Sendable, UsageError, envelope_of
from netmail.delivery.async_transports import AsyncHeldTransport
from netmail.delivery.errors import DeliveryFailed, MailerNotRunning
from netmail.delivery.interfaces import TransportFactory
from netmail.delivery.results import uncertain_result

_Work: TypeAlias = "tuple[Sendable, asyncio.Future[MessageResult]]"


class DeliveryTasks:
    """The tasks and the queue from one `startup()` of a manager to its `shutdown()`.

    Made in the event loop that all its methods are called in.

    Args:
        transport: Makes a transport; each task has its own.
        retry: When a message is tried again.
        workers: How many tasks there are at most.
        queue: How many messages may wait.
        timeout: Seconds without a message after which a task leaves.
    """

    def __init__(
        self,
        transport: TransportFactory,
        retry: RetryPolicy,
        workers: int,
        queue: int,
        timeout: float,
    ) -> None:
        self._transport = transport
        self._retry = retry
        self._workers = workers
        self._limit = queue
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        # After the last message there is `None`: it asks each task to leave, and stays.
        self._waiting: asyncio.Queue[_Work | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = 0
        self._open = True

    def add(self, message: Sendable) -> "asyncio.Future[MessageResult]":
        """Queue a message, and see that a task takes it: see `AsyncioManager.deliver()`."""
        if not self._open:
            raise MailerNotRunning("the mailer was stopped")
        check_loop(self._loop)
        if self._waiting.qsize() >= self._limit:
            raise DeliveryFailed(
                message,
                f"{self._limit} messages wait already: await some before more are sent, "
                "or raise manager.queue",
            )
        # A future and not a coroutine: the message is on its path even if nothing awaits it.
        future: asyncio.Future[MessageResult] = self._loop.create_future()
        self._waiting.put_nowait((message, future))
        self._grow()
        return future

    def _grow(self) -> None:
        """Start a task for messages that no idle one takes."""
        # The request to leave is no message.
        messages = self._waiting.qsize() - (not self._open)
        if messages > self._idle and len(self._tasks) < self._workers:
            self._tasks.add(self._loop.create_task(self._run()))

    async def _run(self) -> None:
        """Deliver as one task, until nothing waits."""
        held = AsyncHeldTransport(self._transport, self._retry, self._stopping)
        try:
            while (work := await self._next()) is not None:
                await _deliver(held, *work)
        except asyncio.CancelledError:
            # Only the end of the event loop and a cancelled close() cancel a task, and then all of
            # them: nothing would deliver what waits.
            self._give_back()
            raise
        finally:
            try:
                # Awaited although the task may be cancelled: a transport that is not shut down
                # would keep its connection open.
                await held.close()
            finally:
                # Not earlier: there are never more connections than `workers`.
                self._tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))
                self._grow()

    async def _next(self) -> "_Work | None":
        """Wait for a message; `None` when it is time to leave."""
        self._idle += 1
        try:
            # A message that comes with the end of the time stays in the queue, for the next task.
            async with asyncio.timeout(self._timeout):
                work = await self._waiting.get()
        except TimeoutError:
            return None
        finally:
            self._idle -= 1
        if work is None:
            self._waiting.put_nowait(None)
        return work

    def finish(self) -> None:
        """Accept no message; the tasks leave when all are delivered."""
        if self._open:
            self._open = False
            self._stopping.set()
            self._waiting.put_nowait(None)

    async def close(self) -> None:
        """Do as `finish()`, and wait until the tasks have left: see `ashutdown()`."""
        self.finish()
        try:
            # A leaving task may be followed by another, which delivers what came meanwhile.
            while self._tasks:
                await asyncio.wait(self._tasks)
        except asyncio.CancelledError:
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)
            raise

    def _give_back(self) -> None:
        """Cancel the futures of what waits: the event loop ends, or a call of `close()` did."""
        self._open = False
        count = 0
        while not self._waiting.empty():
            work = self._waiting.get_nowait()
            count += work is not None and work[1].cancel()
        self._waiting.put_nowait(None)
        if count:
            logging.getLogger("netmail.delivery").warning(
                "messages not delivered: %d; the tasks were cancelled before they came", count
            )


def check_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Raise a `UsageError` in another event loop, or outside of any."""
    try:
        here = asyncio.get_running_loop()
    except RuntimeError:
        here = None
    if here is not loop:
        raise UsageError("manager asyncio: send() is for the event loop that it was started in")


async def _deliver(
    held: AsyncHeldTransport, message: Sendable, future: "asyncio.Future[MessageResult]"
) -> None:
    """Deliver one message, unless its caller has cancelled it."""
    # Its caller has cancelled it: it is given back.
    if future.done():
        return
    try:
        result = await held.deliver(message)
    except Exception as error:  # noqa: BLE001 -- it is the caller's, by the future
        if not future.done():
            future.set_exception(error)
    except BaseException:
        if not future.done():
            # The server may have accepted it: the reply comes to a closed connection.
            text = "cancelled while it was delivered"
            future.set_result(uncertain_result(envelope_of(message), text))
        raise
    else:
        if not future.done():
            future.set_result(cast("MessageResult", result))
