"""What SMTP calls return: a reply, a verification, and the report of a batch of messages.

This file must not know connections, nor how a reply is read.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Self, TypeAlias, overload

from netmail.envelope import Envelope
from netmail.errors import NetmailError, SmtpError

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
    """How far a message came, for one recipient or for all."""

    CONNECT = "connect"
    """No connection was there for it: none could be made, or the last one ended before its turn."""
    CHECK = "check"
    """netmail did not send it: it is too large, or needs an extension that the server lacks."""
    MAIL = "MAIL"
    """The server refused its sender, or the connection ended there."""
    RCPT = "RCPT"
    """The server refused the recipient, or the connection ended there."""
    DATA = "DATA"
    """The server refused the command DATA, or the connection ended there."""
    CONTENT = "content"
    """The connection ended before the whole content was sent: nothing was delivered."""
    REPLY = "reply"
    """The content was sent: the server refused it, or its reply was lost."""
    DONE = "done"
    """The server accepted responsibility for it, RFC 5321 section 4.2.5."""


class SendStatus(StrEnum):
    """What has become of a message for one recipient."""

    ACCEPTED = "accepted"
    """The server is responsible for the message, RFC 5321 section 4.2.5."""
    REFUSED = "refused"
    """The server has refused it, or netmail has before sending: it is not delivered."""
    UNCERTAIN = "uncertain"
    """The content was sent and the final reply was lost: it may be delivered, RFC 1047."""
    NOT_SENT = "not sent"
    """The connection ended before that: it is not delivered, and no server has refused it."""


_UNCERTAIN: Final = SendStatus.UNCERTAIN


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """The outcome of one message for one recipient.

    Attributes:
        address: The recipient as it was given.
        status: What has become of it.
        code: The reply code that decided; 0 if no reply did, as where netmail refused it.
        enhanced: The enhanced status code such as "5.1.1", or "".
        text: The reply's text; without a reply the reason, or "".
        stage: How far the message came for it.
        seconds: How long its transaction took, from before MAIL to the last reply; 0 without one.
    """

    address: str
    status: SendStatus
    code: int = 0
    enhanced: str = ""
    text: str = ""
    stage: SendStage = SendStage.DONE
    seconds: float = field(default=0.0, compare=False)

    @property
    def accepted(self) -> bool:
        """Whether the server accepted the message for it."""
        return self.status is SendStatus.ACCEPTED

    @property
    def refused(self) -> bool:
        """Whether the server, or netmail, refused it."""
        return self.status is SendStatus.REFUSED

    @property
    def transient(self) -> bool:
        """Whether it was refused, and a later try may succeed (4yz)."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """Whether it was refused for good: 5yz, or netmail's own check."""
        return self.refused and not self.transient

    @property
    def queue_id(self) -> str:
        """The server's name for the message, if it was accepted and the reply has one; or ""."""
        found = _QUEUE_ID.search(self.text) if self.accepted else None
        return next(filter(None, found.groups()), "") if found else ""

    def __str__(self) -> str:
        reply = SmtpReply(self.code, self.enhanced, self.text) if self.code else self.text
        return f"{self.address} {self.status}" + (f": {reply}" if reply else "")

    def to_dict(self) -> dict[str, object]:
        """Return the value as a dictionary that JSON can hold."""
        return {
            "address": self.address,
            "status": str(self.status),
            "code": self.code,
            "enhanced": self.enhanced,
            "text": self.text,
            "stage": str(self.stage),
            "queue_id": self.queue_id,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class MessageResult:
    """The outcome of one message; true if the server accepted it for every recipient.

    Attributes:
        envelope: The sender and the recipients of this batch, without the content.
        message_id: The Message-ID field's value, or "".
        recipients: The outcome for each recipient, in the order of the envelope.
        replies: The replies that decided about the message as a whole, in the order in which they
            came. Several where its recipients needed several transactions, and in LMTP, where each
            recipient has one.
        stage: How far the message came; `DONE` if any recipient got it.
        error: Why it stopped, or `None`. Also `None` if the server refused only some recipients;
            not if netmail refused them.
        size: Octets of the content, without dot-stuffing.
        retryable: The message with its content, for the recipients that were temporarily refused
            or that it was not sent to; `None` if there is none.
    """

    envelope: Envelope
    message_id: str
    recipients: tuple[RecipientResult, ...]
    replies: tuple[SmtpReply, ...]
    stage: SendStage
    error: NetmailError | None
    size: int
    retryable: Envelope | None = field(default=None, repr=False)

    @property
    def accepted(self) -> tuple[RecipientResult, ...]:
        """The recipients that the server accepted the message for."""
        return tuple([each for each in self.recipients if each.accepted])

    @property
    def refused(self) -> tuple[RecipientResult, ...]:
        """The recipients that it refused, or netmail before sending."""
        return tuple([each for each in self.recipients if each.refused])

    @property
    def uncertain(self) -> bool:
        """Whether a final reply was lost: some recipients may have the message or not.

        It is not sent to those again by itself.
        """
        return any(each.status is SendStatus.UNCERTAIN for each in self.recipients)

    @property
    def queue_ids(self) -> tuple[str, ...]:
        """The server's names for the message, one for each transaction that has one."""
        return tuple(dict.fromkeys(filter(None, (each.queue_id for each in self.recipients))))

    def __bool__(self) -> bool:
        return all(each.accepted for each in self.recipients)

    def __str__(self) -> str:
        state = "uncertain" if self.uncertain else self.stage
        name = self.message_id or f"message from <{self.envelope.sender}>"
        error = [f"  {self.error}"] if self.error is not None else []
        replies = [] if error else [f"  {reply}" for reply in self.replies]
        refused = [f"  {result}" for result in self.refused]
        counts = f"{len(self.accepted)} of {len(self.recipients)} accepted"
        return "\n".join([f"{name}: {state}, {counts}", *replies, *error, *refused])

    def merged(self, later: "MessageResult") -> "MessageResult":
        """Merge the result of a later attempt for some or all of the recipients.

        Args:
            later: What `send()` returned for `retryable`; its recipients replace those of the same
                address here, but for an uncertain one that it did not reach either.
        """
        # RFC 1047: the first copy may be delivered, whatever became of another one.
        doubtful = {each.address for each in self.recipients if each.status is _UNCERTAIN}
        found = (each for each in later.recipients if each.accepted or each.address not in doubtful)
        decided = {each.address: each for each in found}
        recipients = tuple([decided.get(each.address, each) for each in self.recipients])
        others = [each for each in recipients if each.address not in decided]
        had = any(each.accepted for each in others)
        # What was accepted stays so; a refusal that was tried again has no meaning any more.
        replies = tuple([reply for reply in self.replies if reply.positive]) + later.replies
        # Only some recipients are refused then, and the message is sent to the others.
        error = None if had and isinstance(later.error, SmtpError) else later.error
        # A recipient that netmail refused before sending, without any reply, leaves its error.
        if error is None and any(each.refused and not each.code for each in others):
            error = self.error
        return replace(
            later,
            envelope=self.envelope,
            recipients=recipients,
            replies=replies,
            stage=SendStage.DONE if had else later.stage,
            error=error,
        )

    def to_dict(self) -> dict[str, object]:
        """Return the value as a dictionary that JSON can hold."""
        return {
            "sender": self.envelope.sender,
            "message_id": self.message_id,
            "recipients": [result.to_dict() for result in self.recipients],
            "replies": list(map(str, self.replies)),
            "queue_ids": list(self.queue_ids),
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
        """The messages that some recipients may have or not, since a final reply was lost."""
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


def refusal(
    command: str, reply: SmtpReply | RecipientResult, kind: type[SmtpError] = SmtpError
) -> SmtpError:
    """Make the error for a negative reply to `command`."""
    return kind(command, reply.text, reply.code, reply.enhanced)


def _error_dict(error: NetmailError | None) -> dict[str, str] | None:
    return None if error is None else {"type": type(error).__name__, "message": str(error)}
