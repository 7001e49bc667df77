"""What netmail asks of a message of the standard library.

This file must not import `email`: whoever has such a message has it loaded.
"""

from collections.abc import Callable, Iterator
from typing import Protocol


class StandardMessage(Protocol):
    """An `email.message.Message` or `EmailMessage`, as far as it is asked anything.

    Attributes:
        preamble: Text before the first part.
        epilogue: Text after the last part.
    """

    preamble: str | None
    epilogue: str | None

    def raw_items(self) -> Iterator[tuple[str, object]]:
        """List the headers as they were set or read."""

    def is_multipart(self) -> bool:
        """Tell whether the payload is messages."""

    @property
    def get_payload(self) -> Callable[..., object]:
        """Give the payload; a property, since the library declares many overloads."""

    def get_content_type(self) -> str:
        """Give the media type."""
