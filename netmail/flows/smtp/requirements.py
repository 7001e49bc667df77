"""What a message needs of a server: the extensions, and the size.

This file must not know commands, nor what was sent: it looks at the message and at the extensions.
"""

from collections.abc import Mapping

from netmail.errors import CapabilityError, LimitError, NetmailError
from netmail.flows.smtp.queue import MailObject
from netmail.wire import smtp


def lacking(mail: MailObject, offered: Mapping[str, tuple[str, ...]]) -> NetmailError | None:
    """Return why the server cannot take a message; `None` if it can.

    RFC 1870 section 6.1, RFC 6152 section 3, RFC 6531 section 3.2.
    """
    limit = smtp.size_limit(offered)
    size = len(mail.content)
    # RFC 1870 section 6.1: the server would refuse MAIL with 552.
    if limit is not None and size > limit:
        return LimitError(f"the message has {size} octets, and the server accepts {limit} (SIZE)")
    # RFC 6152 section 3: without the extension only US-ASCII may be sent. BINARYMIME has no such
    # limit, RFC 3030 section 3; a server that offers it offers 8BITMIME too.
    if mail.eight_bit and "8BITMIME" not in offered:
        return without("8BITMIME", "the content has octets over 127")
    # RFC 6531 section 3.2: nor a header that is not ASCII, or a sender.
    if mail.utf8 and "SMTPUTF8" not in offered:
        return without("SMTPUTF8", "the sender or the header is not ASCII")
    return None


def without(capability: str, reason: str) -> CapabilityError:
    """Make the error for a message that needs an extension which the server does not offer."""
    return CapabilityError(f"{reason}, and the server does not offer {capability}", capability)
