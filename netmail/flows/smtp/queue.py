"""One message that waits to be sent: its envelope as paths, its content as octets for the wire.

This file knows what SMTP demands of a message, and neither servers nor replies.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from netmail.envelope import Envelope
from netmail.errors import MessageError
from netmail.mime.outgoing import Sendable, outgoing
from netmail.text import strings
from netmail.wire import dot
from netmail.wire.smtp_path import forward_path, reverse_path

LINE_LIMIT: Final = 998
"""Octets of a line without CRLF, RFC 5321 section 4.5.3.1.6; servers break longer ones."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives.

    Attributes:
        address: As it was given.
        path: As RCPT says it.
    """

    address: str
    path: bytes


@dataclass(slots=True)
class MailObject:
    """A message and who still has to get it.

    Attributes:
        sender: Who sends, as it was given.
        path: The sender as MAIL says it.
        pending: Who has not been accepted yet, in order.
        unconfirmed: Whose reply is awaited, or was lost: never sent to again by itself.
        content: The octets, every line ended by CRLF, without dot-stuffing.
        message_id: The Message-ID field's value, or "".
        eight_bit: Whether the content has octets over 127.
        utf8: Whether the header or the sender needs SMTPUTF8.

    RFC 5321 section 2.3.1.
    """

    sender: str
    path: bytes
    pending: tuple[Recipient, ...]
    content: bytes
    message_id: str
    eight_bit: bool
    utf8: bool
    unconfirmed: tuple[Recipient, ...] = ()

    def hand_over(self, taken: tuple[Recipient, ...]) -> None:
        """Note that the content leaves for `taken`: from now on they may have it."""
        paths = {who.path for who in taken}
        self.unconfirmed = taken
        self.pending = tuple(who for who in self.pending if who.path not in paths)

    def confirm(self) -> None:
        """Note that the server has taken the message."""
        self.unconfirmed = ()

    def take_back(self) -> None:
        """Note that the server has refused the message after all."""
        self.pending = self.unconfirmed + self.pending
        self.unconfirmed = ()

    def envelope(self, recipients: tuple[Recipient, ...], *, whole: bool) -> Envelope:
        """Return it as a value for these recipients, with its content if `whole`."""
        addresses = tuple(who.address for who in recipients)
        return Envelope(self.sender, addresses, self.content if whole else None)


def mail_object(
    message: Sendable,
    sender: str | None,
    recipients: Iterable[str] | str | None,
    *,
    allow_long_lines: bool,
) -> MailObject:
    """Bring a message into the form in which it is sent.

    Raises:
        MessageError: If the message cannot be written, nobody receives it, or it has lines that
            are too long.
        UsageError: If it is no message, or an address is none.
    """
    envelope, octets = _written(message)
    who = envelope.sender if sender is None else sender
    named = [recipients] if isinstance(recipients, str) else recipients
    people = _recipients(envelope.recipients if named is None else named)
    content = dot.canonical(octets)
    header = _header(content)
    lowered = header.lower()
    if b"bcc" in lowered:
        kept = _without_bcc(header)
        header, lowered, content = kept, kept.lower(), kept + content[len(header) :]
    if not allow_long_lines:
        _refuse_long_line(content)
    path, eight_bit = reverse_path(who), not content.isascii()
    utf8 = not path.isascii() or (eight_bit and not header.isascii())
    return MailObject(who, path, people, content, _message_id(header, lowered), eight_bit, utf8)


def _written(message: Sendable) -> tuple[Envelope, bytes]:
    """Write a message out, with octets over 127 only where it cannot be said without."""
    if isinstance(message, Envelope) and message.content is not None:
        return message, message.content
    ready = outgoing(message)
    return ready.envelope, ready.as_bytes(
        eight_bit=ready.needs_eight_bit, utf8=ready.needs_smtputf8
    )


def _recipients(addresses: Iterable[str]) -> tuple[Recipient, ...]:
    found: dict[bytes, Recipient] = {}
    for address in strings(addresses, "recipients"):
        path = forward_path(address)
        found.setdefault(path, Recipient(address, path))
    if not found:
        raise MessageError("nobody receives this message: give it recipients")
    return tuple(found.values())


def _header(content: bytes) -> bytes:
    """Return the header with the last field's CRLF; RFC 5322 section 2.1."""
    if content.startswith(b"\r\n"):
        return b""
    end = content.find(b"\r\n\r\n")
    return content if end < 0 else content[: end + 2]


def _message_id(header: bytes, lowered: bytes) -> str:
    start = lowered.find(b"message-id:")
    while start > 0 and lowered[start - 1] != 10:  # a field's name begins a line
        start = lowered.find(b"message-id:", start + 1)
    if start < 0:
        return ""
    start += len(b"message-id:")
    end = header.find(b"\r\n", start)
    if header[end + 2 : end + 3] in {b" ", b"\t"} and not header[start:end].strip():
        end = header.find(b"\r\n", end + 2)  # a long identifier stands on a line of its own
    return header[start : end if end >= 0 else None].decode("utf-8", "backslashreplace").strip()


def _without_bcc(header: bytes) -> bytes:
    """Take the blind recipients out of a header that somebody else wrote.

    RFC 5322 section 3.6.3: others may never see them.
    """
    kept: list[bytes] = []
    hidden = False
    for line in header.splitlines(keepends=True):
        if line[:1] not in {b" ", b"\t"}:
            hidden = line.partition(b":")[0].strip().lower() in {b"bcc", b"resent-bcc"}
        if not hidden:
            kept.append(line)
    return b"".join(kept)


def _refuse_long_line(content: bytes) -> None:
    """Refuse a line of more than `LINE_LIMIT` octets; one search covers many short lines."""
    start = 0
    while len(content) - start > LINE_LIMIT + 2:
        stop = content.rfind(b"\n", start, start + LINE_LIMIT + 2)
        if stop < 0:
            number, length = content.count(b"\n", 0, start) + 1, content.find(b"\r", start) - start
            raise MessageError(
                f"line {number} has {length} octets, and {LINE_LIMIT} are allowed: servers would "
                "break it; encode that part as base64, or pass allow_long_lines=True"
            )
        start = stop + 1
