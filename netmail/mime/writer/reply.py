"""Reply mails to a message that was read, and forwarding it. No SMTP replies are meant.

This file must not know how messages are read or written. Nothing in the original is trusted: its
encoded words become text, its addresses are checked again, and only valid identifiers are kept.
"""

import re
from collections.abc import Iterable

from netmail.address import Address, addr_spec, mailboxes
from netmail.errors import MessageError
from netmail.mime.read_message import ReadMessage
from netmail.mime.writer.fields import date_time
from netmail.mime.writer.input_address import AddressInput, address_list
from netmail.mime.writer.message import Message

REFERENCES = 40
"""Identifiers kept in References: the first, by which threads are found, and the latest."""

# msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]         RFC 5322 section 3.6.4
# Of printable ASCII, with or without "@" and brackets; of a length that fits in a line.
_MESSAGE_ID = re.compile(r"<?([!-;=?-~]{1,250})>?")
# Characters that no header may contain, and that an encoded word can: "=?utf-8?q?a=0D=0Ab?=".
_UNPRINTED = re.compile("[\0-\x1f\x7f\ud800-\udfff]+")


def reply(
    mail: ReadMessage,
    author: AddressInput | None = None,
    *,
    text: str = "",
    to_all: bool = False,
    quote: bool = True,
    automatic: bool = False,
) -> Message:
    """Begin a reply mail.

    Args:
        mail: The message to reply to.
        author: The author of the reply; may be set later by `from_()`.
        text: The reply's text, written above the quotation.
        to_all: Send copies to all recipients of the message, except the author.
        quote: Quote the message's text.
        automatic: The reply is written by a program: it is marked so, and has the null
            reverse-path.

    Returns:
        A message with To, Cc, Subject, In-Reply-To, References and text.

    Raises:
        MessageError: If the message has no address to reply to, or if `automatic` and it was
            sent by a program or a list, to which no program may reply.

    RFC 5322 section 3.6.4, RFC 3834 section 2.
    """
    if automatic:
        _refuse_programs(mail)
    # RFC 5322 section 3.6.2: replies are sent to Reply-To, and without it to From.
    recipients = _valid(mail.reply_to) or _valid(mail.from_)
    if not recipients:
        raise MessageError("reply: the message has no address to reply to")
    built = Message(author, recipients, _prefixed("Re", mail.subject))
    if to_all:
        own = mailboxes(address_list(author, "from")) if author is not None else []
        seen = {item.address.lower() for item in (*own, *recipients)}
        others = [item for item in _valid((*mail.to, *mail.cc)) if item.address.lower() not in seen]
        if others:
            built.cc(list(dict.fromkeys(others)))
    _add_thread(built, mail)
    if automatic:
        built.auto_submitted("auto-replied").return_path("")
    quoted = f"{_attribution(mail)}\n{_quoted(mail)}" if quote else ""
    return built.text("\n\n".join(filter(None, [text.rstrip("\n"), quoted])) + "\n")


def forward(
    mail: ReadMessage,
    author: AddressInput | None = None,
    to: AddressInput | None = None,
    *,
    text: str = "",
    as_attachment: bool = False,
) -> Message:
    """Begin to forward a message.

    Args:
        mail: The message to be forwarded.
        author: The sender of the new message; may be set later by `from_()`.
        to: The recipients.
        text: A text to write above it.
        as_attachment: Attach the message as by `attachment()`, instead of copying its texts
            and its files.

    Raises:
        MessageError: If an address is none.
    """
    built = Message(author, to, _prefixed("Fwd", mail.subject))
    _add_thread(built, mail, is_reply=False)
    if as_attachment:
        return built.text(text).attachment(mail)
    body = mail.text_from_html().rstrip()
    above = "\n\n".join(filter(None, [text.rstrip("\n"), _summary(mail)]))
    built.text(f"{above}\n\n{body}\n")
    if mail.html:
        built.html(f"<div>{_as_html(above)}</div>\n<hr>\n{mail.html}")
    for attachment in mail.attachments:
        built.attachment(attachment)
    return built


def _refuse_programs(mail: ReadMessage) -> None:
    """Refuse to reply to a program or a list.

    RFC 3834 section 2: no automatic response is sent to the null reverse-path, to a message with
    an Auto-Submitted field other than "no", or to one from a mailing list.
    """
    submitted = (mail.headers.get("Auto-Submitted") or "no").strip().lower()
    precedence = (mail.headers.get("Precedence") or "").strip().lower()
    listed = any(name in mail.headers for name in ("List-Id", "List-Unsubscribe", "List-Post"))
    null_path = (mail.headers.get("Return-Path") or "").strip() == "<>"
    if submitted != "no" or precedence in {"bulk", "junk", "list"} or listed or null_path:
        raise MessageError("reply: a program or list sent this; no program may reply to it")


def _add_thread(built: Message, mail: ReadMessage, *, is_reply: bool = True) -> None:
    """Add In-Reply-To and References.

    RFC 5322 section 3.6.4: References is the parent's References (or else its In-Reply-To, if that
    is one identifier), followed by the parent's Message-ID.
    """
    parent = _ids([mail.message_id or ""])
    before = _ids(mail.references)
    if not before and len(mail.in_reply_to) == 1:
        before = _ids(mail.in_reply_to)
    chain = list(dict.fromkeys([*before, *parent]))
    if len(chain) > REFERENCES:
        chain = [chain[0], *chain[1 - REFERENCES :]]
    if parent and is_reply:
        built.header(("In-Reply-To", parent[0]))
    if chain:
        built.header(("References", " ".join(chain)))


def _ids(found: Iterable[str]) -> list[str]:
    return [f"<{match[1]}>" for one in found if (match := _MESSAGE_ID.fullmatch(one))]


def _valid(addresses: Iterable[Address]) -> list[Address]:
    valid = []
    for item in addresses:
        try:
            valid.append(Address(_line(item.name), addr_spec(item.address, error=MessageError)))
        except MessageError:
            continue
    return valid


def _prefixed(prefix: str, subject: str) -> str:
    line = _line(subject)
    return line if line[: len(prefix) + 1].lower() == f"{prefix.lower()}:" else f"{prefix}: {line}"


def _line(text: str) -> str:
    """Make one harmless line of a decoded header."""
    return _UNPRINTED.sub(" ", text).strip()


def _listed(addresses: Iterable[Address]) -> str:
    return ", ".join(_line(str(item)) for item in addresses)


def _attribution(mail: ReadMessage) -> str:
    first = mail.from_[0] if mail.from_ else Address("", "somebody")
    when = f"On {date_time(mail.date)}, " if mail.date else ""
    return f"{when}{_line(str(first))} wrote:"


def _quoted(mail: ReadMessage) -> str:
    lines = mail.text_from_html().rstrip().split("\n")
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)


def _summary(mail: ReadMessage) -> str:
    fields = (
        ("From", _listed(mail.from_)),
        ("Date", date_time(mail.date) if mail.date else ""),
        ("Subject", _line(mail.subject)),
        ("To", _listed(mail.to)),
        ("Cc", _listed(mail.cc)),
    )
    head = "\n".join(f"{name}: {value}" for name, value in fields if value)
    return f"---------- Forwarded message ----------\n{head}"


def _as_html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>\n")
