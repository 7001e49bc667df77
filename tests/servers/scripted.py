"""A server that plays a script: hostile replies, lost connections, what no real server does.

This file knows no protocol: a script is a list of steps, and the octets in them are the test's.
The server keeps its own thread, ends with the script, and never outlives its deadline.
"""

import contextlib
import re
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from servers.certificates import Certificates, Pair
from servers.process import LOOPBACK
from servers.steps import (
    Close,
    Drip,
    Endless,
    Expect,
    ExpectData,
    Reply,
    Send,
    Silence,
    StartTls,
    Step,
)

SECONDS = 30.0
"""A busy machine needs fewer; a script that is played ends at once."""
LINE_LIMIT = 1 << 20
"""Octets of a client's line; a longer one is a defect of the client."""
ENDLESS_LIMIT = 1 << 30
"""Octets that `Endless` sends at most; a client that has read them will read for ever."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: close() then sends RST."""


class ScriptError(AssertionError):
    """The client did not do what the script expects."""


class ScriptedServer:
    """A server on a free port that plays the steps to every client.

    After the last step it closes its side and reads until the client does likewise.

    Args:
        steps: What to do, in order.
        certificates: What `StartTls` shows.
        connections: How many clients at most, one after the other, get the same script.
        seconds: When everything must be over.

    Attributes:
        host: 127.0.0.1.
        port: The port.
        played: Released once for each client whose script is played, so closed where it says so.
    """

    host = LOOPBACK

    def __init__(
        self,
        steps: Sequence[Step],
        certificates: Certificates | None = None,
        connections: int = 1,
        seconds: float = SECONDS,
    ) -> None:
        self._steps = tuple(steps)
        self._certificates = certificates
        self._connections = connections
        self._deadline = time.monotonic() + seconds
        self.played = threading.Semaphore(0)
        self._received: list[bytearray] = []
        self._failure: BaseException | None = None
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        # A byte into this pipe tells the thread that the test is done and wants no more waiting.
        self._hurry, self._hurry_sender = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="scripted", daemon=True)
        self._thread.start()

    @property
    def received(self) -> bytes:
        """What the clients sent so far, decrypted; all of it after `join()`."""
        return b"".join(bytes(part) for part in self._received)

    @property
    def ca_file(self) -> Path:
        """What a client is to trust."""
        if self._certificates is None:
            raise ScriptError("the server was given no certificates")
        return self._certificates.ca_file

    def url(self, scheme: str, userinfo: str = "", host: str = "localhost") -> str:
        """Return a URL of the server."""
        return f"{scheme}://{userinfo}{'@' if userinfo else ''}{host}:{self.port}"

    def join(self) -> bytes:
        """Wait until the script is played, and return what the client sent.

        Raises:
            ScriptError: If the client did not do what the script expects.
        """
        with contextlib.suppress(OSError):
            self._hurry_sender.send(b"!")
        self._thread.join(max(0.0, self._deadline - time.monotonic()) + 1.0)
        if self._thread.is_alive():
            raise ScriptError("the script did not end by its deadline")
        for end in (self._hurry, self._hurry_sender):
            end.close()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return self.received

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.join()

    def _serve(self) -> None:
        try:
            with self._listener:
                self._meet_clients()
        except TimeoutError:
            self._failure = ScriptError(f"the deadline passed; received {self.received!r}")
        except Exception as error:  # noqa: BLE001 - join() raises it in the test's own thread
            self._failure = error

    def _meet_clients(self) -> None:
        for _ in range(self._connections):
            sources = [self._listener, self._hurry]
            ready, _, _ = select.select(sources, [], [], _left(self._deadline))
            if self._listener not in ready:
                break
            connection, _ = self._listener.accept()
            self._received.append(bytearray())
            client = _Client(connection, self._received[-1], self._deadline, self._hurry)
            _Player(client, self._certificates).play(self._steps)
            self.played.release()
        if not self._received:
            raise ScriptError("nobody connected")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Client:
    """One connection, with a deadline, a buffer, and a record of what came."""

    def __init__(
        self, connection: socket.socket, record: bytearray, deadline: float, hurry: socket.socket
    ) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.buffer = bytearray()
        self._record = record
        self._deadline = deadline
        self._hurry = hurry

    def send(self, data: bytes) -> None:
        self.connection.settimeout(_left(self._deadline))
        self.connection.sendall(data)

    def fill(self) -> bool:
        """Receive something; False when the client has closed."""
        self.connection.settimeout(_left(self._deadline))
        data = self.connection.recv(65536)
        self.buffer += data
        self._record += data
        return bool(data)

    def take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            if not self.fill():
                raise ScriptError(f"expected {size} octets, the client closed: {self.buffer!r}")
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def line(self, wanted: bytes) -> bytes:
        while b"\n" not in self.buffer:
            if len(self.buffer) > LINE_LIMIT:
                raise ScriptError(f"expected {wanted!r}, got an endless line")
            if not self.fill():
                raise ScriptError(f"expected {wanted!r}, the client closed: {self.buffer!r}")
        return self.take(self.buffer.index(b"\n") + 1)

    def wrap(self, context: ssl.SSLContext) -> None:
        self.connection.settimeout(_left(self._deadline))
        self.connection = context.wrap_socket(self.connection, server_side=True)

    def pause(self, seconds: float) -> None:
        select.select([self._hurry], [], [], min(seconds, _left(self._deadline)))

    def drain(self) -> None:
        """Read until the client closes, or, when the test waits for us, what is there already."""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while self._something_came():
                if not self.fill():
                    return

    def _something_came(self) -> bool:
        if isinstance(self.connection, ssl.SSLSocket) and self.connection.pending():
            return True
        sources = [self.connection, self._hurry]
        ready, _, _ = select.select(sources, [], [], _left(self._deadline))
        if not ready:
            raise TimeoutError
        return self.connection in ready

    def finish(self) -> None:
        """Close this side in order, TLS first, and wait for the client's."""
        with contextlib.suppress(OSError):
            if isinstance(self.connection, ssl.SSLSocket):
                # Not waiting for the client's close_notify: some never send it.
                self.connection.settimeout(0)
                self.connection = self.connection.unwrap()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
        self.drain()


