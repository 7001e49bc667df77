"""Many messages on the line at once: MAIL, RCPTs and BDAT of each, without a wait in between.

This file must not know a queue, nor reports: it asks for the next message, and tells when one is
decided.

RFC 3030.
"""

from collections import deque
from typing import Final

from netmail.errors import ConnectionLost, ProtocolError, SenderRefused, TransportError
from netmail.flows.flow import PEEK, Flow, Left, Send
from netmail.flows.smtp.messages import Conversation, Messages
from netmail.flows.smtp.parameters import envelope_commands
from netmail.flows.smtp.queue import Recipient
from netmail.flows.smtp.session import SERVICE_CLOSING, SmtpSession, require_final_reply
from netmail.flows.smtp.transaction import Transaction
from netmail.results.smtp import SendStage, SmtpReply, refusal

OCTETS: Final = 1024 * 1024
"""Octets on the line from which on no other message is sent before a reply."""
WRITE: Final = 64 * 1024
"""Octets of small messages that are written at once."""
_RESET: Final = b"RSET\r\n"


class ChunkedTransaction(Transaction):
    """A transaction that is sent as a whole: RSET, MAIL, the RCPTs, BDAT with the content.

    Attributes:
        size: Octets of it on the line.
        is_closing: Whether a reply to it was 421.
    """

    size = 0
    is_closing = False
    _resets = False

    def write(self, *, resets: bool) -> tuple[bytes, bytes]:
        """Write the whole transaction; from here on the server may have it.

        Args:
            resets: Whether an earlier transaction may be open.

        Returns:
            The octets, and what the wire log shows of them.

        RFC 3030 section 2, RFC 2920 section 3.1.
        """
        recipients = self.pending
        content = self._mail.content
        # Each transaction begins with RSET: whether the one before has ended is not known, and
        # a recipient of a refused message must never get the next one. RFC 3030 section 2: after a
        # BDAT that failed the state is "indeterminate" until RSET.
        mail, rcpts = envelope_commands(
            self._mail, recipients, self._session.capabilities, chunked=True
        )
        commands = [
            _RESET if resets else b"",
            mail,
            *rcpts,
            # bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CR LF          RFC 3030 section 2
            # chunk-size = 1*DIGIT; end-marker = "LAST"
            b"BDAT %d LAST\r\n" % len(content),
        ]
        # Recorded before the flow yields. RFC 1047: if the reply is lost, the message may be
        # delivered all the same.
        self.stage, self.uncertain = SendStage.REPLY, True
        self._mail.hand_over(tuple(recipients))
        self._resets = resets
        head = b"".join(commands)
        self.size = len(head) + len(content)
        shown = head + b"(%d octets of content)\r\n" % len(content)
        # A large one follows piece by piece.
        return (head + content if isinstance(content, bytes) else head), shown

    def read(self) -> Flow[None]:
        """Read the replies to all of it.

        Raises:
            ConnectionLost: If one of them is 421, or the connection ends.
            ProtocolError: If the server breaks the grammar.

        RFC 3030 section 2.
        """
        recipients = self.pending
        try:
            if self._read_usual_replies(recipients):
                is_refused = False
            else:
                if self._resets:
                    yield from self.read_reset()
                is_refused = yield from self._read_envelope(recipients)
        except ConnectionLost:
            # RFC 5321 section 3.8: 421 to a command before the content tells that the server
            # closes the connection, so it executes nothing that follows.
            if self.is_closing:
                self._mail.take_back()
                self.uncertain = False
                self.stage = SendStage.RCPT if self.replies else SendStage.MAIL
            raise
        # RFC 3030 section 2: a server reads and discards the octets of a BDAT that it refuses, so
        # there is one reply to it in any case.
        reply = yield from self._session.read_reply()
        if not is_refused:
            self._record_final_reply(reply)
        elif self._has_stray_recipient and reply.positive:
            self._mail.hand_over(tuple(recipients))
            self.stage, self.uncertain = SendStage.REPLY, True
            raise ProtocolError("BDAT: accepted after a refused MAIL", str(reply).encode(), "503")
        self._raise_if_closing(reply)

    def _read_usual_replies(self, recipients: list[Recipient]) -> bool:
        """Read the replies before the last if all are there and positive; return whether they are.

        Otherwise nothing is read.
        """
        others = 1 + self._resets  # RFC 5321 sections 4.1.1.5 and 4.1.1.2: to RSET, and to MAIL
        if (replies := self._session.replies.take_run(others + len(recipients))) is None:
            return False
        if self._resets:
            self._session.transaction_open = False
        self._note_accepted(recipients, replies[others:])
        return True

    def forget(self, stage: SendStage = SendStage.CONNECT) -> None:
        """Record that the server has not executed it."""
        self._mail.take_back()
        self.stage, self.uncertain = stage, False

    def _read_envelope(self, recipients: list[Recipient]) -> Flow[bool]:
        """Read the replies to MAIL and RCPT; return whether they refuse the message."""
        mail = require_final_reply("MAIL", (yield from self._session.read_reply()))
        if not mail.positive:
            self.forget(SendStage.MAIL)
            self._refuse(mail, refusal("MAIL", mail, SenderRefused))
            self._raise_if_closing(mail)
        # The stage of a message on the line is REPLY, until the server has refused it.
        try:
            for recipient in recipients:
                reply = require_final_reply("RCPT", (yield from self._session.read_reply()))
                if mail.positive:
                    self.replies[recipient.path] = reply
                elif reply.positive:
                    self._has_stray_recipient = True
                self._raise_if_closing(reply)
        finally:
            # However it ends: a recipient that was refused is not in doubt. RSET came before, so
            # it is of no earlier transaction either.
            self._mail.give_back(frozenset(p for p, r in self.replies.items() if not r.positive))
        if mail.positive and not self.accepted:
            self.forget(SendStage.RCPT)
            self._accepted_at_rcpt()
        return self.stage is not SendStage.REPLY

    def _raise_if_closing(self, reply: SmtpReply) -> None:
        self.is_closing = self.is_closing or reply.code == SERVICE_CLOSING
        super()._raise_if_closing(reply)


