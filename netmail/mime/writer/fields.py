"""The header of a message under construction.

This file must not know the body; it writes the values of the draft, in a fixed order.
"""

import os
import time
from datetime import datetime

from netmail.errors import MessageError
from netmail.mime.writer.draft import Draft, GeneratedFields
from netmail.mime.writer.header_lines import address_field, unstructured_field
from netmail.mime.writer.tree import new_seed

IDENTIFIERS = frozenset(
    {
        "message-id",
        "in-reply-to",
        "references",
        "resent-message-id",
        "list-help",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "list-subscribe",
        "list-post",
        "list-owner",
        "list-archive",
        "auto-submitted",
    }
)
"""Fields that are no free text: characters outside ASCII are refused there, not encoded."""


def generated_fields(draft: Draft) -> GeneratedFields:
    """Return a message's date, identifier and seed; those that were not set are generated, once.

    So a message that is sent again after a failure keeps its identifier, by which receivers
    recognise duplicates.

    Raises:
        MessageError: If the message has no author.
    """
    if not draft.senders:
        raise MessageError("from: a message needs an author; call from_()")
    if draft.generated is None:
        draft.generated = generate_fields(draft.senders[0].domain)
    made = draft.generated
    return GeneratedFields(
        draft.date or made.date, draft.message_id or made.message_id, draft.seed or made.seed
    )


def generate_fields(domain: str) -> GeneratedFields:
    """Generate a date, an identifier and a seed.

    Args:
        domain: The author's domain, or an address literal, or "".
    """
    host = domain if domain and domain[0] != "[" else "localhost"
    message_id = f"<{time.time_ns():x}.{os.urandom(8).hex()}@{host}>"
    return GeneratedFields(datetime.now().astimezone(), message_id, new_seed())


def header_fields(draft: Draft, generated: GeneratedFields, *, utf8: bool = False) -> bytes:
    """Write the header without the fields that describe the body; Bcc is never written.

    Args:
        draft: The message.
        generated: Its date and identifier.
        utf8: Whether addresses may be UTF-8.

    Raises:
        MessageError: If a value is not allowed in a header.

    RFC 5322 section 3.6.
    """
    fields = [address_field("From", draft.senders, utf8=utf8)]
    sender = draft.sender or (draft.senders[0] if len(draft.senders) > 1 else None)
    if sender is not None:
        fields.append(address_field("Sender", [sender], utf8=utf8))
    for name, addresses in (("Reply-To", draft.reply_to), ("To", draft.to), ("Cc", draft.cc)):
        if addresses:
            fields.append(address_field(name, addresses, utf8=utf8))
    if draft.bcc and not draft.to and not draft.cc:
        # RFC 5322 section 3.6.3 allows a message without recipients' fields; some receivers
        # refuse it.
        fields.append(b"To: undisclosed-recipients:;\r\n")
    if draft.subject is not None:
        fields.append(unstructured_field("Subject", draft.subject))
    fields.append(f"Date: {date_time(generated.date)}\r\n".encode("ascii"))
    fields.append(unstructured_field("Message-ID", generated.message_id, ascii_only=True))
    for name, group in draft.address_headers:
        fields.append(address_field(name, group, utf8=utf8))
    for name, value in draft.headers:
        strict = name.lower() in IDENTIFIERS
        fields.append(unstructured_field(name, value, ascii_only=strict))
    fields.append(b"MIME-Version: 1.0\r\n")
    return b"".join(fields)


def date_time(moment: datetime) -> str:
    """Write a moment as in a Date field, in its own time zone.

    Args:
        moment: An aware datetime.

    Raises:
        MessageError: If it is naive, since the moment is not known then.

    RFC 5322 section 3.3.
    """
    if moment.tzinfo is None:
        raise MessageError("date: the datetime needs a time zone")
    zone = moment.strftime("%z")[:5]
    # ctime() is "Sun Nov  6 08:49:37 1994" in English, whatever the locale; strftime() is not.
    name = moment.ctime()
    return (
        f"{name[:3]}, {moment.day:02} {name[4:7]} "
        f"{moment.year:04} {moment.hour:02}:{moment.minute:02}:{moment.second:02} {zone}"
    )
