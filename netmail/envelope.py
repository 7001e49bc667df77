"""Values that more than one layer speaks of.

This file knows no grammar, no network and no MIME.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends and who receives: what SMTP's MAIL and RCPT say, apart from the message's headers.

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
