"""All messages of a queue, sent one after another over as few connections as the server allows.

This file must not know a command: only which failures affect one message, which end the batch, and
after which ones another connection continues it.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from netmail.errors import ConnectionLost, NetmailError, ProtocolError, TransportError, UsageError
from netmail.flows.flow import PEEK, Close, Flow
from netmail.flows.smtp.queue import MailObject, Recipient, mail_object
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.smtp.transaction import Transaction
from netmail.results.smtp import MessageResult, OnResult, SendReport, SendStage, merged

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable


class _Task(NamedTuple):
    # A message, and the recipients that this call has still to send it to: not those that were
    # temporarily refused in it already.
    number: int
    mail: MailObject
    recipients: tuple[Recipient, ...]


class Batch:
    """One call of `send()`: what it has still to do, and the results so far.

    The queue is correct at every moment.

    RFC 5321 section 3.3.
    """

    def __init__(
        self,
        session: SmtpSession,
        messages: "Iterable[Sendable]" = (),
        on_result: OnResult | None = None,
    ) -> None:
        """Check the messages; the queue gets them when the connection is claimed and open."""
        if on_result is not None and not callable(on_result):
            raise UsageError("on_result must be a function of one MessageResult")
        self._session = session
        self._queue = session.queue
        self._added = [mail_object(message) for message in messages]
        self._on_result = on_result
        self._tasks: deque[_Task] | None = None
        self._results: dict[int, MessageResult] = {}
        self._error: NetmailError | None = None

    def send(self, *, new: bool = True) -> Flow[bool]:
        """Send over one connection what is left to send.

        Args:
            new: Whether the connection was made for this batch.

        Returns:
            Whether another connection is needed, and is worth being made.
        """
        tasks, decided = self._begin(), 0
        failure: NetmailError | None = None
        while tasks and failure is None:
            # Before the server's own limit, where the option names one.
            if self._session.is_full:
                yield from self._session.quit()
                return True
            transaction = Transaction(self._session, tasks[0].mail, tasks[0].recipients)
            try:
                # The server may have closed the idle connection. Between two messages it is not
                # idle: what arrived with the last reply is in the reader already.
                if not decided:
                    yield PEEK
                yield from transaction.deliver()
            except (TransportError, ProtocolError) as error:
                transaction.error = transaction.error or error
                failure = error
            # OpenSMTPD takes 100 messages of one session, refuses the next, and leaves the
            # connection open. On a new one the same reply is a refusal like any other.
            full = failure is None and transaction.session_is_full
            full = full and self._session.messages_sent > 0
            decided += self._record(transaction, stay=full)
            if full:
                yield from self._session.quit()
                return True
        if failure is None:
            return False
        # A connection that decided nothing would be followed by others of that kind. After a
        # timeout or a broken grammar each further connection could cost as much as this one.
        if tasks and isinstance(failure, ConnectionLost) and (decided or not new):
            return True
        # The driver knows of a connection that broke, but not of a 421 or a broken grammar.
        yield Close(failure)
        self.fail(failure)
        return False

    def fail(self, error: NetmailError) -> None:
        """Record that no connection continues the batch: the rest is not sent, and kept."""
        self._error = error
        tasks = self._begin()
        while tasks:
            task = tasks.popleft()
            # A message that a connection ended at has a result, which tells where.
            if task.number not in self._results:
                waiting = Transaction(self._session, task.mail, task.recipients)
                self._keep(task, waiting.result())
            self._announce(task)

    def report(self) -> SendReport:
        """Return the results in the order of the queue."""
        return SendReport(tuple(map(self._results.__getitem__, sorted(self._results))), self._error)

    def _begin(self) -> deque[_Task]:
        """Return the tasks; the first time, add the messages to the queue and make them."""
        # Not in the constructor: only now the connection is this call's alone, and open.
        if self._tasks is None:
            for mail in self._added:
                self._queue.append(mail)
            tasks = (_Task(number, mail, mail.pending) for number, mail in self._queue.to_send())
            self._tasks = deque(tasks)
        return self._tasks

    def _record(self, transaction: Transaction, *, stay: bool) -> bool:
        """Record the outcome of the first task; return whether it decided the message."""
        tasks = self._begin()
        task = tasks[0]
        if transaction.stage not in {SendStage.NOT_SENT, SendStage.CHECK, SendStage.MAIL}:
            self._session.messages_sent += 1
        # What the server refused for good would be refused by every later send() too.
        task.mail.drop(transaction.refused_for_good)
        self._queue.drop_if_done(task.number)
        self._keep(task, transaction.result())
        # A message that may have been delivered is never sent again by itself.
        undecided = () if transaction.uncertain else transaction.undecided
        if stay or undecided:
            tasks[0] = task if stay else task._replace(recipients=undecided)
            return False
        # RFC 5321 section 4.5.3.1.10: recipients above the limit get a transaction of their own.
        if transaction.over_limit:
            tasks[0] = task._replace(recipients=transaction.over_limit)
            self._announce(task)
            return False
        tasks.popleft()
        self._announce(task)
        return not transaction.uncertain

    def _keep(self, task: _Task, result: MessageResult) -> None:
        if (earlier := self._results.get(task.number)) is not None:
            result = merged(earlier, result)
        pending = task.mail.pending
        left = task.mail.envelope(pending, with_content=True) if pending else None
        self._results[task.number] = replace(result, retryable=left)

    def _announce(self, task: _Task) -> None:
        if self._on_result is not None:
            self._on_result(self._results[task.number])
