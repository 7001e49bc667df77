"""One attempt at sending one message: what happened so far, as it happens.

This file knows neither how commands are sent nor in which order.
"""

from dataclasses import dataclass, field

from netmail.errors import NetmailError
from netmail.flows.smtp.queue import MailObject, Recipient
from netmail.results.smtp import MessageResult, RecipientResult, Stage
from netmail.results.smtp_reply import Reply


@dataclass(slots=True)
class Attempt:
    """A message on its way.

    Attributes:
        mail: The message.
        people: Whom it is to reach this time.
        stage: How far it came.
        answers: What the server said of recipients, by path; code 0 where it was not asked.
        reply: What it said of the message as a whole.
        error: Why the message stopped.
        uncertain: Whether its content left and its final reply did not come.
    """

    mail: MailObject
    people: tuple[Recipient, ...]
    stage: Stage = Stage.NOT_SENT
    answers: dict[bytes, Reply] = field(default_factory=dict)
    reply: Reply | None = None
    error: NetmailError | None = None
    uncertain: bool = False

    @property
    def unasked(self) -> list[Recipient]:
        """Of whom nothing was said yet."""
        return [who for who in self.people if who.path not in self.answers]

    @property
    def willing(self) -> tuple[Recipient, ...]:
        """Whom the server would take the message for."""
        answers = self.answers
        return tuple(
            who for who in self.people if who.path in answers and answers[who.path].positive
        )

    def stop(self, stage: Stage, error: NetmailError) -> None:
        """Note that the message goes no further, for a reason that no server gave."""
        self.stage, self.error = stage, error

    def refuse_all(self, stage: Stage, answer: Reply, error: NetmailError) -> None:
        """Note a refusal of the message, and with it of everybody who was not refused before."""
        self.stage, self.reply, self.error = stage, answer, error
        for who in self.people:
            said = self.answers.get(who.path)
            if said is None or said.positive:
                self.answers[who.path] = answer

    def result(self) -> MessageResult:
        """Return what became of it, as a value."""
        done = self.stage is Stage.DONE
        accepted: list[RecipientResult] = []
        refused: list[RecipientResult] = []
        for who in self.people:
            said = self.answers.get(who.path)
            # Who was welcome at RCPT has nothing yet unless the message was taken as well.
            if said is None or (said.positive and not done):
                continue
            good = said.positive
            result = RecipientResult(who.address, good, said.code, said.enhanced, said.text)
            (accepted if good else refused).append(result)
        return MessageResult(
            envelope=self.mail.envelope(self.people, whole=False),
            message_id=self.mail.message_id,
            accepted=tuple(accepted),
            refused=tuple(refused),
            reply=self.reply,
            stage=self.stage,
            error=self.error,
            uncertain=self.uncertain,
            size=len(self.mail.content),
        )
