"""The connection of one client over its life: not made yet, open, poisoned, closed.

This file must not know a protocol. It guards the stream against second threads, forks and reuse.
"""

import logging
import threading
from collections.abc import Callable, Generator
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Protocol, TypeAlias

import pycurl

from netmail.curl.deadline import Deadline
from netmail.curl.observer import Observer
from netmail.curl.stream import CurlStream
from netmail.errors import BusyError, ConnectionLost, NetmailError, StateError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.handshake import Handshake
from netmail.flows.hide_secrets import hide_secrets
from netmail.flows.streaming import Streaming
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.secret import Secret
from netmail.wire.reader import Reader

if TYPE_CHECKING:
    from netmail.results.events import OnEvent

CurlHandle: TypeAlias = pycurl.Curl
P = ParamSpec("P")
Resumption: TypeAlias = Callable[[], Flow[None]]
"""Makes the conversation that brings a new connection into the state of one that was lost."""

RECONNECT: Final = "call connect() to reconnect"
"""The advice at the end of every error that leaves the client without a connection."""


class Keeper(Protocol):
    """What keeps an idle connection alive while no call is made."""

    @property
    def is_at_work(self) -> bool:
        """Whether it has the connection."""

    def rest(self) -> None:
        """Count the time from now on: a call has ended."""

    def finished(self, *, now: bool = False) -> Generator[Any, None, None]:
        """Wait until it has let go of the connection; `now` breaks it off, which closes it."""


class ProtocolSession(Protocol):
    """What a connection needs of the protocol that is spoken over it."""

    reader: Reader
    on_alert: Callable[[str], None] | None
    """Called with each text that the server wants shown to the user."""
    on_progress: Callable[[int | None, int | None], None] | None
    """Called with how much of a long command is done, and of how much."""
    redact: Callable[[str], str]
    """Takes the secrets of the connection out of a text."""

    def __init__(self, options: Options, limits: ServerLimits | None = None) -> None:
        """Make a session that is not open yet."""

    def open(self, handshake: Handshake) -> Flow[str | None]:
        """Begin: read the handshake, log in where libcurl did not.

        Returns:
            The mechanism that the client has logged in with; `None` if it has not.
        """

    def settle(self) -> Flow[None]:
        """Process what has arrived unsolicited; the connection is lost where it ends there."""

    def noop(self) -> Flow[object]:
        """Send NOOP."""

    def quit(self) -> Flow[object]:
        """Send QUIT or LOGOUT."""

    def explained(self, error: ConnectionLost) -> ConnectionLost:
        """Return the error for a lost connection that says what else is lost with it."""


