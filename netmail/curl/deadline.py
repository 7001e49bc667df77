"""The deadline of a wait for the server.

This file must not know sockets and protocols: only the clock, and how much has arrived.
"""

from time import monotonic

from netmail.errors import MailTimeout
from netmail.wire.reader import Reader

PROGRESS = 16 * 1024
"""Octets that count as progress without a whole line or block, as many as a TLS record holds. A
server that sends less within a whole timeout is stalled, even if it sends single octets."""


class Deadline:
    """How long the server may still take.

    The time starts again when the server makes progress: a whole line or block that the flow took,
    or 16 KiB. A server that sends single octets cannot prolong it.

    Args:
        seconds: The time from one sign of progress to the next.
        reader: The buffer that shows the progress.
    """

    __slots__ = ("_consumed", "_end", "_reader", "_received", "_seconds", "_sent")

    def __init__(self, seconds: float, reader: Reader) -> None:
        self._seconds = seconds
        self._reader = reader
        self.restart()

    def restart(self) -> None:
        """Start the time again, with the next wait: a call without waits does not ask the clock."""
        self._end: float | None = None
        self._sent = 0

    def note_sent(self, count: int) -> None:
        """Start again once the server has taken enough of what is sent."""
        self._sent += count
        if self._sent >= PROGRESS:
            self.restart()

    def for_reply(self) -> float:
        """Return how many seconds are left for the next wait for a reply.

        Raises:
            MailTimeout: If none are.
        """
        reader = self._reader
        if self._end is not None and (
            reader.consumed != self._consumed or reader.received - self._received >= PROGRESS
        ):
            self._end = None
        return self._remaining("a reply")

    def for_sending(self) -> float:
        """Return how many seconds are left until the server must take more of what is sent.

        What it sends meanwhile is no progress: it could send for ever and read nothing.

        Raises:
            MailTimeout: If none are.
        """
        return self._remaining("the server to take what is sent")

    def _remaining(self, what: str) -> float:
        now = monotonic()
        if self._end is None:
            self._end = now + self._seconds
            self._consumed = self._reader.consumed
            self._received = self._reader.received
        elif now >= self._end:
            message = f"waited {self._seconds:g} s for {what}; raise timeout=... (ms) if it is slow"
            raise MailTimeout(message)
        return self._end - now
