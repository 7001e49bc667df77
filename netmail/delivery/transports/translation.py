"""A message taken into pieces, for services that write messages themselves and take no octets.

This file must not know any of these services.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from netmail import Address, Attachment, Envelope, Mail, MessageError, parse
from netmail.delivery.errors import MessageFailed

# What the pieces have already, or what the service writes.
_KNOWN: Final = frozenset(
    {
        *("from", "to", "cc", "bcc", "subject", "reply-to", "date", "mime-version"),
        *("content-type", "content-transfer-encoding"),
    }
)
# What servers add to a message on its path.
_TRACE: Final = frozenset({"received", "return-path"})
_FOLDED: Final = re.compile(r"\r?\n(?=[ \t])")


@dataclass(frozen=True)
class Translation:
    """The pieces.

    Attributes:
        author: The one author.
        to: The recipients of the envelope that the To field names.
        cc: Those that the Cc field names.
        bcc: All others.
        reply_to: The addresses for replies.
        subject: The subject.
        texts: The texts by media type, text/plain first.
        attachments: The files, those that the HTML shows among them.
        headers: All other fields that are not written by every service: name and value in ASCII.
    """

    author: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    texts: dict[str, str]
    attachments: tuple[Attachment, ...]
    headers: dict[str, str]


def translation(envelope: Envelope, where: str) -> Translation:
    """Take a message into pieces.

    Args:
        envelope: The message with its octets.
        where: The service, for errors.

    Raises:
        MessageFailed: If another message would arrive: one with a signature that does not fit any
            more, without what is encrypted, with fields that occur several times.
    """
    try:
        mail = parse(bytes(envelope.content or b""))
    except MessageError as error:
        raise MessageFailed(str(error)) from error
    _check(mail, where)
    # The envelope decides: a message that is tried again is for those that are left, and Bcc is in
    # no field at all.
    left = {each.lower(): each for each in envelope.recipients}
    to, cc = _taken(mail.to, left), _taken(mail.cc, left)
    texts = {kind: text for kind, text in mail.body.items() if text}
    return Translation(
        author=mail.from_[0],
        to=to,
        cc=cc,
        bcc=tuple(Address("", address) for address in left.values()),
        reply_to=tuple(mail.reply_to),
        subject=mail.subject,
        texts=dict(sorted(texts.items(), key=lambda item: item[0] != "text/plain")),
        # A text in another form of the same text, such as an invitation beside it, is no file: it
        # has no name.
        attachments=tuple(
            each for each in mail.attachments if each.filename or each.content_type not in texts
        ),
        headers=_other_fields(mail, where),
    )


def _check(mail: Mail, where: str) -> None:
    kind = mail.root.content_type if mail.root is not None else "text/plain"
    reason = ""
    # A receiver takes a message with a broken signature for a forged one.
    if mail.signed is not None or "DKIM-Signature" in mail.headers:
        reason = "is signed, and the signature would not fit what it writes"
    elif mail.is_encrypted or kind.startswith(("application/pkcs7", "application/x-pkcs7")):
        reason = "is encrypted or signed as a whole"
    elif kind == "multipart/report":
        reason = "is a report, which it cannot write"
    elif len(mail.from_) != 1:
        reason = f"has {len(mail.from_)} authors, not one"
    if reason:
        raise MessageFailed(f"{where} takes no octets of messages, and this one {reason}")


def _taken(named: Iterable[Address], left: dict[str, str]) -> tuple[Address, ...]:
    """Return the addresses of a field that are recipients, each once."""
    return tuple([each for each in named if left.pop(each.address.lower(), None) is not None])


def _other_fields(mail: Mail, where: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    names = [name for name, _ in mail.headers.items()]
    for name in names:
        if name.lower() in _TRACE:
            continue
        if len(mail.headers.get_all(name)) > 1:
            raise MessageFailed(f"{where} takes each field once, and there are several {name}")
        # As it is written, encoded words included: not all services encode what is not ASCII.
        if name.lower() not in _KNOWN:
            raw = (mail.headers.raw(name) or b"").decode("utf-8", "replace")
            fields[name] = _FOLDED.sub("", raw).strip()
    return fields
