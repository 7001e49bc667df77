"""Many messages put into a mailbox: APPEND, several in flight together.

This file knows when a literal needs not wait for the server, and not how a message is written.

RFC 9051 section 6.3.12; RFC 7888 (LITERAL+, LITERAL-).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from netmail.errors import NetmailError, ReplyError, UsageError
from netmail.flows.file_target import OnProgress, check_progress
from netmail.flows.flow import Close, Flow
from netmail.flows.imap.pipelining.call import Call
from netmail.flows.imap.pipelining.scheduler import Scheduler
from netmail.flows.imap.session import ImapSession
from netmail.flows.imap.uploads.append import append_literal, append_options
from netmail.flows.imap.uploads.append_all import append_all
from netmail.flows.imap.uploads.message_literal import Sending, message_literal
from netmail.flows.imap.uploads.sent_octets import SentOctets
from netmail.flows.imap.uploads.upload import Upload
from netmail.results.imap import AppendResult, ImapState
from netmail.results.pending import Pending
from netmail.wire.imap import encode

if TYPE_CHECKING:
    from netmail.mime.stored import Storable

Uploads: TypeAlias = "Iterable[Storable | Upload]"
"""Messages to be put into a mailbox."""

_Kind: TypeAlias = tuple[bytes, bool]


def append_many(
    session: ImapSession,
    mailbox: str,
    messages: Uploads,
    flags: str | Iterable[str],
    date: datetime | None,
    *,
    progress: OnProgress | None,
    atomic: bool = False,
) -> Flow[list[Pending[AppendResult]]]:
    """Put messages into a mailbox: pipelined APPENDs.

    Each message is one APPEND. MULTIAPPEND is "atomic; either all messages are successfully
    appended, or no messages are appended" (RFC 3502): one message that is refused would cost all
    others, and the response would not say which it was. So it is used where that is asked for.

    RFC 9051 section 6.3.12; RFC 7888; RFC 3502.
    """
    # C: T1 APPEND "Archive" (\Seen) {310}
    # S: + send it
    # C: From: ...
    # S: T1 OK [APPENDUID 38505 3955] done
    # C: T2 APPEND "Archive" (\Seen) {280+}
    # C: From: ...
    # C: T3 APPEND "Archive" (\Seen) {290+}
    # C: From: ...
    # S: T2 OK [APPENDUID 38505 3956] done
    # S: T3 OK [APPENDUID 38505 3957] done
    session.mailbox_argument(mailbox)  # raises before a message is taken
    common = Upload(b"", encode.flag_list(flags).decode("ascii").strip("()"), date)
    if date is not None:
        encode.date_time(date)
    check_progress(progress)
    given: object = messages
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise UsageError(f"messages are an iterable of them, not {type(messages).__name__}")
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    if atomic:
        uploads = (_complete(each, common) for each in messages)
        results = yield from append_all(session, mailbox, uploads, progress)
        return [_ended(each) for each in results]
    batch = _Batch(session, mailbox, common, messages, progress)
    while batch.has_more:
        try:
            yield from Scheduler(session, batch.next_run()).run()
        except NetmailError as failure:
            # What is certain of each message is in its result: raised, it would be lost.
            for call in batch.calls:
                call.lose(failure)
            yield Close(failure)
            break
    return [call.pending for call in batch.calls]


class _Batch:
    """The messages, and what is known of the server while they go to it."""

    def __init__(
        self,
        session: ImapSession,
        mailbox: str,
        common: Upload,
        messages: Uploads,
        progress: OnProgress | None,
    ) -> None:
        self.calls: list[Call[AppendResult]] = []
        self._session = session
        self._mailbox = mailbox
        self._sent = SentOctets(progress) if progress else None
        self._messages = (_complete(each, common) for each in messages)
        self._next = next(self._messages, None)
        self._accepted: set[_Kind] = set()
        self._largest = encode.MAX_NON_SYNC

    @property
    def has_more(self) -> bool:
        """Whether there are messages that were not begun."""
        return self._next is not None

    def next_run(self) -> Iterator[Call[AppendResult]]:
        """Yield the calls that may be in flight together; a message is taken when it is begun."""
        # Dovecot 2.3 that refuses an APPEND for its flags or date does not skip the literal, but
        # runs its lines as commands. So the first message with some flags goes alone and waits for
        # the server's request; the others with the same flags differ in the date's digits and the
        # octets alone. A refusal of the mailbox, or for the quota, does skip the literal.
        is_first = True
        while (upload := self._next) is not None:
            kind = self._kind(upload)
            is_accepted = kind is None or kind in self._accepted
            if not is_accepted and not is_first:
                return
            self.calls.append(Call(self._append(upload, kind)))
            yield self.calls[-1]
            self._next = next(self._messages, None)
            if not is_accepted:
                return
            is_first = False

    def _kind(self, upload: Upload) -> _Kind | None:
        """Return what a server may refuse before the literal; `None` for flags that are wrong."""
        try:
            return encode.flag_list(upload.flags or ()), upload.date is not None
        except UsageError:
            return None

    def _append(self, upload: Upload, kind: _Kind | None) -> Flow[AppendResult]:
        flags, date = upload.flags or (), upload.date
        options = append_options(self._session, self._mailbox, flags, date)
        # A larger one waits: a server that accepts none of its size can only close the connection.
        reported = self._sent.of_message() if self._sent else None
        sending = Sending(kind not in self._accepted, self._largest, reported)
        literal = message_literal(self._session, upload.message, sending)
        try:
            result = yield from append_literal(self._session, options, literal)
        except ReplyError:
            self._accepted.clear()
            raise
        if kind is not None:
            self._accepted.add(kind)
        self._largest = max(self._largest, literal.literal.size)
        literal.report(reported)
        return result


def _complete(message: "Storable | Upload", common: Upload) -> Upload:
    """Give a message what all have that have none of their own."""
    upload = message if isinstance(message, Upload) else Upload(message)
    flags = common.flags if upload.flags is None else upload.flags
    return Upload(upload.message, flags, upload.date or common.date)


def _ended(result: AppendResult) -> Pending[AppendResult]:
    pending = Pending[AppendResult]("append")
    pending.is_sent = True
    pending.end(result)
    return pending
