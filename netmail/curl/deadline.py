"""The deadlines of a wait for the server, of a call, and of several calls.

This file must not know sockets and protocols: only the clock, and how much has arrived.
"""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from time import monotonic
from typing import NamedTuple

from netmail.errors import MailTimeout, NetmailError
from netmail.options.durations import seconds as checked_seconds
from netmail.wire.reader import Reader

PROGRESS = 16 * 1024
"""Octets that count as progress without a whole line or block, as many as a TLS record holds. A
server that sends less within a whole timeout is stalled, even if it sends single octets."""


class Limit(NamedTuple):
    """When a call must be done.

    Attributes:
        end: The time, as `monotonic()` has it.
        seconds: How long it was to take; errors show it.
    """

    end: float
    seconds: float


class Deadline:
    """How long the server may still take.

    The time of a wait starts again when the server makes progress: a whole line or block that the
    flow took, or 16 KiB. A server that sends single octets cannot prolong it. A server that sends
    a line now and then can: the limit of a call is for that, and nothing renews it.

    Args:
        seconds: The time from one sign of progress to the next.
        reader: The buffer that shows the progress.
        whole: The time of each call as a whole; `None` for no limit.

    Attributes:
        limit: When the present call must be done; `None` for no limit.
    """

    __slots__ = (
        *("_block", "_consumed", "_end", "_reader", "_received", "_seconds", "_sent"),
        *("_whole", "limit"),
    )

    def __init__(self, seconds: float, reader: Reader, whole: float | None = None) -> None:
        self._seconds = seconds
        self._reader = reader
        self._whole = whole
        self._block: Limit | None = None
        self.limit: Limit | None = None
        self.restart()

    def begin(self) -> None:
        """Start the time of a call, connecting included."""
        self.limit = self._block
        if self._whole is not None:
            own = Limit(monotonic() + self._whole, self._whole)
            self.limit = own if self._block is None else min(own, self._block)

    def join(self, outer: "Deadline") -> None:
        """Make the limit of another connection's call the limit of all calls of this one."""
        outer.begin()
        self._block = outer.limit

    def within(self, seconds: float | timedelta) -> AbstractContextManager[None]:
        """Limit how long the calls of a `with` block may take together.

        Raises:
            UsageError: If it is no duration.
        """
        return self._block_of(checked_seconds("deadline", seconds))

    @contextmanager
    def _block_of(self, seconds: float) -> Generator[None, None, None]:
        outer = self._block
        own = Limit(monotonic() + seconds, seconds)
        self._block = own if outer is None else min(own, outer)
        try:
            yield
        finally:
            self._block = outer

    @contextmanager
    def waiting(self, seconds: float) -> Generator[None, None, None]:
        """Let each wait of a `with` block last so many seconds; the limit of the call stays."""
        usual, self._seconds = self._seconds, seconds
        self.restart()
        try:
            yield
        finally:
            self._seconds = usual
            self.restart()

    def left(self, what: str) -> float | None:
        """Return how many seconds are left of the call; `None` if it has no limit.

        Raises:
            MailTimeout: If none are.
        """
        if self.limit is None:
            return None
        left = self.limit.end - monotonic()
        if left <= 0:
            raise self._passed(f"waiting for {what}")
        return left

    def check(self) -> None:
        """Look at the clock where nothing waits: a server may send without a pause.

        Raises:
            MailTimeout: If the call's limit has passed.
        """
        if self.limit is not None:
            self.left("a reply")

    def explain(self, error: NetmailError) -> NetmailError:
        """Return the error to raise for a failure to connect: whether the call's limit ended it."""
        if not isinstance(error, MailTimeout) or self.limit is None:
            return error
        # libcurl counts in milliseconds, and may end one of them before the time.
        if self.limit.end - monotonic() > 0.01:
            return error
        passed = self._passed("while connecting")
        passed.phase, passed.curl_code = error.phase, error.curl_code
        return passed

    def _passed(self, when: str) -> MailTimeout:
        seconds = 0.0 if self.limit is None else self.limit.seconds
        message = f"the deadline of {seconds:g} s passed, {when}; raise deadline=... (s) if meant"
        return MailTimeout(message, limit="deadline")

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
        # Few calls have a limit, and each wait of all others comes through here.
        whole = None if self.limit is None else self.left(what)
        now = monotonic()
        if self._end is None:
            self._end = now + self._seconds
            self._consumed = self._reader.consumed
            self._received = self._reader.received
        elif now >= self._end:
            message = f"waited {self._seconds:g} s for {what}; raise timeout=... (ms) if it is slow"
            raise MailTimeout(message)
        left = self._end - now
        return left if whole is None else min(left, whole)
