"""Messages one after another, each decided before the next one begins.

This file must not know a queue, nor reports: it asks for the next message, and tells when one is
decided.

RFC 5321 section 3.3.
"""

from netmail.flows.flow import PEEK
from netmail.flows.smtp.messages import Conversation, Messages
from netmail.flows.smtp.transaction import Transaction


def deliver_singly(messages: Messages) -> Conversation[bool]:
    """Send messages, and wait for the last reply to each.

    Args:
        messages: The messages.

    Returns:
        Whether the session takes no more messages.

    Raises:
        TransportError: If the connection ends.
        ProtocolError: If the server breaks the grammar.

    RFC 5321 section 3.3.
    """
    transaction = messages.take(Transaction)
    # The server may have closed the idle connection. Between two messages it is not idle: what
    # arrived with the last reply is in the reader already.
    if transaction is not None:
        yield PEEK
    while transaction is not None:
        # RFC 5321 section 4.1.4: "MAIL (or the obsolete SEND, SOML, or SAML) MUST NOT be sent if a
        # mail transaction is already open"; the final reply ends it, or RSET.
        yield from transaction.deliver()
        if messages.settle():
            return True
        yield from messages.hand_over()
        transaction = messages.take(Transaction)
    return False
