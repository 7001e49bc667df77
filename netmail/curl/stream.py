"""One stream over a connection that libcurl made: octets in, octets out.

This file must not know a protocol, nor how to wait: only libcurl's handle.
"""

import os
import select
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

import pycurl

from netmail.curl.certificate import server_end_point
from netmail.curl.deflate import Deflate
from netmail.curl.dial_limits import DialLimits
from netmail.curl.errors import Failure, explain, last_server_line
from netmail.curl.setopt import settings
from netmail.curl.wire_log import WireLog, forms_of, secrets_of
from netmail.errors import ConnectionLost, UsageError
from netmail.flows.handshake import Handshake
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.secret import Secret
from netmail.wire.server_text import decode

if TYPE_CHECKING:
    # It imports asyncio, which blocking clients do without.
    from netmail.curl.diagnosing.witness import Witness
    from netmail.curl.dialer import Dialer, DialError
    from netmail.curl.readiness import Readiness

# The kinds of data that libcurl's DEBUGFUNCTION gets (CURLINFO_TEXT, _HEADER_IN, _HEADER_OUT): its
# remarks, and the lines of the handshake in each direction.
_REMARK: Final = 0
_RECEIVED: Final = 1
_SENT: Final = 2

_PIECE: Final = 64 * 1024
"""Octets compressed at a time, and compressed octets read at a time."""


