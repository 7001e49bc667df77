"""A round of a worker: it takes what is due, sends it, and writes what has become of it.

This file must not know SQL, nor what a transport is: it has the leases, and a sender.
"""

import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, time
from typing import Final

from netmail import Envelope, MessageResult, NetmailError
from netmail.delivery.attempts import asked_delay
from netmail.delivery.errors import MessageFailed, TransportFailed
from netmail.delivery.outbox import content, leasing, written
from netmail.delivery.outbox.database import Database
from netmail.delivery.outbox.errors import LeaseLost
from netmail.delivery.outbox.heartbeat import Heartbeat
from netmail.delivery.outbox.leasing import Held
from netmail.delivery.outbox.outcomes import Limits, Outcome, is_unavailable, outcome_of
from netmail.delivery.outbox.senders import Sender
from netmail.delivery.outbox.stop_signal import StopSignal
from netmail.delivery.results import refused_result

BATCH: Final = 500
"""How many messages are leased at once: a wait for the disk each time."""

PACE: Final = 0.05
"""Seconds: no more messages are marked at once than leave in this time, so that few are uncertain
after a kill where the server is slow."""


@dataclass(frozen=True)
class Settings:
    """How a worker works.

    Attributes:
        group: How many messages may be marked as being sent.
        lease: How long a worker that does not report counts as alive.
        limits: When a message is tried again.
        on_result: Is called with each outcome that is written.
        on_parked: Is called with the numbers of messages that a dead worker has left uncertain.
    """

    group: int
    lease: timedelta
    limits: Limits
    on_result: Callable[[Outcome], object]
    on_parked: Callable[[list[int]], object]


class Round:
    """One round of a worker: everything that is due, over one transport.

    Args:
        database: The worker's own connection.
        sender: What sends.
        settings: How it works.
        stopping: Ends the round after the messages that are being sent.
    """

    def __init__(
        self, database: Database, sender: Sender, settings: Settings, stopping: StopSignal
    ) -> None:
        self._database = database
        self._sender = sender
        self._settings = settings
        self._stopping = stopping
        self._seconds = settings.lease.total_seconds()
        self._token = 0
        self._leased: deque[Held] = deque()
        self._marked: deque[Held] = deque()
        self._in_flight: deque[Held] = deque()
        self._done: list[tuple[Held, MessageResult]] = []
        self._unavailable: TransportFailed | None = None
        # How many messages leave in `PACE`; measured from one commit to the next.
        self._pace = 1.0
        self._results = 0
        self._turned = self._wrote = monotonic()

    def run(self) -> NetmailError | None:
        """Send what is due; return why the transport stopped before that was done, or `None`.

        Raises:
            OutboxError: If the file cannot be read or written; what was being sent then is
                uncertain for the next worker, unless its result is written.
        """
        failure: NetmailError | None = None
        # The token is on the disk before anything is sent under it: none is ever given twice.
        with self._database.transaction(full=True) as connection:
            durable = self._database.durability == "full"
            self._token = leasing.begin(connection, self._seconds, durable=durable)
        with Heartbeat(self._database, self._token, self._seconds):
            try:
                while not self._is_over():
                    if not self._send_batch():
                        break
            except TransportFailed as error:
                failure = error
            finally:
                self._finish()
        return failure or self._unavailable

    def _send_batch(self) -> bool:
        """Send until nothing is due, or a message is defective; return whether there is more."""
        try:
            with contextlib.closing(self._sender.results(self._messages())) as results:
                for result in results:
                    self._note(result)
        except MessageFailed as error:
            # The one that was read last: the others have their results.
            bare = Envelope("", _addresses(self._in_flight[-1]), b"")
            self._note(refused_result(bare, str(error)))
            return True
        return False

    def _messages(self) -> Iterator[Envelope]:
        """Yield messages that are marked as being sent, as long as there are any."""
        while not self._is_over():
            if not self._marked:
                self._turn()
            if not self._marked:
                return
            held = self._marked.popleft()
            self._in_flight.append(held)
            yield self._content(held)

    def _is_over(self) -> bool:
        return self._unavailable is not None or self._stopping.is_set()

    def _content(self, held: Held) -> Envelope:
        return content.load(self._database.read, held.id, _addresses(held))

    def _note(self, result: MessageResult) -> None:
        """Keep a result until it is written, not for long."""
        self._done.append((self._in_flight.popleft(), result))
        self._results += 1
        if not result and is_unavailable(result):
            self._unavailable = TransportFailed(
                str(result.error or result), retry_after=asked_delay(result) or None
            )
        if monotonic() - self._wrote > PACE:
            self._write()

    def _turn(self) -> None:
        """Write the results of a group and mark the next one: one transaction."""
        now = monotonic()
        self._pace = max(1.0, self._results / max(now - self._turned, 1e-6) * PACE)
        self._turned, self._results = now, 0
        # Reading ahead must leave room for a group: each commit would mark one message only.
        group = max(self._settings.group, 2 * self._sender.window)
        count = max(1, min(int(self._pace), group) - len(self._in_flight))
        # A lease waits for the disk, whatever the durability is: after a power loss it is what
        # tells that the message may have been sent. Marks and results follow it in the log.
        parked: list[int] = []
        with self._database.transaction(full=not self._leased) as connection:
            leasing.extend(connection, self._token, self._seconds)
            outcomes = self._write_in(connection)
            if not self._leased:
                parked = leasing.recover(connection, self._token)
                self._leased.extend(leasing.take(connection, self._token, BATCH))
            chosen = [self._leased.popleft() for _ in range(min(count, len(self._leased)))]
            leasing.mark_sending(connection, self._token, chosen)
        self._marked.extend(chosen)
        self._report(outcomes)
        if parked:
            self._settings.on_parked(parked)

    def _write(self) -> None:
        """Write the results so far."""
        with self._database.transaction() as connection:
            leasing.extend(connection, self._token, self._seconds)
            outcomes = self._write_in(connection)
        self._report(outcomes)

    def _write_in(self, connection: sqlite3.Connection) -> list[Outcome]:
        now, limits = time(), self._settings.limits
        outcomes = [outcome_of(held, result, limits, now) for held, result in self._done]
        return written.write(connection, self._token, outcomes, now)

    def _report(self, outcomes: list[Outcome]) -> None:
        """Note that outcomes are committed, and call the function of the settings."""
        is_lost = len(outcomes) < len(self._done)
        # Only now: a commit that fails leaves them for the last attempt, in `_finish()`.
        self._done.clear()
        self._wrote = monotonic()
        for outcome in outcomes:
            self._settings.on_result(outcome)
        if is_lost:
            raise LeaseLost("another worker has taken over messages of this one, which stops")

    def _finish(self) -> None:
        """Write what is known, and give back the rest; the lease is over."""
        for result in self._sender.rest():
            self._done.append((self._in_flight.popleft(), result))
        # Before the worker rests, all that it knows is on the disk.
        with self._database.transaction(full=True) as connection:
            outcomes = self._write_in(connection)
            # The transport has not begun those that are left.
            leasing.release(connection, self._token, [*self._in_flight, *self._marked])
            leasing.end(connection, self._token)
        self._report(outcomes)


def _addresses(held: Held) -> tuple[str, ...]:
    return tuple([address for _, address, _ in held.recipients])
