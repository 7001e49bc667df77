"""The outbox: messages in a file, which survive the program, and the calls that use it.

This file must not know SQL: each call is a module of its own.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import TIMEOUT_MAX
from time import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from netmail import Envelope, MessageResult, RetryPolicy, Sendable, UsageError
from netmail.delivery.outbox import adding, deciding, reading
from netmail.delivery.outbox.batch import OutboxBatch, seconds_of
from netmail.delivery.outbox.database import Database, Durability, check_place
from netmail.delivery.outbox.errors import explained
from netmail.delivery.outbox.outcomes import Limits
from netmail.delivery.outbox.round import Settings
from netmail.delivery.outbox.senders import OutboxTransport, sender_of
from netmail.delivery.outbox.states import (
    OutboxEvent,
    OutboxMessage,
    OutboxState,
    OutboxStatus,
    WorkReport,
)
from netmail.delivery.outbox.stop_signal import NEVER, StopSignal, caught_signals
from netmail.delivery.outbox.worker import Counts, Worker

if TYPE_CHECKING:
    import sqlite3

RETRY: Final = RetryPolicy(attempts=30, delay=60.0, max_delay=4 * 3600.0)
"""RFC 5321 section 4.5.4.1: "the give-up time generally needs to be at least 4-5 days"."""

MAX_AGE: Final = timedelta(days=5)
GROUP: Final = 64
LEASE: Final = timedelta(seconds=60)
POLL: Final = timedelta(seconds=1)
TIMEOUT: Final = timedelta(seconds=30)


class Outbox:
    """Messages that wait in an SQLite file until a worker has sent them.

        with Outbox("outbox.sqlite") as outbox:
            outbox.add(message, key="invoice 17")
            outbox.work(netmail.Transport("smtp://localhost"))

    It can be used by several threads, and the file by several processes of one machine.

    Args:
        path: The file, on a local disk; made where it is missing.
        durability: What survives a power loss. "normal": all that was sent, or may have been, is
            known; messages added in the last moments may be missing. "full": every `add()` that
            has returned; each commit waits for the disk. After the end of the process, even by
            SIGKILL, nothing is missing with either.
        timeout: How long to wait while another program holds the database.

    Raises:
        UsageError: If a value is none of these.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        durability: Durability = "normal",
        *,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        if durability not in {"normal", "full"}:
            raise UsageError(f'durability is {durability!r}, not "normal" or "full"')
        name = os.fspath(path)
        if not name or name.startswith((":", "file:")) or "\0" in name or not _is_path(name):
            raise UsageError(f"an outbox is a file, not {name!a}")
        self._path = Path(path).absolute()
        self._durability = durability
        self._timeout = timeout.total_seconds()
        self._database = self._connection()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def add(
        self,
        message: Sendable,
        not_before: datetime | None = None,
        key: str | None = None,
        *,
        connection: "sqlite3.Connection | None" = None,
    ) -> int:
        """Add a message; it is in the file when this returns.

        Args:
            message: What `Transport.send()` takes. It is written now, attached files included.
            not_before: When it may be sent, with its time zone; `None` for now.
            key: Makes the call safe to repeat: while the outbox has a message of this key, no
                other is added.
            connection: Your own connection to the same file. The message is then part of the
                transaction that you have begun, and there if you commit.

        Returns:
            The message's number; with a known key, the number of the first.

        Raises:
            MessageError: If it cannot be written, or has no recipient.
            UsageError: If it is no message, `not_before` has no time zone, or the connection is
                another file's.
            OutboxError: If the file cannot be written; nothing is added then.
        """
        if connection is None:
            with self.transaction() as batch:
                return batch.add(message, not_before, key)
        check_place(self._path)
        with explained(str(self._path)), adding.joined(connection, self._path):
            return OutboxBatch(connection).add(message, not_before, key)

    @contextmanager
    def transaction(self) -> Iterator[OutboxBatch]:
        """Add several messages, all of them or, where an exception leaves the block, none.

            with outbox.transaction() as batch:
                for each in messages:
                    batch.add(each)

        It takes much less time than one by one. Workers wait for its end, so a hundred messages
        or a thousand are enough for one.

        Raises:
            OutboxError: If the file cannot be written; nothing is added then.
        """
        with self._database.transaction() as connection:
            yield OutboxBatch(connection)

    def work(
        self,
        transport: OutboxTransport,
        *,
        poll: timedelta | None = None,
        stop: StopSignal | None = None,
        retry: RetryPolicy = RETRY,
        max_age: timedelta = MAX_AGE,
        group: int = GROUP,
        lease: timedelta = LEASE,
        on_result: Callable[[int, MessageResult], object] | None = None,
    ) -> WorkReport:
        """Send what is due, and write what has become of it.

        A message is marked as being sent before anything of it leaves. If the process ends in the
        middle, those that were marked and have no result yet are `UNCERTAIN`, `group` at most:
        they are not sent again unless you say so, by `retry()`. Recipients that were refused for
        now are tried again later, in a later call or the same one. A server that cannot be
        reached, or that closes the session (421), costs no message a try.

        Args:
            transport: A `netmail.Transport`, which sends messages as batches, or a transport of
                `netmail.delivery`, or a function that makes one. At the end it is closed; a
                client that was connected before stays so.
            poll: How often to look for new messages; `None` to return when nothing is due.
            stop: A `threading.Event`: when it is set, the messages on the line are sent, and the
                call returns.
            retry: How often a refused recipient is tried, and the waits: each is a random part of
                a limit that doubles from `delay` to `max_delay`.
            max_age: For how long after it was added a message is tried.
            group: How many messages may be marked as being sent; at least twice the transport's
                `window`.
            lease: How long after the end of a process others wait with what it held.
            on_result: Is called with the number and the result of each attempt, when it is
                written, and of each message that a dead worker has left uncertain.

        Raises:
            LeaseLost: If another worker has taken over, since this one did not run for longer
                than `lease`.
            OutboxError: If the file cannot be read or written.
            UsageError: If a value is none of these.
        """
        if group < 1 or not 0 < lease.total_seconds() <= TIMEOUT_MAX:
            raise UsageError("group is a number from 1 on, and lease a time")
        counts, sender = Counts(on_result, self.result), sender_of(transport)
        limits = Limits(retry, max_age)
        settings = Settings(group, lease, limits, counts.add, counts.park)
        database = self._connection()
        try:
            failure = Worker(database, sender, settings, stop or NEVER).run(poll)
        finally:
            database.close()
            sender.close()
        return counts.report(failure)

    def serve(
        self,
        transport: OutboxTransport,
        *,
        poll: timedelta = POLL,
        retry: RetryPolicy = RETRY,
        max_age: timedelta = MAX_AGE,
        group: int = GROUP,
        lease: timedelta = LEASE,
        on_result: Callable[[int, MessageResult], object] | None = None,
    ) -> WorkReport:
        """Work until SIGTERM or SIGINT comes: the whole of a worker process.

        After the signal the messages on the line are sent and their results written; nothing is
        uncertain then.

        Args:
            transport: As for `work()`, like the others.
            poll: As there.
            retry: As there.
            max_age: As there.
            group: As there.
            lease: As there.
            on_result: As there.

        Raises:
            OutboxError: As `work()` does, like the others.
            UsageError: If this is not the main thread.
        """
        with caught_signals() as stop:
            return self.work(
                transport,
                poll=poll,
                stop=stop,
                retry=retry,
                max_age=max_age,
                group=group,
                lease=lease,
                on_result=on_result,
            )

    def status(self) -> OutboxStatus:
        """Count the messages by state.

        Raises:
            OutboxError: If the file cannot be read.
        """
        return reading.status(self._database.read)

    def messages(self, state: OutboxState | str | None = None) -> Iterator[OutboxMessage]:
        """Yield the messages, in the order in which they were added, without their content.

        Args:
            state: Only those of this state; `None` for all.

        Raises:
            UsageError: If there is no such state.
            OutboxError: If the file cannot be read.
        """
        return reading.messages(self._database.read, None if state is None else _state(state))

    def get(self, id: int) -> OutboxMessage:
        """Return one message, without its content.

        Args:
            id: Its number.

        Raises:
            UsageError: If there is none of this number.
            OutboxError: If the file cannot be read.
        """
        return reading.message(self._database.read, id)

    def envelope(self, id: int) -> Envelope:
        """Return the content of a message, with the sender and all its recipients.

        Args:
            id: Its number.

        Raises:
            UsageError: If there is none of this number.
            OutboxError: If the file cannot be read.
        """
        return reading.envelope(self._database.read, id)

    def history(self, id: int) -> tuple[OutboxEvent, ...]:
        """Return what happened to a message, the oldest first; empty if it was sent at once.

        Args:
            id: Its number.

        Raises:
            OutboxError: If the file cannot be read.
        """
        return reading.history(self._database.read, id)

    def result(self, id: int) -> MessageResult | None:
        """Return what has become of a message, or `None` before that is final.

        Args:
            id: Its number.

        Raises:
            UsageError: If there is none of this number.
            OutboxError: If the file cannot be read.
        """
        return reading.result(self._database.read, id)

    def retry(self, id: int) -> None:
        """Send a message again, for the recipients that do not have it for certain.

        What was uncertain may be delivered twice then. A message that waits is due at once.

        Args:
            id: Its number.

        Raises:
            UsageError: If there is none of this number, it was sent, or a worker has it.
            OutboxError: If the file cannot be written.
        """
        with self._database.transaction() as connection:
            deciding.retry(connection, id, time())

    def settle(self, id: int, *, sent: bool, reason: str = "decided by a person") -> None:
        """Say what has become of a message that is uncertain.

        Args:
            id: Its number.
            sent: Whether it was delivered; if not, it is `DEAD`.
            reason: How that is known; it is kept in the history.

        Raises:
            UsageError: If there is none of this number, or it is not uncertain.
            OutboxError: If the file cannot be written.
        """
        state = OutboxState.SENT if sent else OutboxState.DEAD
        with self._database.transaction() as connection:
            deciding.settle(connection, id, state, reason, time())

    def purge(self, before: datetime) -> int:
        """Remove messages that are sent, refused or dead, with content, history and key.

        The file does not shrink; later messages use the room. Some hundred are removed at a time,
        so that workers need not wait for all of them.

        Args:
            before: When they were decided, with its time zone; later ones are kept.

        Returns:
            How many were removed.

        Raises:
            UsageError: If the time has no time zone.
            OutboxError: If the file cannot be written; some may be removed then.
        """
        limit, count, last = seconds_of(before, "before"), 0, 0
        while True:
            with self._database.transaction() as connection:
                numbers = deciding.purge(connection, limit, last)
            if not numbers:
                return count
            count, last = count + len(numbers), numbers[-1]

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._database.close()

    def _connection(self) -> Database:
        return Database(self._path, self._durability, self._timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path} durability={self._durability}>"


def _is_path(name: str) -> bool:
    try:
        return bool(os.fsencode(name))
    except UnicodeEncodeError:
        return False


def _state(state: OutboxState | str) -> OutboxState:
    try:
        return OutboxState(state)
    except ValueError:
        known = ", ".join(OutboxState)
        raise UsageError(f"{state!r} is no state of a message; there are: {known}") from None
