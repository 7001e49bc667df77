"""The final replies of LMTP: one for each recipient that was accepted at RCPT.

This file must not know how the content was sent, nor what the report makes of the replies.

RFC 2033 section 4.2.
"""

from netmail.errors import ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.smtp.queue import MailObject, Recipient
from netmail.flows.smtp.session import SERVICE_CLOSING, SmtpSession
from netmail.results.smtp import SmtpReply


def read_final_replies(
    session: SmtpSession,
    mail: MailObject,
    accepted: tuple[Recipient, ...],
    found: dict[bytes, SmtpReply],
) -> Flow[SmtpReply]:
    """Read the final replies, and record each before the next is waited for.

    Args:
        session: The session.
        mail: The message; its recipients are settled one by one.
        accepted: The recipients that the server accepted at RCPT.
        found: Gets each reply, by the recipient's path.

    Returns:
        The first positive reply; the first one if there is none.

    Raises:
        ConnectionLost: If the server closes the connection; the outcome for the recipients that
            are left is not known.
        ProtocolError: If a reply is none that can follow the content.

    RFC 2033 section 4.2.
    """
    # "the server returns one reply for each previously successful RCPT command in the mail
    # transaction, in the order that the RCPT commands were issued. Even if there were multiple
    # successful RCPT commands giving the same forward-path".
    for recipient in accepted:
        reply = yield from session.read_reply()
        if not reply.positive and reply.code < 400:
            raise ProtocolError("no final reply to DATA", str(reply).encode(), "250 or 5yz")
        # Recorded at once: a connection that is lost now leaves only the others uncertain.
        found[recipient.path] = reply
        mail.settle(recipient, accepted=reply.positive)
        # RFC 5321 section 3.8: the server closes after it, whatever is left.
        if reply.code == SERVICE_CLOSING:
            raise session.closing_error(reply)
    replies = list(found.values())
    return next((reply for reply in replies if reply.positive), replies[0])
