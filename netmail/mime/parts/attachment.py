"""A file that came with a message.

This file knows one attachment; `bodies.py` knows which parts of a message are attachments.
"""

import binascii
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from netmail.mime.content.charset import decode_text
from netmail.mime.fields.headers import HeaderFields, Headers, encoded
from netmail.mime.fields.part_fields import PartHeaders
from netmail.mime.parts.part import Part
from netmail.mime.parts.safe_name import open_new, safe_name
from netmail.mime.streams import buffered

if TYPE_CHECKING:
    from netmail.mime.mail import Mail


class Attachment(PartHeaders):
    """One attachment: its headers and its content.

    Args:
        headers: The part's fields, such as {"Content-Type": "image/png; name=a.png"}.
        content: The file, decoded; a str is encoded as UTF-8.

    Raises:
        MessageError: If a field or the content has a lone surrogate.

    Attributes:
        headers: All fields of the part.
        part: The part it was read from; `None` for one that was made or unpacked.
        message_part: The part of a message that was unpacked, as its content; else `None`.
    """

    def __init__(
        self,
        headers: HeaderFields | Headers | None = None,
        content: bytes | str = b"",
    ) -> None:
        self.headers = headers if isinstance(headers, Headers) else Headers(headers or {})
        self.part: Part | None = None
        self.message_part: Part | None = None
        self._content: bytes = (
            encoded(content, "attachment") if isinstance(content, str) else content
        )

    @classmethod
    def from_part(cls, part: Part) -> "Attachment":
        """Make the attachment of a part; its content is decoded when it is asked for."""
        attachment = cls(part.headers)
        attachment.part = part
        attachment.default_type = part.default_type
        return attachment

    @property
    def content(self) -> bytes:
        """The file, its transfer encoding undone."""
        return self.part.content if self.part is not None else self._content

    @property
    def text(self) -> str:
        """The content as text in its charset, lines ended by LF."""
        return self.part.text if self.part is not None else decode_text(self._content, self.charset)

    @property
    def is_inline(self) -> bool:
        """Whether it belongs in the text: an image that HTML shows by its Content-ID."""
        return self.disposition == "inline" or bool(
            self.content_id and self.disposition != "attachment"
        )

    @property
    def message(self) -> "Mail | None":
        """The message inside, also one in base64 or in a winmail.dat; `None` if it is none."""
        part = self.part or self.message_part
        return part.message if part is not None else None

    def chunks(self) -> Iterator[bytes]:
        """Return the content piece by piece, decoded while it is read."""
        return self.part.chunks() if self.part is not None else iter((self._content,))

    def open(self) -> io.BufferedReader:
        """Open the content for reading; memory does not grow with its size."""
        return buffered(self.chunks())

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the content into a folder, under a name that is safe there.

        Args:
            folder: Where to write; created if it is missing.

        Returns:
            The new file. It is always directly in the folder, and never one that existed
            before: a number is added instead.

        Raises:
            OSError: If the folder cannot be created or written. An unfinished file is removed.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, path = open_new(folder, safe_name(self.filename, self.content_type))
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                file.writelines(self.chunks())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def to_dict(self) -> dict[str, object]:
        """Return a dictionary for JSON; the content is base64 text in it."""
        return {
            "filename": self.filename,
            "content_type": self.content_type,
            "content_id": self.content_id,
            "size": len(self.content),
            "headers": self.headers.to_dict(),
            "content": binascii.b2a_base64(self.content, newline=False).decode(),
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON text."""
        from json import dumps  # noqa: PLC0415 - rarely asked for

        return dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def __str__(self) -> str:
        name = self.filename or safe_name(None, self.content_type)
        return f"{name} ({self.content_type})"

    def __repr__(self) -> str:
        return f"Attachment({self.filename!r}, {self.content_type!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Attachment):
            return NotImplemented
        return self.headers == other.headers and self.content == other.content

    __hash__ = None  # type: ignore[assignment] # equality reads the content
