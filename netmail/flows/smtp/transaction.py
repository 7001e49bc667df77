"""One SMTP mail transaction: MAIL, RCPT, DATA, the content and the final reply.

This file must not know the other messages of the batch. Every known outcome is recorded before the
flow yields, so an interrupted flow leaves correct state.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from netmail.envelope import LargeContent
from netmail.errors import NetmailError, ProtocolError, RecipientsRefused, SenderRefused
from netmail.flows.flow import Flow, Send
from netmail.flows.smtp import parameters
from netmail.flows.smtp.final_replies import read_final_replies
from netmail.flows.smtp.large_content import ContentUnreadable, send_pieces
from netmail.flows.smtp.queue import Recipient
from netmail.flows.smtp.requirements import lacking
from netmail.flows.smtp.session import SERVICE_CLOSING, require_final_reply
from netmail.flows.smtp.transaction_state import TransactionState
from netmail.results.smtp import SendStage, SmtpReply, refusal
from netmail.wire import dot

JOINED: Final = 32 * 1024
"""Octets of content up to which the final dot is sent together with it. A larger message is
certainly not delivered until its dot is sent; of a smaller one nothing is certain."""


class Transaction(TransactionState):
    """The transaction of one message for some recipients.

    Attributes:
        is_unreadable: Whether a file of a large content could not be read to its end.

    RFC 5321 section 3.3.
    """

    is_unreadable = False
    _has_stray_recipient = False  # a recipient was accepted, although MAIL was refused
    _awaits_end = False  # the server waits for content without recipients

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
        self._session.prepare(self._mail)
        # Nearly every message can be sent to any server that takes its size.
        if self._mail.is_plain and self.recipients and lacking(self._mail, offered) is None:
            return True
        server = parameters.Server(offered, self._session.verified)
        if (error := parameters.obstacle(self._mail, server)) is not None:
            self.stage, self.error = SendStage.CHECK, error
            # It holds for each recipient, whatever fits into a transaction.
            self.recipients, self.rest = self.recipients + self.rest, ()
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
        mail, rcpts = parameters.envelope_commands(
            self._mail, recipients, self._session.capabilities
        )
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
        # What follows need not look at each reply again; a refusal of the content takes it back.
        self.accepts_all = len(accepted) == len(self.recipients)
        if not accepted and self.error is None:
            first = self.replies[self.recipients[0].path]
            self.error = refusal("RCPT", first, RecipientsRefused)
        return accepted

    def _note_accepted(self, recipients: list[Recipient], replies: list[SmtpReply]) -> None:
        """Record the positive replies to RCPT, which were read at once."""
        self.replies.update(zip([each.path for each in recipients], replies, strict=True))
        self.accepts_all = len(recipients) == len(self.recipients)

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

    def prepare(self) -> None:
        """Do before its turn what needs no reply; nothing by default."""

    def send_content(
        self, following: bytes = b"", meanwhile: Callable[[], None] | None = None
    ) -> Flow[None]:
        """Send the content, and record the final reply.

        Args:
            following: Commands that are sent together with the final dot; their replies are left.
            meanwhile: Called as soon as all of it is sent, before the wait for the reply.

        RFC 5321 section 4.1.1.4.
        """
        self._session.reject_unsolicited()  # data after the 354 replies to nothing that was sent
        self.stage = SendStage.CONTENT
        try:
            content = self._mail.content
            # Nearly every message: its dot is sent together with it, and one system call does.
            if isinstance(content, bytes) and len(content) <= JOINED:
                body = dot.stuff(content)
                shown = b"(%d octets of content)\r\n" % len(body)
            else:
                body, shown = b"", dot.END
                yield from self._send_all_but_end(content)
            # From here on the server may have it all. RFC 1047: if its reply is lost, the message
            # may be delivered, and sending it again may deliver it twice. So that is recorded
            # before the flow yields, and the caller decides.
            self.stage, self.uncertain = SendStage.REPLY, True
            self._mail.hand_over(self.accepted)
            # The content ends in CRLF, so the dot is on a line of its own.
            yield Send(b"".join([body, dot.END, following]), shown + following)
            # The server has work to do now: what needs no reply costs no time here.
            if meanwhile is not None:
                meanwhile()
            if self._session.options.lmtp:
                yield from self._read_final_replies()
                return
            reply = yield from self._session.read_reply()
        except ContentUnreadable as error:
            # A later try would meet the same file: the message is refused, as by netmail's checks.
            self.stage, self.error, self.accepts_all = SendStage.CHECK, error.reason, False
            raise
        except NetmailError:
            self._record_early_refusal()
            raise
        self._record_final_reply(reply)
        self._raise_if_closing(reply)

    def _send_all_but_end(self, content: bytes | LargeContent) -> Flow[None]:
        """Send a large content before its dot."""
        # Until the dot is sent, the message is certainly not delivered.
        if isinstance(content, LargeContent):
            yield from send_pieces(content, self._session.note_sent, stuffed=True)
            return
        body = dot.stuff(content)
        yield Send(body, b"(%d octets of content)\r\n" % len(body))

    def send_rest(self) -> Flow[None]:
        """Send a content that is too large for memory, without an end; nothing for another.

        Raises:
            ConnectionLost: If the connection ends, or the content cannot be read.
        """
        content = self._mail.content
        if not isinstance(content, LargeContent):
            return
        try:
            yield from send_pieces(content, self._session.note_sent, stuffed=False)
        except ContentUnreadable as error:
            self.error, self.is_unreadable, self.accepts_all = error.reason, True, False
            raise

    def _read_final_replies(self) -> Flow[None]:
        """Read LMTP's final replies; each decides about one recipient.

        RFC 2033 section 4.2.
        """
        try:
            to, final = self.accepted, self.final
            reply = yield from read_final_replies(self._session, self._mail, to, final)
        finally:
            self.replies.update(self.final)
            self.accepts_all = False
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
        self._ended = self._session.clock()
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
        self.reply, self.error, self.accepts_all = reply, error, False
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
