"""Transports in an event loop: one that is kept, and the form of one that blocks.

This file must not know any transport or manager, nor where the messages come from.
"""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from netmail import MessageResult, RetryPolicy, Sendable, envelope_of
from netmail.delivery.attempts import MessageAttempts
from netmail.delivery.errors import MessageFailed, TransportExhausted, TransportFailed
from netmail.delivery.interfaces import AsyncMessageTransport, MessageTransport, TransportFactory
from netmail.delivery.results import accepted_result

T = TypeVar("T")


def async_form(transport: MessageTransport) -> AsyncMessageTransport:
    """Return a transport's own form for event loops, else one that calls it in a thread."""
    own = getattr(transport, "async_form", None)
    return ThreadedTransport(transport) if own is None else cast("AsyncMessageTransport", own())


class ThreadedTransport:
    """Calls a transport that blocks in one thread, which is kept from message to message."""

    def __init__(self, transport: MessageTransport) -> None:
        self._transport = transport

    async def startup(self) -> None:
        """Start the transport, and its thread."""
        # One thread and no more: a transport is used by one thread at a time, and what it keeps
        # may belong to that thread. The loop's own threads are other callers' too.
        self._thread = ThreadPoolExecutor(1, "netmail-delivery")
        await self._call(self._transport.startup)

    async def deliver(self, message: Sendable) -> MessageResult | None:
        """Deliver one message.

        A cancelled call waits for the transport, since a thread cannot be interrupted.
        """
        return await self._call(self._transport.deliver, message)

    async def shutdown(self) -> None:
        """Shut the transport down, and end its thread."""
        try:
            await self._call(self._transport.shutdown)
        finally:
            # It has nothing to do any more; waiting for its end would block the loop.
            self._thread.shutdown(wait=False)

    async def _call(self, function: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._thread, function, *arguments)
        try:
            return await asyncio.shield(call)
        except asyncio.CancelledError:
            # Its transport must not be shut down, or used again, while the thread is in it.
            await asyncio.wait([call])
            if not call.cancelled():
                call.exception()  # seen: what the thread has raised interests no caller now
            raise


class AsyncHeldTransport:
    """A transport for one task: made when it is first needed, and kept for the next message.

    Args:
        make: Makes the transport, which may block or not.
        retry: When a message is tried again, and how often if it does not say that itself.
        stopping: Set, it ends every wait: what is left of a message then is in its result.
    """

    def __init__(self, make: TransportFactory, retry: RetryPolicy, stopping: asyncio.Event) -> None:
        self._make = make
        self._retry = retry
        self._stopping = stopping
        self._transport: AsyncMessageTransport | None = None

    async def deliver(self, message: Sendable) -> object:
        """Deliver one message, with its retries: see `MessageAttempts.outcome()`."""
        attempts = MessageAttempts(message, self._retry)
        while True:
            try:
                value = await self._attempt(attempts.left)
            except (MessageFailed, TransportFailed) as error:
                delay = attempts.failed(error)
            else:
                delay = attempts.returned(value)
            if delay is None or await self._stopped(delay):
                return attempts.outcome()

    async def _attempt(self, message: Sendable) -> object:
        """Deliver once; a transport that fails is not used again."""
        try:
            if self._transport is None:
                self._transport = async_form(self._make())
                await self._transport.startup()
            value: object = await self._transport.deliver(message)
        except TransportExhausted as error:
            await self.close()
            value = error.result
        except MessageFailed:
            raise
        except BaseException:
            await self.close()
            raise
        return accepted_result(envelope_of(message)) if value is None else value

    async def _stopped(self, delay: float) -> bool:
        """Wait before another attempt; true if there is to be none."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._stopping.wait()
        return self._stopping.is_set()

    async def close(self) -> None:
        """Shut the transport down; the next message has another. No error of it is raised."""
        transport, self._transport = self._transport, None
        if transport is not None:
            # Taken out first: a second call, from a task that is cancelled, finds nothing.
            # It has failed, or its messages are decided: nothing more is to be learnt from it.
            with contextlib.suppress(Exception):
                await transport.shutdown()
