"""The envelope of a message: its sender and its recipients.

This file must not know any grammar, network or MIME.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Envelope:
    """The sender and the recipients of a message, for SMTP's MAIL and RCPT commands.

    They may differ from those in the message's header.

    Attributes:
        sender: The reverse-path, an address without display name; "" for the null reverse-path.
        recipients: The forward-paths, addresses without display names, each once.
        content: The message's octets where the envelope carries them itself; `None` where a
            message object does.

    RFC 5321 section 2.3.1.
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes | None = None
