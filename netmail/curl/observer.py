"""Whether somebody wants to know what happens on a connection: the logger `netmail`, a callback.

This file must not know which events there are: `reporter` makes them, and is imported only if
somebody wants them.
"""

import logging
from typing import TYPE_CHECKING, Final

from netmail.errors import UsageError
from netmail.options.options import Options

if TYPE_CHECKING:
    from netmail.curl.reporter import Reporter
    from netmail.results.events import OnEvent

LOGGER: Final = "netmail"
# A library leaves it to the program whether anything is printed; without a handler, logging would
# print every warning to the standard error.
logging.getLogger(LOGGER).addHandler(logging.NullHandler())


class Observer:
    """The listeners of one connection.

    Args:
        options: Where the connection leads.
        on_event: The callback; `None` for none.

    Attributes:
        on_event: The same.

    Raises:
        UsageError: If `on_event` cannot be called.
    """

    def __init__(self, options: Options, on_event: "OnEvent | None" = None) -> None:
        given: object = on_event
        if given is not None and not callable(given):
            raise UsageError(f"on_event must be a function of one argument, not {given!r:.60}")
        self.on_event = on_event
        self._options = options
        self._logger = logging.getLogger(LOGGER)
        self._reporter: Reporter | None = None

    def reporter(self, level: int) -> "Reporter | None":
        """Return what reports an event of this level; `None` if nothing listens.

        The level is looked up for each event: a program may turn the log on during a session.
        """
        if self.on_event is None and not self._logger.isEnabledFor(level):
            return None
        if self._reporter is None:
            # Its import costs 4 ms, and in most programs nothing listens.
            from netmail.curl.reporter import Reporter  # noqa: PLC0415

            self._reporter = Reporter(self._options, self._logger, self.on_event)
        return self._reporter

    def progress(self, done: int | None, goal: int | None) -> None:
        """Report how far the server is with a command."""
        if (reporter := self.reporter(logging.DEBUG)) is not None:
            reporter.progress(done, goal)

    def alert(self, text: str) -> None:
        """Report a text that the user must see."""
        if (reporter := self.reporter(logging.WARNING)) is not None:
            reporter.alert(text)
