"""The transport that writes messages to Python's logging.

This file must not know any manager.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from netmail import MessageResult, Sendable, envelope_of
from netmail.delivery.directives import read_directives
from netmail.delivery.results import accepted_result, message_id_of


@dataclass(frozen=True)
class LogDirectives:
    """The directives of `log`.

    Attributes:
        name: The name of the logger.
    """

    name: str = "netmail.delivery.log"


class LogTransport:
    """Logs each message as Marrow Mailer does.

    DEBUG tells of start and end, INFO has the line `DELIVER id date size author recipients`,
    CRITICAL the whole message.
    """

    def __init__(self, config: dict[str, object]) -> None:
        self._log = logging.getLogger(read_directives(LogDirectives, config, "transport log").name)

    def startup(self) -> None:
        """Log the start."""
        self._log.debug("log transport started")

    def deliver(self, message: Sendable) -> MessageResult:
        """Log one message."""
        envelope = envelope_of(message)
        content = bytes(envelope.content or b"")
        # Marrow Mailer: DELIVER {ID} {ISODATE} {SIZE} {AUTHOR} {RECIPIENTS}
        self._log.info(
            "DELIVER %s %s %d %s %s",
            message_id_of(envelope) or "-",
            datetime.now(UTC).isoformat(),
            len(content),
            envelope.sender or "<>",
            ",".join(envelope.recipients),
        )
        self._log.critical("%s", content.decode("utf-8", "backslashreplace"))
        return accepted_result(envelope, "logged")

    def shutdown(self) -> None:
        """Log the end."""
        self._log.debug("log transport stopped")
