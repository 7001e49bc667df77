"""The results of building a message: its octets, its size, its envelope.

This file must not know how callers set the values of a message.
"""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol, Self

from netmail.address import Address, mailboxes
from netmail.envelope import Envelope, LargeContent
from netmail.errors import MessageError
from netmail.mime.writer.attached_message import AttachedMessage
from netmail.mime.writer.body import body_tree
from netmail.mime.writer.draft import Draft, TransportSupport
from netmail.mime.writer.fields import generated_fields, header_fields
from netmail.mime.writer.tree import Entity, body_chunks, body_size, ends_line


class BinaryWriter(Protocol):
    """A file opened in binary mode, to which a message is written."""

    def write(self, data: bytes, /) -> object:
        """Write octets."""


class MessageOutput:
    """The half of a message that is read and not set."""

    __slots__ = ("_draft",)

    _draft: Draft

    @property
    def envelope(self) -> Envelope:
        """Sender and recipients; recipients in Bcc are here only.

        The sender is `return_path()` if given, else `sender()`, else the first author.

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
        """The Message-ID with its angle brackets, generated now if there is none.

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
        """False: text outside ASCII can be encoded."""
        return False

    def as_bytes(
        self, *, eight_bit: bool = False, utf8: bool = False, binary: bool = False
    ) -> bytes:
        """Return the message.

        A second call returns the same octets, unless something was set in between. Lines end with
        CRLF and have at most 998 octets (except in `binary` parts); without the flags all is
        7-bit ASCII.

        Args:
            eight_bit: The transport supports 8BITMIME: texts are not encoded.
            utf8: The transport supports SMTPUTF8: addresses may be UTF-8.
            binary: The transport supports BINARYMIME: attachments are not encoded.

        Raises:
            MessageError: If the message cannot be written: it has no author, an attached file is
                gone, or a local part outside ASCII needs `utf8`.

        RFC 5322, RFC 2045.
        """
        return b"".join(self.chunks(eight_bit=eight_bit, utf8=utf8, binary=binary))

    def chunks(
        self, *, eight_bit: bool = False, utf8: bool = False, binary: bool = False
    ) -> Iterator[bytes]:
        """Yield the message piece by piece; attached files are read meanwhile.

        Args:
            eight_bit: As for `as_bytes`.
            utf8: As for `as_bytes`.
            binary: As for `as_bytes`.

        Yields:
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
        """Return how many octets `as_bytes` returns, without reading attached files but messages.

        Args:
            eight_bit: As for `as_bytes`.
            utf8: As for `as_bytes`.
            binary: As for `as_bytes`.

        Raises:
            MessageError: As for `as_bytes`.
        """
        head, part = self._entity(TransportSupport(eight_bit, utf8, binary))
        return len(head) + body_size(part)

    def written(
        self, *, utf8: bool = False, binary: bool = False, to_sign: bool = False
    ) -> LargeContent:
        """Return the message as it is now, to be written later and piece by piece.

        Args:
            utf8: As for `as_bytes`.
            binary: Whether texts and attachments are not encoded; in 7 bits otherwise.
            to_sign: Whether texts that gateways may change are encoded.

        Raises:
            MessageError: As for `as_bytes`.
        """
        head, part = self._entity(TransportSupport(binary, utf8, binary, to_sign))
        # A message that consists of one file in base64 ends within a line.
        end = b"" if ends_line(part) else b"\r\n"

        def write() -> Iterator[bytes]:
            yield head
            yield from body_chunks(part)
            yield end

        return LargeContent(head[:-2], len(head) + body_size(part) + len(end), write)

    def copy(self) -> Self:
        """Make an independent copy, for instance one for each of many recipients.

        Date and identifier of the copy are generated again, unless they were set.
        """
        return self._with(replace(self._draft.copied(), generated=None, texts=None))

    def snapshot(self) -> Self:
        """Make an independent copy that has the same octets, identifier included."""
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
            support: What the transport supports.

        Raises:
            MessageError: As for `as_bytes`.
        """
        mark = generated_fields(self._draft)
        head = header_fields(self._draft, mark, utf8=support.utf8)
        part = body_tree(self._draft, mark.seed, support)
        return head + part.head + b"\r\n", part