class _Player:
    """Plays the steps to one client."""

    def __init__(self, client: _Client, certificates: Certificates | None) -> None:
        self._client = client
        self._certificates = certificates
        self._match: re.Match[bytes] | None = None
        self._open = True
        self._actions: dict[type, Callable[..., None]] = {
            Send: self._send,
            Expect: self._expect,
            Reply: self._reply,
            ExpectData: self._expect_data,
            StartTls: self._start_tls,
            Drip: self._drip,
            Endless: self._endless,
            Silence: self._silence,
            Close: self._close,
        }

    def play(self, steps: Sequence[Step]) -> None:
        try:
            for step in steps:
                self._play(step)
            if self._open:
                self._client.finish()
        finally:
            self._client.connection.close()

    def _play(self, step: Step) -> None:
        try:
            self._actions[type(step)](step)
        except (ConnectionError, ssl.SSLError) as error:
            raise ScriptError(f"the client left at {step}: {error}") from error

    def _send(self, step: Send) -> None:
        self._client.send(step.data)

    def _expect(self, step: Expect) -> None:
        line = self._client.line(step.pattern)
        self._match = re.fullmatch(step.pattern, line.removesuffix(b"\n").removesuffix(b"\r"))
        if self._match is None:
            raise ScriptError(f"expected {step.pattern!r}, the client sent {line!r}")

    def _reply(self, step: Reply) -> None:
        if self._match is None:
            raise ScriptError("Reply before Expect")
        self._client.send(self._match.expand(step.template))

    def _expect_data(self, step: ExpectData) -> None:
        data = self._client.take(len(step.data))
        if data != step.data:
            raise ScriptError(f"expected {step.data!r}, the client sent {data!r}")

    def _start_tls(self, step: StartTls) -> None:
        if self._client.buffer:
            raise ScriptError(f"sent in clear before the handshake: {self._client.buffer!r}")
        if self._certificates is None:
            raise ScriptError("StartTls needs certificates")
        try:
            self._client.wrap(_context(self._certificates, step))
        except (ssl.SSLError, ConnectionError) as error:
            if not step.refused:
                raise ScriptError(f"the client broke the handshake off: {error}") from error
            # A failed handshake leaves no socket to continue with.
            self._open = False
        else:
            if step.refused:
                raise ScriptError(f"the client accepted the certificate {step.pair}")

    def _drip(self, step: Drip) -> None:
        try:
            for octet in step.data:
                self._client.send(bytes([octet]))
                if step.pause:
                    self._client.pause(step.pause)
        except (ConnectionError, ssl.SSLError):
            if not step.refused:
                raise
        else:
            if step.refused:
                raise ScriptError("the client waited for every octet")

    def _endless(self, step: Endless) -> None:
        data = step.data * (65536 // len(step.data) + 1)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            for _ in range(ENDLESS_LIMIT // len(data)):
                self._client.send(data)
            raise ScriptError(f"the client read {ENDLESS_LIMIT} octets and wants more")

    def _silence(self, step: Silence) -> None:
        self._client.drain()

    def _close(self, step: Close) -> None:
        self._open = False
        connection = self._client.connection
        if step.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        else:
            self._client.finish()
        connection.close()


def _context(certificates: Certificates, step: StartTls) -> ssl.SSLContext:
    pair: Pair = getattr(certificates, step.pair)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if step.weak:
        # OpenSSL has TLS 1.1 at its lowest level alone. Naming the version itself is deprecated.
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.load_cert_chain(pair.certificate, pair.key)
    if step.client_certificate:
        context.load_verify_locations(certificates.ca_file)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
