"""Put many messages into an IMAP mailbox by one command.

This file knows just enough IMAP for that, from a bare socket: LOGIN and APPEND with several
messages (RFC 3502), all as literals that need no answer (RFC 7888).
"""

import socket
from collections.abc import Iterable, Iterator

from servers.accounts import User

SECONDS = 60.0
BATCH_SIZE = 1 << 20
"""Octets handed to the socket at a time: few system calls, little memory."""


def multiappend(
    address: tuple[str, int], user: User, messages: Iterable[bytes], mailbox: str
) -> None:
    """Log in, append the messages in order, log out.

    Raises:
        RuntimeError: If the server refuses.
    """
    with socket.create_connection(address, SECONDS) as connection:
        lines = connection.makefile("rb")
        lines.readline()
        name, password = _literal(user.name.encode()), _literal(user.password.encode())
        connection.sendall(b"a LOGIN " + name + b" " + password + b"\r\n")
        _finish(lines, b"a")
        for piece in _batched(_append(mailbox, messages)):
            connection.sendall(piece)
        _finish(lines, b"b")
        connection.sendall(b"c LOGOUT\r\n")
        _finish(lines, b"c")


def _literal(octets: bytes) -> bytes:
    return b"{%d+}\r\n%b" % (len(octets), octets)


def _append(mailbox: str, messages: Iterable[bytes]) -> Iterator[bytes]:
    yield b"b APPEND " + _literal(mailbox.encode("ascii"))
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


def _finish(lines: Iterable[bytes], tag: bytes) -> None:
    for line in lines:
        if line.startswith(tag + b" "):
            if not line.startswith(tag + b" OK"):
                raise RuntimeError(f"Dovecot refused to take mail: {line!r}")
            return
    raise RuntimeError("Dovecot closed the connection while it took mail")