class Connection:
    """The connection of one client.

    Attributes:
        options: How to connect.
        session: The session of its protocol.
        stream: The open stream, or `None`.
        deadline: The deadlines of the present wait and the present call.
        observer: The listeners to what happens.
        streaming: The conversation that hands over values and is not at its end, or `None`.
        token: The OAuth 2.0 token for the next login, where a callable returns it, or `None`.
        keeper: What keeps it alive, or `None`.
        used: When the last call ended, where the option `keep_alive` is given.
        is_established: Whether the open stream can be made again by itself: its session has begun,
            and the option `reconnect` is given.
        ended_idle: Whether it ended while no call used it.
        resumption: How a new connection is brought into the state of the one that was lost; `None`
            if none was, or if a new one cannot be used for it.
    """

    def __init__(
        self,
        options: Options,
        session: ProtocolSession,
        on_event: "OnEvent | None" = None,
        resumption_of: Callable[[Any], Resumption | None] | None = None,
    ) -> None:
        self.options = options
        self.session = session
        self.observer = Observer(options, on_event)
        self.stream: CurlStream | None = None
        self.streaming: Streaming[object] | None = None
        self.token: Secret | None = None
        self.keeper: Keeper | None = None
        self.used = 0.0
        self.is_established = False
        self.resumption: Resumption | None = None
        self.ended_idle = False
        self._resumption_of = resumption_of
        self.deadline = Deadline(options.timeout_seconds, session.reader, options.deadline)
        self._ended: NetmailError | None = None  # why the stream may not be used any more
        self._lock = threading.Lock()
        # Not a method of this object, which the session would keep from being freed at once.
        session.on_alert = self.observer.alert
        session.on_progress = self.observer.progress

    def acquire(
        self,
        streaming: Streaming[object] | None = None,
        *,
        ends: bool = False,
        repeats: bool = False,
    ) -> None:
        """Take the connection for one caller, until `release()`.

        Args:
            streaming: The conversation that is to continue; `None` for another call.
            ends: Whether the call ends whatever conversation is open.
            repeats: Whether it is the call that had the connection last, whose time runs on.

        Raises:
            BusyError: If another thread or task has it, or another conversation is open on it.
        """
        # Without waiting: two callers of one session would read each other's replies.
        if not self._lock.acquire(blocking=False):
            message = "another thread or task is using this connection; give each its own"
            raise BusyError(message)
        if not repeats:
            self.deadline.begin()
        other = self.streaming
        if other is None or other is streaming or other.is_left:
            return
        if ends or other.is_broken_off:
            other.is_left = True
            return
        self._lock.release()
        message = f"{other.name}() is open on this connection: end its loop or close() it first"
        raise BusyError(f"{message}, collect its values, or use a second client")

    def forget_ended(self) -> None:
        """Let go of a conversation that has handed over its last values."""
        if self.streaming is not None and self.streaming.has_ended:
            self.streaming = None

    def release(self) -> None:
        """Let another caller have the connection."""
        if self.options.keep_alive is not None:
            self.used = monotonic()
        self._lock.release()
        if self.keeper is not None:
            self.keeper.rest()

    def exclusively(self, action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call `action` while no other caller has the connection.

        Raises:
            BusyError: If another thread or task has it, or the call that a callback serves.
        """
        if self.keeper is not None and self.keeper.is_at_work:
            action(*args, **kwargs)  # in the loop's own thread, and of no NOOP's concern
            return
        self.acquire()
        try:
            action(*args, **kwargs)
        finally:
            self.release()

    def clone(self) -> "Connection":
        """Make another connection with the same options and limits, and a session of its own."""
        session = type(self.session)(self.options, self.session.reader.limits)
        twin = Connection(self.options, session, self.observer.on_event, self._resumption_of)
        twin.deadline.join(self.deadline)
        return twin

    def new_stream(self) -> CurlStream | None:
        """Return a stream to connect if there is none yet; `None` if the open one can be used.

        Raises:
            ConnectionLost: If an earlier failure ended the connection.
            StateError: If it was closed by `quit()`, or opened before a fork.
            UsageError: If an event loop of another thread runs that has made it.
        """
        if self._ended is not None:
            reason = str(self._ended).removesuffix(f"; {RECONNECT}")
            message = f"this connection has ended: {reason}; {RECONNECT}"
            if isinstance(self._ended, StateError):
                raise StateError(message)
            raise self.session.explained(ConnectionLost(message)) from self._ended
        if self.stream is None:
            self.session.reader.reset()
            return CurlStream(self.options, self.session.reader.limits)
        if not self.stream.opened_by_this_process:
            raise StateError(f"the connection belongs to the parent process; {RECONNECT}")
        if self.stream.dialer is not None and self.stream.dialer.runs_elsewhere:
            raise UsageError("this connection belongs to another event loop; give each its own")
        return None

    def explained(self, error: BaseException) -> BaseException:
        """Return the error for what ended a call; of a lost connection, the session's own."""
        return self.session.explained(error) if isinstance(error, ConnectionLost) else error

    def check_nothing_lost(self) -> None:
        """Check that an earlier failure has undone nothing, where a caller ends the connection.

        Raises:
            ConnectionLost: If it has; the session makes the error.
        """
        if self._ended is None or isinstance(self._ended, StateError):
            return
        lost = ConnectionLost(f"this connection has ended: {self._ended}")
        explained = self.session.explained(lost)
        if explained is not lost:
            raise explained from self._ended

    def renew(self) -> None:
        """Forget what ended the connection, so that the next call reconnects.

        An open one is kept: dropping it would undo the deletions that POP3 has not done yet.
        """
        if not self.is_open:
            ended, self._ended, self.ended_idle = self._ended, None, False
            self._close(None)
            if ended is not None:
                self.report_reconnecting(ended)

    @property
    def may_resume(self) -> bool:
        """Whether the connection was lost, and a new one may be made in its place."""
        return (
            self.stream is None
            and self.resumption is not None
            and not isinstance(self._ended, StateError)
        )

    def poison(self, error: BaseException) -> None:
        """Close the stream, for a call ended in the middle; later calls raise the reason.

        The first reason stays. A wait for an event that its caller broke off ended in no middle.
        """
        if self.streaming is not None and self.streaming.is_broken_off:
            return
        if self._ended is None:
            self._ended = _reason(error)
            self._close(self._ended)

    def discard(self, error: BaseException | None = None) -> None:
        """Close the stream; the next call connects again. Without an error it was meant to end."""
        self._ended = None
        self._close(None if error is None else _reason(error))

    def end_by_caller(self) -> None:
        """Close the stream without QUIT or LOGOUT; later calls raise that the caller closed it."""
        self._ended = StateError(f"closed by quit() or abort(); {RECONNECT}")
        self.resumption = None
        self._close(None)

    def _close(self, reason: NetmailError | None) -> None:
        # The state comes first: a callback that raises an error must not keep it from being set.
        stream, self.stream = self.stream, None
        if stream is None:
            return
        stream.close()
        if reason is not None and self.is_established and self._resumption_of:
            self.resumption = self._resumption_of(self.session)
        self.is_established = False
        if reason is not None:  # it is reported, and may be kept in a report or a result
            hide_secrets(reason, stream.wire_log.redact)
        level = logging.WARNING if reason else logging.INFO
        # A forked child leaves its parent's connection open.
        if stream.opened_by_this_process and (reporter := self.observer.reporter(level)):
            reporter.connection_closed(reason)

    def report_reconnecting(self, reason: NetmailError) -> None:
        """Report that the next step connects again."""
        if reporter := self.observer.reporter(logging.INFO):
            reporter.reconnecting(reason)

    def lost(self) -> ConnectionLost:
        """Say that an earlier step of the same call has lost the connection."""
        return ConnectionLost(f"the connection ended during this call; {RECONNECT}")

    @property
    def opened(self) -> CurlStream:
        """The open stream.

        Raises:
            ConnectionLost: If an earlier step of the same call has lost it.
        """
        if self.stream is None:
            raise self.lost()
        return self.stream

    @property
    def is_open(self) -> bool:
        """Whether a stream is open, and this process's own."""
        return self.stream is not None and self.stream.opened_by_this_process

    @property
    def is_idle(self) -> bool:
        """Whether it is open, and no call has used it for as long as `keep_alive` says."""
        seconds = self.options.keep_alive
        return self.is_open and seconds is not None and monotonic() - self.used >= seconds

    def __del__(self) -> None:
        """Close quietly; without QUIT, which could block the garbage collector."""
        stream = getattr(self, "stream", None)
        if stream is not None:
            # Not suppress(): when the interpreter ends, this module's names may be gone already.
            try:  # noqa: SIM105 -- see above
                stream.close()
            except Exception:  # noqa: BLE001, S110 -- no caller could handle it
                pass


def _reason(error: BaseException) -> NetmailError:
    """Say why a connection ended."""
    if isinstance(error, NetmailError):
        return error
    return ConnectionLost(f"a call was broken off by {type(error).__name__}")
