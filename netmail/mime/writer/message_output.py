"""What a message gives when it is done: its octets, its size, its envelope.

This file must not know how callers set what a message says.
"""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol, Self

from netmail.address import Address, mailboxes
from netmail.envelope import Envelope
from netmail.errors import MessageError
from netmail.mime.writer.attached_message import AttachedMessage
from netmail.mime.writer.body import body_tree
from netmail.mime.writer.draft import Draft, TransportSupport
from netmail.mime.writer.fields import generated_fields, header_fields
from netmail.mime.writer.tree import Entity, body_chunks, body_size


class BinaryWriter(Protocol):
    """Where a message is written to: a file opened in binary mode."""

    def write(self, data: bytes, /) -> object:
        """Write octets."""


class MessageOutput:
    """The half of a message that is read and not set."""

    __slots__ = ("_draft",)

    _draft: Draft

    @property
    def envelope(self) -> Envelope:
        """Who sends and who receives; recipients in Bcc are there, and nowhere else.

        The sender is `return_path()` where given, else `sender()`, else the first author.

        Raises:
            MessageError: If the message has no author.

        RFC 5321 section 2.3.1.
        """
        draft = self._draft
        if draft.return_path is not None:
            return Envelope(draft.return_path, self.recipients)
        if draft.sender is None and not draft.senders:
            raise MessageError("from: a message needs an author; call from_()")
        sender = draft.sender or draft.senders[0]
        return Envelope(sender.address, self.recipients)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses of To, Cc and Bcc, each once."""
        found: dict[tuple[str, str], str] = {}
        draft = self._draft
        for item in mailboxes((*draft.to, *draft.cc, *draft.bcc)):
            found.setdefault((item.local, item.domain.lower()), item.address)
        return tuple(found.values())

    @property
    def id(self) -> str:
        """The Message-ID with its angle brackets, made now unless there was one.

        Raises:
            MessageError: If the message has no author.
        """
        return generated_fields(self._draft).message_id

    @property
    def needs_smtputf8(self) -> bool:
        """Whether a local part in the header or envelope is outside ASCII (RFC 6531)."""
        draft = self._draft
        listed = [*draft.senders, *draft.to, *draft.cc, *draft.bcc, *draft.reply_to]
        for _, addresses in draft.address_headers:
            listed += addresses
        sender = [draft.sender] if draft.sender else []
        path = Address("", draft.return_path or "")
        return any(not item.address.isascii() for item in (*mailboxes(listed), *sender, path))

    @property
    def needs_eight_bit(self) -> bool:
        """Never: what is outside ASCII can be encoded."""
        return False

    def as_bytes(
        self, *, eight_bit: bool = False, utf8: bool = False, binary: bool = False
    ) -> bytes:
        """Write the message into memory.

        Twice the same octets, unless something was set in between. Lines end with CRLF and have
        at most 998 octets (but in `binary` parts); without the flags all is 7-bit ASCII.

        Args:
            eight_bit: The way allows octets over 127 (8BITMIME): texts go unencoded.
            utf8: The way allows UTF-8 in addresses (SMTPUTF8).
            binary: The way allows any octets (BINARYMIME): attachments go unencoded.

        Raises:
            MessageError: If the message cannot be written: it has no author, an attached file is
                gone, or a local part outside ASCII needs `utf8`.

        RFC 5322, RFC 2045.
        """
        return b"".join(self.chunks(eight_bit=eight_bit, utf8=utf8, binary=binary))

    def chunks(
        self, *, eight_bit: bool = False, utf8: bool = False, binary: bool = False
    ) -> Iterator[bytes]:
        """Write the message piece by piece; attached files are read while it is written.

        Args:
            eight_bit: As for `as_bytes`.
            utf8: As for `as_bytes`.
            binary: As for `as_bytes`.

        Returns:
            Pieces of some 90 KiB at most, texts excepted.

        Raises:
            MessageError: As for `as_bytes`.
        """
        head, part = self._entity(TransportSupport(eight_bit, utf8, binary))
        yield head
        yield from body_chunks(part)

    def write_to(
        self,
        file: BinaryWriter,
        *,
        eight_bit: bool = False,
        utf8: bool = False,
        binary: bool = False,
    ) -> int:
        """Write the message to a file opened in binary mode.

        Args:
            file: The file; it stays open.
            eight_bit: As for `as_bytes`.
            utf8: As for `as_bytes`.
            binary: As for `as_bytes`.

        Returns:
            How many octets were written.

        Raises:
            MessageError: As for `as_bytes`.
        """
        size = 0
        for chunk in self.chunks(eight_bit=eight_bit, utf8=utf8, binary=binary):
            file.write(chunk)
            size += len(chunk)
        return size

    def size(self, *, eight_bit: bool = False, utf8: bool = False, binary: bool = False) -> int:
        """Tell how many octets `as_bytes` gives, without reading attached files.

        Args:
            eight_bit: As for `as_bytes`.
            utf8: As for `as_bytes`.
            binary: As for `as_bytes`.

        Raises:
            MessageError: As for `as_bytes`.
        """
        head, part = self._entity(TransportSupport(eight_bit, utf8, binary))
        return len(head) + body_size(part)

    def copy(self) -> Self:
        """Make an independent copy, as for many messages that differ in their recipients.

        Unless they were set, the copy gets a date and an identifier of its own.
        """
        return self._with(replace(self._draft.copied(), generated=None, texts=None))

    def snapshot(self) -> Self:
        """Make an independent copy that is written just as this message, identifier included."""
        return self._with(self._draft.copied())

    def _with(self, draft: Draft) -> Self:
        other = copy.copy(self)
        object.__setattr__(other, "_draft", draft)
        return other

    def __str__(self) -> str:
        return self.as_bytes(utf8=True).decode()

    def __repr__(self) -> str:
        draft = self._draft
        author = str(draft.senders[0]) if draft.senders else None
        return (
            f"<{type(self).__name__} from {author!r} to {len(self.recipients)}"
            f" subject {draft.subject!r}>"
        )

    @property
    def nesting(self) -> int:
        """How many levels of messages are attached in it."""
        contents = [item.content for item in self._draft.files]
        return max(
            (item.depth for item in contents if isinstance(item, AttachedMessage)), default=0
        )

    def _entity(self, support: TransportSupport) -> tuple[bytes, Entity]:
        """Make the header with the empty line after it, and the tree of the body.

        Args:
            support: What the way allows.

        Raises:
            MessageError: As for `as_bytes`.
        """
        mark = generated_fields(self._draft)
        head = header_fields(self._draft, mark, utf8=support.utf8)
        part = body_tree(self._draft, mark.seed, support)
        return head + part.head + b"\r\n", part
