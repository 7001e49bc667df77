"""The finished message: an envelope and octets that nothing changes any more.

This file must not know how a message is signed or encrypted.
"""

from collections.abc import Iterator
from hashlib import sha256

from netmail import Envelope, LargeContent, MessageError, Sendable, envelope_of
from netmail.crypto.octets import canonical, octets_of, with_end


class SealedMessage(Envelope):
    """A message that was signed or encrypted, with its envelope.

    `send()`, `append()`, pools and queues take it as it is, and never encode it again.

    Attributes:
        sender: The reverse-path.
        recipients: The forward-paths.
        content: The octets. Where a large `Message` was signed, its attached files are read again
            when it is sent; if one has changed since, the message is not sent.
        options: What is asked of the servers that deliver it.
    """

    __slots__ = ()

    content: bytes | LargeContent

    def as_bytes(self) -> bytes:
        """Return the octets.

        Raises:
            MessageError: If an attached file can no longer be read, or has changed.
        """
        return bytes(self.content)


def written(message: Sendable, *, to_sign: bool = False) -> Envelope:
    """Write a message for the last time before it is signed: its line ends are CRLF.

    Args:
        message: What `send()` takes.
        to_sign: Whether gateways could break the signature where lines end in spaces.

    Raises:
        MessageError: If it cannot be written.
        UsageError: If it is no message.
    """
    envelope = envelope_of(message, to_sign=to_sign)
    # netmail has written a large content itself: its line ends are CRLF already.
    content = envelope.content
    if isinstance(content, LargeContent):
        return envelope
    whole = with_end(canonical(content or b""))
    return Envelope(envelope.sender, envelope.recipients, whole, envelope.options)


def with_fields(envelope: Envelope, fields: bytes, digest: bytes = b"") -> SealedMessage:
    """Make the message that has more fields above its own.

    Args:
        envelope: The message as `written()` returns it.
        fields: The new fields, each ended by CRLF.
        digest: SHA-256 of the body that was signed; only a large content is compared.
    """
    content = envelope.content or b""
    if isinstance(content, bytes):
        return sealed(envelope, fields + content)
    octets = octets_of(content)
    # New fields are above: RFC 6376 section 3.5 says SHOULD, and trace fields are there too.
    header = fields + octets.header

    def write() -> Iterator[bytes]:
        yield header + b"\r\n"
        yield from unchanged(octets.body(), digest)

    return sealed(envelope, LargeContent(header, len(fields) + len(content), write))


def sealed(envelope: Envelope, content: bytes | LargeContent) -> SealedMessage:
    """Make the message with other octets."""
    return SealedMessage(envelope.sender, envelope.recipients, content, envelope.options)


def unchanged(pieces: Iterator[bytes], digest: bytes) -> Iterator[bytes]:
    """Yield pieces again, the last one only if all are as they were.

    Args:
        pieces: The octets.
        digest: SHA-256 of them.

    Raises:
        MessageError: If they have changed: the signature would be broken.
    """
    seen, waiting = sha256(), b""
    for piece in pieces:
        if waiting:
            yield waiting
        seen.update(piece)
        waiting = piece
    # Before the last piece: without it the message has no end, and the server forgets it.
    if seen.digest() != digest:
        raise MessageError("an attached file has changed since the message was signed")
    yield waiting
