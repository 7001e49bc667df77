"""A message as the JSON of a task, and what has become of it.

This file must not know any engine or store.
"""

import base64
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from netmail import (
    DeliveryOptions,
    Envelope,
    MessageResult,
    RecipientOptions,
    RecipientResult,
    Sendable,
    SendStage,
    SendStatus,
    UsageError,
    envelope_of,
)
from netmail.delivery.errors import DeliveryFailed
from netmail.delivery.results import made_result

FORMAT: Final = 1
"""The number of this form; a worker with an older netmail refuses a newer one."""


@dataclass(frozen=True)
class QueuedMessage:
    """One attempt at a message.

    Attributes:
        key: The message's, the same for all its attempts.
        envelope: Sender, recipients that are left, octets, options.
        retries: How often it may be tried again; `None` as the manager says.
        attempt: The number of this attempt, from 0.
        decided: What earlier attempts have decided, as `result_json()` writes it.
    """

    key: str
    envelope: Envelope
    retries: int | None
    attempt: int = 0
    decided: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the value that a task carries."""
        envelope = self.envelope
        # Plain JSON: another version of Python or netmail can read it, and it runs no code.
        return {
            "format": FORMAT,
            "key": self.key,
            "attempt": self.attempt,
            "retries": self.retries,
            "decided": self.decided,
            "sender": envelope.sender,
            "recipients": list(envelope.recipients),
            "content": base64.b64encode(bytes(envelope.content or b"")).decode("ascii"),
            "options": _options_json(envelope.options),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json()` has written.

        Raises:
            UsageError: If another version of netmail has written it, in a form that is unknown.
        """
        if value["format"] != FORMAT:
            raise UsageError(
                f"a queued message has form {value['format']}, which this netmail does not know"
            )
        envelope = Envelope(
            value["sender"],
            tuple(value["recipients"]),
            base64.b64decode(value["content"]),
            _options(value["options"], value["recipients"]),
        )
        return cls(value["key"], envelope, value["retries"], value["attempt"], value["decided"])

    def next(self, recipients: list[str], decided: dict[str, Any] | None) -> Self:
        """Return the next attempt, for some of the recipients."""
        envelope = replace(self.envelope, recipients=tuple(recipients))
        return replace(self, envelope=envelope, attempt=self.attempt + 1, decided=decided)


def queued_message(key: str, message: Sendable, max_size: int) -> QueuedMessage:
    """Return the first attempt at a message.

    Raises:
        DeliveryFailed: If it has more octets than a task may carry.
    """
    envelope = envelope_of(message)
    # Looked at before a large message is written into memory.
    size = len(envelope.content or b"")
    if size > max_size:
        reason = f"the message has {size} octets, more than manager.max_size allows ({max_size})"
        raise DeliveryFailed(message, reason)
    return QueuedMessage(key, envelope, getattr(message, "retries", None))


def result_json(result: MessageResult) -> dict[str, Any]:
    """Return a result as JSON has it; SMTP's replies are in its recipients' texts."""
    return {
        "sender": result.envelope.sender,
        "message_id": result.message_id,
        "size": result.size,
        "recipients": [asdict(each) for each in result.recipients],
    }


def result_of(value: dict[str, Any]) -> MessageResult:
    """Read what `result_json()` has written."""
    recipients = tuple(
        RecipientResult(
            **{**each, "status": SendStatus(each["status"]), "stage": SendStage(each["stage"])}
        )
        for each in value["recipients"]
    )
    envelope = Envelope(value["sender"], tuple(each.address for each in recipients))
    # The content is not kept with a result: nothing can be sent from it.
    made = made_result(envelope, recipients)
    return replace(made, message_id=value["message_id"], size=value["size"], retryable=None)


def _options_json(options: DeliveryOptions | None) -> dict[str, Any] | None:
    if options is None:
        return None
    written: dict[str, Any] = json.loads(json.dumps(asdict(options), default=datetime.isoformat))
    return written


def _options(value: dict[str, Any] | None, recipients: list[str]) -> DeliveryOptions | None:
    if value is None:
        return None
    until = value["hold_until"]
    # Those of a recipient that is decided would be refused as those of a stranger.
    named = value["recipients"].items()
    return DeliveryOptions(
        **{
            **value,
            "hold_until": until and datetime.fromisoformat(until),
            "each_recipient": _recipient_options(value["each_recipient"]),
            "recipients": {
                address: _recipient_options(each)
                for address, each in named
                if address in recipients
            },
        }
    )


def _recipient_options(value: dict[str, Any]) -> RecipientOptions:
    since = value["rrvs"]
    return RecipientOptions(**{**value, "rrvs": since and datetime.fromisoformat(since)})
