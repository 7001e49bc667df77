"""Protocols of messages that the writer did not build: those that were read, and the library's.

This file must not know the classes that fulfil them. `Mail` is above it, so that the writer can
take a mail without importing it; `email` is never imported, since a caller with such a message has
it loaded.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from netmail.address import Address

if TYPE_CHECKING:
    from netmail.mime.fields.headers import Headers
    from netmail.mime.parts.attachment import Attachment


class ReadMessage(Protocol):
    """A message that was read, as far as replies, attachments and conversions ask it."""

    @property
    def headers(self) -> "Headers":
        """All fields of its header."""

    @property
    def raw(self) -> bytes:
        """Its octets as they were received; b"" for a message made of parts."""

    @property
    def subject(self) -> str:
        """The decoded subject; "" if there is none."""

    @property
    def from_(self) -> list[Address]:
        """The authors."""

    @property
    def reply_to(self) -> list[Address]:
        """The addresses that a reply goes to instead of the authors'."""

    @property
    def to(self) -> list[Address]:
        """The recipients."""

    @property
    def cc(self) -> list[Address]:
        """The recipients of copies."""

    @property
    def date(self) -> datetime | None:
        """The time of writing, aware; `None` if it is not known."""

    @property
    def message_id(self) -> str | None:
        """Its identifier with angle brackets."""

    @property
    def in_reply_to(self) -> list[str]:
        """The identifiers of the messages that it replies to."""

    @property
    def references(self) -> list[str]:
        """The identifiers of its thread."""

    @property
    def text(self) -> str:
        """The plain text; "" if there is none."""

    @property
    def html(self) -> str:
        """The HTML; "" if there is none."""

    def text_from_html(self) -> str:
        """The plain text, made from the HTML if there is none."""

    @property
    def attachments(self) -> "list[Attachment]":
        """Its files."""


class StdlibMessage(Protocol):
    """An `email.message.Message` or `EmailMessage`, as far as it is asked.

    Attributes:
        preamble: Text before the first part.
        epilogue: Text after the last part.
    """

    preamble: str | None
    epilogue: str | None

    def raw_items(self) -> Iterator[tuple[str, object]]:
        """List the header fields as they were set or read."""

    def is_multipart(self) -> bool:
        """Tell whether the payload is a list of messages."""

    @property
    def get_payload(self) -> Callable[..., object]:
        """Return the payload; a property, since the library declares many overloads."""

    def get_content_type(self) -> str:
        """Return the media type."""
