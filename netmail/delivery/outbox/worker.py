"""The worker: one round after another, with pauses where the transport fails or nothing is due.

This file must not know SQL, nor how a round is made.
"""

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic, time
from typing import Final

from netmail import MessageResult, NetmailError, RetryPolicy, UsageError
from netmail.delivery.errors import TransportFailed
from netmail.delivery.outbox import leasing
from netmail.delivery.outbox.database import Database
from netmail.delivery.outbox.outcomes import Outcome, full_jitter
from netmail.delivery.outbox.round import Round, Settings
from netmail.delivery.outbox.senders import Sender
from netmail.delivery.outbox.states import OutboxState, WorkReport
from netmail.delivery.outbox.stop_signal import StopSignal

LONG_PAUSE: Final = 300.0
"""Seconds."""

PAUSES: Final = RetryPolicy(attempts=None, delay=1.0, max_delay=LONG_PAUSE)
"""How long a transport rests that cannot connect, or whose server has closed the session."""

IDLE: Final = 10.0
"""Seconds after which a session without messages is ended; servers end it after some minutes."""


@dataclass
class Counts:
    """How many messages came to each state; each is reported as it comes.

    Attributes:
        on_result: Is called with the number and the result of a message, or `None`.
        result_of: Returns the result of a message that is final.
        states: The numbers.
    """

    on_result: Callable[[int, MessageResult], object] | None
    result_of: Callable[[int], MessageResult | None]
    states: dict[OutboxState, int] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count and report an outcome."""
        self._count(outcome.state)
        if self.on_result is not None:
            self.on_result(outcome.id, outcome.result)

    def park(self, numbers: list[int]) -> None:
        """Count and report messages that a dead worker has left uncertain."""
        for number in numbers:
            self._count(OutboxState.UNCERTAIN)
            if self.on_result is None:
                continue
            # Another program may have decided about it since, and removed it.
            with contextlib.suppress(UsageError):
                if (result := self.result_of(number)) is not None:
                    self.on_result(number, result)

    def _count(self, state: OutboxState) -> None:
        self.states[state] = self.states.get(state, 0) + 1

    def report(self, error: NetmailError | None) -> WorkReport:
        """Return the counts as a value."""
        named = {each: self.states.get(each, 0) for each in OutboxState}
        return WorkReport(
            named[OutboxState.SENT],
            named[OutboxState.DEFERRED],
            named[OutboxState.REFUSED],
            named[OutboxState.UNCERTAIN],
            named[OutboxState.DEAD],
            error,
        )


class Worker:
    """Sends what is due, in rounds.

    Args:
        database: Its own connection.
        sender: Its transport.
        settings: How it works.
        stopping: Ends it after the messages that are being sent.
    """

    def __init__(
        self, database: Database, sender: Sender, settings: Settings, stopping: StopSignal
    ) -> None:
        self._database = database
        self._sender = sender
        self._settings = settings
        self._stopping = stopping
        self._failures = 0

    def run(self, poll: timedelta | None) -> NetmailError | None:
        """Work until it is stopped, or, without `poll`, until nothing is due.

        Args:
            poll: How often to look for new messages; `None` to end where there is none.

        Returns:
            Why the transport stopped before everything was sent, or `None`.
        """
        idle_since = monotonic()
        while not self._stopping.is_set():
            failure: NetmailError | None = None
            # A look without a lock: an outbox with nothing to do is not written to.
            if leasing.is_work_due(self._database.read, time()):
                failure = self._round()
                idle_since = monotonic()
            elif poll is None:
                return None
            # RFC 5321 section 4.5.3.2.7: a server waits 5 minutes at least for a command.
            elif monotonic() - idle_since > IDLE:
                self._sender.close()
            if poll is None and failure is not None:
                return failure
            if poll is not None:
                self._stopping.wait(self._seconds(failure, poll))
        return None

    def _round(self) -> NetmailError | None:
        return Round(self._database, self._sender, self._settings, self._stopping).run()

    def _seconds(self, failure: NetmailError | None, poll: timedelta) -> float:
        """Return how long to wait before the next round."""
        if failure is None:
            self._failures = 0
            due = leasing.next_due(self._database.read)
            return max(0.0, min(poll.total_seconds(), (due or float("inf")) - time()))
        self._failures += 1
        wait = full_jitter(PAUSES, self._failures, random.random)
        # A wrong password is not tried often: some servers lock the account.
        if isinstance(failure, TransportFailed) and not failure.transient:
            wait = LONG_PAUSE
        return max(wait, failure.retry_after or 0.0)
