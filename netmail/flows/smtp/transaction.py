"""One SMTP mail transaction: MAIL, RCPT, DATA, the content and the final reply.

This file must not know the other messages of the batch. Every known outcome is recorded before the
flow yields, so an interrupted flow leaves correct state.
"""

from contextlib import suppress
from typing import Final

from netmail.envelope import Envelope
from netmail.errors import NetmailError, ProtocolError, RecipientsRefused, SenderRefused
from netmail.flows.flow import Flow, Send
from netmail.flows.smtp import parameters
from netmail.flows.smtp.final_replies import read_final_replies
from netmail.flows.smtp.queue import MailObject, Recipient
from netmail.flows.smtp.session import SERVICE_CLOSING, SmtpSession, require_final_reply
from netmail.results.smtp import MessageResult, RecipientResult, SendStage, SmtpReply, refusal
from netmail.wire import dot, smtp

JOINED: Final = 32 * 1024
"""Octets of content up to which the final dot is sent together with it. A larger message is
certainly not delivered until its dot is sent; of a smaller one nothing is certain."""


class Transaction:
    """The transaction of one message for some recipients.

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
        recipients, self.rest = parameters.split_by_limits(recipients, session.capabilities)
        self._session = session
        self._mail = mail
        self.recipients = recipients
        self._has_stray_recipient = False  # accepted, although MAIL was refused
        self._awaits_end = False  # the server waits for content that nobody would get

    @property
    def pending(self) -> list[Recipient]:
        """The recipients without a reply."""
        return [each for each in self.recipients if each.path not in self.replies]

    @property
    def accepted(self) -> tuple[Recipient, ...]:
        """The recipients that the server accepted at RCPT."""
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

    def deliver(self) -> Flow[None]:
        """Send the message, one step after another; its outcome is in the attributes.

        Only for one that `is_sendable()`.

        Raises:
            TransportError: If the connection ends.
            ProtocolError: If the server breaks the grammar.

        RFC 5321 section 3.3.
        """
        self._session.reject_unsolicited()
        # Drop a transaction that exec() began, RFC 5321 section 4.1.4: a second MAIL is refused.
        if self._session.transaction_open:
            yield from self.reset()
        # Send the envelope.
        accepted = yield from self._send_envelope()
        # Ask whether the content may follow, and send it.
        if accepted and (yield from self._send_data_command()):
            yield from self.send_content()
            return
        # Nothing was delivered: drop the transaction, so that the next message can begin its own.
        yield from self.reset()

    # -- before anything is sent -------------------------------------------------------------

    def is_sendable(self) -> bool:
        """Check what the message needs; return whether it, or a recipient of it, can be sent."""
        offered = self._session.capabilities
        server = parameters.Server(offered, self._session.verified)
        if (error := parameters.obstacle(self._mail, server)) is not None:
            self.stage, self.error = SendStage.CHECK, error
            return False
        refused = parameters.recipient_obstacles(self.recipients, offered)
        self.error = next(iter(refused.values()), None)
        # Code 0: no server has refused the recipient.
        self.replies.update((path, SmtpReply(0, "", str(why))) for path, why in refused.items())
        if not self.pending:
            self.stage = SendStage.CHECK
        return self.stage is not SendStage.CHECK

    # -- MAIL and RCPT -----------------------------------------------------------------------

    def _send_envelope(self) -> Flow[tuple[Recipient, ...]]:
        """Send MAIL and RCPT, and record the replies.

        Returns:
            The recipients that the server accepted at RCPT.

        RFC 5321 sections 4.1.1.2 and 4.1.1.3, RFC 2920 section 3.1.
        """
        recipients = self.pending
        mail, rcpts = self._mail_command(recipients), list(map(self._rcpt_command, recipients))
        # RFC 2920 section 3.1: MAIL and RCPT "can all appear anywhere in a pipelined command
        # group"; without the extension each command waits for the reply to the one before.
        pipelining = self._session.pipelining != "off"
        self.stage = SendStage.MAIL
        yield Send(b"".join([mail, *rcpts]) if pipelining else mail)
        yield from self._read_mail_reply()
        for recipient, rcpt in zip(recipients, rcpts, strict=True):
            if not pipelining:
                # RFC 5321 section 3.3: RCPT follows a MAIL that was accepted; else it gets 503.
                if self.stage is SendStage.MAIL:
                    break
                yield Send(rcpt)
            yield from self._read_rcpt_reply(recipient)
        # RFC 5321 section 3.3: one accepted recipient is enough for DATA; without any, DATA gets
        # 503 or 554, so it is not sent.
        return self._accepted_at_rcpt()

    def _accepted_at_rcpt(self) -> tuple[Recipient, ...]:
        """Return the recipients that the server accepted; record the error if there is none."""
        if self.stage is not SendStage.RCPT:
            return ()
        accepted = self.accepted
        if not accepted and self.error is None:
            first = self.replies[self.recipients[0].path]
            self.error = refusal("RCPT", first, RecipientsRefused)
        return accepted

    def _mail_command(self, recipients: list[Recipient]) -> bytes:
        mail, offered = self._mail, self._session.capabilities
        return smtp.mail(mail.path, parameters.mail_parameters(mail, recipients, offered))

    def _rcpt_command(self, recipient: Recipient) -> bytes:
        return smtp.rcpt(recipient.path, parameters.rcpt_parameters(recipient.options))

    def _read_mail_reply(self) -> Flow[None]:
        """Read the reply to MAIL; a refusal holds for every recipient."""
        reply = require_final_reply("MAIL", (yield from self._session.read_reply()))
        if reply.positive:
            self.stage = SendStage.RCPT
            return
        self._refuse(reply, refusal("MAIL", reply, SenderRefused))
        self._raise_if_closing(reply)

    def _read_rcpt_reply(self, recipient: Recipient) -> Flow[None]:
        """Read the reply to RCPT, and record it unless the sender was refused before."""
        reply = require_final_reply("RCPT", (yield from self._session.read_reply()))
        # After a refused MAIL the replies to the pipelined RCPTs (usually 503) mean nothing, but
        # they must be read, or they would pass as the replies to the next commands.
        if self.stage is SendStage.RCPT:
            self.replies[recipient.path] = reply
        elif reply.positive:
            self._has_stray_recipient = True
        # Recorded first: the report tells what was decided before a 421.
        self._raise_if_closing(reply)

    # -- DATA and the content ----------------------------------------------------------------

    def _send_data_command(self) -> Flow[bool]:
        """Send DATA and return whether the content may follow.

        RFC 5321 section 4.1.1.4.
        """
        # Sent alone, although RFC 2920 section 3.1 allows DATA at the end of the group: the content
        # is never sent without a 354, since a server that refuses DATA executes it as commands.
        self.stage = SendStage.DATA
        self._session.reject_unsolicited()
        # data = "DATA" CRLF
        yield Send(b"DATA\r\n")
        reply = yield from self._session.read_reply()
        if reply.code == 354:
            return True
        # RFC 5321 section 4.3.2: the only intermediate reply to DATA is 354, and 2yz comes after
        # the content.
        if reply.code < 400:
            raise ProtocolError("DATA: neither 354 nor a refusal", str(reply).encode(), "354")
        self._refuse(reply, refusal("DATA", reply))
        self._raise_if_closing(reply)
        return False

    def send_content(self, following: bytes = b"") -> Flow[None]:
        """Send the content, and record the final reply.

        Args:
            following: Commands that are sent together with the final dot; their replies are left.

        RFC 5321 section 4.1.1.4.
        """
        self._session.reject_unsolicited()  # data after the 354 replies to nothing that was sent
        body = dot.stuff(self._mail.content)
        shown = b"(%d octets of content)\r\n" % len(body)
        self.stage = SendStage.CONTENT
        try:
            # Send a large content before its dot: until then it is certainly not delivered.
            if len(body) > JOINED:
                yield Send(body, shown)
                body, shown = b"", dot.END
            # From here on the server may have it all. RFC 1047: if its reply is lost, the message
            # may be delivered, and sending it again may deliver it twice. So that is recorded
            # before the flow yields, and the caller decides.
            self.stage, self.uncertain = SendStage.REPLY, True
            self._mail.hand_over(self.accepted)
            # The content ends in CRLF, so the dot is on a line of its own.
            yield Send(b"".join([body, dot.END, following]), shown + following)
            if self._session.options.lmtp:
                yield from self._read_final_replies()
                return
            reply = yield from self._session.read_reply()
        except NetmailError:
            self._record_early_refusal()
            raise
        self._record_final_reply(reply)
        self._raise_if_closing(reply)

    def _read_final_replies(self) -> Flow[None]:
        """Read LMTP's final replies; each decides about one recipient.

        RFC 2033 section 4.2.
        """
        try:
            to, final = self.accepted, self.final
            reply = yield from read_final_replies(self._session, self._mail, to, final)
        finally:
            self.replies.update(self.final)
        self.uncertain, self.reply = False, reply
        if reply.positive:
            self.stage = SendStage.DONE
        else:
            self.error = refusal("DATA", reply)

    def _record_early_refusal(self) -> None:
        """Record the refusal that the server sent before it closed the connection, if it did."""
        # In LMTP such a reply after the dot is for one recipient, and is recorded already.
        if self._session.options.lmtp and self.uncertain:
            return
        with suppress(ProtocolError):
            reply = self._session.take_reply()
            # A positive reply before the final dot confirms nothing.
            if reply is not None and reply.code >= 400:
                self._record_final_reply(reply)

    def _record_final_reply(self, reply: SmtpReply) -> None:
        """Record the reply that decides about the message.

        RFC 5321 section 4.2.5: after 250 the server is responsible for the message; after 4yz or
        5yz the client still is.
        """
        # One reply for every recipient that was accepted at RCPT.
        if reply.positive:
            self._mail.confirm()
            self.stage, self.reply = SendStage.DONE, reply
        elif reply.code >= 400:
            self._mail.take_back()
            self._refuse(reply, refusal("DATA", reply))
        else:
            raise ProtocolError("no final reply to DATA", str(reply).encode(), "250 or 5yz")
        self.uncertain = False

    # -- replies -----------------------------------------------------------------------------

    def _refuse(self, reply: SmtpReply, error: NetmailError) -> None:
        """Record a refusal of the message; it holds for recipients not refused before."""
        self.reply, self.error = reply, error
        for recipient in self.recipients:
            known = self.replies.get(recipient.path)
            if known is None or known.positive:
                self.replies[recipient.path] = reply

    def _raise_if_closing(self, reply: SmtpReply) -> None:
        """End the session if the reply says that the server closes the connection.

        RFC 5321 section 3.8.
        """
        # A 421 may be the reply to any command, and counts as its refusal too.
        if reply.code == SERVICE_CLOSING:
            raise self._session.closing_error(reply)

    def reset(self) -> Flow[None]:
        """Send RSET, so that the next message begins a transaction of its own.

        RFC 5321 section 4.1.1.5.
        """
        yield Send(b"RSET\r\n")
        yield from self.read_reset()

    def read_reset(self) -> Flow[None]:
        """Read the reply to RSET.

        Raises:
            ProtocolError: If the server refuses it.
        """
        reply = yield from self._session.read_reply()
        self._raise_if_closing(reply)
        # The server "MUST send a "250 OK" reply to a RSET command"; without it messages could mix.
        if not reply.positive:
            raise ProtocolError("RSET was refused", str(reply).encode(), "250")
        self._session.transaction_open = False

    # -- the outcome -------------------------------------------------------------------------

    def result(
        self, recipients: tuple[Recipient, ...], retryable: Envelope | None
    ) -> MessageResult:
        """Return the outcome as a value.

        Args:
            recipients: The recipients of its envelope.
            retryable: What is left of the message, with its content.
        """
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
