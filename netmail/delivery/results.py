"""What a transport without SMTP returns for a message: a result for each recipient.

This file must not know any transport.
"""

from collections.abc import Sequence
from dataclasses import replace

from netmail import (
    Envelope,
    LargeContent,
    MessageResult,
    NetmailError,
    RecipientResult,
    SendStage,
    SendStatus,
    parse,
)
from netmail.delivery.errors import MessageFailed


def made_result(
    envelope: Envelope,
    recipients: tuple[RecipientResult, ...],
    error: NetmailError | None = None,
) -> MessageResult:
    """Make the result of a message from those of its recipients.

    Args:
        envelope: The message with its octets.
        recipients: What has become of it for each.
        error: Why it stopped, or `None`.
    """
    # The content goes with the recipients that are left, so that it can be sent again later.
    again = tuple(each.address for each in recipients if may_be_tried_again(each))
    # The members of SendStage are in the order in which a transaction passes them.
    stages = list(SendStage)
    return MessageResult(
        Envelope(envelope.sender, envelope.recipients, options=envelope.options),
        message_id_of(envelope),
        recipients,
        (),
        max((each.stage for each in recipients), key=stages.index, default=SendStage.CONNECT),
        error,
        len(envelope.content or b""),
        Envelope(envelope.sender, again, envelope.content, envelope.options) if again else None,
    )


def accepted_result(envelope: Envelope, text: str = "") -> MessageResult:
    """Make the result of a message that was accepted for every recipient.

    Args:
        envelope: The message with its octets.
        text: What the transport says of it, such as the file that it lies in.
    """
    return made_result(envelope, _for_each(envelope, SendStatus.ACCEPTED, text, SendStage.DONE))


def refused_result(envelope: Envelope, text: str) -> MessageResult:
    """Make the result of a message that was refused for good for every recipient.

    Args:
        envelope: The message with its octets.
        text: Why.
    """
    return made_result(envelope, _for_each(envelope, SendStatus.REFUSED, text, SendStage.REPLY))


def uncertain_result(envelope: Envelope, text: str) -> MessageResult:
    """Make the result of a message that may have been accepted or not.

    Args:
        envelope: The message with its octets.
        text: Why nothing is certain.
    """
    return made_result(envelope, _for_each(envelope, SendStatus.UNCERTAIN, text, SendStage.REPLY))


def unsent_result(envelope: Envelope, error: NetmailError) -> MessageResult:
    """Make the result of a message that was not delivered, and that no server has refused.

    Args:
        envelope: The message with its octets.
        error: Why.
    """
    recipients = _for_each(envelope, SendStatus.NOT_SENT, str(error), SendStage.CONNECT)
    return made_result(envelope, recipients, error)


def joined_result(results: Sequence[MessageResult]) -> MessageResult:
    """Join the results of one message that was sent in several forms, each for other recipients.

    Args:
        results: At least one. `retryable` is left out where several have one: the contents differ.
    """
    first = results[0]
    if len(results) == 1:
        return first
    recipients = tuple(each for result in results for each in result.recipients)
    addresses = tuple(each.address for each in recipients)
    again = [each.retryable for each in results if each.retryable is not None]
    return replace(
        first,
        envelope=Envelope(first.envelope.sender, addresses, options=first.envelope.options),
        recipients=recipients,
        replies=tuple(reply for result in results for reply in result.replies),
        stage=max((each.stage for each in results), key=list(SendStage).index),
        error=next((each.error for each in results if each.error is not None), None),
        retryable=again[0] if len(again) == 1 else None,
    )


def check_plain_delivery(envelope: Envelope, transport: str) -> None:
    """Refuse a message that asks the servers for something, which the transport cannot pass on.

    Args:
        envelope: The message.
        transport: The name of the transport.

    Raises:
        MessageFailed: If it has delivery options.
    """
    if envelope.options is not None:
        raise MessageFailed(f"{transport} cannot pass delivery options on; smtp and lmtp can")


def may_be_tried_again(each: RecipientResult) -> bool:
    """Tell whether a later try may succeed, and cannot deliver the message twice."""
    return each.status is SendStatus.NOT_SENT or (each.refused and each.transient)


def message_id_of(envelope: Envelope) -> str:
    """Return the Message-ID of a message, or "" if it has none."""
    # A large message is still in its files: its header is enough here.
    content = envelope.content
    header = content.header if isinstance(content, LargeContent) else content or b""
    return parse(header).message_id or ""


def _for_each(
    envelope: Envelope, status: SendStatus, text: str, stage: SendStage
) -> tuple[RecipientResult, ...]:
    return tuple(
        RecipientResult(address, status, text=text, stage=stage) for address in envelope.recipients
    )
