"""Who is informed of what happens on a connection: the logger `netmail`, and the caller's callback.

This file must not know a protocol, nor what the wire log shows. Both get the same values, which are
made only if somebody listens.
"""

import logging
from time import monotonic
from typing import Final

from netmail.curl.wire_log import CONTROLS, secrets_of
from netmail.errors import NetmailError, UsageError
from netmail.events import (
    CallFinished,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionOpened,
    Event,
    LoggedIn,
    OnEvent,
    Reconnecting,
    ServerAlert,
)
from netmail.options.options import Options
from netmail.wire.redact import redact

LOGGER: Final = "netmail"
# A library leaves it to the program whether anything is printed; without a handler, logging would
# print every warning to the standard error.
logging.getLogger(LOGGER).addHandler(logging.NullHandler())


class Observer:
    """Report the events of one connection.

    Args:
        options: Where the connection leads.
        on_event: The callback; `None` for none.

    Raises:
        UsageError: If `on_event` cannot be called.
    """

    def __init__(self, options: Options, on_event: OnEvent | None = None) -> None:
        given: object = on_event
        if given is not None and not callable(given):
            raise UsageError(f"on_event must be a function of one argument, not {given!r:.60}")
        self.on_event = on_event
        self._options = options
        self._logger = logging.getLogger(LOGGER)
        self._callback_failed = False

    def listens(self, level: int = logging.DEBUG) -> bool:
        """Tell whether the callback or a log of this level gets events."""
        return self.on_event is not None or self._logger.isEnabledFor(level)

    def reset(self) -> None:
        """Begin a new connection: a callback that raised an error before is called again."""
        self._callback_failed = False

    def connection_opened(self, *, encrypted: bool, since: float) -> None:
        """Report a connection that was begun at `since`."""
        if self.listens(logging.INFO):
            options = self._options
            place = (options.host, options.port)
            event = ConnectionOpened(self._server, *place, encrypted, monotonic() - since)
            self._report(event, logging.INFO)

    def connection_failed(self, error: NetmailError, *, since: float) -> None:
        """Report that there is no connection; the log has it at INFO, for the caller gets it."""
        if self.listens(logging.INFO):
            event = ConnectionFailed(self._server, error, monotonic() - since)
            self._report(event, logging.INFO)

    def logged_in(self, mechanism: str) -> None:
        """Report a login."""
        if self.listens(logging.INFO):
            self._report(LoggedIn(self._server, mechanism), logging.INFO)

    def call_finished(
        self, name: str, seconds: float, sent: int, received: int, error: BaseException | None
    ) -> None:
        """Report the end of a conversation."""
        event = CallFinished(self._server, name, seconds, sent, received, error)
        self._report(event, logging.DEBUG)

    def alert(self, text: str) -> None:
        """Report a text that the user must see."""
        if self.listens(logging.WARNING):
            shown = redact(text, secrets_of(self._options))
            self._report(ServerAlert(self._server, shown), logging.WARNING)

    def connection_closed(self, reason: NetmailError | None) -> None:
        """Report the end of a connection; one that was lost is a warning."""
        level = logging.WARNING if reason else logging.INFO
        if self.listens(level):
            self._report(ConnectionClosed(self._server, reason), level)

    def reconnecting(self, reason: NetmailError) -> None:
        """Report that a connection is about to be made in place of one that ended."""
        if self.listens(logging.INFO):
            self._report(Reconnecting(self._server, reason), logging.INFO)

    @property
    def _server(self) -> str:
        options = self._options
        scheme = options.protocol.value + ("s" if options.tls_implicit else "")
        host = f"[{options.host}]" if ":" in options.host else options.host
        return f"{scheme}://{host}:{options.port}"

    def _report(self, event: Event, level: int) -> None:
        if self._logger.isEnabledFor(level):
            # A server's text could write lines of its own into the log, or move the cursor.
            shown = str(event).translate(CONTROLS)
            self._logger.log(level, "%s", shown, extra={"event": event})
        if self.on_event is None or self._callback_failed:
            return
        try:
            self.on_event(event)
        except BaseException:
            # The error ends the connection. Another one, raised at that end, would hide it.
            self._callback_failed = True
            raise
