"""Messages in groups: each content is sent together with the envelope of the next message.

This file must not know a queue, nor reports: it asks for the next message, and tells when one is
decided.

RFC 2920.
"""

from functools import partial
from typing import Final

from netmail.errors import ProtocolError
from netmail.flows.flow import PEEK, Flow, Send
from netmail.flows.smtp.messages import Conversation, Messages
from netmail.flows.smtp.parameters import envelope_commands
from netmail.flows.smtp.queue import Recipient
from netmail.flows.smtp.session import SmtpSession
from netmail.flows.smtp.transaction import Transaction
from netmail.results.smtp import SendStage, refusal
from netmail.wire import dot

_RESET: Final = b"RSET\r\n"


class GroupedTransaction(Transaction):
    """A transaction whose MAIL, RCPTs and DATA are sent at once."""

    _group = b""

    def group(self) -> bytes:
        """Write MAIL, the RCPTs and DATA; from here on the server may have them.

        RFC 2920 section 3.1.
        """
        # "The EHLO, DATA, VRFY, EXPN, TURN, QUIT, and NOOP commands can only appear as the last
        # command in a group since their success or failure produces a change of state".
        self.stage = SendStage.MAIL
        self._begun = self._session.clock()
        return self._group or self._write_group()

    def prepare(self) -> None:
        """Write the group before its turn, where any server can take the message."""
        # Another message is checked first, and may be for fewer recipients then.
        if self._mail.is_plain:
            self._group = self._write_group()

    def _write_group(self) -> bytes:
        capabilities = self._session.capabilities
        mail, rcpts = envelope_commands(self._mail, self.pending, capabilities)
        return b"".join([mail, *rcpts, b"DATA\r\n"])

    def read_group(self) -> Flow[bool]:
        """Read the replies to the group.

        Returns:
            Whether the content is to be sent; if not, `drop()` ends the transaction.

        Raises:
            ConnectionLost: If one of them is 421, or the connection ends.
            ProtocolError: If the server breaks the grammar, or waits for content of which it may
                make a message that was never sent.

        RFC 2920 section 3.1.
        """
        # "Client SMTP implementations that employ pipelining MUST check ALL statuses returned from
        # a server."
        recipients = self.pending
        if self._read_usual_replies(recipients):
            return True
        yield from self._read_mail_reply()
        for recipient in recipients:
            yield from self._read_rcpt_reply(recipient)
        accepted = self._accepted_at_rcpt()
        reply = yield from self._session.read_reply()
        if accepted:
            self.stage = SendStage.DATA
        if reply.code == 354:
            # With an accepted recipient of a sender that was refused, an empty content would be
            # delivered. Without any content nothing is, so the connection ends.
            if self._has_stray_recipient:
                raise ProtocolError("DATA: 354 after a refused MAIL", str(reply).encode(), "503")
            self._awaits_end = not accepted
            return bool(accepted)
        # RFC 5321 section 4.3.2: the only intermediate reply to DATA is 354, and 2yz comes after
        # the content.
        if reply.code < 400:
            raise ProtocolError("DATA: neither 354 nor a refusal", str(reply).encode(), "354")
        # Without a recipient the refusal of DATA tells nothing new.
        if accepted:
            self._refuse(reply, refusal("DATA", reply))
        self._raise_if_closing(reply)
        return False

    def _read_usual_replies(self, recipients: list[Recipient]) -> bool:
        """Read the replies if all are there and accept everything; return whether they do.

        Otherwise nothing is read.
        """
        # One to MAIL, one to each RCPT, and RFC 5321 section 4.3.2: 354 to DATA.
        replies = self._session.replies.take_run(1 + len(recipients), 354)
        if replies is None:
            return False
        self._note_accepted(recipients, replies[1:])
        self.stage = SendStage.DATA
        return True

    def drop(self, following: bytes) -> Flow[None]:
        """End a transaction without content, and send what follows in the same group.

        RFC 2920 section 3.1.
        """
        # "If none of the RCPT TO commands [...] succeeded [and] the DATA command [...] returned a
        # 354 [...] then the client [...] should send a single dot": the server would take all that
        # follows as content. Its reply to an empty message without recipients counts for nothing.
        end = dot.END if self._awaits_end else b""
        yield Send(b"".join([end, _RESET, following]))
        if self._awaits_end:
            self._raise_if_closing((yield from self._session.read_reply()))
        # RFC 5321 section 4.1.4: "MAIL (or the obsolete SEND, SOML, or SAML) MUST NOT be sent if a
        # mail transaction is already open"; RSET may be anywhere in a group.
        yield from self.read_reset()


def deliver_grouped(session: SmtpSession, messages: Messages) -> Conversation[bool]:
    """Send messages, the content of each together with MAIL, RCPT and DATA of the next.

    Args:
        session: The session.
        messages: The messages.

    Returns:
        Whether the session takes no more messages.

    Raises:
        TransportError: If the connection ends.
        ProtocolError: If the server breaks the grammar.

    RFC 2920 section 3.1.
    """
    current = messages.take(GroupedTransaction)
    # The server may have closed the idle connection. Between two messages it is not idle.
    if current is not None:
        yield PEEK
        session.reject_unsolicited()
        # Drop a transaction that exec() began, RFC 5321 section 4.1.4: a second MAIL is refused.
        if session.transaction_open:
            yield from current.reset()
    is_sent = False
    # The server takes a content in and writes it down meanwhile. On a short line that is most of
    # the time of a batch, and what is done here in that time costs nothing.
    work_ahead = partial(messages.work_ahead, GroupedTransaction)
    while current is not None:
        if not is_sent:
            yield Send(current.group())
        may_follow = yield from current.read_group()
        messages.note_first_group()
        session.reject_unsolicited()  # data after the replies replies to nothing that was sent
        # A message whose recipients need another transaction is not finished yet, and comes next.
        following = messages.take(GroupedTransaction) if current.may_be_followed else None
        group = b"" if following is None else following.group()
        # RFC 2920 section 3.1: "The actual transfer of message content is explicitly allowed to be
        # the first "command" in a group."
        if may_follow:
            yield from current.send_content(group, work_ahead)
        else:
            yield from current.drop(group)
        is_sent = following is not None
        # Of a message that is accepted nothing changes any more, and the next content comes first:
        # its result is made while the server works on that.
        if not (is_sent and messages.defer()):
            if messages.settle():
                return True
            yield from messages.hand_over()
        current = following or messages.take(GroupedTransaction)
    return False
