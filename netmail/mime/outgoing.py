"""What can be sent, in one shape: an envelope, and octets as the transport supports them.

This file must not know of SMTP or IMAP; it tells what a message needs, not what a server supports.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol, TypeAlias, TypeGuard

from netmail.address import Address, addr_spec
from netmail.envelope import Envelope, LargeContent
from netmail.errors import MessageError, UsageError
from netmail.mime.mail import Mail
from netmail.mime.parser import parse
from netmail.mime.read_message import StdlibMessage
from netmail.mime.writer.message_output import MessageOutput
from netmail.mime.writer.stdlib import StdlibOutgoing

# bcc = "Bcc:" [address-list / CFWS] CRLF; resent-bcc           RFC 5322 sections 3.6.3 and 3.6.6
# The whole field with its continuation lines.
_HIDDEN = re.compile(
    rb"^(?:resent-)?bcc[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?", re.MULTILINE | re.IGNORECASE
)


LARGE: Final = 1024 * 1024
"""Octets of a `Message` from which on it is not written into memory."""


class Outgoing(Protocol):
    """A message ready to be sent."""

    @property
    def envelope(self) -> Envelope:
        """Sender and recipients; its `content` is `None`."""

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address or header needs SMTPUTF8 (RFC 6531)."""

    @property
    def needs_eight_bit(self) -> bool:
        """Whether the octets cannot be written without octets over 127 (8BITMIME)."""

    def chunks(self, *, eight_bit: bool = False, utf8: bool = False) -> Iterator[bytes]:
        """Yield the message piece by piece."""

    def as_bytes(self, *, eight_bit: bool = False, utf8: bool = False) -> bytes:
        """Return the message."""

    def size(self, *, eight_bit: bool = False, utf8: bool = False) -> int:
        """Return how many octets that gives."""


Sendable: TypeAlias = MessageOutput | Envelope | StdlibMessage | Mail
"""What can be sent."""


class RawOutgoing:
    """Octets that are sent as they are, with an envelope of their own."""

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
        """Return the octets, whatever the transport supports."""
        del eight_bit, utf8
        yield self._octets

    def as_bytes(self, *, eight_bit: bool = False, utf8: bool = False) -> bytes:
        """Return the octets, whatever the transport supports."""
        del eight_bit, utf8
        return self._octets

    def size(self, *, eight_bit: bool = False, utf8: bool = False) -> int:
        """Return how many octets there are."""
        del eight_bit, utf8
        return len(self._octets)


def outgoing(message: Sendable) -> Outgoing:
    """Bring a message into the shape in which it is sent.

    Args:
        message: A `Message`; a standard library message, whose Bcc is moved to the envelope and
            whose Resent- fields are obeyed; a `Mail`, which is sent as it was received, except
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
        return RawOutgoing(_checked(message), bytes(message.content))
    if is_stdlib(message):
        return _with_envelope(StdlibOutgoing(message))
    raise UsageError(f"{type(message).__name__} is no message; give a Message or EmailMessage")


def envelope_of(message: Sendable, *, to_sign: bool = False) -> Envelope:
    """Write a message now, as it would be sent now: for transports and queues of your own.

    What is changed in the message later does not change the envelope. Attached files of a large
    `Message` stay files: they are read when the content is sent.

    Args:
        message: What `send()` takes.
        to_sign: Whether the content is to be signed: then the texts of a `Message` are encoded
            where lines end in spaces, which gateways may remove.

    Returns:
        The envelope with its content; Bcc is in the envelope only. Lines end in CRLF, and octets
        over 127 are used where the message cannot be written without them. The content of an
        `Envelope` or a `Mail` is not changed.

    Raises:
        MessageError: If there is no author or recipient, an address is none, or content is missing.
        UsageError: If it is no message.

    RFC 5321 section 2.3.1.
    """
    if isinstance(message, Envelope):
        path, content, options = _checked(message), message.content, message.options
        if content is None:
            raise MessageError("envelope: no content to send")
    else:
        ready = outgoing(message)
        path, options = ready.envelope, ready.envelope.options
        content = sent_content(ready, to_sign=to_sign)
    if not path.recipients:
        raise MessageError("the message has no recipient: give it recipients")
    return Envelope(path.sender, path.recipients, content, options)


def sent_octets(ready: Outgoing) -> bytes:
    """Write a message, with octets over 127 only where it cannot be written without them."""
    return ready.as_bytes(eight_bit=ready.needs_eight_bit, utf8=ready.needs_smtputf8)


def sent_content(ready: Outgoing, *, to_sign: bool = False) -> bytes | LargeContent:
    """Write a message as `sent_octets` does; a large one is measured, and written when it is sent.

    Args:
        ready: The message. Only a `Message` can be read from its files more than once.
        to_sign: Whether texts that gateways may change are encoded.
    """
    if not isinstance(ready, MessageOutput):
        return sent_octets(ready)
    content = ready.written(utf8=ready.needs_smtputf8, to_sign=to_sign)
    return content if content.size > LARGE else bytes(content)


def unencoded_content(ready: Outgoing) -> bytes | LargeContent | None:
    """Write a `Message` with its attachments as they are; `None` if that makes no difference.

    RFC 3030 section 3.
    """
    if not isinstance(ready, MessageOutput):
        return None
    content = ready.written(utf8=ready.needs_smtputf8, binary=True)
    if b"\nContent-Transfer-Encoding: binary\r\n" not in content.header:
        return None
    return content if content.size > LARGE else bytes(content)


def is_stdlib(message: object) -> TypeGuard[StdlibMessage]:
    """Tell whether it is a message of the standard library."""
    return hasattr(message, "raw_items") and hasattr(message, "get_payload")


def _with_envelope(ready: StdlibOutgoing) -> StdlibOutgoing:
    """Raise now, and not when it is sent, if the message has no envelope."""
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

    Without Bcc the octets are exactly those that were received, and signatures stay valid.

    Args:
        mail: A message that was read from octets.

    Raises:
        MessageError: If it has no octets or author, an address is none, it was resent before
            (only an `Envelope` can tell the recipients then), or Bcc cannot be cut out.

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
    # netmail's reader is more tolerant than the pattern: a field that it still finds, others may
    # find too.
    if "bcc" in parse(octets).headers:
        raise MessageError("bcc: it cannot be cut out of this message")
    return envelope, octets


def _path(address: Address) -> str:
    return addr_spec(address.address, "mail", MessageError)
