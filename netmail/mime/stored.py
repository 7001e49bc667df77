"""A message as a mailbox keeps it: in memory, in a file, or written while it is sent.

This file must not know of IMAP; it tells what a message consists of, not what a server supports.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, TypeAlias

from netmail.envelope import Envelope
from netmail.errors import UsageError
from netmail.mime.mail import Mail
from netmail.mime.outgoing import Sendable, is_stdlib, outgoing, sent_octets
from netmail.mime.writer.content import Content, Octets, content_of
from netmail.mime.writer.message_output import MessageOutput
from netmail.mime.writer.stdlib import StdlibOutgoing

Storable: TypeAlias = Sendable | bytes | os.PathLike[str] | BinaryIO
"""What can be put into a mailbox."""


class Stored(NamedTuple):
    """What a mailbox keeps.

    Attributes:
        content: The octets.
        is_canonical: Whether netmail has written them: lines end with CRLF, and there is no NUL.
    """

    content: Content
    is_canonical: bool = False


class _Written:
    """A `Message`, written whenever it is read; its attached files are read meanwhile."""

    __slots__ = ("_message", "_utf8")

    def __init__(self, message: MessageOutput) -> None:
        self._utf8 = message.needs_smtputf8
        # Date and identifier are made now, so that the caller's message has the same.
        message.size(utf8=self._utf8)
        # What is set afterwards would change the size that was announced.
        self._message = message.snapshot()

    def blocks(self) -> Iterator[bytes]:
        """Yield the octets."""
        return self._message.chunks(utf8=self._utf8)

    def size(self) -> int:
        """Return how many octets there are, without reading attached files."""
        return self._message.size(utf8=self._utf8)


def stored(message: Storable) -> Stored:
    """Find what a mailbox keeps of a message: a draft needs neither author nor recipients.

    Args:
        message: As for `outgoing()`, or octets, or a path, or a file opened in binary mode. Octets,
            and those that a `Mail` was read from, stay as they are. A standard library message
            keeps its Bcc and gets no new fields.

    Raises:
        MessageError: If the message cannot be written, or there is no such file.
        UsageError: If it is no message.

    RFC 9051 section 6.3.12.
    """
    if isinstance(message, MessageOutput):
        return Stored(_Written(message), is_canonical=True)
    return Stored(_file(message) or Octets(_octets(message)))


def _file(message: object) -> Content | None:
    """Return the content of a path or of an open file; `None` for anything else."""
    # A str is no path here: it may as well be a message that was not encoded.
    if isinstance(message, os.PathLike):
        return content_of(message, "append()")
    read = getattr(message, "read", None)
    # Whatever a file of text holds, its encoding is not known.
    if not callable(read) or isinstance(read(0), str):
        return None
    return content_of(message, "append()")


def _octets(message: object) -> bytes:
    if isinstance(message, bytes | bytearray | memoryview):
        return bytes(message)
    if isinstance(message, Envelope) and message.content is not None:
        return bytes(message.content)
    if isinstance(message, Mail) and message.raw:
        return message.raw
    if is_stdlib(message):
        # "8-bit characters are permitted in the message": what was read in eight bits is kept so,
        # for a signature may cover it.
        ready = StdlibOutgoing(message, complete=False, with_bcc=True)
        return ready.as_bytes(eight_bit=True, utf8=ready.needs_smtputf8)
    if isinstance(message, Envelope | Mail):
        return sent_octets(outgoing(message))
    kind = type(message).__name__
    raise UsageError(
        f"{kind} is no message; give a Message, a Mail, bytes, a Path or a binary file"
    )
