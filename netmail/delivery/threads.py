"""A queue of messages and the threads that deliver them: they come with the load.

This file must not know any manager or transport.
"""

import itertools
import os
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import cast

from netmail import MessageResult, RetryPolicy, Sendable
from netmail.delivery.attempts import HeldTransport
from netmail.delivery.errors import DeliveryFailed, MailerNotRunning
from netmail.delivery.interfaces import TransportFactory
from netmail.delivery.stopping import Stopping, look_after


class DeliveryThreads:
    """The threads and the queue from one `startup()` of a manager to its `shutdown()`.

    The threads are not daemons: a program that ends without `close()` waits until what was
    accepted is delivered, and waits for no further attempt.

    Args:
        transport: Makes a transport; each thread has its own.
        retry: When a message is tried again.
        workers: How many threads there are at most.
        divisor: How many messages a transport delivers before it is shut down; its thread leaves
            then, unless messages wait. `None` for no limit.
        timeout: Seconds without a message after which a thread leaves; `None` for never.
    """

    def __init__(
        self,
        transport: TransportFactory,
        retry: RetryPolicy,
        workers: int,
        divisor: int | None = None,
        timeout: float | None = None,
    ) -> None:
        self._transport = transport
        self._retry = retry
        self._workers = workers
        self._divisor = divisor
        self._timeout = timeout
        # It is set by close(), and by the end of the program: what is queued is delivered then,
        # but no attempt is waited for.
        self._stopping = Stopping()
        # A process that is forked has this object and none of the threads.
        self._process = os.getpid()
        self._changed = threading.Condition()
        # All below belongs to the holder of the condition's lock.
        self._waiting: deque[tuple[Sendable, Future[MessageResult]]] = deque()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._open = True

    def add(self, message: Sendable) -> "Future[MessageResult]":
        """Queue a message, and see that a thread takes it.

        A message whose `Future` is cancelled before its turn is not delivered.

        Raises:
            MailerNotRunning: After `close()`, and in a process that was forked.
            DeliveryFailed: If the system allows no thread at all.
        """
        # Before the lock, which another thread may have had when the process was forked.
        if self._process != os.getpid():
            raise MailerNotRunning("the mailer was started before a fork: start another one")
        future: Future[MessageResult] = Future()
        with self._changed:
            # Looked at under the lock: a message that is queued after close() would wait for ever,
            # since the last thread may have left.
            if not self._open:
                raise MailerNotRunning("the mailer was stopped")
            self._waiting.append((message, future))
            # An idle thread that was notified counts as idle, and its message as waiting.
            if len(self._waiting) > self._idle and len(self._threads) < self._workers:
                self._grow(message)
            self._changed.notify()
        return future

    def _grow(self, message: Sendable) -> None:
        """Start a thread; that there are no more is an error only if there is none."""
        # A daemon would be ended in the middle of a message, with the program.
        thread = threading.Thread(target=self._run, name="netmail-delivery", daemon=False)
        # Counted before it runs, so that two calls never start one too many.
        self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError as error:
            self._threads.discard(thread)
            if not self._threads:
                # It is the last one: the lock is held since it was added.
                self._waiting.pop()
                raise DeliveryFailed(message, str(error)) from error

    def _run(self) -> None:
        """Deliver as one thread, with one transport after the other, until nothing waits."""
        remains = True
        while remains:
            # The thread makes the transport itself: some objects belong to the thread that made
            # them, such as connections of sqlite3.
            held = HeldTransport(self._transport, self._retry, self._stopping)
            for _ in itertools.count() if self._divisor is None else range(self._divisor):
                task = self._next()
                if task is None:
                    break
                _deliver(held, *task)
            # Closed before the thread is no longer counted: there are never more connections than
            # `workers`. Nothing that the transport raises ends the thread: it would be counted.
            with suppress(BaseException):
                held.close()
            remains = self._remains()

    def _next(self) -> "tuple[Sendable, Future[MessageResult]] | None":
        """Wait for a message; `None` when the time or the program is over."""
        # A thread is idle from the end of its last message on, whatever wakes it in between.
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        with self._changed:
            self._idle += 1
            try:
                # The queue is looked at first: what came with the end of the time is taken.
                while not self._waiting and not self._stopping.is_set():
                    seconds = look_after(deadline)
                    if seconds <= 0:
                        return None
                    self._changed.wait(seconds)
                return self._waiting.popleft() if self._waiting else None
            finally:
                self._idle -= 1

    def _remains(self) -> bool:
        """Tell whether messages wait for this thread; if not, it is no longer counted."""
        with self._changed:
            # A message that came while the transport was shut down started no thread, since this
            # one was still counted.
            if len(self._waiting) > self._idle:
                return True
            self._threads.discard(threading.current_thread())
            return False

    def close(self) -> None:
        """Accept no message, and wait until all are delivered and the threads have left."""
        if self._process != os.getpid():
            return
        with self._changed:
            self._open = False
            self._stopping.set()
            self._changed.notify_all()
            # A callback of a message may stop the mailer: its thread does not wait for itself.
            threads = self._threads - {threading.current_thread()}
        for thread in threads:
            thread.join()


def _deliver(held: HeldTransport, message: Sendable, future: "Future[MessageResult]") -> None:
    """Deliver one message, unless its caller has cancelled it."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        outcome: MessageResult | BaseException = cast("MessageResult", held.deliver(message))
    except BaseException as error:  # noqa: BLE001 -- it is the caller's, by the future
        outcome = error
    finish(future, outcome)


def finish(future: "Future[MessageResult]", outcome: MessageResult | BaseException) -> None:
    """Give a future its outcome; a callback that raises SystemExit does not end this thread."""
    # Errors of callbacks are logged by the future; what is left is meant to end a thread, and this
    # one is not the callback's.
    with suppress(BaseException):
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


class ThreadManager:
    """What the managers with threads have in common; the threads are of one `startup()`.

    The threads are not daemons: a program that ends without `Mailer.stop()` waits until what was
    accepted is delivered, and waits for no further attempt.
    """

    _threads: DeliveryThreads

    def deliver(self, message: Sendable) -> "Future[MessageResult]":
        """Queue a message; its `Future` has the result, or the `DeliveryFailed`.

        A message whose `Future` is cancelled before its turn is not delivered.

        Raises:
            MailerNotRunning: If the manager was shut down.
            DeliveryFailed: If the system allows no thread at all.
        """
        return self._threads.add(message)

    def shutdown(self) -> None:
        """Deliver what is queued, without waiting for further attempts."""
        self._threads.close()
