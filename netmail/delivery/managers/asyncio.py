"""The manager for an event loop.

This file must not know any transport.
"""

import asyncio
from dataclasses import dataclass

from netmail import MessageResult, RetryPolicy, Sendable, UsageError
from netmail.delivery.attempts import DEFAULT_RETRY
from netmail.delivery.directives import read_directives
from netmail.delivery.interfaces import TransportFactory
from netmail.delivery.tasks import DeliveryTasks


@dataclass(frozen=True)
class AsyncioDirectives:
    """The directives of `asyncio`.

    Attributes:
        workers: How many tasks deliver at most, each with a transport of its own.
        queue: How many messages may wait for a task; `send()` refuses one more.
        timeout: Seconds without a message after which a task leaves, its transport shut down.
        retry: When a message is tried again; how often, a `Message` says itself.
    """

    workers: int = 10
    queue: int = 1000
    timeout: float = 60
    retry: RetryPolicy = DEFAULT_RETRY

    def __post_init__(self) -> None:
        for name in ("workers", "queue"):
            if getattr(self, name) < 1:
                raise UsageError(f"manager asyncio: {name} is a number from 1 on")
        if not self.timeout >= 0:
            raise UsageError("manager asyncio: timeout is a number of seconds from 0 on")


class AsyncioManager:
    """Delivers in tasks of the event loop in which it is started: `async with Mailer(...)`.

    SMTP and LMTP need no thread; a transport that blocks has one for each task.
    """

    def __init__(self, config: dict[str, object], transport: TransportFactory) -> None:
        self._directives = read_directives(AsyncioDirectives, config, "manager asyncio")
        self._transport = transport

    def startup(self) -> None:
        """Prepare; tasks and connections are made for messages.

        Raises:
            UsageError: If no event loop runs.
        """
        try:
            # A queue belongs to one event loop; a mailer that is started before there is one would
            # make it for another.
            asyncio.get_running_loop()
        except RuntimeError:
            raise UsageError(
                "manager asyncio: no event loop runs; start it by `async with Mailer(...)`"
            ) from None
        given = self._directives
        self._tasks = DeliveryTasks(
            self._transport, given.retry, given.workers, given.queue, given.timeout
        )

    def deliver(self, message: Sendable) -> "asyncio.Future[MessageResult]":
        """Queue a message; awaited, its future has the result, or raises the `DeliveryFailed`.

        A message whose future is cancelled before its turn is not delivered.

        Raises:
            MailerNotRunning: If the manager was shut down.
            DeliveryFailed: If too many messages wait.
            UsageError: If it is called in another thread or event loop.
        """
        return self._tasks.add(message)

    def shutdown(self) -> None:
        """Accept no message; what is queued is delivered while the event loop runs."""
        self._tasks.finish()

    async def ashutdown(self) -> None:
        """Deliver what is queued, without waiting for further attempts.

        If this call is cancelled, what is not delivered is given back: its futures are cancelled.
        """
        await self._tasks.close()
