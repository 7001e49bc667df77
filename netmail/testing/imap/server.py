"""The embedded IMAP server: pymap's, on a socket and in a loop of netmail's.

This file must not know the mailboxes, which are the store's.
"""

import asyncio
from contextlib import AsyncExitStack, closing
from ssl import SSLContext
from uuid import uuid4

from proxyprotocol.sock import SocketInfoLocal
from pymap.context import connection_exit

from netmail.testing.connections import Connections, listen, logger
from netmail.testing.failures import Failures
from netmail.testing.imap.connection import ImapConnection, ImapState
from netmail.testing.store import Store

LINE_OCTETS = 1024 * 1024
"""The longest command line; a SEARCH or a set of UIDs may be longer than asyncio's 64 KiB."""


async def start_imap(
    stack: AsyncExitStack,
    store: Store,
    failures: Failures,
    host: str,
    implicit: SSLContext | None,
) -> int:
    """Serve the store over IMAP4rev1.

    Args:
        stack: Where the server is closed.
        store: The mailboxes; its configuration says whether STARTTLS is offered.
        failures: The rules that may refuse a command.
        host: The address to listen on.
        implicit: The context for TLS from the first octet on, or `None`.

    Returns:
        The port.
    """
    connections = Connections()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = SocketInfoLocal(writer, unique_id=uuid4().bytes)
        connection = ImapConnection(store.config.commands, store.config, reader, writer, peer)
        connection.users, connection.tokens = store.users, store.tokens
        try:
            async with AsyncExitStack() as exit_stack:
                connection_exit.set(exit_stack)
                exit_stack.enter_context(closing(connection))
                await connection.run(ImapState(store.login, store.config, failures))
        except ValueError as error:
            # asyncio's StreamReader.readline() makes a ValueError of a line over the limit.
            if not isinstance(error.__context__, asyncio.LimitOverrunError):
                raise
            logger.debug("a client's line of more than %d octets", LINE_OCTETS)

    callback = connections.callback(converse)
    server = await asyncio.start_server(callback, host, 0, ssl=implicit, limit=LINE_OCTETS)
    return await listen(stack, server, connections)
