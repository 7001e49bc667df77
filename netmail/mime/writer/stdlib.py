"""A standard library message ready to be sent: its envelope, and its octets.

This file must not know how its parts are written.
"""

from collections.abc import Iterator

from netmail.address import Address, Group, mailboxes
from netmail.envelope import Envelope
from netmail.errors import MessageError
from netmail.mime.read_message import StdlibMessage
from netmail.mime.writer.draft import TransportSupport
from netmail.mime.writer.fields import date_time, generate_fields
from netmail.mime.writer.stdlib_tree import HIDDEN, header_addresses, stdlib_entity
from netmail.mime.writer.tree import Entity, body_chunks, body_size


class StdlibOutgoing:
    """A standard library message as `Outgoing`.

    Args:
        message: The message; it is not changed, but must not change either.
        complete: Add Date and Message-ID where they are missing.
        with_bcc: Write Bcc fields too, as for a draft that is stored.
    """

    __slots__ = ("_complete", "_hidden", "_message", "_stamp")

    def __init__(
        self, message: StdlibMessage, *, complete: bool = True, with_bcc: bool = False
    ) -> None:
        self._message = message
        self._hidden = frozenset[str]() if with_bcc else HIDDEN
        self._complete = complete
        author = self._listed("from") if complete else []
        self._stamp = generate_fields(author[0].domain if author else "")

    @property
    def envelope(self) -> Envelope:
        """Sender and recipients, by the Resent- headers if there are any.

        Raises:
            MessageError: If there is no author, or the message was resent more than once.

        RFC 5322 section 3.6.6.
        """
        names = [name.lower() for name, _ in self._message.raw_items()]
        if names.count("resent-date") > 1:
            raise MessageError("message: resent more than once; give its recipients in an Envelope")
        prefix = "resent-" if any(name.startswith("resent-") for name in names) else ""
        senders = self._listed(f"{prefix}sender") or self._listed(f"{prefix}from")
        if not senders:
            raise MessageError(f"{prefix}from: a message needs an author")
        recipients = self._listed(f"{prefix}to", f"{prefix}cc", f"{prefix}bcc")
        return Envelope(senders[0].address, tuple(dict.fromkeys(one.address for one in recipients)))

    @property
    def needs_smtputf8(self) -> bool:
        """Whether a local part is outside ASCII (RFC 6531)."""
        plain = ("from", "sender", "reply-to", "to", "cc", "bcc")
        listed = self._listed(*plain, *(f"resent-{name}" for name in plain))
        return not all(one.address.isascii() for one in listed)

    @property
    def needs_eight_bit(self) -> bool:
        """Never: what is outside ASCII can be encoded."""
        return False

    @property
    def nesting(self) -> int:
        """0: `stdlib_entity` has a limit of its own."""
        return 0

    def chunks(self, *, eight_bit: bool = False, utf8: bool = False) -> Iterator[bytes]:
        """Yield the message piece by piece."""
        head, part = self._entity(TransportSupport(eight_bit, utf8))
        yield head
        yield from body_chunks(part)

    def as_bytes(self, *, eight_bit: bool = False, utf8: bool = False) -> bytes:
        """Return the message."""
        return b"".join(self.chunks(eight_bit=eight_bit, utf8=utf8))

    def size(self, *, eight_bit: bool = False, utf8: bool = False) -> int:
        """Return how many octets that gives."""
        head, part = self._entity(TransportSupport(eight_bit, utf8))
        return len(head) + body_size(part)

    def _entity(self, support: TransportSupport) -> tuple[bytes, Entity]:
        """Make the header with the empty line after it, and the tree of the body.

        Args:
            support: What the transport supports.

        Raises:
            MessageError: As for `stdlib_entity`.
        """
        names = {name.lower() for name, _ in self._message.raw_items()}
        added = b""
        if self._complete and "date" not in names:
            added += f"Date: {date_time(self._stamp.date)}\r\n".encode("ascii")
        if self._complete and "message-id" not in names:
            added += f"Message-ID: {self._stamp.message_id}\r\n".encode("ascii")
        part = stdlib_entity(self._message, support, self._stamp.seed, added, hidden=self._hidden)
        return part.head + b"\r\n", part

    def _listed(self, *wanted: str) -> list[Address]:
        found: list[Address | Group] = []
        for name, value in self._message.raw_items():
            if name.lower() in wanted:
                found += header_addresses(name, value)
        return mailboxes(found)
