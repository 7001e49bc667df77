"""The envelope of a message: its sender and its recipients.

This file must not know any grammar, network or MIME.
"""

from dataclasses import dataclass

from netmail.delivery_options import DeliveryOptions


@dataclass(frozen=True, slots=True)
class Envelope:
    """The sender and the recipients of a message, for SMTP's MAIL and RCPT commands.

    They may differ from those in the message's header.

    Attributes:
        sender: The reverse-path, an address without display name; "" for the null reverse-path.
        recipients: The forward-paths, addresses without display names, each once.
        content: The message's octets where the envelope carries them itself; `None` where a
            message object does.
        options: What is asked of the servers that deliver it, such as reports; `None` for nothing.

    RFC 5321 section 2.3.1.
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes | None = None
    options: DeliveryOptions | None = None
