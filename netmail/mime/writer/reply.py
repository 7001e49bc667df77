"""Answers to a message that was read, and forwarding it.

This file must not know how messages are read or written. Nothing in the original is trusted: its
words become text, its addresses are checked anew, its identifiers are kept only if they are some.
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

_MESSAGE_ID = re.compile(r"<?([!-;=?-~]{1,250})>?")
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
    """Begin an answer to a message.

    Args:
        mail: The message to be answered.
        author: Who answers; may be set later by `from_()`.
        text: The answer; it stands above the quotation.
        to_all: Send copies to all who got the message, but for the author.
        quote: Quote the message's text.
        automatic: A program answers: the answer is marked so, and has the null reverse-path.

    Returns:
        A message with To, Cc, Subject, In-Reply-To, References and text.

    Raises:
        MessageError: If the message names nobody to answer to, or if `automatic` and it was
            sent by a program or a list, which no program may answer.

    RFC 5322 section 3.6.4, RFC 3834 section 2.
    """
    if automatic:
        _check_answerable(mail)
    answered = _valid(mail.reply_to) or _valid(mail.from_)
    if not answered:
        raise MessageError("reply: the message has no address to answer to")
    built = Message(author, answered, _prefixed("Re", mail.subject))
    if to_all:
        own = mailboxes(address_list(author, "from")) if author is not None else []
        seen = {item.address.lower() for item in (*own, *answered)}
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
        author: Who forwards it; may be set later by `from_()`.
        to: Who gets it.
        text: What stands above it.
        as_attachment: Attach the message octet for octet, instead of taking over its texts
            and its files.

    Raises:
        MessageError: If an address is none.
    """
    built = Message(author, to, _prefixed("Fwd", mail.subject))
    _add_thread(built, mail, answers=False)
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


def _check_answerable(mail: ReadMessage) -> None:
    submitted = (mail.headers.get("Auto-Submitted") or "no").strip().lower()
    precedence = (mail.headers.get("Precedence") or "").strip().lower()
    listed = any(name in mail.headers for name in ("List-Id", "List-Unsubscribe", "List-Post"))
    null_path = (mail.headers.get("Return-Path") or "").strip() == "<>"
    if submitted != "no" or precedence in {"bulk", "junk", "list"} or listed or null_path:
        raise MessageError("reply: a program or list sent this; no program may answer it")


def _add_thread(built: Message, mail: ReadMessage, *, answers: bool = True) -> None:
    parent = _ids([mail.message_id or ""])
    before = _ids(mail.references)
    if not before and len(mail.in_reply_to) == 1:
        before = _ids(mail.in_reply_to)
    chain = list(dict.fromkeys([*before, *parent]))
    if len(chain) > REFERENCES:
        chain = [chain[0], *chain[1 - REFERENCES :]]
    if parent and answers:
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


def _people(addresses: Iterable[Address]) -> str:
    return ", ".join(_line(str(item)) for item in addresses)


def _attribution(mail: ReadMessage) -> str:
    first = mail.from_[0] if mail.from_ else Address("", "somebody")
    when = f"On {date_time(mail.date)}, " if mail.date else ""
    return f"{when}{_line(str(first))} wrote:"


def _quoted(mail: ReadMessage) -> str:
    lines = mail.text_from_html().rstrip().split("\n")
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)


def _summary(mail: ReadMessage) -> str:
    said = (
        ("From", _people(mail.from_)),
        ("Date", date_time(mail.date) if mail.date else ""),
        ("Subject", _line(mail.subject)),
        ("To", _people(mail.to)),
        ("Cc", _people(mail.cc)),
    )
    head = "\n".join(f"{name}: {value}" for name, value in said if value)
    return f"---------- Forwarded message ----------\n{head}"


def _as_html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>\n")
