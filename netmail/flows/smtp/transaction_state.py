"""What is known of one SMTP mail transaction, and what it means for its message.

This file must not know commands, nor their order: `transaction` and its kinds record the replies.
"""

from typing import Final

from netmail.envelope import Envelope
from netmail.errors import NetmailError
from netmail.flows.smtp.parameters import split_by_limits
from netmail.flows.smtp.queue import MailObject, Recipient
from netmail.flows.smtp.session import SERVICE_CLOSING, SmtpSession
from netmail.results.smtp import (
    MessageResult,
    RecipientResult,
    SendStage,
    SendStatus,
    SmtpReply,
)
from netmail.wire import smtp

_BEFORE_MAIL: Final = frozenset({SendStage.CONNECT, SendStage.CHECK, SendStage.MAIL})


class TransactionState:
    """What is known of the transaction of one message for some recipients.

    Attributes:
        stage: How far it came.
        replies: The reply for each recipient, by path; code 0 if netmail refused it.
        reply: The reply for the message as a whole.
        error: Why the message stopped.
        uncertain: Whether the content was sent and the final reply has not been received.
        final: The final replies of LMTP, which has one for each recipient, by path.
        recipients: The recipients that it is for.
        accepts_all: Whether it is known that the server has accepted each of them so far; a quick
            look for what is so with nearly every message.
        rest: The recipients of the message that do not fit into this transaction.

    RFC 5321 section 3.3.
    """

    def __init__(
        self, session: SmtpSession, mail: MailObject, recipients: tuple[Recipient, ...]
    ) -> None:
        self.stage = SendStage.CONNECT
        self.replies: dict[bytes, SmtpReply] = {}
        self.reply: SmtpReply | None = None
        self.error: NetmailError | None = None
        self.uncertain = False
        self.final: dict[bytes, SmtpReply] = {}
        # RFC 9422 section 4: the limits that the server names are obeyed before it refuses.
        self.recipients, self.rest = split_by_limits(recipients, session.capabilities)
        self.accepts_all = False
        self._session = session
        self._mail = mail
        self._begun = session.clock()
        self._ended: float | None = None

    @property
    def pending(self) -> list[Recipient]:
        """The recipients without a reply."""
        # Before the first reply, which is when it is asked for most often.
        if not self.replies:
            return list(self.recipients)
        return [each for each in self.recipients if each.path not in self.replies]

    @property
    def accepted(self) -> tuple[Recipient, ...]:
        """The recipients that the server accepted at RCPT."""
        # Nearly every message. Each of these looks would search all replies.
        if self.accepts_all:
            return self.recipients
        # RFC 5321 section 3.3: one accepted recipient is enough for the content to be sent, and a
        # refused one does not get it.
        found = [(each, self.replies.get(each.path)) for each in self.recipients]
        return tuple([each for each, reply in found if reply is not None and reply.positive])

    @property
    def is_begun(self) -> bool:
        """Whether the server accepted it at MAIL."""
        return self.stage not in _BEFORE_MAIL

    @property
    def is_done_for_all(self) -> bool:
        """Whether the server has accepted the message for each recipient."""
        return self.accepts_all and self.stage is SendStage.DONE

    @property
    def undecided(self) -> tuple[Recipient, ...]:
        """The recipients whose outcome is open, because the connection ended first."""
        if self.stage is SendStage.CHECK or self.is_done_for_all:
            return ()
        # A 421 tells about the connection: "the SMTP service is shutting down" (RFC 5321 section
        # 3.8), and nothing about the recipient.
        return tuple(
            each
            for each in self.recipients
            if (reply := self.replies.get(each.path)) is None
            or reply.code == SERVICE_CLOSING
            or (reply.positive and self.stage is not SendStage.DONE)
        )

    @property
    def refused_for_good(self) -> frozenset[bytes]:
        """The paths that a later try cannot succeed for: 5yz, or netmail's own check."""
        if self.accepts_all:
            return frozenset()
        if self.stage is SendStage.CHECK:
            return frozenset(each.path for each in self.recipients)
        later = {each.path for each in self.over_limit}
        return frozenset(
            path
            for path, reply in self.replies.items()
            if not (reply.positive or reply.transient or path in later)
        )

    @property
    def over_limit(self) -> tuple[Recipient, ...]:
        """The recipients that the server refused only since it had accepted enough others.

        RFC 5321 section 4.5.3.1.10.
        """
        # The limit is on the RCPT commands of one transaction, so the others get one of their own.
        # A 452 to the first recipient has another reason.
        if self.stage is not SendStage.DONE or self.accepts_all:
            return ()
        seen, found = False, []
        for each in self.recipients:
            reply = self.replies[each.path]
            seen = seen or reply.positive
            # After the content, 452 is about the mailbox.
            if seen and each.path not in self.final and smtp.too_many_recipients(reply):
                found.append(each)
        return tuple(found)

    @property
    def may_be_followed(self) -> bool:
        """Whether no further transaction of this message must come before the next message."""
        # No 452 is among the replies: RFC 5321 section 4.5.3.1.10.
        if self.accepts_all:
            return not self.rest
        if self.session_is_full or self.rest:
            return False
        refused = (reply for reply in self.replies.values() if not reply.positive)
        return not any(map(smtp.too_many_recipients, refused))

    @property
    def session_is_full(self) -> bool:
        """Whether the server refused MAIL because the session has sent enough messages."""
        if self.stage is not SendStage.MAIL or self.reply is None:
            return False
        return smtp.too_many_messages(self.reply)

    def result(
        self, recipients: tuple[Recipient, ...], retryable: Envelope | None
    ) -> MessageResult:
        """Return the outcome for these recipients, of which it may have had only some."""
        # A result may be made later, while the next message is sent.
        ended = self._session.clock() if self._ended is None else self._ended
        seconds = ended - self._begun
        if self.is_done_for_all and self.reply is not None and not self.rest:
            outcomes = self._all_accepted(self.reply, seconds)
        else:
            outcomes = [self._outcome(each.address, each.path, seconds) for each in recipients]
        return MessageResult(
            self._mail.envelope(recipients, with_content=False),
            self._mail.message_id,
            tuple(outcomes),
            self._final_replies(),
            self.stage,
            self.error,
            len(self._mail.content),
            retryable,
        )

    def _all_accepted(self, reply: SmtpReply, seconds: float) -> list[RecipientResult]:
        """Return what nearly every transaction tells: its one final reply is that of all."""
        # RFC 5321 section 4.2.5: with that reply the server is responsible for each of them.
        code, enhanced, text, stage = reply.code, reply.enhanced, reply.text, self.stage
        status = SendStatus.ACCEPTED
        return [
            RecipientResult(each.address, status, code, enhanced, text, stage, seconds)
            for each in self.recipients
        ]

    def _outcome(self, address: str, path: bytes, seconds: float) -> RecipientResult:
        """Return what the transaction tells about one recipient."""
        status, reply, stage = self._fate(path)
        if reply is not None:
            code, enhanced, text = reply.code, reply.enhanced, reply.text
            return RecipientResult(address, status, code, enhanced, text, stage, seconds)
        why = "" if self.error is None else str(self.error)
        return RecipientResult(address, status, text=why, stage=stage, seconds=seconds)

    def _fate(self, path: bytes) -> tuple[SendStatus, SmtpReply | None, SendStage]:
        """Return what has become of the message for a recipient, by which reply, and where."""
        reply = self.replies.get(path)
        is_whole = reply is not None and reply is self.reply
        # A message without accepted recipients that the server took all the same is in doubt too.
        if self.uncertain and (reply is None or reply.positive or is_whole):
            # Of the recipients that a transaction did not have nothing is in doubt.
            if all(each.path != path for each in self.rest) and path not in self.final:
                return SendStatus.UNCERTAIN, None, self.stage
        elif reply is not None and not reply.positive:
            return SendStatus.REFUSED, reply, self.stage if is_whole else self._stage(reply)
        # A recipient that was accepted at RCPT gets nothing unless the content is accepted. RFC
        # 5321 section 4.2.5: it is the final reply that makes the server responsible.
        final = self.final.get(path) or (self.reply if self.stage is SendStage.DONE else None)
        if reply is not None and final is not None:
            return SendStatus.ACCEPTED, final, SendStage.DONE
        # netmail's own check: no server would take it. The turn of the others comes.
        if self.stage is SendStage.CHECK and all(each.path != path for each in self.rest):
            return SendStatus.REFUSED, None, self.stage
        # The other recipients of the transaction got the message, and this one's turn comes.
        ended = self.stage in {SendStage.DONE, SendStage.CHECK}
        at = SendStage.CONNECT if ended else self.stage
        return SendStatus.NOT_SENT, None, at

    def _stage(self, reply: SmtpReply) -> SendStage:
        """Return where a recipient was refused whose message was not."""
        # The final reply of LMTP for this one; else RCPT, or netmail's own check.
        if any(reply is each for each in self.final.values()):
            return SendStage.REPLY
        return SendStage.RCPT if reply.code else SendStage.CHECK

    def _final_replies(self) -> tuple[SmtpReply, ...]:
        """Return the replies that decided about the content, or refused the message before it."""
        # RFC 2033 section 4.2: one for each recipient, in the order of the RCPT commands.
        if self.final:
            return tuple(self.final.values())
        return () if self.reply is None else (self.reply,)
