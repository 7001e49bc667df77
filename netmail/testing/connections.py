"""The open connections of one listening server, so that all can be closed at once.

This file must not know any protocol: it has transports and tasks.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

CLOSE_SECONDS = 1.0
"""How long the conversations may take to end before their connections are aborted."""

LOOP_TURNS = 10
"""Turns of the loop that finish what it has begun: a connection is accepted or ended in three."""

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

logger = logging.getLogger("netmail.testing")


class Connections:
    """What is open on one listening socket."""

    def __init__(self) -> None:
        self._transports: set[asyncio.BaseTransport] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def opened(self, transport: asyncio.BaseTransport) -> None:
        """Remember a transport; `close()` will abort it."""
        self._transports.add(transport)

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Forget a transport."""
        self._transports.discard(transport)

    def callback(
        self, converse: Converse
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        """Wrap a conversation for `asyncio.start_server`.

        Its end closes the connection, whether it returns or raises. A client that disconnects is
        no error of the server; every other exception is logged with its traceback.
        """

        async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            transport = writer.transport  # STARTTLS puts another one on top of it
            self._tasks.add(task)
            self.opened(transport)
            try:
                if not self._closing:  # else the server stops just now
                    await converse(reader, writer)
            except asyncio.CancelledError:
                # From Python 3.12 on, asyncio closes the transport of a cancelled task. It would
                # be the second close() here, after which the TLS transport cannot be aborted.
                if not self._closing:
                    raise
            except (OSError, EOFError) as error:
                logger.debug("connection lost: %r", error)
            except Exception:
                logger.exception("an embedded server failed")
            finally:
                self._tasks.discard(task)
                # A second close() makes CPython's TLS transport forget what it should abort.
                if not writer.is_closing():
                    writer.close()
                if not self._closing:  # else close() aborts what does not end by itself
                    await _wait_closed(writer)
                    self.closed(transport)

        return run

    async def close(self) -> None:
        """End every conversation, then abort what is still open."""
        self._closing = True
        await _turn()  # a connection that is being accepted is registered meanwhile
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
        for transport in list(self._transports):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        await _turn()  # an aborted transport closes its socket in the next turn


async def _turn() -> None:
    for _ in range(LOOP_TURNS):
        await asyncio.sleep(0)


async def _wait_closed(writer: asyncio.StreamWriter) -> None:
    """Wait until the peer has closed too, as TLS requires, but for `CLOSE_SECONDS` at most."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await writer.wait_closed()
    except TimeoutError:
        writer.transport.abort()
    except OSError as error:
        logger.debug("connection lost while closing: %r", error)


async def listen(
    stack: contextlib.AsyncExitStack, server: asyncio.Server, connections: Connections
) -> int:
    """Put a started server on the stack, with its connections.

    Returns:
        The port it listens on.
    """

    async def close() -> None:
        # Accepting stops first: CPython leaks what it is about to accept when a server closes.
        loop = asyncio.get_running_loop()
        for listening in server.sockets:
            loop.remove_reader(listening.fileno())
        await connections.close()
        server.close()
        # From Python 3.12 on this waits for the connections, which were just aborted.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await server.wait_closed()

    stack.push_async_callback(close)
    port: int = server.sockets[0].getsockname()[1]
    return port