class Line:
    """The messages on the line: sent, and not decided.

    Args:
        session: The session.
        messages: What is to be sent.
    """

    def __init__(self, session: SmtpSession, messages: Messages) -> None:
        self._session = session
        self._messages = messages
        self._sent: deque[ChunkedTransaction] = deque()
        self._octets = 0
        self._resets = session.transaction_open
        self._is_full = False
        self._lost: TransportError | None = None
        self._refused: ChunkedTransaction | None = None

    def deliver(self) -> Conversation[bool]:
        """Send messages until there are no more, or the session takes no more.

        Returns:
            Whether the session takes no more messages.

        Raises:
            TransportError: If the connection ends.
            ProtocolError: If the server breaks the grammar.

        RFC 3030 section 4.2, RFC 2920 section 3.1.
        """
        # The server may have closed the idle connection.
        yield PEEK
        self._session.reject_unsolicited()
        has_left: Left | None = None
        yield from self._fill()
        while self._sent:
            head = self._sent[0]
            try:
                yield from head.read()
            except (TransportError, ProtocolError) as error:
                if isinstance(error, TransportError):
                    self._end(head)
                if has_left is not None:
                    raise has_left from None
                # What the write failed with says more than that there is no connection now.
                raise self._lost or error from None
            self._sent.popleft()
            self._refused = None if head.stage is SendStage.DONE else head
            self._octets -= head.size
            self._is_full = self._messages.settle() or self._is_full
            # Between two messages: the caller may look at a result, and write it down.
            if not has_left:
                try:
                    yield from self._messages.hand_over()
                except Left as left:
                    # What is on the line is decided all the same, and its replies are read.
                    has_left = left
                    continue
            # Refilled from the half on: many small messages are written at once.
            if not has_left and len(self._sent) <= self._session.options.window // 2:
                yield from self._fill()
        # All that was sent as a whole is decided by replies that had come before the write failed.
        if has_left is None and self._lost is not None:
            raise self._lost
        # RFC 3030 section 2: after a BDAT that failed the state is "indeterminate". The server may
        # still wait for the content of that message, and refuse the MAIL of the next call.
        if has_left is not None:
            self._session.transaction_open = self._refused is not None
            raise has_left
        if self._refused is not None and not self._is_full:
            yield from self._refused.reset()
        return self._is_full

    def _fill(self) -> Flow[None]:
        """Send messages up to the window's limits."""
        while not (self._is_full or self._lost) and (written := self._write()):
            data, shown, last = written
            try:
                yield Send(data, shown)
                yield from last.send_rest()
            except TransportError as error:
                # The replies to what was sent before may be here already: they are read first. The
                # last message of this write is not whole, so it is certainly not delivered.
                last.forget(SendStage.CHECK if last.is_unreadable else SendStage.CONTENT)
                self._sent.pop()
                self._lost = error

    def _write(self) -> tuple[bytes, bytes, ChunkedTransaction] | None:
        """Write as many small messages as belong together, or one large one."""
        data, shown, size = [], [], 0
        # The window in octets is the limit of what a dead connection leaves in doubt; no side
        # waits for the other meanwhile, since what arrives is read while this is written.
        while (
            size < WRITE
            and len(self._sent) < self._session.options.window
            and (self._octets < OCTETS)
            and (transaction := self._messages.take(ChunkedTransaction)) is not None
        ):
            octets, text = transaction.write(resets=self._resets)
            self._resets = True
            self._sent.append(transaction)
            self._octets += transaction.size
            size += transaction.size
            data.append(octets)
            shown.append(text)
        if not data:
            return None
        return b"".join(data), b"".join(shown), self._sent[-1]

    def _end(self, head: ChunkedTransaction) -> None:
        """Record what the end of the connection means for what is on the line."""
        # RFC 5321 section 3.8: after the reply 421 the server executes nothing. Otherwise each
        # message that was sent as a whole may be delivered.
        if head.is_closing:
            for transaction in list(self._sent)[1:]:
                transaction.forget()
