"""What SMTP calls return: a reply, a verification, and the report of a batch of messages.

This file must not know connections, nor how a reply is read.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Self, TypeAlias, overload

from netmail.envelope import Envelope
from netmail.errors import NetmailError, RecipientsRefused, SmtpError

# No RFC defines how a server names its queue entry. Seen: Postfix "queued as 4F1D2", Exim "OK
# id=1abc-2def-3g", sendmail "12AB34 Message accepted for delivery".
_QUEUE_ID: Final = re.compile(
    r"\bqueued (?:as|with id) (?P<postfix>[\w.-]+)|\bid=(?P<exim>[\w.-]+)"
    r"|^(?P<sendmail>\w+) Message accepted",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """A reply of an SMTP server.

    Attributes:
        code: The reply code, such as 250.
        enhanced: The enhanced status code such as "2.1.5", or "" (RFC 3463).
        text: The text without the codes; lines are separated by a line break. Octets that are not
            UTF-8 and control characters are written as escapes.

    RFC 5321 section 4.2.
    """

    code: int
    enhanced: str
    text: str

    @property
    def positive(self) -> bool:
        """Whether the server did what the command asks for (2yz)."""
        return 200 <= self.code < 300

    @property
    def transient(self) -> bool:
        """Whether it refused temporarily (4yz)."""
        return 400 <= self.code < 500

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


@dataclass(frozen=True, slots=True)
class AddressVerification:
    """The reply to VRFY; true unless the server denies that the address exists.

    Attributes:
        code: 250 or 251: the address exists; 252: the server does not tell, but would accept mail
            for it; 550, 551 or 553: it does not exist.
        enhanced: The enhanced status code, or "".
        text: The reply's text.

    RFC 5321 section 3.5.3.
    """

    code: int
    enhanced: str
    text: str

    @property
    def unknown(self) -> bool:
        """Whether the server does not tell (252)."""
        return self.code == 252

    def __bool__(self) -> bool:
        return self.code in {250, 251, 252}

    def __str__(self) -> str:
        state = "unknown" if self.unknown else "good" if self else "not good"
        return f"{state}: {SmtpReply(self.code, self.enhanced, self.text)}"


class SendStage(StrEnum):
    """How far a message came."""

    NOT_SENT = "not sent"
    """The connection ended before its turn."""
    CHECK = "check"
    """netmail did not send it: it is too large, or needs an extension that the server lacks."""
    MAIL = "MAIL"
    """The server refused its sender."""
    RCPT = "RCPT"
    """The server refused all its recipients."""
    DATA = "DATA"
    """The server refused the command DATA."""
    CONTENT = "content"
    """The connection ended before the whole content was sent: nothing was delivered."""
    REPLY = "reply"
    """The content was sent: the server refused it, or its reply was lost (`uncertain`)."""
    DONE = "done"
    """The server accepted responsibility for it, RFC 5321 section 4.2.5."""


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """The outcome of one message for one recipient.

    Attributes:
        address: The recipient as it was given.
        accepted: Whether the server accepted the message for it.
        code: The reply code that decided; 0 if netmail refused it before sending.
        enhanced: The enhanced status code such as "5.1.1", or "".
        text: The reply's text.
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
        outcome = "accepted" if self.accepted else "refused"
        reply = SmtpReply(self.code, self.enhanced, self.text) if self.code else self.text
        return f"{self.address} {outcome}: {reply}"

    def to_dict(self) -> dict[str, object]:
        """Return the value as a dictionary that JSON can hold."""
        return {
            "address": self.address,
            "accepted": self.accepted,
            "code": self.code,
            "enhanced": self.enhanced,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class MessageResult:
    """The outcome of one message; true if the server accepted it for every recipient.

    Attributes:
        envelope: The sender and the recipients of this batch, without the content.
        message_id: The Message-ID field's value, or "".
        accepted: The recipients that the server accepted the message for.
        refused: The recipients that it refused.
        reply: The reply that decided about the message as a whole, or `None`.
        stage: How far the message came.
        error: Why it stopped, or `None`. Also `None` if the server refused only some recipients;
            not if netmail refused them.
        uncertain: Whether the content was sent and the final reply was lost: the message may have
            been delivered, and is not sent again by itself.
        size: Octets of the content, without dot-stuffing.
        retryable: The message with its content, for the recipients that were temporarily refused
            or that it was not sent to; `None` if there is none.
    """

    envelope: Envelope
    message_id: str
    accepted: tuple[RecipientResult, ...]
    refused: tuple[RecipientResult, ...]
    reply: SmtpReply | None
    stage: SendStage
    error: NetmailError | None
    uncertain: bool
    size: int
    retryable: Envelope | None = field(default=None, repr=False)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The recipients whose outcome is not known, because the connection ended first."""
        decided = {result.address for result in (*self.accepted, *self.refused)}
        return tuple(address for address in self.envelope.recipients if address not in decided)

    @property
    def queue_id(self) -> str:
        """The server's name for the message, if its final reply has one in a known form; or ""."""
        if self.stage is not SendStage.DONE or self.reply is None:
            return ""
        found = _QUEUE_ID.search(self.reply.text)
        return next(filter(None, found.groups()), "") if found else ""

    def __bool__(self) -> bool:
        return self.stage is SendStage.DONE and not self.refused and not self.undecided

    def __str__(self) -> str:
        state = "uncertain" if self.uncertain else self.stage
        name = self.message_id or f"message from <{self.envelope.sender}>"
        error = [f"  {self.error}"] if self.error is not None else []
        reply = [f"  {self.reply}"] if self.reply is not None and self.error is None else []
        refused = [f"  {result}" for result in self.refused]
        counts = f"{len(self.accepted)} of {len(self.envelope.recipients)} accepted"
        return "\n".join([f"{name}: {state}, {counts}", *reply, *error, *refused])

    def to_dict(self) -> dict[str, object]:
        """Return the value as a dictionary that JSON can hold."""
        return {
            "sender": self.envelope.sender,
            "recipients": list(self.envelope.recipients),
            "message_id": self.message_id,
            "accepted": [result.to_dict() for result in self.accepted],
            "refused": [result.to_dict() for result in self.refused],
            "undecided": list(self.undecided),
            "reply": None if self.reply is None else str(self.reply),
            "queue_id": self.queue_id,
            "stage": str(self.stage),
            "error": _error_dict(self.error),
            "uncertain": self.uncertain,
            "size": self.size,
        }


@dataclass(frozen=True, slots=True)
class SendReport(Sequence[MessageResult]):
    """The outcome of a batch: a sequence of results in the order of the queue.

    It is true if every recipient of every message was accepted, and for an empty queue.

    Attributes:
        results: One result a message.
        error: Why the connection ended before the batch was done, or `None`.
    """

    results: tuple[MessageResult, ...]
    error: NetmailError | None = None

    @property
    def accepted(self) -> tuple[RecipientResult, ...]:
        """Every recipient that was accepted, over all messages."""
        return tuple(recipient for result in self.results for recipient in result.accepted)

    @property
    def refused(self) -> tuple[RecipientResult, ...]:
        """Every recipient that was refused, over all messages."""
        return tuple(recipient for result in self.results for recipient in result.refused)

    @property
    def uncertain(self) -> tuple[MessageResult, ...]:
        """The messages whose final reply was lost; more than one only with `chunking`."""
        return tuple(result for result in self.results if result.uncertain)

    def retryable(self) -> tuple[Envelope, ...]:
        """List what a later `send()` may deliver: the same as the client's `queue` after the call.

        Returns:
            The messages with their content, each for the recipients that were temporarily refused
            (4yz) or that it was not sent to. Never for those that may have it already, nor for
            those that were refused for good.
        """
        return tuple(each.retryable for each in self.results if each.retryable is not None)

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
        """Return the value as a dictionary that JSON can hold."""
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


OnResult: TypeAlias = Callable[[MessageResult], object]
"""What `send(on_result=...)` calls with the result of each message."""


def merged(earlier: MessageResult, later: MessageResult) -> MessageResult:
    """Merge two transactions of one message; what the later one tells replaces the earlier."""
    again = set(later.envelope.recipients)
    refused = tuple(each for each in earlier.refused if each.address not in again)
    result = replace(
        later,
        envelope=earlier.envelope,
        accepted=earlier.accepted + later.accepted,
        refused=refused + later.refused,
    )
    # Only some recipients are refused then, and the message is sent to the others.
    if earlier.accepted and isinstance(later.error, RecipientsRefused):
        return replace(result, stage=earlier.stage, reply=earlier.reply, error=None)
    # A recipient that netmail refused before sending leaves its error in the earlier one.
    return replace(result, error=later.error or (earlier.error if earlier.accepted else None))


def refusal(
    command: str, reply: SmtpReply | RecipientResult, kind: type[SmtpError] = SmtpError
) -> SmtpError:
    """Make the error for a negative reply to `command`."""
    return kind(command, reply.text, reply.code, reply.enhanced)


def _error_dict(error: NetmailError | None) -> dict[str, str] | None:
    return None if error is None else {"type": type(error).__name__, "message": str(error)}
