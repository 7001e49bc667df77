"""One mail transaction: MAIL, RCPT, DATA, content, and whose word stands in the end.

This file knows the order of commands for one message, and nothing of the messages around it.
Whatever is certain is written down before the flow waits again, so that a flow that is broken off
leaves the truth behind.
"""

from contextlib import suppress
from typing import Final

from netmail.errors import CapabilityError, LimitError, NetmailError, ProtocolError, SenderRefused
from netmail.flows.flow import Flow, Send
from netmail.flows.smtp.attempt import Attempt
from netmail.flows.smtp.queue import Recipient
from netmail.flows.smtp.session import FAREWELL, SmtpSession
from netmail.results.smtp import Stage, recipients_refused, refusal
from netmail.results.smtp_reply import Reply
from netmail.wire import dot, smtp

JOINED: Final = 32 * 1024
"""Octets of content up to which the final dot travels with it. A larger message is certainly not
delivered until its dot leaves; of a smaller one nobody can tell how much had left."""


class Delivery(SmtpSession):
    """How one message is sent."""

    def deliver(self, attempt: Attempt) -> Flow[None]:
        """Send one message; everything that becomes of it is noted in `attempt`.

        Raises:
            TransportError: If the connection ends.
            ProtocolError: If the server breaks the grammar.

        RFC 5321 section 3.3.
        """
        self._check_offers(attempt)
        if attempt.stage is Stage.CHECK:
            return
        self.refuse_unasked()
        willing = yield from self._introduce(attempt)
        if willing and (yield from self._ask_for_content(attempt)):
            yield from self._send_content(attempt, willing)
        else:
            yield from self._reset()

    # -- before anything is sent -------------------------------------------------------------

    def _check_offers(self, attempt: Attempt) -> None:
        """Stop a message, or a recipient, that needs what the server does not offer."""
        mail, offers = attempt.mail, self.capabilities
        limit = smtp.size_limit(offers)
        size = len(mail.content)
        if limit is not None and size > limit:
            text = f"the message has {size} octets, and the server takes {limit} (SIZE)"
            attempt.stop(Stage.CHECK, LimitError(text))
        elif mail.eight_bit and "8BITMIME" not in offers:
            attempt.stop(Stage.CHECK, _lacks("8BITMIME", "the content has octets over 127"))
        elif "SMTPUTF8" not in offers:
            self._check_ascii(attempt)

    def _check_ascii(self, attempt: Attempt) -> None:
        if attempt.mail.utf8:
            lacks = _lacks("SMTPUTF8", "the sender or the header is not ASCII")
            attempt.stop(Stage.CHECK, lacks)
            return
        beyond = [who for who in attempt.people if not who.path.isascii()]
        if beyond:
            attempt.error = _lacks("SMTPUTF8", f"{beyond[0].address} is not ASCII")
            refused = Reply(0, "", str(attempt.error))
            attempt.answers.update((who.path, refused) for who in beyond)
            if len(beyond) == len(attempt.people):
                attempt.stage = Stage.CHECK

    # -- MAIL and RCPT -----------------------------------------------------------------------

    def _introduce(self, attempt: Attempt) -> Flow[tuple[Recipient, ...]]:
        """Say who sends and who receives, in one group where the server allows it.

        Returns:
            Whom the server would take the message for.

        RFC 2920 section 3.1.
        """
        people = attempt.unasked
        first, rest = self._mail(attempt, people), [smtp.rcpt(who.path) for who in people]
        attempt.stage = Stage.MAIL
        if "PIPELINING" in self.capabilities:
            yield Send(b"".join([first, *rest]))
            yield from self._hear_sender(attempt, len(people))
            for who in attempt.unasked:
                self._note(attempt, who, (yield from self.reply()))
        else:
            yield Send(first)
            yield from self._hear_sender(attempt, 0)
            for who, line in zip(attempt.unasked, rest, strict=False):
                yield Send(line)
                self._note(attempt, who, (yield from self.reply()))
        willing = attempt.willing
        if attempt.stage is Stage.RCPT and not willing and attempt.error is None:
            attempt.error = recipients_refused(attempt.result().refused)
        return willing

    def _mail(self, attempt: Attempt, people: list[Recipient]) -> bytes:
        mail = attempt.mail
        size = len(mail.content) if "SIZE" in self.capabilities else None
        utf8 = mail.utf8 or not all(who.path.isascii() for who in people)
        parameters = smtp.mail_parameters(size=size, eight_bit=mail.eight_bit, utf8=utf8)
        return smtp.mail(mail.path, parameters)

    def _hear_sender(self, attempt: Attempt, asked: int) -> Flow[None]:
        """Read what MAIL got; if it was refused, also what the `asked` recipients got."""
        answer = yield from self.reply()
        if _decides("MAIL", answer).positive:
            attempt.stage = Stage.RCPT
            return
        attempt.refuse_all(Stage.MAIL, answer, refusal("MAIL", answer, SenderRefused))
        self._heed(answer)
        for _ in range(asked):
            # Whatever they got, without a sender nothing comes of it.
            self._heed(_decides("RCPT", (yield from self.reply())))

    def _note(self, attempt: Attempt, who: Recipient, answer: Reply) -> None:
        """Write down what a recipient got."""
        attempt.answers[who.path] = _decides("RCPT", answer)
        self._heed(answer)

    # -- DATA and the content ----------------------------------------------------------------

    def _ask_for_content(self, attempt: Attempt) -> Flow[bool]:
        """Say DATA, alone: a server that refused everybody meanwhile would take content for words.

        RFC 5321 section 4.1.1.4.
        """
        attempt.stage = Stage.DATA
        self.refuse_unasked()
        yield Send(b"DATA\r\n")
        answer = yield from self.reply()
        if answer.code == 354:
            return True
        if answer.code < 400:
            raise ProtocolError("DATA: no word of content", str(answer).encode(), "354")
        attempt.refuse_all(Stage.DATA, answer, refusal("DATA", answer))
        self._heed(answer)
        return False

    def _send_content(self, attempt: Attempt, willing: tuple[Recipient, ...]) -> Flow[None]:
        """Send the content, and hear what the server makes of it."""
        self.refuse_unasked()  # what came with the 354 answers nothing that we have sent
        mail = attempt.mail
        body = dot.stuff(mail.content)
        shown = b"(%d octets of content)\r\n" % len(body)
        attempt.stage = Stage.CONTENT
        try:
            if len(body) > JOINED:
                yield Send(body, shown)
                body, shown = b"", dot.END
            # From here on the server may have it all.
            attempt.stage, attempt.uncertain = Stage.REPLY, True
            mail.hand_over(willing)
            yield Send(body + dot.END, shown)
            answer = yield from self.reply()
        except NetmailError:
            self._settle_early(attempt)
            raise
        self._settle(attempt, answer)
        self._heed(answer)

    def _settle(self, attempt: Attempt, answer: Reply) -> None:
        """Write down the reply that decides about the message.

        RFC 5321 section 4.2.5: with 250 the server has taken responsibility, else nobody has.
        """
        if answer.positive:
            attempt.mail.confirm()
            attempt.stage, attempt.reply = Stage.DONE, answer
        elif answer.code >= 400:
            attempt.mail.take_back()
            attempt.refuse_all(attempt.stage, answer, refusal("DATA", answer))
        else:
            raise ProtocolError("no decision on the content", str(answer).encode(), "250 or 5yz")
        attempt.uncertain = False

    def _settle_early(self, attempt: Attempt) -> None:
        """Look whether the server had refused before it closed; more cannot be known."""
        with suppress(ProtocolError):
            answer = self._replies.take()
            if answer is not None and answer.code >= 400:
                self._settle(attempt, answer)

    # -- replies -----------------------------------------------------------------------------

    def _heed(self, answer: Reply) -> None:
        """End the session if the server has just ended it."""
        if answer.code == FAREWELL:
            raise self.farewell(answer)

    def _reset(self) -> Flow[None]:
        """Say RSET, so that the next message begins afresh on the same connection."""
        yield Send(b"RSET\r\n")
        answer = yield from self.reply()
        self._heed(answer)
        if not answer.positive:
            raise ProtocolError("RSET was refused", str(answer).encode(), "250")


def _decides(verb: str, answer: Reply) -> Reply:
    """Refuse an answer that is neither yes nor no."""
    if 300 <= answer.code < 400:
        raise ProtocolError(f"{verb}: no decision", str(answer).encode(), "2yz, 4yz or 5yz")
    return answer


def _lacks(capability: str, reason: str) -> CapabilityError:
    return CapabilityError(f"{reason}, and the server does not offer {capability}", capability)
