"""What happens on a connection, reported to the logger `netmail` and to the caller's callback.

This file must not know whether anybody listens, nor what the wire log shows. Both listeners get the
same values.
"""

import logging
from time import monotonic

from netmail.curl.wire_log import secrets_of
from netmail.errors import NetmailError
from netmail.options.options import Options
from netmail.printable import printable
from netmail.results.events import (
    CallFinished,
    CommandProgress,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionOpened,
    Event,
    LoggedIn,
    OnEvent,
    Reconnecting,
    ServerAlert,
)
from netmail.wire.redact import redact


class Reporter:
    """Make the events of one connection, and hand them over."""

    def __init__(self, options: Options, logger: logging.Logger, on_event: OnEvent | None) -> None:
        self._options = options
        self._logger = logger
        self._on_event = on_event
        self._callback_failed = False
        scheme = options.protocol.value + ("s" if options.tls_implicit else "")
        host = f"[{options.host}]" if ":" in options.host else options.host
        self._server = f"{scheme}://{host}:{options.port}"

    def reset(self) -> None:
        """Begin a new connection: a callback that raised an error before is called again."""
        self._callback_failed = False

    def connection_opened(self, *, encrypted: bool, since: float) -> None:
        """Report a connection that was begun at `since`."""
        place = (self._server, self._options.host, self._options.port)
        self._report(ConnectionOpened(*place, encrypted, monotonic() - since), logging.INFO)

    def connection_failed(self, error: NetmailError, *, since: float) -> None:
        """Report that there is no connection."""
        # No warning: the caller gets the error itself.
        self._report(ConnectionFailed(self._server, error, monotonic() - since), logging.INFO)

    def logged_in(self, mechanism: str) -> None:
        """Report a login."""
        self._report(LoggedIn(self._server, mechanism), logging.INFO)

    def call_finished(
        self, name: str, seconds: float, sent: int, received: int, error: BaseException | None
    ) -> None:
        """Report the end of a conversation."""
        event = CallFinished(self._server, name, seconds, sent, received, error)
        self._report(event, logging.DEBUG)

    def alert(self, text: str) -> None:
        """Report a text that the user must see."""
        shown = printable(redact(text, secrets_of(self._options)))
        self._report(ServerAlert(self._server, shown), logging.WARNING)

    def progress(self, done: int | None, goal: int | None) -> None:
        """Report how far the server is with a command."""
        self._report(CommandProgress(self._server, done, goal), logging.DEBUG)

    def connection_closed(self, reason: NetmailError | None) -> None:
        """Report the end of a connection."""
        # A report of send() may hold the error of a lost connection, so that it is not raised.
        level = logging.WARNING if reason else logging.INFO
        self._report(ConnectionClosed(self._server, reason), level)

    def reconnecting(self, reason: NetmailError) -> None:
        """Report that a connection is about to be made in place of one that ended."""
        self._report(Reconnecting(self._server, reason), logging.INFO)

    def _report(self, event: Event, level: int) -> None:
        if self._logger.isEnabledFor(level):
            # A server's text could write lines of its own into the log, or move the cursor.
            shown = printable(str(event))
            self._logger.log(level, "%s", shown, extra={"event": event})
        if self._on_event is None or self._callback_failed:
            return
        try:
            self._on_event(event)
        except BaseException:
            # The error ends the connection. Another one, raised at that end, would hide it.
            self._callback_failed = True
            raise
