"""One client's connection over its life: not yet dialled, open, poisoned, closed.

This file knows no protocol; it guards the stream against second threads, forks and reuse.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol, Self, TypeAlias

import pycurl

from netmail.curl.stream import CurlStream
from netmail.errors import BusyError, ConnectionLost, NetmailError, StateError
from netmail.flows.flow import Flow
from netmail.flows.handshake import Handshake
from netmail.options.options import Options
from netmail.wire.reader import Reader

CurlHandle: TypeAlias = pycurl.Curl

RECONNECT: Final = "call connect() to reconnect"
"""The advice at the end of every error that leaves the client without a connection."""


class ProtocolSession(Protocol):
    """What a connection needs of the protocol that is spoken over it."""

    reader: Reader

    def clone(self) -> Self:
        """Make another of the same kind, for a connection of its own."""

    def open(self, handshake: Handshake) -> Flow[None]:
        """Begin: read what the dial told, log in where libcurl did not."""

    def noop(self) -> Flow[object]:
        """Say NOOP."""

    def quit(self) -> Flow[object]:
        """Say goodbye."""


class Connection:
    """The connection of one client.

    Attributes:
        options: How to dial.
        session: The conversation's protocol.
        stream: The open stream, or `None`.
    """

    def __init__(self, options: Options, session: ProtocolSession) -> None:
        self.options = options
        self.session = session
        self.stream: CurlStream | None = None
        self._ended: NetmailError | None = None  # why the stream may not be used any more
        self._lock = threading.Lock()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep the connection for one caller.

        Raises:
            BusyError: If another thread or task has it.
        """
        if not self._lock.acquire(blocking=False):
            message = "another thread or task is using this connection; give each its own"
            raise BusyError(message)
        try:
            yield
        finally:
            self._lock.release()

    def clone(self) -> "Connection":
        """Make a connection of its own with the same options."""
        return Connection(self.options, self.session.clone())

    def new_stream(self) -> CurlStream | None:
        """Return a stream to dial if there is none yet; `None` if the open one can be used.

        Raises:
            ConnectionLost: If an earlier failure ended the connection.
            StateError: If it was closed by `quit()`, or opened before a fork.
        """
        if self._ended is not None:
            message = f"this connection has ended: {self._ended}".removesuffix(f"; {RECONNECT}")
            message = f"{message}; {RECONNECT}"
            if isinstance(self._ended, StateError):
                raise StateError(message)
            raise ConnectionLost(message) from self._ended
        if self.stream is None:
            self.session.reader.reset()
            return CurlStream(self.options)
        if not self.stream.opened_by_this_process:
            raise StateError(
                "the connection belongs to the parent process; call connect() to reconnect"
            )
        return None

    def renew(self) -> None:
        """Forget what ended the connection, so that the next call dials anew.

        An open one is kept: dropping it would take back what POP3 was told to delete.
        """
        if not self.is_open:
            self.drop(None)

    def drop(self, reason: NetmailError | None) -> None:
        """Close the stream without a word; later calls say `reason`."""
        if self.stream is not None:
            self.stream.close()
        self.stream = None
        self._ended = reason

    def poison(self, error: BaseException) -> None:
        """Close the stream: a conversation broke off in the middle. The first reason stays."""
        if self._ended is not None:
            return
        if isinstance(error, NetmailError):
            self.drop(error)
        else:
            self.drop(ConnectionLost(f"a call was broken off by {type(error).__name__}"))

    @property
    def opened(self) -> CurlStream:
        """The open stream.

        Raises:
            ConnectionLost: If an earlier step of the same call has lost it.
        """
        if self.stream is None:
            raise ConnectionLost(
                "the connection ended during this call; call connect() to reconnect"
            )
        return self.stream

    @property
    def is_open(self) -> bool:
        """Whether a stream is open, and this process's own."""
        return self.stream is not None and self.stream.opened_by_this_process

    def __del__(self) -> None:
        """Close quietly; no farewell, which could block the garbage collector."""
        stream = getattr(self, "stream", None)
        if stream is not None:
            # Not suppress(): when the interpreter ends, this module's names may be gone already.
            try:  # noqa: SIM105 -- see above
                stream.close()
            except Exception:  # noqa: BLE001, S110 -- nobody hears it
                pass


def closed_by_caller() -> StateError:
    """Say that a client was closed by its caller."""
    return StateError(f"closed by quit() or abort(); {RECONNECT}")
