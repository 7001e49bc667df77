"""The manager that keeps messages in an outbox, and delivers them in threads.

This file must not know any transport, nor the outbox's tables.
"""

import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from netmail import MessageResult, RetryPolicy, Sendable, UsageError
from netmail.delivery.directives import read_directives
from netmail.delivery.interfaces import TransportFactory
from netmail.delivery.outbox import Durability, LeaseLost, Outbox, OutboxError, StillQueued
from netmail.delivery.outbox.outbox import GROUP, LEASE, MAX_AGE, POLL, RETRY
from netmail.delivery.outbox.stop_signal import StopSignal
from netmail.delivery.stopping import look_after, program_has_ended
from netmail.delivery.threads import finish

logger = logging.getLogger("netmail.delivery.outbox")

REST: Final = 5.0
"""Seconds before a worker tries a file again that is locked, or whose disk is full."""


@dataclass(frozen=True)
class OutboxDirectives:
    """The directives of `outbox`.

    Attributes:
        file: The outbox's file.
        durability: "normal" or "full".
        workers: How many threads deliver, each with a transport of its own; 0 where another
            process does.
        retry: When a recipient that was refused for now is tried again.
        max_age: Seconds after which a message is given up.
        group: How many messages may be marked as being sent, for each worker.
        lease: Seconds after the end of a process before others take what it held.
        poll: Seconds between looks for messages that other processes have added.
        stop_timeout: Seconds that the end may take to send what is due; the rest stays in the file.
    """

    file: str
    durability: str = "normal"
    workers: int = 1
    retry: RetryPolicy = RETRY
    max_age: float = MAX_AGE.total_seconds()
    group: int = GROUP
    lease: float = LEASE.total_seconds()
    poll: float = POLL.total_seconds()
    stop_timeout: float = 10.0

    def __post_init__(self) -> None:
        if self.workers < 0 or self.group < 1:
            raise UsageError("manager outbox: workers is a number from 0 on, group from 1 on")
        for name in ("max_age", "lease", "poll"):
            if getattr(self, name) <= 0:
                raise UsageError(f"manager outbox: {name} is a number of seconds above 0")


class OutboxManager:
    """Each message is in the file when `deliver()` returns, whatever becomes of the program."""

    def __init__(self, config: dict[str, object], transport: TransportFactory) -> None:
        self._directives = read_directives(OutboxDirectives, config, "manager outbox")
        self._transport = transport
        self._new_outbox()  # a wrong directive is found now, not with a message

    def _new_outbox(self) -> Outbox:
        given = self._directives
        return Outbox(given.file, cast("Durability", given.durability))

    def startup(self) -> None:
        """Open the file, and start the threads: what an earlier run has left is sent too."""
        self._outbox = self._new_outbox()
        self._outbox.status()
        self._bell = _Bell()
        self._lock = threading.Lock()
        self._futures: dict[int, Future[MessageResult]] = {}
        self._last: threading.Thread | None = None
        self._threads = [
            threading.Thread(target=self._run, name="netmail-outbox")
            for _ in range(self._directives.workers)
        ]
        for thread in self._threads:
            thread.start()

    def deliver(self, message: Sendable) -> "Future[MessageResult]":
        """Add a message to the outbox.

        Returns:
            A `Future` of its final result, which may take days; `StillQueued` if the manager stops
            before that. It cannot be cancelled.

        Raises:
            MessageError: If it cannot be written.
            OutboxError: If the file cannot be written.
        """
        future: Future[MessageResult] = Future()
        future.set_running_or_notify_cancel()
        # A worker that is quicker than this thread waits, and finds the future.
        with self._lock:
            self._futures[self._outbox.add(message)] = future
        self._bell.ring()
        return future

    def _run(self) -> None:
        """Work until the end; then send what is due, as far as there is time."""
        poll = timedelta(seconds=self._directives.poll)
        while not self._bell.is_set():
            self._work(poll, self._bell)
        if self._directives.stop_timeout > 0:
            self._work(None, _Deadline(self._directives.stop_timeout))
        if self._last is threading.current_thread():
            self._finish()

    def _work(self, poll: timedelta | None, stop: StopSignal) -> None:
        given = self._directives
        try:
            self._outbox.work(
                self._transport,
                poll=poll,
                stop=stop,
                retry=given.retry,
                max_age=timedelta(seconds=given.max_age),
                group=given.group,
                lease=timedelta(seconds=given.lease),
                on_result=self._note,
            )
        except LeaseLost as error:
            logger.warning("%s", error)
        except OutboxError as error:
            logger.warning("%s", error)
            self._bell.wait(REST)

    def _note(self, number: int, _: MessageResult) -> None:
        """Give a message's future its result, if that is final."""
        with self._lock:
            future = self._futures.get(number)
        if future is None:
            return
        result = self._outbox.result(number)
        # The first attempt may have decided about some recipients only.
        if result is not None:
            with self._lock:
                self._futures.pop(number, None)
            finish(future, result)

    def shutdown(self) -> None:
        """Send what is due within `stop_timeout`; what is left stays in the file."""
        self._bell.set()
        # A worker that waits for a server is waited for: its result would be lost otherwise.
        own = threading.current_thread()
        for thread in self._threads:
            if thread is not own:
                thread.join()
        # A callback may stop the mailer: its worker sends what is due first, and ends the rest.
        if own in self._threads:
            self._last = own
        else:
            self._finish()

    def _finish(self) -> None:
        for number, future in self._futures.items():
            finish(future, self._outbox.result(number) or StillQueued(number))
        self._outbox.close()


class _Bell:
    """Ends the workers, as the end of the program does; and wakes them for a new message."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._is_set = False

    def is_set(self) -> bool:
        """Whether it is time to stop."""
        return self._is_set or program_has_ended()

    def wait(self, timeout: float) -> bool:
        """Wait for a message, the end, or so many seconds."""
        deadline = time.monotonic() + timeout
        while not self.is_set() and (seconds := look_after(deadline)) > 0:
            if self._rung.wait(seconds):
                break
        # A message that comes from here on is found by the look that follows each wait.
        self._rung.clear()
        return self.is_set()

    def ring(self) -> None:
        """Wake a worker."""
        self._rung.set()

    def set(self) -> None:
        """End the workers."""
        self._is_set = True
        self._rung.set()


class _Deadline:
    """Set once a time has come; a worker that would wait for messages has ended before."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def is_set(self) -> bool:
        """Whether the time has come."""
        return time.monotonic() >= self._end

    def wait(self, timeout: float) -> bool:  # noqa: ARG002 -- an Event has it
        """Wait for nothing."""
        return self.is_set()
