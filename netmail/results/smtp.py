"""What became of messages that were sent: one result a message, one report a batch.

This file knows neither connections nor replies on the wire.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self, overload

from netmail.envelope import Envelope
from netmail.errors import NetmailError, RecipientsRefused, SmtpError
from netmail.results.smtp_reply import Reply

# Postfix: "queued as 4F1D2"; Exim: "OK id=1abc-2def-3g"; sendmail: "12AB34 Message accepted".
_QUEUE_ID: Final = re.compile(
    r"\bqueued (?:as|with id) (?P<postfix>[\w.-]+)|\bid=(?P<exim>[\w.-]+)"
    r"|^(?P<sendmail>\w+) Message accepted",
    re.IGNORECASE,
)


class Stage(StrEnum):
    """How far a message came."""

    NOT_SENT = "not sent"
    """The connection had ended before its turn."""
    CHECK = "check"
    """netmail itself stopped it: too large, or in need of what the server does not offer."""
    MAIL = "MAIL"
    """Its sender was refused."""
    RCPT = "RCPT"
    """All its recipients were refused."""
    DATA = "DATA"
    """The server did not want the content."""
    CONTENT = "content"
    """The connection ended before the content had left as a whole: nothing was delivered."""
    REPLY = "reply"
    """The content had left: it was refused, or its reply was lost (`uncertain`)."""
    DONE = "done"
    """The server took responsibility for it."""


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What the server said of one recipient.

    Attributes:
        address: The recipient as it was given.
        accepted: Whether the message was taken for it.
        code: The reply code that decided; 0 where netmail refused it before sending.
        enhanced: The enhanced status code such as "5.1.1", or "".
        text: The server's words.
    """

    address: str
    accepted: bool
    code: int
    enhanced: str
    text: str

    @property
    def transient(self) -> bool:
        """Whether a later try may succeed (4yz)."""
        return 400 <= self.code < 500

    def __str__(self) -> str:
        word = "accepted" if self.accepted else "refused"
        reply = Reply(self.code, self.enhanced, self.text) if self.code else self.text
        return f"{self.address} {word}: {reply}"

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON can hold it."""
        return {
            "address": self.address,
            "accepted": self.accepted,
            "code": self.code,
            "enhanced": self.enhanced,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class MessageResult:
    """What became of one message; true if it was accepted for every recipient.

    Attributes:
        envelope: Who sent and who was to receive in this batch, without the content.
        message_id: The Message-ID field's value, or "".
        accepted: The recipients that the server took the message for.
        refused: The recipients that it did not.
        reply: The reply that decided about the message as a whole, or `None`.
        stage: How far it came.
        error: Why it stopped, or `None`; with some recipients refused and others accepted, `None`
            too, unless it was netmail that refused them.
        uncertain: Whether the content had left and the final reply was lost: it may have been
            delivered, and is not sent again by itself.
        size: Octets of the content, without dot-stuffing.
    """

    envelope: Envelope
    message_id: str
    accepted: tuple[RecipientResult, ...]
    refused: tuple[RecipientResult, ...]
    reply: Reply | None
    stage: Stage
    error: NetmailError | None
    uncertain: bool
    size: int

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The recipients of whom nothing was decided, because the connection ended first."""
        answered = {result.address for result in (*self.accepted, *self.refused)}
        return tuple(who for who in self.envelope.recipients if who not in answered)

    @property
    def queue_id(self) -> str:
        """The server's name for the message, where its final reply has one that is known; or ""."""
        if self.stage is not Stage.DONE or self.reply is None:
            return ""
        found = _QUEUE_ID.search(self.reply.text)
        return next(filter(None, found.groups()), "") if found else ""

    def __bool__(self) -> bool:
        return self.stage is Stage.DONE and not self.refused

    def __str__(self) -> str:
        state = "uncertain" if self.uncertain else self.stage
        name = self.message_id or f"message from <{self.envelope.sender}>"
        error = [f"  {self.error}"] if self.error is not None else []
        reply = [f"  {self.reply}"] if self.reply is not None and self.error is None else []
        people = [f"  {result}" for result in self.refused]
        counts = f"{len(self.accepted)} of {len(self.envelope.recipients)} accepted"
        return "\n".join([f"{name}: {state}, {counts}", *reply, *error, *people])

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON can hold it."""
        return {
            "sender": self.envelope.sender,
            "recipients": list(self.envelope.recipients),
            "message_id": self.message_id,
            "accepted": [result.to_dict() for result in self.accepted],
            "refused": [result.to_dict() for result in self.refused],
            "unanswered": list(self.unanswered),
            "reply": None if self.reply is None else str(self.reply),
            "queue_id": self.queue_id,
            "stage": str(self.stage),
            "error": _error_dict(self.error),
            "uncertain": self.uncertain,
            "size": self.size,
        }


@dataclass(frozen=True, slots=True)
class SendReport(Sequence[MessageResult]):
    """What became of a batch: a sequence of results in the order of the queue.

    It is true only if every recipient of every message was accepted; so is the report of an
    empty queue, of which nothing was refused.

    Attributes:
        results: One result a message.
        error: What ended the connection before the batch was done, or `None`.
    """

    results: tuple[MessageResult, ...]
    error: NetmailError | None = None

    @property
    def accepted(self) -> tuple[RecipientResult, ...]:
        """Every recipient that was accepted, over all messages."""
        return tuple(who for result in self.results for who in result.accepted)

    @property
    def refused(self) -> tuple[RecipientResult, ...]:
        """Every recipient that was refused, over all messages."""
        return tuple(who for result in self.results for who in result.refused)

    @property
    def uncertain(self) -> tuple[MessageResult, ...]:
        """The messages whose final reply was lost; at most one in a batch."""
        return tuple(result for result in self.results if result.uncertain)

    def raise_for_refused(self) -> Self:
        """Return the report itself if it is true.

        Raises:
            NetmailError: The first error of a message, else the connection's.
            SmtpError: If only some recipients of a message were refused, for the first of them.
        """
        for result in self.results:
            if result.error is not None:
                raise result.error
            if result.refused:
                raise refusal("RCPT", result.refused[0], SmtpError)
        if self.error is not None:
            raise self.error
        return self

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON can hold it."""
        return {
            "ok": bool(self),
            "error": _error_dict(self.error),
            "messages": [result.to_dict() for result in self.results],
        }

    @overload
    def __getitem__(self, index: int) -> MessageResult: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[MessageResult, ...]: ...
    def __getitem__(self, index: int | slice) -> MessageResult | tuple[MessageResult, ...]:
        return self.results[index]

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[MessageResult]:
        return iter(self.results)

    def __bool__(self) -> bool:
        return self.error is None and all(self.results)

    def __str__(self) -> str:
        lost = [f"the connection ended: {self.error}"] if self.error is not None else []
        good = sum(map(bool, self.results))
        head = f"{good} of {len(self.results)} messages accepted for every recipient"
        return "\n".join([head, *lost, *map(str, self.results)])


def refusal(
    command: str, answer: Reply | RecipientResult, kind: type[SmtpError] = SmtpError
) -> SmtpError:
    """Make the error that says what the server refused."""
    return kind(command, answer.text, answer.code, answer.enhanced)


def recipients_refused(answers: Sequence[RecipientResult]) -> SmtpError:
    """Make the error of a message that nobody may receive; the server's first answer speaks."""
    return refusal("RCPT", answers[0], RecipientsRefused)


def _error_dict(error: NetmailError | None) -> dict[str, str] | None:
    return None if error is None else {"type": type(error).__name__, "message": str(error)}
