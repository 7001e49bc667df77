"""What can be sent, brought into one shape: an envelope, and octets as the way allows.

This file must not know of SMTP or IMAP; it says what a message needs, not whether a server has it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeAlias

from netmail.address import Address, addr_spec
from netmail.envelope import Envelope
from netmail.errors import MessageError, UsageError
from netmail.mime.mail import Mail
from netmail.mime.parser import parse
from netmail.mime.read_message import StdlibMessage
from netmail.mime.writer.message_output import MessageOutput
from netmail.mime.writer.stdlib import StdlibOutgoing

# A whole Bcc or Resent-Bcc field with its continuation lines.
_HIDDEN = re.compile(
    rb"^(?:resent-)?bcc[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?", re.MULTILINE | re.IGNORECASE
)


class Outgoing(Protocol):
    """A message ready to go."""

    @property
    def envelope(self) -> Envelope:
        """Who sends and who receives; its `content` is `None`."""

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address or header needs SMTPUTF8 (RFC 6531)."""

    @property
    def needs_eight_bit(self) -> bool:
        """Whether the octets cannot be written without octets over 127 (8BITMIME)."""

    def chunks(self, *, eight_bit: bool = False, utf8: bool = False) -> Iterator[bytes]:
        """Write the message piece by piece."""

    def as_bytes(self, *, eight_bit: bool = False, utf8: bool = False) -> bytes:
        """Write the message into memory."""

    def size(self, *, eight_bit: bool = False, utf8: bool = False) -> int:
        """Tell how many octets that gives."""


Sendable: TypeAlias = MessageOutput | Envelope | StdlibMessage | Mail


class RawOutgoing:
    """Octets that go as they are, with an envelope of their own."""

    __slots__ = ("_octets", "envelope")

    def __init__(self, envelope: Envelope, octets: bytes) -> None:
        self.envelope = envelope
        self._octets = octets

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address or the header is outside ASCII."""
        end = min((i for i in map(self._octets.find, (b"\n\n", b"\n\r\n")) if i >= 0), default=-1)
        header = self._octets if end < 0 else self._octets[:end]
        paths = (self.envelope.sender, *self.envelope.recipients)
        return not header.isascii() or not all(path.isascii() for path in paths)

    @property
    def needs_eight_bit(self) -> bool:
        """Whether the octets are outside ASCII: they are never changed."""
        return not self._octets.isascii()

    def chunks(self, *, eight_bit: bool = False, utf8: bool = False) -> Iterator[bytes]:
        """Give the octets, whatever the way allows."""
        del eight_bit, utf8
        yield self._octets

    def as_bytes(self, *, eight_bit: bool = False, utf8: bool = False) -> bytes:
        """Give the octets, whatever the way allows."""
        del eight_bit, utf8
        return self._octets

    def size(self, *, eight_bit: bool = False, utf8: bool = False) -> int:
        """Tell how many octets there are."""
        del eight_bit, utf8
        return len(self._octets)


def outgoing(message: Sendable) -> Outgoing:
    """Bring a message into the shape in which it is sent.

    Args:
        message: A `Message`; a standard library message, whose Bcc goes into the envelope and
            whose Resent- headers are honoured; a `Mail`, which is sent on as it came but for
            its Bcc; or an `Envelope` with content, which is sent as it is.

    Raises:
        MessageError: If there is no author, an address is none, or content is missing.
        UsageError: If it is something else.
    """
    if isinstance(message, MessageOutput):
        return message
    if isinstance(message, Mail):
        return RawOutgoing(*_resent(message))
    if isinstance(message, Envelope):
        if message.content is None:
            raise MessageError("envelope: no content to send")
        return RawOutgoing(_checked(message), message.content)
    if hasattr(message, "raw_items") and hasattr(message, "get_payload"):
        return _with_envelope(StdlibOutgoing(message))
    raise UsageError(f"{type(message).__name__} is no message; give a Message or EmailMessage")


def to_envelope(
    message: Sendable, *, eight_bit: bool = False, utf8: bool = False
) -> tuple[Envelope, bytes]:
    """Turn a message into its envelope and its octets.

    Args:
        message: As for `outgoing`.
        eight_bit: The way allows octets over 127 (8BITMIME).
        utf8: The way allows UTF-8 in addresses (SMTPUTF8).

    Raises:
        MessageError: As for `outgoing`, and if nobody receives the message.

    RFC 5321 section 2.3.1.
    """
    ready = outgoing(message)
    envelope = ready.envelope
    if not envelope.recipients:
        raise MessageError("message: no recipients; call to(), cc() or bcc()")
    return envelope, ready.as_bytes(eight_bit=eight_bit, utf8=utf8)


def to_octets(message: Sendable | bytes, *, utf8: bool = False) -> bytes:
    """Turn a message into octets to be stored, as in a folder of drafts.

    Nobody needs to receive it.

    Args:
        message: As for `outgoing`, or octets, which are given back; of a `Mail` those that came,
            Bcc included.
        utf8: The store takes UTF-8 in headers.
    """
    if isinstance(message, bytes):
        return message
    if isinstance(message, Envelope) and message.content is not None:
        return message.content
    if isinstance(message, Mail) and message.raw:
        return message.raw
    return outgoing(message).as_bytes(utf8=utf8)


def _with_envelope(ready: StdlibOutgoing) -> StdlibOutgoing:
    """Find out now, and not when it is sent, whether the message has an envelope."""
    _ = ready.envelope
    return ready


def _checked(envelope: Envelope) -> Envelope:
    sender = addr_spec(envelope.sender, "envelope sender", MessageError) if envelope.sender else ""
    recipients = tuple(dict.fromkeys(_paths(envelope.recipients)))
    return Envelope(sender, recipients)


def _paths(recipients: Iterable[str]) -> Iterator[str]:
    if isinstance(recipients, str):
        raise UsageError("envelope: recipients are a tuple of addresses, not one str")
    for recipient in recipients:
        yield addr_spec(recipient, "envelope recipient", MessageError)


def _resent(mail: Mail) -> tuple[Envelope, bytes]:
    """Make the envelope of a message that was read, and take Bcc out of its octets.

    Without Bcc the octets are exactly those that came, and signatures stay good.

    Args:
        mail: A message that was read from octets.

    Raises:
        MessageError: If it has no octets or author, an address is none, it was resent before
            (who receives it then, only an `Envelope` can say), or Bcc cannot be cut out.

    RFC 5322 section 3.6.3.
    """
    if not mail.raw:
        raise MessageError("mail: it was not read from octets; build a Message instead")
    if any(name.lower().startswith("resent-") for name in mail.headers):
        raise MessageError("mail: it was resent before; give an Envelope with its octets")
    senders = [mail.sender] if mail.sender else mail.from_
    if not senders:
        raise MessageError("from: a message needs an author")
    listed = [_path(item) for item in (*mail.to, *mail.cc, *mail.bcc)]
    envelope = Envelope(_path(senders[0]), tuple(dict.fromkeys(listed)))
    if "bcc" not in mail.headers:
        return envelope, mail.raw
    head = mail.raw_headers
    octets = _HIDDEN.sub(b"", head) + mail.raw[len(head) :]
    # Our reader is more tolerant than the pattern: what it still finds, others may find too.
    if "bcc" in parse(octets).headers:
        raise MessageError("bcc: it cannot be cut out of this message")
    return envelope, octets


def _path(address: Address) -> str:
    return addr_spec(address.address, "mail", MessageError)
