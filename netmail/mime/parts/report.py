"""Delivery reports, disposition notifications and abuse reports that were received.

This file knows three kinds of multipart/report: delivery status (RFC 3464), disposition
notification (RFC 8098) and abuse feedback (RFC 5965). The texts of servers that write none of
them are in `bounce_texts.py`. It knows nothing of sending: the report on a message that netmail
sent is `results/smtp.py`.
"""

import re
from dataclasses import dataclass, field

from netmail.limits import MessageLimits
from netmail.mime.content.transfer import decode_transfer
from netmail.mime.fields.header_block import HeaderBlock
from netmail.mime.fields.headers import Headers
from netmail.mime.parts.bounce import Bounce, Bounced, read_bounce
from netmail.mime.parts.inner_message import message_part
from netmail.mime.parts.part import Part, PartSource

# "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYi5leGFtcGxl": a group that was encoded, although its part
# says nothing of it. No field is without a colon.
_ENCODED_GROUP = re.compile(rb"[A-Za-z0-9+/\s]{8,}={0,2}\s*")

_KINDS = {
    "message/delivery-status": "delivery",
    "message/global-delivery-status": "delivery",
    "message/disposition-notification": "disposition",
    "message/global-disposition-notification": "disposition",
    "message/feedback-report": "feedback",
}
_ORIGINALS = frozenset(
    ["message/rfc822", "message/global", "message/rfc822-headers", "message/global-headers"]
) | {"text/rfc822-headers"}


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """The delivery status of one recipient.

    Attributes:
        recipient: The address that the report is about: Final-Recipient.
        original: The address as the sender gave it; "" if it is missing.
        action: "failed", "delayed", "delivered", "relayed" or "expanded", in lower case.
        status: The status code, such as "5.1.1" (RFC 3463).
        diagnostic: The server's text, without its type.
        remote: The server that sent it; "" if it is missing.
        fields: All fields of this recipient.

    RFC 3464 section 2.3.
    """

    recipient: str
    original: str
    action: str
    status: str
    diagnostic: str
    remote: str
    fields: Headers

    @property
    def is_permanent(self) -> bool:
        """True for a permanent failure: sending again is useless."""
        return self.status.startswith("5")


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A received report on a message that was sent before.

    Attributes:
        kind: "delivery", "disposition" or "feedback".
        text: The report's text for human readers.
        fields: The report's own fields: of a delivery report those about the message.
        recipients: One entry for each recipient of a delivery report.
        disposition: Of a disposition notification, such as
            "manual-action/MDN-sent-manually; displayed".
        feedback_type: Of an abuse report, such as "abuse".
        original: The reported message, or its header; `None` if it is not enclosed.
        guessed_from: The program whose text was read because it wrote no delivery status: "qmail",
            "exim", "exchange" or "exchange-5"; "" for a report that follows the RFC.

    RFC 6522.
    """

    kind: str
    text: str
    fields: Headers
    recipients: tuple[RecipientStatus, ...] = ()
    disposition: str = ""
    feedback_type: str = ""
    original: Part | None = field(default=None, repr=False)
    guessed_from: str = ""

    @property
    def original_headers(self) -> Headers | None:
        """The header of the reported message; `None` if it is not enclosed."""
        part = self.original
        if part is None:
            return None
        if part.message is not None:
            return part.message.headers
        return Headers.from_block(HeaderBlock(part.content), part.limits)

    @property
    def original_message_id(self) -> str:
        """The Message-ID of the reported message; "" if it is not known."""
        given = self.fields.get("original-message-id")
        headers = self.original_headers
        return given or (headers.get("message-id") or "" if headers else "")


def read_report(root: Part, source: PartSource) -> DeliveryReport | None:
    """Read the report in a message.

    Args:
        root: The message's root part. It need not be a multipart/report: some servers write
            multipart/mixed, and old ones a text.
        source: What the parts of the message share.

    Returns:
        The report; `None` if there is none.
    """
    for part in root.walk():
        kind = _KINDS.get(part.content_type)
        if kind is not None:
            return _report(kind, part, part.parent or part)
    # A text instead of a status: quirk returned-as-text.
    bounce = read_bounce(root)
    return _guessed(bounce, root, source) if bounce is not None else None


def _guessed(bounce: Bounce, root: Part, source: PartSource) -> DeliveryReport:
    """Write what a text reports as a delivery status would have it."""
    original = next((each for each in root.walk() if each.content_type in _ORIGINALS), None)
    if bounce.returned and source.nested < source.limits.nested_encoded:
        original = message_part(bounce.returned, source)
    return DeliveryReport(
        "delivery",
        bounce.text,
        Headers({"Reporting-MTA": f"dns; {bounce.reporter}"} if bounce.reporter else {}),
        tuple(RecipientStatus(*each, _status_fields(each)) for each in bounce.recipients),
        original=original,
        guessed_from=bounce.name,
    )


def _status_fields(bounced: Bounced) -> Headers:
    fields = {
        "Original-Recipient": bounced.original and f"rfc822; {bounced.original}",
        "Final-Recipient": f"rfc822; {bounced.recipient}",
        "Action": bounced.action,
        "Status": bounced.status,
        "Remote-MTA": bounced.remote and f"dns; {bounced.remote}",
        "Diagnostic-Code": f"x-text; {bounced.diagnostic}",
    }
    return Headers({name: value for name, value in fields.items() if value})


def _report(kind: str, part: Part, holder: Part) -> DeliveryReport:
    blocks = _blocks(part.content, part.limits)
    first = blocks[0] if blocks else Headers()
    siblings = holder.children if holder is not part else []
    texts = [each.text for each in siblings if each.content_type == "text/plain"][:1]
    original = next((each for each in siblings if each.content_type in _ORIGINALS), None)
    return DeliveryReport(
        kind,
        "".join(texts),
        first,
        tuple(map(_recipient, blocks[1:])) if kind == "delivery" else (),
        first.get("disposition") or "" if kind == "disposition" else "",
        (first.get("feedback-type") or "").lower() if kind == "feedback" else "",
        original,
    )


def _blocks(content: bytes, limits: MessageLimits) -> list[Headers]:
    """Cut the report into its groups of fields, which empty lines separate.

    delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields ), RFC 3464
    section 2.1.
    """
    text = content.replace(b"\r\n", b"\n").strip(b"\n")
    blocks: list[bytes] = []
    for block in text.split(b"\n\n")[: limits.addresses]:
        if _ENCODED_GROUP.fullmatch(block):
            decoded = decode_transfer(block, "base64").replace(b"\r\n", b"\n").strip(b"\n")
            blocks += decoded.split(b"\n\n")[: limits.addresses]
        else:
            blocks.append(block.strip(b"\n"))
    return [Headers.from_block(HeaderBlock(block), limits) for block in blocks if block]


def _recipient(fields: Headers) -> RecipientStatus:
    return RecipientStatus(
        _without_type(fields, "final-recipient") or _without_type(fields, "original-recipient"),
        _without_type(fields, "original-recipient"),
        (fields.get("action") or "").strip().lower(),
        next(iter((fields.get("status") or "").split()), ""),
        _without_type(fields, "diagnostic-code"),
        _without_type(fields, "remote-mta"),
        fields,
    )


def _without_type(fields: Headers, name: str) -> str:
    """Return the value of "rfc822; user@example.org" without its type.

    RFC 3464 section 2.1.2: address-type ";" generic-address. Some servers leave the type out.
    """
    value = fields.get(name) or ""
    _, semicolon, rest = value.partition(";")
    return (rest if semicolon else value).strip()
