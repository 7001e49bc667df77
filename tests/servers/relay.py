"""A relay between a client and a server, which cuts connections.

Nothing here knows a protocol: it counts octets.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from servers.process import LOOPBACK

SECONDS = 60.0
"""After which no connection lives on, whatever a test forgot."""


class Relay:
    """A relay on a free port.

    Args:
        port: The server's port.
        lives: How many octets of the server's each connection passes on before it is cut, one
            after another; those after them are never cut.

    Attributes:
        port: The port.
        cuts: How many connections were cut.
    """

    def __init__(self, port: int, lives: Iterator[int]) -> None:
        self._server = port
        self._lives = lives
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut all connections now."""
        with self._lock:
            ends = list(self._open)
            self.cuts += bool(ends)
        for end in ends:
            _end(end)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection((LOOPBACK, self._server), SECONDS)
        client.settimeout(SECONDS)
        with self._lock:
            self._open |= {client, server}
            life = next(self._lives, None)
        there = threading.Thread(target=self._pass, args=(client, server, None), daemon=True)
        there.start()
        self._pass(server, client, life)

    def _pass(self, source: socket.socket, target: socket.socket, octets: int | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if octets is not None:
                    data, octets = data[:octets], octets - len(data)
                target.sendall(data)
                if octets is not None and octets <= 0:
                    with self._lock:
                        self.cuts += 1
                    break
        for end in (source, target):
            _end(end)
        with self._lock:
            self._open -= {source, target}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.cut()


def _end(end: socket.socket) -> None:
    """End both directions; the thread that reads closes nothing twice."""
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
