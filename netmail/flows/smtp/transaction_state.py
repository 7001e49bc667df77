"""What is known of one SMTP mail transaction, and what it means for its message.

This file must not know commands, nor their order: `transaction` and its kinds record the replies.
"""

from netmail.envelope import Envelope
from netmail.errors import NetmailError
from netmail.flows.smtp.parameters import split_by_limits
from netmail.flows.smtp.queue import MailObject, Recipient
from netmail.flows.smtp.session import SERVICE_CLOSING, SmtpSession
from netmail.results.smtp import MessageResult, RecipientResult, SendStage, SmtpReply
from netmail.wire import smtp


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
        rest: The recipients of the message that do not fit into this transaction.

    RFC 5321 section 3.3.
    """

    def __init__(
        self, session: SmtpSession, mail: MailObject, recipients: tuple[Recipient, ...]
    ) -> None:
        self.stage = SendStage.NOT_SENT
        self.replies: dict[bytes, SmtpReply] = {}
        self.reply: SmtpReply | None = None
        self.error: NetmailError | None = None
        self.uncertain = False
        self.final: dict[bytes, SmtpReply] = {}
        # RFC 9422 section 4: the limits that the server names are obeyed before it refuses.
        self.recipients, self.rest = split_by_limits(recipients, session.capabilities)
        self._session = session
        self._mail = mail

    @property
    def pending(self) -> list[Recipient]:
        """The recipients without a reply."""
        return [each for each in self.recipients if each.path not in self.replies]

    @property
    def accepted(self) -> tuple[Recipient, ...]:
        """The recipients that the server accepted at RCPT."""
        # RFC 5321 section 3.3: one accepted recipient is enough for the content to be sent, and a
        # refused one does not get it.
        found = [(each, self.replies.get(each.path)) for each in self.recipients]
        return tuple([each for each, reply in found if reply is not None and reply.positive])

    @property
    def undecided(self) -> tuple[Recipient, ...]:
        """The recipients whose outcome is open, because the connection ended first."""
        if self.stage is SendStage.CHECK:
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
        if self.stage is not SendStage.DONE:
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
        """Return the outcome, with an envelope of these recipients, and what is left to send."""
        done = self.stage is SendStage.DONE
        outcomes = [
            RecipientResult(each.address, reply.positive, reply.code, reply.enhanced, reply.text)
            for each in self.recipients
            # A recipient that was accepted at RCPT gets nothing unless the content is accepted.
            if (reply := self.replies.get(each.path)) is not None
            and (done or each.path in self.final or not reply.positive)
        ]
        return MessageResult(
            envelope=self._mail.envelope(recipients, with_content=False),
            message_id=self._mail.message_id,
            accepted=tuple([each for each in outcomes if each.accepted]),
            refused=tuple([each for each in outcomes if not each.accepted]),
            reply=self.reply,
            stage=self.stage,
            error=self.error,
            uncertain=self.uncertain,
            size=len(self._mail.content),
            retryable=retryable,
        )
