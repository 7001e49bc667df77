"""What has become of the messages of one call: their results, and when each is final.

This file must not know a connection, nor commands: it is handed transactions that have ended.
"""

from collections import deque
from collections.abc import Iterator

from netmail.errors import UsageError
from netmail.flows.file_target import OnProgress
from netmail.flows.smtp.queue import SendQueue
from netmail.flows.smtp.retries import Retries, Task
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.smtp.transaction import Transaction
from netmail.results.callbacks import call
from netmail.results.smtp import MessageResult, OnResult


class Outcomes:
    """The results of one call, by the number of the message.

    Args:
        queue: The client's queue.
        on_result: What gets each result as soon as it is known.
        retries: What is tried again, and when; `None` for nothing.
        progress: What gets the octets that are done, and those of all messages.

    Attributes:
        results: The results so far; those that the caller has got from an iterator are dropped.
        raised: What `on_result` or `progress` raised; `None` for nothing.
        total: Octets of all messages.
    """

    def __init__(
        self,
        queue: SendQueue,
        on_result: OnResult | None,
        retries: Retries | None = None,
        progress: OnProgress | None = None,
    ) -> None:
        if progress is not None and not callable(progress):
            raise UsageError("progress must be a function of two numbers of octets")
        if on_result is not None and not callable(on_result):
            raise UsageError("on_result must be a function of one MessageResult")
        self.results: dict[int, MessageResult] = {}
        self.raised: BaseException | None = None
        self._queue = queue
        self._on_result = on_result
        self._retries = retries
        # The octets of the messages that are done, and of a large one that is being sent.
        self._progress = progress
        self._done = self._partial = self.total = 0
        self._order: deque[int] = deque()
        self._final: set[int] = set()

    def expect(self, number: int) -> None:
        """Note that the result of this message comes next from an iterator."""
        self._order.append(number)

    def keep(self, task: Task, transaction: Transaction) -> None:
        """Record what a transaction tells about its message."""
        pending = task.mail.pending
        left = task.mail.envelope(pending, with_content=True) if pending else None
        if (earlier := self.results.get(task.number)) is not None:
            result = earlier.merged(transaction.result(transaction.recipients, left))
        else:
            # All of them, where this transaction had only those that fit into LIMITS.
            result = transaction.result(task.recipients, left)
        # Made once, and not changed by replace(), which takes as long as all else of a message.
        self.results[task.number] = result

    def keep_untried(self, task: Task, session: SmtpSession) -> None:
        """Record that a message was not begun, unless more is known of it."""
        # A message that a connection ended at has a result, which tells where.
        if task.number not in self.results:
            self.keep(task, Transaction(session, task.mail, task.recipients))

    def finish(self, task: Task, *, for_good: bool = False) -> None:
        """Note that a message was tried, and report its result; it may be tried again later.

        Args:
            task: The message.
            for_good: Whether another attempt could not do better.
        """
        held = not for_good and self._retries is not None and self._retries.hold(task)
        # A report needs no order of its own; its numbers are in that of the queue.
        if self._order and not held:
            self._final.add(task.number)
        self.report(task.number)
        # Counted only for a caller that wants to know: a batch may have a million messages.
        if self._progress is not None:
            size = len(task.mail.content)
            self._done = min(self._done + size, self.total)
            self._partial = max(0, self._partial - size)
            self.note_sent(0)

    def note_sent(self, octets: int) -> None:
        """Call `progress`; `octets` more of a large message were sent."""
        if self._progress is None:
            return
        self._partial += octets
        # A message that is sent again after a lost connection counts once.
        try:
            call(self._progress, min(self._done + self._partial, self.total), self.total)
        except BaseException as error:
            self.raised = error
            raise

    def report(self, number: int) -> None:
        """Call `on_result` with what is known of a message."""
        if self._on_result is None:
            return
        # Only the callback's own error: it passes to the caller as it is.
        try:
            call(self._on_result, self.results[number])
        except BaseException as error:
            self.raised = error
            raise

    def in_order(self) -> Iterator[tuple[int, MessageResult]]:
        """Yield the final results that come next, in the order of the messages."""
        # A message whose recipients need another transaction holds back those after it.
        while self._order and self._order[0] in self._final:
            number = self._order[0]
            yield number, self.results[number]

    def in_queue_order(self) -> tuple[MessageResult, ...]:
        """Return the results in the order of the queue."""
        return tuple(map(self.results.__getitem__, sorted(self.results)))

    def drop(self, number: int) -> None:
        """Forget a result that the caller has got, and of the message what it holds."""
        self._order.popleft()
        self._final.discard(number)
        # What is left of it is with the result: a queue of all refusals would grow without end.
        self._queue.hand_over(number)
        del self.results[number]
