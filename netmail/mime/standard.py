"""A standard library message on its way: its envelope, and its octets.

This file must not know how its parts are written.
"""

from collections.abc import Iterator

from netmail.errors import MessageError
from netmail.mime.address import Address, Group
from netmail.mime.address_build import mailboxes
from netmail.mime.draft import Transit
from netmail.mime.email_message import StandardMessage, header_addresses, standard_part
from netmail.mime.fields import date_time, made_stamp
from netmail.mime.parts import Part
from netmail.mime.render import body_chunks, body_size
from netmail.types import Envelope


class StandardOutgoing:
    """A standard library message as `Outgoing`; a missing Date or Message-ID is added."""

    __slots__ = ("_message", "_stamp", "envelope", "needs_smtputf8")

    def __init__(self, message: StandardMessage) -> None:
        self._message = message
        headers = [(name.lower(), value) for name, value in message.raw_items()]
        self.envelope = _envelope(headers)
        listed = [
            item.address
            for name, value in headers
            if name.removeprefix("resent-") in {"from", "sender", "to", "cc", "bcc", "reply-to"}
            for item in mailboxes(header_addresses(name, value))
        ]
        self.needs_smtputf8 = not all(address.isascii() for address in listed)
        self._stamp = made_stamp(self.envelope.sender.rpartition("@")[2])

    @property
    def needs_eight_bit(self) -> bool:
        """Never: what is outside ASCII can be encoded."""
        return False

    def chunks(self, *, eight_bit: bool = False, utf8: bool = False) -> Iterator[bytes]:
        """Write the message piece by piece."""
        part = self._part(Transit(eight_bit, utf8))
        yield part.head + b"\r\n"
        yield from body_chunks(part)

    def as_bytes(self, *, eight_bit: bool = False, utf8: bool = False) -> bytes:
        """Write the message into memory."""
        return b"".join(self.chunks(eight_bit=eight_bit, utf8=utf8))

    def size(self, *, eight_bit: bool = False, utf8: bool = False) -> int:
        """Tell how many octets that gives."""
        part = self._part(Transit(eight_bit, utf8))
        return len(part.head) + 2 + body_size(part)

    def _part(self, transit: Transit) -> Part:
        names = {name.lower() for name, _ in self._message.raw_items()}
        added = b""
        if "date" not in names:
            added += f"Date: {date_time(self._stamp.date)}\r\n".encode("ascii")
        if "message-id" not in names:
            added += f"Message-ID: {self._stamp.message_id}\r\n".encode("ascii")
        return standard_part(self._message, transit, self._stamp.seed, added)


def _envelope(headers: list[tuple[str, object]]) -> Envelope:
    """Make the envelope as RFC 5322 section 3.6.6 has it: of the Resent- fields where any are."""
    blocks = sum(name == "resent-date" for name, _ in headers)
    if blocks > 1:
        raise MessageError("message: resent more than once; say who receives it with an Envelope")
    resent = any(name.startswith("resent-") for name, _ in headers)
    prefix = "resent-" if resent else ""

    def listed(*names: str) -> list[Address]:
        found: list[Address | Group] = []
        for wanted in names:
            for name, value in headers:
                if name == prefix + wanted:
                    found += header_addresses(name, value)
        return mailboxes(found)

    senders = listed("sender") or listed("from")
    if not senders:
        raise MessageError(f"{prefix}from: a message needs an author")
    recipients = [item.address for item in listed("to", "cc", "bcc")]
    return Envelope(senders[0].address, tuple(dict.fromkeys(recipients)))
