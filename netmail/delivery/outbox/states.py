"""What the outbox tells about its messages: their states, and the values that its calls return.

This file must not know SQL.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from netmail import NetmailError


class OutboxState(StrEnum):
    """What has become of a message; a recipient has the first, or one of the last four."""

    QUEUED = "queued"
    """It waits for its time, or for a worker; it was not tried."""
    DEFERRED = "deferred"
    """A recipient was refused for now; it waits for its next try."""
    LEASED = "leased"
    """A worker has it, and has sent nothing of it."""
    SENDING = "sending"
    """A worker may be sending it."""
    SENT = "sent"
    """It was accepted for every recipient."""
    REFUSED = "refused"
    """A recipient was refused for good, or the message cannot be sent."""
    UNCERTAIN = "uncertain"
    """It may have been delivered or not; only a person decides to send it again."""
    DEAD = "dead"
    """A recipient was refused for now until the limit of tries or of age."""


FINAL: Final = (OutboxState.SENT, OutboxState.REFUSED, OutboxState.UNCERTAIN, OutboxState.DEAD)
"""The states that no worker changes."""


@dataclass(frozen=True, slots=True)
class OutboxRecipient:
    """One recipient of a message in the outbox.

    Attributes:
        address: The address.
        state: `QUEUED`, or one of the final states.
        tries: How often a server, or the transport, has decided about it.
        code: The reply code of the last decision; 0 for none.
        enhanced: The enhanced status code, or "".
        text: The reply's text, or the reason.
    """

    address: str
    state: OutboxState
    tries: int
    code: int
    enhanced: str
    text: str


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message in the outbox, without its content.

    Attributes:
        id: Its number; no other message of this file ever has it.
        key: What `add()` was given, or `None`.
        state: What has become of it.
        sender: The reverse-path; "" for the null one.
        recipients: What has become of it for each.
        added: When it was added.
        due: When it may be sent, or tried again.
        changed: When its state was last changed.
        reason: Why it is not sent, or "".
        size: Octets of its content.
    """

    id: int
    key: str | None
    state: OutboxState
    sender: str
    recipients: tuple[OutboxRecipient, ...]
    added: datetime
    due: datetime
    changed: datetime
    reason: str
    size: int


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """What happened to a message, other than that it was sent at its first try.

    Attributes:
        at: When.
        text: What, for a person.
    """

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How many messages the outbox has, by state.

    Attributes:
        queued: Not tried yet.
        deferred: Refused for now.
        leased: With a worker, and not begun.
        sending: Perhaps being sent.
        sent: Accepted for all recipients.
        refused: Refused for good for some.
        uncertain: Perhaps delivered.
        dead: Given up for some.
        next_due: When the next of those that wait may be sent, or `None` for none.
    """

    queued: int = 0
    deferred: int = 0
    leased: int = 0
    sending: int = 0
    sent: int = 0
    refused: int = 0
    uncertain: int = 0
    dead: int = 0
    next_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkReport:
    """What `work()` has done: how many messages came to each state.

    Attributes:
        sent: Accepted for every recipient.
        deferred: Refused for now for some; tried again later.
        refused: Refused for good for some.
        uncertain: Perhaps delivered.
        dead: Given up.
        error: Why the transport stopped before all was sent, or `None`.
    """

    sent: int = 0
    deferred: int = 0
    refused: int = 0
    uncertain: int = 0
    dead: int = 0
    error: NetmailError | None = None
