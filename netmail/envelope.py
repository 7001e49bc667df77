"""The envelope of a message: its sender and its recipients.

This file must not know any grammar, network or MIME.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from netmail.delivery_options import DeliveryOptions


class LargeContent:
    """The octets of a large message, written whenever they are sent: attached files are read then.

    `bytes()` writes all of it into memory, `len()` is its size.

    Attributes:
        header: The header fields, without the empty line after them.
        size: Octets of the whole, every line ended by CRLF.
    """

    __slots__ = ("_write", "header", "size")

    def __init__(self, header: bytes, size: int, write: Callable[[], Iterator[bytes]]) -> None:
        self.header = header
        self.size = size
        self._write = write

    def chunks(self) -> Iterator[bytes]:
        """Write the octets piece by piece, from the beginning.

        Raises:
            MessageError: If an attached file can no longer be read, or has changed.
        """
        return self._write()

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        return b"".join(self._write())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.size} octets>"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The sender and the recipients of a message, for SMTP's MAIL and RCPT commands.

    They may differ from those in the message's header.

    Attributes:
        sender: The reverse-path, an address without display name; "" for the null reverse-path.
        recipients: The forward-paths, addresses without display names, each once.
        content: The message's octets where the envelope carries them itself; those of a large
            `Message` that the transport could not send are still in its files. `None` where a
            message object has them.
        options: What is asked of the servers that deliver it, such as reports; `None` for nothing.

    RFC 5321 section 2.3.1.
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes | LargeContent | None = None
    options: DeliveryOptions | None = None
