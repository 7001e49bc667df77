"""All messages of a queue, sent over as few connections as the server allows.

This file must not know a command: only which failures affect one message, which end the batch, and
after which ones another connection continues it.
"""

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from netmail.errors import ConnectionLost, NetmailError, ProtocolError, TransportError, UsageError
from netmail.flows.flow import PEEK, Close, Flow
from netmail.flows.smtp.chunked import ChunkedTransaction, Line
from netmail.flows.smtp.grouped import GroupedTransaction, deliver_grouped
from netmail.flows.smtp.queue import MailObject, Recipient, mail_object
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.smtp.transaction import Transaction
from netmail.results.smtp import MessageResult, OnResult, SendReport, SendStage, merged

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable

T = TypeVar("T", bound=Transaction)


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
        self._opened: deque[tuple[_Task, Transaction]] = deque()
        self._decided = 0
        self._in_first_group = self._has_blamed = False
        self._callback_error: BaseException | None = None

    def send(self, *, new: bool = True) -> Flow[bool]:
        """Send over one connection what is left to send.

        Args:
            new: Whether the connection was made for this batch.

        Returns:
            Whether another connection is needed, and is worth being made.
        """
        tasks, failure = self._begin(), None
        self._decided, self._in_first_group = 0, False
        try:
            if not (yield from self._converse()) and not tasks:
                return False
        except (TransportError, ProtocolError) as error:
            # The caller's own function may use another client: its error is not this connection's.
            if error is self._callback_error:
                raise
            failure = error
            self._record_failure(error)
            # Without pipelining it is no better, so that was not the reason.
            if self._has_blamed and not self._decided:
                self._session.breaks_pipelining = False
        if failure is None:
            yield from self._session.quit()
            return True
        # A connection that decided nothing would be followed by others of that kind. After a
        # timeout or a broken grammar each further connection could cost as much as this one.
        lost = isinstance(failure, ConnectionLost)
        if tasks and lost and (self._decided or not new or self._is_pipelining_to_blame()):
            return True
        # The driver knows of a connection that broke, but not of a 421 or a broken grammar.
        yield Close(failure)
        self.fail(failure)
        return False

    def _converse(self) -> Flow[bool]:
        """Send until nothing is left; return whether the session takes no more before that."""
        if self._session.uses_chunking(len(self._begin())):
            return (yield from Line(self._session, self._take_chunked, self._settle).deliver())
        if self._session.pipelining == "full":
            # RFC 2920 section 3.1 lets a client do so wherever the server offers the extension; the
            # option may say less, and so may what happened on an earlier connection.
            self._in_first_group = True
            return (
                yield from deliver_grouped(
                    self._session, self._take_grouped, self._settle, self._note_first_group
                )
            )
        transaction = self._take(Transaction)
        # The server may have closed the idle connection. Between two messages it is not idle: what
        # arrived with the last reply is in the reader already.
        if transaction is not None:
            yield PEEK
        while transaction is not None:
            yield from transaction.deliver()
            if self._settle():
                return True
            transaction = self._take(Transaction)
        return False

    def _take_chunked(self) -> ChunkedTransaction | None:
        return self._take(ChunkedTransaction)

    def _take_grouped(self) -> GroupedTransaction | None:
        return self._take(GroupedTransaction)

    def _take(self, kind: type[T]) -> T | None:
        """Begin the next message that can be sent.

        Returns:
            Its transaction; `None` if there is none, or the option allows no other message here.
        """
        tasks, opened = self._begin(), self._opened
        limit = self._session.most_messages
        while tasks:
            # Before the server's own limit, where the option names one.
            # The message whose final reply is awaited counts too.
            waiting = sum(each.stage is not SendStage.CHECK for _, each in opened)
            if limit is not None and self._session.messages_sent + waiting >= limit:
                return None
            task = tasks.popleft()
            transaction = kind(self._session, task.mail, task.recipients)
            opened.append((task, transaction))
            if transaction.is_sendable():
                return transaction
            self._settle_checked()
        return None

    def _settle(self) -> bool:
        """Record the first message that is begun; return whether the session takes no more."""
        transaction = self._opened[0][1]
        # OpenSMTPD takes 100 messages of one session, refuses the next, and leaves the connection
        # open. On a new one the same reply is a refusal like any other.
        full = transaction.session_is_full and self._session.messages_sent > 0
        self._decided += self._record(stay=full)
        self._settle_checked()
        return full

    def _settle_checked(self) -> None:
        """Record those that netmail refused itself, as far as none before them is undecided."""
        while self._opened and self._opened[0][1].stage is SendStage.CHECK:
            self._decided += self._record(stay=False)

    def _record_failure(self, error: NetmailError) -> None:
        """Record what has become of the messages that a connection ended at."""
        # The first one was in the middle of it. Of the next one only the commands before its
        # content were sent, so it is certainly not delivered; another connection begins with it.
        while self._opened:
            _, transaction = self._opened[0]
            transaction.error = transaction.error or error
            self._decided += self._record(stay=False)

    def _note_first_group(self) -> None:
        self._in_first_group = False

    def _is_pipelining_to_blame(self) -> bool:
        """Whether the server may have closed because of the first group; remember it then."""
        # Servers and firewalls exist that offer the extension and break the connection at a DATA
        # that does not wait. A 421 is a reply. No content was sent, so nothing is sent twice.
        if not self._in_first_group or self._session.reader.closing_text:
            return False
        self._session.breaks_pipelining = self._has_blamed = True
        return True

    def fail(self, error: NetmailError) -> None:
        """Record that no connection continues the batch: the rest is not sent, and kept."""
        self._error = error
        tasks = self._begin()
        while tasks:
            task = tasks.popleft()
            # A message that a connection ended at has a result, which tells where.
            if task.number not in self._results:
                waiting = Transaction(self._session, task.mail, task.recipients)
                self._keep(task, waiting)
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

    def _record(self, *, stay: bool) -> bool:
        """Record the first message that is begun; return whether its outcome is known.

        What is left of it comes next again.
        """
        task, transaction = self._opened.popleft()
        if transaction.stage not in {SendStage.NOT_SENT, SendStage.CHECK, SendStage.MAIL}:
            self._session.messages_sent += 1
        # What the server refused for good would be refused by every later send() too.
        task.mail.drop(transaction.refused_for_good)
        self._queue.drop_if_done(task.number)
        self._keep(task, transaction)
        # A message that may have been delivered is never sent again by itself.
        undecided = () if transaction.uncertain else transaction.undecided
        rest = transaction.rest
        if stay or undecided:
            self._put_back(task if stay else task._replace(recipients=undecided + rest))
            return False
        # RFC 5321 section 4.5.3.1.10: recipients above the limit get a transaction of their own.
        if left := transaction.over_limit + rest:
            self._put_back(task._replace(recipients=left))
            self._announce(task)
            # The recipients of a transaction that fits into LIMITS are decided.
            return bool(rest) and not transaction.uncertain
        self._announce(task)
        return not transaction.uncertain

    def _put_back(self, task: _Task) -> None:
        """Have a task done before those that follow it in the queue."""
        tasks = self._begin()
        place = 0
        while place < len(tasks) and tasks[place].number < task.number:
            place += 1
        tasks.insert(place, task)

    def _keep(self, task: _Task, transaction: Transaction) -> None:
        pending = task.mail.pending
        left = task.mail.envelope(pending, with_content=True) if pending else None
        if (earlier := self._results.get(task.number)) is not None:
            result = merged(earlier, transaction.result(transaction.recipients, left))
        else:
            # All of them, where this transaction had only those that fit into LIMITS.
            result = transaction.result(task.recipients, left)
        # Made once, and not changed by replace(), which takes as long as all else of a message.
        self._results[task.number] = result

    def _announce(self, task: _Task) -> None:
        if self._on_result is None:
            return
        try:
            self._on_result(self._results[task.number])
        except BaseException as error:
            self._callback_error = error
            raise
