"""Put mail into a mailbox and read it back, past the client that is under test.

This file knows just enough IMAP for that, from a bare socket: LOGIN, APPEND of several messages by
one command (RFC 3502) as non-synchronizing literals (RFC 7888), SELECT, and FETCH of whole
messages.
"""

import re
import select
import socket
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from servers.accounts import User

SECONDS = 60.0
ARRIVAL_SECONDS = 20.0
"""Postfix hands mail to Dovecot in some ten milliseconds; a busy machine takes longer."""
PAUSE_SECONDS = 0.01
BATCH_SIZE = 1 << 20
"""Octets handed to the socket at a time: few system calls, little memory."""
EXISTS = re.compile(rb"\* (\d+) EXISTS")
LITERAL = re.compile(rb"\{(\d+)\}\r\n$")


class Mailbox:
    """A session with one mailbox, as a `with` block.

    Args:
        address: Host and port of IMAP in clear.
        user: Whose mailbox.
        name: Its name, ASCII.
    """

    def __init__(self, address: tuple[str, int], user: User, name: str) -> None:
        self._name = _literal(name.encode("ascii"))
        self._connection = socket.create_connection(address, SECONDS)
        self._lines = self._connection.makefile("rb")
        self._lines.readline()
        login = [_literal(part.encode()) for part in (user.name, user.password)]
        self._command(b"LOGIN " + b" ".join(login))

    def append(self, messages: Iterable[bytes]) -> None:
        """Append messages in order; they are there when this returns."""
        for batch in _batched(_append(self._name, messages)):
            self._connection.sendall(batch)
        self._reply()

    def wait(self, count: int) -> list[bytes]:
        """Wait until that many messages are there, and return all, as they are stored.

        Raises:
            TimeoutError: If they do not come.
        """
        deadline = time.monotonic() + ARRIVAL_SECONDS
        exists = _exists(self._command(b"SELECT " + self._name), 0)
        while exists < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{exists} of {count} messages came")
            select.select([self._connection], [], [], PAUSE_SECONDS)
            exists = _exists(self._command(b"NOOP"), exists)
        if not exists:
            return []
        answer = self._command(b"FETCH 1:* BODY.PEEK[]")
        return [item for item in answer if not item.startswith((b"*", b")"))]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()
        self._connection.close()

    def _command(self, command: bytes) -> list[bytes]:
        self._connection.sendall(b"a " + command + b"\r\n")
        return self._reply()

    def _reply(self) -> list[bytes]:
        """Read until the tagged response; each line and each literal is an item of its own."""
        items: list[bytes] = []
        for line in self._lines:
            if line.startswith(b"a "):
                if not line.startswith(b"a OK"):
                    raise RuntimeError(f"the server refused: {line!r}")
                return items
            items.append(line)
            if literal := LITERAL.search(line):
                items.append(self._lines.read(int(literal[1])))
        raise RuntimeError("the server closed the connection")


def _literal(octets: bytes) -> bytes:
    return b"{%d+}\r\n%b" % (len(octets), octets)


def _append(name: bytes, messages: Iterable[bytes]) -> Iterator[bytes]:
    yield b"a APPEND " + name
    for message in messages:
        yield b" "
        yield _literal(message)
    yield b"\r\n"


def _batched(pieces: Iterable[bytes]) -> Iterator[bytes]:
    batch = bytearray()
    for piece in pieces:
        batch += piece
        if len(batch) >= BATCH_SIZE:
            yield bytes(batch)
            batch.clear()
    yield bytes(batch)


def _exists(answer: Iterable[bytes], before: int) -> int:
    """Return the last EXISTS of the response; a server sends none where nothing changed."""
    counts = [int(match[1]) for item in answer if (match := EXISTS.match(item))]
    return counts[-1] if counts else before
