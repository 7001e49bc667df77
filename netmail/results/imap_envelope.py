"""The envelope of a message as an IMAP server describes it: ENVELOPE.

This file knows no grammar: `wire` reads the envelope. `netmail.Envelope` is another thing, the
sender and the recipients of SMTP.
"""

from dataclasses import dataclass
from datetime import datetime

from netmail.address import Address, Group, mailboxes

Addresses = tuple[Address | Group, ...]


@dataclass(frozen=True, slots=True)
class ImapEnvelope:
    """The header fields that a server parses: what a list of messages shows.

    Text is decoded: encoded words, and the charsets of raw octets. A field that is missing is "",
    `None` or `()`. An address that cannot be written as one has the address "" and its text as the
    name.

    Attributes:
        date: The time of writing, aware; `None` if Date is missing or cannot be read.
        subject: The subject.
        from_: The authors.
        sender: The mailbox that sent it for them; servers repeat the authors where there is none.
        reply_to: The addresses for replies; servers repeat the authors where there are none.
        to: The recipients.
        cc: The recipients of copies.
        bcc: The recipients of blind copies.
        in_reply_to: The Message-ID of the message that it replies to, as written.
        message_id: Its Message-ID with the angle brackets, as written.
        raw_date: The octets of Date.
        raw_subject: The octets of Subject, not decoded.

    RFC 9051 section 7.5.2: ENVELOPE.
    """

    date: datetime | None = None
    subject: str = ""
    from_: Addresses = ()
    sender: Addresses = ()
    reply_to: Addresses = ()
    to: Addresses = ()
    cc: Addresses = ()
    bcc: Addresses = ()
    in_reply_to: str = ""
    message_id: str = ""
    raw_date: bytes = b""
    raw_subject: bytes = b""

    @property
    def recipients(self) -> tuple[Address, ...]:
        """The mailboxes of To, Cc and Bcc, those in groups included."""
        return tuple(mailboxes((*self.to, *self.cc, *self.bcc)))
