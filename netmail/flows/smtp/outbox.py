"""The messages of one client that wait to be sent, and those of which nobody knows.

This file knows neither servers nor replies; what was accepted is forgotten here.
"""

from collections.abc import Iterable

from netmail.envelope import Envelope
from netmail.flows.smtp.queue import MailObject, mail_object
from netmail.mime.outgoing import Sendable


class Outbox:
    """An ordered collection of mail objects."""

    def __init__(self) -> None:
        self._objects: dict[int, MailObject] = {}
        self._count = 0

    def add(
        self,
        message: Sendable,
        sender: str | None = None,
        recipients: Iterable[str] | str | None = None,
        *,
        allow_long_lines: bool = False,
    ) -> None:
        """Check a message and put it behind the others.

        Raises:
            MessageError: If it cannot be sent as it is.
            UsageError: If it is no message, or an address is none.
        """
        made = mail_object(message, sender, recipients, allow_long_lines=allow_long_lines)
        self._objects[self._count] = made
        self._count += 1

    def waiting(self) -> list[tuple[int, MailObject]]:
        """List what is still to be sent, each with its number."""
        return [(number, made) for number, made in self._objects.items() if made.pending]

    def forget_if_done(self, number: int) -> None:
        """Drop an object that nobody waits for any more."""
        made = self._objects[number]
        if not made.pending and not made.unconfirmed:
            del self._objects[number]

    def clear(self) -> None:
        """Forget everything."""
        self._objects.clear()

    @property
    def queue(self) -> tuple[Envelope, ...]:
        """What is still to be sent, to whom."""
        return tuple(
            made.envelope(made.pending, whole=True)
            for made in self._objects.values()
            if made.pending
        )

    @property
    def uncertain(self) -> tuple[Envelope, ...]:
        """What may have been delivered, to whom."""
        return tuple(
            made.envelope(made.unconfirmed, whole=True)
            for made in self._objects.values()
            if made.unconfirmed
        )