class CurlStream:
    """A stream over a `pycurl.Curl` handle with CONNECT_ONLY.

    Args:
        options: Where and how to connect.
        limits: How much the server may send meanwhile.

    Attributes:
        handle: The `pycurl.Curl`.
        handshake: What was sent and received while connecting; empty before `connect()`, and
            again once the session has read it.
        poll: A poll object with the socket, registered for reading.
        octets_sent: Octets written so far, before TLS.
        is_drained: Whether everything that had arrived was read, so that reading is in vain until
            the socket is ready. Never set too early: TLS may hold octets that it has decrypted,
            while the socket stays quiet.
        wire_log: The log of this connection.
        witness: What watches how libcurl connects, for `diagnose()`; or `None`.
        dialer: What has connected within an event loop; `None` for `connect()`.
        readiness: What watches the socket in that loop, or `None`.
        seconds: How long connecting may take beside what the options say; `None` for no limit.
    """

    def __init__(self, options: Options, limits: ServerLimits | None = None) -> None:
        self.wire_log = WireLog(debug=options.debug, secrets=secrets_of(options))
        self.handle = pycurl.Curl()
        self.handshake = Handshake((), encrypted=False)
        self.poll = select.poll()
        self.octets_sent = 0
        self.seconds: float | None = None
        self.is_drained = False
        self._options = options
        self._process = os.getpid()
        self._remark = ""
        self._dial_limits = DialLimits(limits or ServerLimits())
        # For libcurl a SOCKS proxy that it has reached is connected, tunnel or not; only a remark
        # tells that the proxy has opened one.
        self._tunnel_open = not (options.proxy or "").startswith("socks")
        self._interrupt: BaseException | None = None
        self.witness: Witness | None = None
        self.dialer: Dialer | None = None
        self.readiness: Readiness | None = None
        self._fd = -1
        self._has_tls = True
        self._deflate: Deflate | None = None
        self._unsent = memoryview(b"")

    def connect(self) -> None:
        """Connect, through proxy, TLS and login, and keep what was sent and received.

        Blocks, within the options' `connect_timeout` or `timeout`; the GIL is free meanwhile.

        Raises:
            ProtocolError: If the server sends more than the limits allow.
            TransportError: If the connection cannot be made; its class and `phase` say where.
            AuthenticationError: If the server refuses the credentials.
            UsageError: If libcurl refuses a value.
        """
        self.prepare()
        failure: DialError | None = None
        try:
            self.handle.perform()
        except pycurl.error as error:
            failure = error.args
        except BaseException:
            self.close()
            raise
        # Not within `except`: the context of the new error would keep what libcurl has received,
        # and a server may repeat a secret there.
        self.finish(failure)

    def prepare(self) -> None:
        """Set the options, before libcurl connects.

        Raises:
            UsageError: If libcurl refuses a value.
        """
        handle = self.handle
        # Without VERBOSE, libcurl does not call DEBUGFUNCTION, the only source of the handshake.
        handle.setopt(pycurl.VERBOSE, 1)
        handle.setopt(pycurl.DEBUGFUNCTION, self._on_debug)
        handle.setopt(pycurl.NOPROGRESS, 0)
        handle.setopt(pycurl.XFERINFOFUNCTION, self._progress)
        if self.witness is not None:
            self.witness.prepare(handle)
        for option, value in settings(self._options, self.seconds):
            try:
                # No variable holds a secret in clear: a trace with local variables would show it.
                if isinstance(value, Secret):
                    self.wire_log.add_secrets(forms_of(value))
                    # pycurl refuses a str that is not ASCII.
                    handle.setopt(option, value.reveal().encode())
                else:
                    handle.setopt(option, value)
            except (pycurl.error, TypeError, UnicodeError) as error:
                raise UsageError(f"libcurl refuses an option: {error}") from None

    def finish(self, failure: "DialError | None") -> None:
        """Take the connection over from libcurl, or close and raise why there is none.

        Args:
            failure: libcurl's number and message; `None` if it has connected.

        Raises:
            NetmailError: As `connect()`.
        """
        if self.witness is not None:
            self.witness.end(self.handle, failure, self.wire_log.lines)
        # An exception of a callback's, such as Ctrl-C, is why libcurl gave up.
        error = self._interrupt
        if error is None and failure is not None:
            error = explain(self._failure(*failure), self._options)
        if error is not None:
            self.close()
            raise error
        self._fd = self.handle.getinfo(pycurl.ACTIVESOCKET)
        self.poll.register(self._fd, select.POLLIN)
        encrypted = self.handle.getinfo(pycurl.APPCONNECT_TIME) > 0
        took = self.handle.getinfo
        round_trip = took(pycurl.CONNECT_TIME) - took(pycurl.NAMELOOKUP_TIME)
        end_point = server_end_point(self.handle) if encrypted else b""
        self.handshake = Handshake(
            tuple(self.wire_log.lines), encrypted, round_trip, monotonic, end_point
        )
        self.wire_log.lines.clear()
        # TLS to a proxy buffers too, and APPCONNECT_TIME says nothing of it.
        self._has_tls = encrypted or bool(self._options.proxy)

    def send(self, data: memoryview, *, raw: bool = False) -> int:
        """Write what can be written at once.

        Of a compressed stream it is a piece or nothing: after 0, the next call is to have the same
        octets again.

        Args:
            data: The octets.
            raw: Whether they are compressed already.

        Returns:
            How many octets that was; 0 if nothing can be written now.

        Raises:
            ConnectionLost: If the connection is gone.
        """
        if self._deflate is not None and not raw:
            return self._send_compressed(self._deflate, data)
        try:
            count: int = self.handle.send(data)
        except BlockingIOError:
            return 0
        except pycurl.error as error:
            raise self._lost(error) from None
        self.octets_sent += count
        if self._has_tls:
            self.is_drained = False  # TLS may read while it writes, and keep what it has read
        return count

    def recv_into(self, buffer: memoryview, *, raw: bool = False) -> int | None:
        """Read what there is into `buffer`, as `io.RawIOBase.readinto()` does.

        Args:
            buffer: The memory to read into.
            raw: Whether compressed octets are to be left compressed.

        Returns:
            How many octets; 0 at the end; `None` if nothing has arrived.

        Raises:
            ConnectionLost: If the connection is gone.
            ProtocolError: If the octets are not what a compressed stream has.
        """
        if self._deflate is not None and not raw:
            return self._recv_compressed(self._deflate, buffer)
        try:
            count: int = self.handle.recv_into(buffer)
        except BlockingIOError:
            self.is_drained = True
            return None
        except pycurl.error as error:
            raise self._lost(error) from None
        # Less than the buffer could hold: the socket is empty, epoll(7). Of TLS this is not true,
        # whose records end anywhere: there only a read in vain shows it.
        self.is_drained = count < len(buffer) and not self._has_tls
        if self.wire_log.is_on and not raw:
            self.wire_log.received(buffer[:count])
        return count

    def start_deflate(self, received: bytes) -> None:
        """Compress what is sent and received from now on.

        Args:
            received: Octets received already that belong to the compressed stream.
        """
        self._deflate = Deflate(received)
        self.is_drained = False

    def _send_compressed(self, deflate: Deflate, data: memoryview) -> int:
        # What is compressed cannot be taken back: it is kept until all of it is written.
        piece = data[:_PIECE]
        if not self._unsent:
            self._unsent = memoryview(deflate.compress(piece))
        while self._unsent:
            if not (count := self.send(self._unsent, raw=True)):
                return 0
            self._unsent = self._unsent[count:]
        return len(piece)

    def _recv_compressed(self, deflate: Deflate, buffer: memoryview) -> int | None:
        while not (deflate.has_input and (count := deflate.inflate_into(buffer))):
            read = bytearray(_PIECE)
            received = self.recv_into(memoryview(read), raw=True)
            if not received:
                return received
            deflate.feed(bytes(read[:received]))
        # The socket does not announce what the inflator holds.
        self.is_drained = self.is_drained and not deflate.has_input
        if self.wire_log.is_on:
            self.wire_log.received(buffer[:count])
        return count

    def fileno(self) -> int:
        """Return the socket to wait on; -1 when closed."""
        return self._fd

    @property
    def has_own_addresses(self) -> bool:
        """Whether names lead elsewhere for this connection than for others."""
        return bool(self._options.resolve)

    @property
    def opened_by_this_process(self) -> bool:
        """Whether this process connected; after a fork the child must leave the stream alone."""
        return self._process == os.getpid()

    def close(self) -> None:
        """Close without QUIT or LOGOUT. Safe to call twice, and in a forked child."""
        # A child shares the socket with its parent. What the handle sends last (TLS close_notify)
        # would end the parent's session, so the child's descriptor leads elsewhere first.
        if not self.opened_by_this_process and self._fd >= 0:
            void = os.open(os.devnull, os.O_RDWR)
            os.dup2(void, self._fd)
            os.close(void)
        self._fd = -1
        self.wire_log.flush()
        if self.dialer is not None:
            self.dialer.close(self.handle)
            return
        # pycurl refuses while perform() runs in another thread; that one closes it.
        with suppress(pycurl.error):
            self.handle.close()

    def _on_debug(self, kind: int, data: bytes) -> None:
        # libcurl gives up at its next call of `_progress`; what comes until then is not kept.
        if self._interrupt is not None:
            return
        try:
            self._note(kind, data)
        except BaseException as interrupt:  # noqa: BLE001 -- pycurl would print and forget it
            self._interrupt = interrupt

    def _note(self, kind: int, data: bytes) -> None:
        if self.witness is not None:
            self.witness.note(kind, data)
        if kind == _RECEIVED:
            self._dial_limits.count("S", data)
            self.wire_log.log_handshake("S", data)
        elif kind == _SENT:
            self._dial_limits.count("C", data)
            self.wire_log.log_handshake("C", data)
        elif kind == _REMARK:
            remark = decode(data).strip()
            # "SASL: no auth mechanism offered ...", "gss_init_sec_context() failed: ...".
            if "auth" in remark.lower() or remark.startswith("gss_"):
                self._remark = remark
            self._tunnel_open |= remark.startswith("Opened SOCKS")
            self.wire_log.note(remark)

    def _progress(self, *_sizes: int) -> int:
        """Return whether libcurl is to give up; it asks once a second or more often."""
        return int(self._interrupt is not None)

    def _failure(self, code: int, message: str) -> Failure:
        took = self.handle.getinfo
        redact = self.wire_log.redact
        return Failure(
            code,
            redact(message),
            redact(self._remark),
            tuple(self.wire_log.lines),
            last_line=redact(last_server_line(self.wire_log.lines)),
            resolved=took(pycurl.NAMELOOKUP_TIME) > 0,
            connected=took(pycurl.CONNECT_TIME) > 0 and self._tunnel_open,
            secured=took(pycurl.APPCONNECT_TIME) > 0,
        )

    def _lost(self, error: pycurl.error) -> ConnectionLost:
        code, message = error.args[0], error.args[-1]
        return ConnectionLost(f"the connection broke: {message}", curl_code=code)
