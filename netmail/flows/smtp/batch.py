"""The messages of one call, sent over as few connections as the server allows.

This file must not know a command: only which failures affect one message, which end the batch, and
after which ones another connection continues it.
"""

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from netmail.errors import ConnectionLost, NetmailError, ProtocolError, TransportError
from netmail.flows.file_target import OnProgress
from netmail.flows.flow import Close, Connect, Left, More, Pause, Values
from netmail.flows.smtp.chunked import Line
from netmail.flows.smtp.first_connection import connect_first
from netmail.flows.smtp.first_group import FirstGroup
from netmail.flows.smtp.grouped import deliver_grouped
from netmail.flows.smtp.intake import MessageIntake
from netmail.flows.smtp.messages import Conversation
from netmail.flows.smtp.outcomes import Outcomes
from netmail.flows.smtp.prepared import Prepared
from netmail.flows.smtp.queue import mail_object
from netmail.flows.smtp.retries import Retries, Task, may_pass, put_back
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.smtp.singly import deliver_singly
from netmail.flows.smtp.transaction import Transaction
from netmail.results.smtp import OnResult, SendReport, SendStage

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable

T = TypeVar("T", bound=Transaction)


class Batch:
    """One call of `send()` or `stream()`: what it has still to do, and the results so far.

    The queue is correct at every moment.

    RFC 5321 section 3.3.
    """

    def __init__(
        self,
        session: SmtpSession,
        messages: "Iterable[Sendable]" = (),
        on_result: OnResult | None = None,
        *,
        intake: MessageIntake | None = None,
        retries: Retries | None = None,
        progress: OnProgress | None = None,
    ) -> None:
        """Check the messages; the queue gets them when the connection is claimed and open.

        Args:
            session: The session.
            messages: What to send after the queue.
            on_result: What gets each result as soon as it is known.
            intake: What to send instead of both, little by little.
            retries: What is tried again, and when; `None` for nothing.
            progress: What gets the octets that are done, and those of all messages.
        """
        self._failure: NetmailError | None = None
        self._session = session
        self._queue = session.queue
        self._outcomes = Outcomes(session.queue, on_result, retries, progress)
        self._intake = intake
        self._retries = retries
        binary = session.options.binarymime
        self._added = [mail_object(message, binary=binary) for message in messages]
        self._tasks: deque[Task] = deque()
        self._opened: deque[tuple[Task, Transaction]] = deque()
        self._error: NetmailError | None = None
        # Of the present connection: if it was made for this call, its decisions, if it uses BDAT.
        self._is_new = False
        self._decided = 0
        self._is_chunked = False
        self._first_group = FirstGroup(session)
        # No caller sees whether such a result is made before or after the next content is sent.
        self._may_defer = on_result is None and progress is None and intake is None
        self._is_deferred = False
        self._prepared = Prepared(session)

    @property
    def failure(self) -> Exception | None:
        """What the call raises at its end; `None` for nothing."""
        return self._failure or (None if self._intake is None else self._intake.error)

    def run(self) -> Conversation[None]:
        """Send all messages, over as many connections as it takes."""
        openings = self._session.openings
        self._failure = yield from connect_first(self._retries)
        # Nothing was sent then, and nothing is queued.
        if self._failure is not None:
            return
        # A call that begins on an open connection knows nothing about its server.
        self._is_new = self._session.openings != openings
        self._begin()
        try:
            yield from self._send_all()
            while self._retries is not None and self._retries.are_waiting:
                yield from self._try_again(self._retries)
        except Left:
            # No result is wanted any more; what became of each message is in `rest()`.
            # A group that was sent already cannot be taken back, but for the end of the connection.
            if self._opened:
                yield Close(None)
            raise
        except BaseException as error:
            self._record_deferred()
            # In the middle of a group: the replies to the rest of it would pass as those to the
            # next call's commands.
            if error is self._outcomes.raised:
                yield Close(ConnectionLost("a callback of this call raised an error"))
            raise

    # -- one connection after another --------------------------------------------------------

    def _try_again(self, retries: Retries) -> Conversation[None]:
        """Wait, and send what was temporarily refused or not sent."""
        seconds, tasks = retries.release()
        openings = self._session.openings
        self._tasks.extend(tasks)
        self._error = None
        try:
            yield Pause(seconds)
            yield Connect.AGAIN
        except NetmailError as error:
            yield from self._give_up(error)
            return
        # The server may have closed the idle connection meanwhile.
        if self._session.openings != openings:
            self._is_new, self._decided = True, 0
        yield from self._send_all()

    def _begin(self) -> None:
        """Add the messages to the queue, and make the tasks of all that it has."""
        # Not in the constructor: only now the connection is this call's alone, and open.
        self._session.on_sent = self._outcomes.note_sent
        if self._intake is not None:
            return
        for mail in self._added:
            self._queue.append(mail)
        self._tasks.extend(Task(n, mail, mail.pending) for n, mail in self._queue.begin())
        self._outcomes.total = sum(self._session.prepare(task.mail) for task in self._tasks)

    def _send_all(self) -> Conversation[None]:
        """Send until nothing is left, or no connection continues the batch."""
        while (yield from self._has_more()):
            try:
                is_full = yield from self._converse()
            except (TransportError, ProtocolError) as error:
                # The caller's own function may use another client: its error is not this
                # connection's.
                if error is self._outcomes.raised:
                    raise
                if not (yield from self._continues_after(error)):
                    return
            else:
                # What was read from the caller is sent, and there may be more of it.
                if not is_full and (not self._tasks or self._waits_for_chunks()):
                    continue
                yield from self._session.quit()
            try:
                yield Connect.ANOTHER
            except NetmailError as error:
                yield from self._give_up(error)
                return
            self._is_new, self._decided = True, 0
            self._first_group.is_outstanding = False

    def _has_more(self) -> Conversation[bool]:
        """Read more messages if there is none to send; return whether there is one."""
        while not self._tasks:
            # Messages that wait for another attempt fill the window too.
            if self._intake is None or not self._intake.wants:
                return False
            # Nothing is on the line: the caller may take as long as it likes. The server may close
            # the idle connection meanwhile, and another one continues.
            yield More(self._intake)
            self._take_in()
        return True

    def _take_in(self) -> None:
        """Add what was read to the queue, and to the tasks."""
        if self._intake is None:
            return
        while self._intake.ready:
            # In the queue from here on: whatever ends the call, the message is not lost.
            mail = self._intake.ready.popleft()
            number = self._queue.append(mail)
            self._outcomes.expect(number)
            self._tasks.append(Task(number, mail, mail.pending))

    def _continues_after(self, failure: TransportError | ProtocolError) -> Conversation[bool]:
        """Record the end of a connection; return whether another one is worth being made."""
        self._record_failure(failure)
        if not self._decided:
            self._first_group.acquit()
        # A connection that decided nothing would be followed by others of that kind. After a
        # timeout or a broken grammar each further connection could cost as much as this one.
        lost = isinstance(failure, ConnectionLost)
        had_success = self._decided > 0 or not self._is_new
        # The driver knows of a connection that broke, but not of a 421 or a broken grammar.
        yield Close(failure)
        # What was read may be decided, and the caller may have more: only then a connection is
        # needed.
        if lost and (had_success or (self._tasks and self._first_group.is_to_blame())):
            yield from self.hand_over()
            if (yield from self._has_more()):
                return True
        yield from self._give_up(failure)
        return False

    def _give_up(self, error: NetmailError) -> Conversation[None]:
        """Record that no connection continues the batch: the rest is not sent, and kept."""
        self._error = error
        is_left = bool(self._tasks)
        while self._tasks:
            task = self._tasks.popleft()
            self._outcomes.keep_untried(task, self._session)
            self._outcomes.finish(task, for_good=not may_pass(error))
        # RFC 5321 section 4.5.4.1: the client keeps what it could not deliver. An iterator has no
        # report, and the caller cannot know what it has not read.
        is_over = self._retries is None or not self._retries.are_waiting
        if self._intake is not None and is_over and (is_left or not self._intake.has_ended):
            self._failure = error
            self._intake.has_ended = True
        yield from self.hand_over()

    # -- one message after another -----------------------------------------------------------

    def _converse(self) -> Conversation[bool]:
        """Send until nothing is left; return whether the session takes no more before that."""
        # Another connection may offer less than the one before.
        self._prepared.drop()
        binary = any(task.mail.binary for task in self._tasks)
        count = len(self._tasks) + (0 if self._intake is None else self._intake.to_come)
        self._is_chunked = self._session.uses_chunking(count, binary=binary)
        if self._is_chunked:
            return (yield from Line(self._session, self).deliver())
        if self._session.pipelining == "full":
            # RFC 2920 section 3.1 lets a client do so wherever the server offers the extension; the
            # option may say less, and so may what happened on an earlier connection.
            self._first_group.is_outstanding = not self._decided
            is_full = yield from deliver_grouped(self._session, self)
            self._record_deferred()
            return is_full
        return (yield from deliver_singly(self))

    def _waits_for_chunks(self) -> bool:
        """Return whether the next message needs BDAT, and the present contents go by DATA."""
        # Of a stream not all messages are known when that is chosen.
        is_late = bool(self._tasks) and self._tasks[0].mail.binary and not self._is_chunked
        return is_late and self._session.takes_binary

    def take(self, kind: type[T]) -> T | None:
        """Begin the next message that can be sent.

        Returns:
            Its transaction; `None` if there is none, or the option allows no other message here.
        """
        tasks, opened = self._tasks, self._opened
        limit = self._session.most_messages
        while tasks and not self._waits_for_chunks():
            # Before the server's own limit, where the option names one.
            if limit is not None:
                # The message whose final reply is awaited counts too.
                waiting = sum(each.stage is not SendStage.CHECK for _, each in opened)
                if self._session.messages_sent + waiting >= limit:
                    return None
            task = tasks.popleft()
            transaction = self._prepared.take(task, kind)
            opened.append((task, transaction))
            if transaction.is_sendable():
                return transaction
            self._settle_checked()
        return None

    def settle(self) -> bool:
        """Record the first message that is begun; return whether the session takes no more."""
        self._record_deferred()
        transaction = self._opened[0][1]
        # OpenSMTPD takes 100 messages of one session, refuses the next, and leaves the connection
        # open. On a new one the same reply is a refusal like any other.
        full = transaction.session_is_full and self._session.messages_sent > 0
        self._decided += self._record(stay=full)
        self._settle_checked()
        return full

    def defer(self) -> bool:
        """Leave an accepted message to `work_ahead()` or `settle()`; return whether that is done.

        Only where another message is on the line, whose reply is waited for next.
        """
        # At an error of a callback the next message is certainly not sent: its content waits.
        # One at a time: the message after a deferred one may be refused before its content is sent.
        if self._is_deferred or not self._may_defer:
            return False
        self._is_deferred = self._opened[0][1].is_done_for_all
        return self._is_deferred

    def work_ahead(self, kind: type[Transaction]) -> None:
        """Do what needs no reply, while the server works on a content."""
        self._record_deferred()
        if self._tasks:
            self._prepared.make(self._tasks[0], kind)

    def _record_deferred(self) -> None:
        """Record the accepted message that was left for later, if there is one."""
        if self._is_deferred:
            self._is_deferred = False
            self._decided += self._record(stay=False)
            self._settle_checked()

    def hand_over(self) -> Conversation[None]:
        """Hand the results that are final to the caller of an iterator, and read on."""
        if self._intake is None:
            return
        # One at a time, and nothing is sent before the caller asks for the next: after a crash no
        # more than the window is in doubt after the last result that it has seen.
        for number, result in self._outcomes.in_order():
            try:
                yield Values([result])
            finally:
                # However the caller continues, it has this one.
                self._outcomes.drop(number)
                self._intake.note_result()
        # While the line is busy, as far as that is quick.
        if self._intake.wants:
            yield More(self._intake)
            self._take_in()

    def note_first_group(self) -> None:
        """Note that the replies to the connection's first group have come."""
        self._first_group.is_outstanding = False

    def _settle_checked(self) -> None:
        """Record those that netmail refused itself, as far as none before them is undecided."""
        while self._opened and self._opened[0][1].stage is SendStage.CHECK:
            self._decided += self._record(stay=False)

    def _record_failure(self, error: NetmailError) -> None:
        """Record what has become of the messages that a connection ended at."""
        # The first one was in the middle of it. Of the next one only the commands before its
        # content were sent, so it is certainly not delivered; another connection begins with it.
        self._record_deferred()
        while self._opened:
            _, transaction = self._opened[0]
            transaction.error = transaction.error or error
            self._decided += self._record(stay=False)

    # -- the results -------------------------------------------------------------------------

    def report(self) -> SendReport:
        """Return the results in the order of the queue."""
        return SendReport(self._outcomes.in_queue_order(), self._error)

    def rest(self) -> SendReport:
        """Return what has become of the messages that were read, and whose result was not."""
        # As far as it came: of a message on the line `uncertain` is true already.
        for task, transaction in self._opened:
            self._outcomes.keep(task, transaction)
        self._opened.clear()
        for task in self._tasks:
            self._outcomes.keep_untried(task, self._session)
        self._tasks.clear()
        return self.report()

    def _record(self, *, stay: bool) -> bool:
        """Record the first message that is begun; return whether its outcome is known.

        What is left of it comes next again.
        """
        task, transaction = self._opened.popleft()
        self._session.messages_sent += transaction.is_begun
        # Nearly every message: nothing is left of it.
        is_usual = transaction.is_done_for_all and not transaction.rest
        # What the server refused for good would be refused by every later send() too.
        if not is_usual:
            task.mail.drop(transaction.refused_for_good)
        self._queue.drop_if_done(task.number)
        self._outcomes.keep(task, transaction)
        if is_usual:
            self._outcomes.finish(task)
            return True
        # A message that may have been delivered is never sent again by itself.
        undecided = () if transaction.uncertain else transaction.undecided
        rest = transaction.rest
        if stay or undecided:
            put_back(self._tasks, task if stay else task._replace(recipients=undecided + rest))
            return False
        # RFC 5321 section 4.5.3.1.10: recipients above the limit get a transaction of their own.
        if left := transaction.over_limit + rest:
            put_back(self._tasks, task._replace(recipients=left))
            self._outcomes.report(task.number)
            # The recipients of a transaction that fits into LIMITS are decided.
            return bool(rest) and not transaction.uncertain
        self._outcomes.finish(task)
        return not transaction.uncertain
