"""SentMail: a message that the embedded SMTP or LMTP server has accepted, with its envelope.

This file must not know the servers, nor the mailboxes.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netmail.mime.mail import Mail


@dataclass(frozen=True, slots=True)
class SentMail:
    """A message that was accepted, as the client sent it.

    Attributes:
        sender: The address of MAIL; "" for the null sender of a bounce.
        recipients: The addresses of RCPT that were accepted, in their order, as written.
        content: The octets of the message, without dot-stuffing.
        mail_parameters: What followed the address in MAIL, such as "SIZE=1000", "BODY=8BITMIME".
        rcpt_parameters: What followed the address in RCPT, for each recipient.
        user: The name of the user that had logged in; `None` if there was no login.
        protocol: "smtp" or "lmtp".
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)
    mail_parameters: tuple[str, ...] = ()
    rcpt_parameters: tuple[tuple[str, ...], ...] = ()
    user: str | None = None
    protocol: str = "smtp"

    @property
    def mail(self) -> "Mail":
        """The content, parsed; each access parses again."""
        from netmail.mime.parser import parse  # noqa: PLC0415 servers work without the clients

        return parse(self.content)
