"""A message that was read, converted to the standard library's `EmailMessage`.

This file is the only one that imports `email`; it must not know how `Mail` computes its views.
"""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from netmail.mime.read_message import ReadMessage

_BODY_FIELDS = frozenset(["content-type", "content-transfer-encoding", "mime-version"])
"""Fields that the standard library writes by itself, after the content."""


def to_email_message(mail: ReadMessage) -> EmailMessage:
    """Convert a message.

    Args:
        mail: A mail that was read, which the standard library reads again with its own
            tolerance; or one that was made of parts.

    Returns:
        The message under `email.policy.default`.
    """
    if mail.raw:
        return message_from_bytes(mail.raw, policy=default)
    message = EmailMessage(policy=default)
    for name, value in mail.headers.items():
        # A second field of a kind that may occur once would raise there.
        again = name in message and default.header_max_count(name) is not None
        if name.lower() not in _BODY_FIELDS and not again:
            message[name] = " ".join(value.splitlines())
    if mail.text or not mail.html:
        message.set_content(mail.text)
        if mail.html:
            message.add_alternative(mail.html, subtype="html")
    else:
        message.set_content(mail.html, subtype="html")
    for attachment in mail.attachments:
        main, _, sub = attachment.content_type.partition("/")
        message.add_attachment(
            attachment.content, maintype=main, subtype=sub, filename=attachment.filename
        )
    return message
