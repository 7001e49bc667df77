"""The lines of one POP3 connection: read from the client, written to it.

This file must not know any command.
"""

import asyncio
from collections.abc import Iterable
from ssl import SSLContext

from netmail.wire import dot

LINE_OCTETS = 8192
"""The longest command line: RFC 2449's 255 are too few for AUTH."""

IDLE_SECONDS = 600.0
"""RFC 1939 section 3 forbids a shorter autologout timer."""


class Pop3Lines:
    """Lines over a connection that may change to TLS.

    Args:
        reader: What the client sends.
        writer: Where the replies go.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        # A buffer of its own beside the reader's: start_tls() must be able to empty it.
        self._buffer = bytearray()

    async def receive(self) -> bytes | None:
        """Read the next line, without its end.

        Returns:
            The line; `None` at the end of the stream, or after a line without end.

        Raises:
            TimeoutError: If nothing is received for ten minutes.
        """
        async with asyncio.timeout(IDLE_SECONDS):
            while (end := self._buffer.find(b"\n")) < 0:
                if len(self._buffer) > LINE_OCTETS:
                    self.send(b"-ERR line too long")
                    return None
                chunk = await self._reader.read(LINE_OCTETS)
                if not chunk:
                    return None
                self._buffer += chunk
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    def send(self, line: bytes) -> None:
        """Write a one-line reply."""
        self._writer.write(line + b"\r\n")

    def send_all(self, status: bytes, lines: Iterable[bytes]) -> None:
        """Write a multi-line reply of lines that begin with no dot."""
        self._writer.write(b"".join(line + b"\r\n" for line in (status, *lines, b".")))

    def send_body(self, content: bytes) -> None:
        """Write a message as the body of a multi-line reply, which ends the last line.

        RFC 1939 section 3.
        """
        end = b"" if not content or content.endswith(b"\r\n") else b"\r\n"
        self._writer.write(dot.stuff(content) + end + dot.END)

    async def drain(self) -> None:
        """Wait until the client has received enough of what was written."""
        await self._writer.drain()

    def abort(self) -> None:
        """Close the connection at once, whatever was written."""
        self._writer.transport.abort()

    async def start_tls(self, context: SSLContext) -> None:
        """Continue in TLS, and discard what the client sent in clear after STLS.

        RFC 2595 section 4. Commands that an attacker injected in clear would else be executed in
        TLS (CVE-2011-0411).
        """
        self._buffer.clear()
        await self._writer.start_tls(context)
