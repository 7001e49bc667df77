"""A stored message as pymap asks for it: sections, sizes, structures, and what SEARCH looks for.

This file must not know a mailbox. pymap's own reading of a message is not used: it counts a part's
header and the line end before a boundary to the part, and cuts a message without a body.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymap.bytes import Writeable
from pymap.interfaces.message import LoadedMessageInterface, MessageInterface
from pymap.parsing.response.fetch import BodyStructure, EnvelopeStructure
from pymap.parsing.specials import FetchRequirement

from netmail.errors import LimitError
from netmail.mime.mail import Mail
from netmail.mime.parser import parse
from netmail.mime.parts.part import Part
from netmail.testing.imap import structure

EMPTY_LINE = b"\r\n"


class Structure(BodyStructure):
    """BODY, and BODYSTRUCTURE as its `extended`."""

    def __init__(self, root: Part | None) -> None:
        super().__init__("text", "plain", None, None, None, None)
        self._root = root

    def __bytes__(self) -> bytes:
        return self._written(extended=False)

    @property
    def extended(self) -> Writeable:  # type: ignore[override]  # pymap only writes it
        """BODYSTRUCTURE."""
        return Writeable.wrap(self._written(extended=True))

    def _written(self, *, extended: bool) -> bytes:
        if self._root is None:
            return structure.NO_BODY + b")"
        return structure.body_structure(self._root, extended=extended)


@dataclass(frozen=True, slots=True)
class SentDate:
    """The Date field, as SENTSINCE reads it."""

    datetime: datetime


class Envelope(EnvelopeStructure):
    """ENVELOPE, and the decoded fields that SEARCH looks into."""

    def __init__(self, mail: Mail) -> None:
        # pymap reads no more of each than its text, and the date's datetime.
        date: Any = SentDate(mail.date) if mail.date else None
        subject: Any = mail.subject or None
        senders, to, cc, bcc = (_texts(mail, name) for name in ("from", "to", "cc", "bcc"))
        super().__init__(date, subject, senders, None, None, to, cc, bcc, None, None)
        self._root = mail.root

    def __bytes__(self) -> bytes:
        if self._root is None:
            return structure.NO_ENVELOPE
        return structure.envelope(self._root.field)


class ImapMessage(LoadedMessageInterface):
    """A message with its content.

    Args:
        message: Its metadata.
        requirement: What pymap will ask for.
        content: Its octets.
    """

    def __init__(
        self, message: MessageInterface, requirement: FetchRequirement, content: bytes
    ) -> None:
        super().__init__()
        self._message = message
        self._requirement = requirement
        self._content = content
        self._mail: Mail | None = None

    def __bytes__(self) -> bytes:
        return self._content

    @property
    def message(self) -> MessageInterface:
        """The metadata."""
        return self._message

    @property
    def requirement(self) -> FetchRequirement:
        """What was asked for when the message was loaded."""
        return self._requirement

    @property
    def mail(self) -> Mail:
        """The message, parsed once."""
        if self._mail is None:
            try:
                self._mail = parse(self._content)
            except LimitError as error:
                mail = getattr(error, "mail", None)
                self._mail = mail if isinstance(mail, Mail) else parse(b"")
        return self._mail

    def get_header(self, name: bytes) -> Sequence[str]:
        """Return the decoded values of a field."""
        values: list[str] = _texts(self.mail, name.decode("ascii", "replace").lower())
        return values

    def get_headers(self, section: Sequence[int]) -> Writeable:
        """Return the header of a part: BODY[n.MIME]."""
        part = self._part(section)
        return Writeable.wrap(b"" if part is None else part.raw_headers)

    def get_message_headers(
        self,
        section: Sequence[int] | None = None,
        subset: Collection[bytes] | None = None,
        inverse: bool = False,
    ) -> Writeable:
        """Return the header of a message, or some of its fields: BODY[HEADER.FIELDS]."""
        part = self._nested(section)
        if part is None:
            return Writeable.empty()
        if subset is None:
            return Writeable.wrap(part.raw_headers)
        wanted = {name.upper() for name in subset}
        fields = [
            octets
            for name, octets in _fields(part.raw_headers)
            if inverse != (name.upper() in wanted)
        ]
        return Writeable.wrap(b"".join(fields) + EMPTY_LINE)

    def get_message_text(self, section: Sequence[int] | None = None) -> Writeable:
        """Return the body of a message: BODY[TEXT]."""
        part = self._nested(section)
        return Writeable.wrap(b"" if part is None else part.raw_body)

    def get_body(self, section: Sequence[int] | None = None, binary: bool = False) -> Writeable:
        """Return the whole message, or a part's body: BODY[], BODY[n], BINARY[n]."""
        if not section:
            return Writeable.wrap(self._content)
        part = self._part(section)
        if part is None:
            return Writeable.empty()
        return Writeable.wrap(part.content if binary and not part.children else part.raw_body)

    def get_size(self, section: Sequence[int] | None = None) -> int:
        """Return the size of the message, or of a part's body."""
        return len(self.get_body(section))

    def get_envelope_structure(self) -> EnvelopeStructure:
        """Return ENVELOPE."""
        return Envelope(self.mail)

    def get_body_structure(self) -> BodyStructure:
        """Return BODY and BODYSTRUCTURE."""
        return Structure(self.mail.root)

    def contains(self, value: bytes) -> bool:
        """Whether the octets, or the decoded texts, have the value in them, in any case."""
        if value.lower() in self._content.lower():
            return True
        wanted = value.decode("utf-8", "replace").casefold()
        texts = (part.text for part in self.mail.walk() if part.content_type.startswith("text/"))
        return any(wanted in text.casefold() for text in texts)

    def _part(self, section: Sequence[int]) -> Part | None:
        """Find a part by its numbers (RFC 9051 section 6.4.5.1)."""
        part = self.mail.root
        for depth, number in enumerate(section):
            part = _child(part, number, top=not depth) if part is not None else None
        return part

    def _nested(self, section: Sequence[int] | None) -> Part | None:
        """Return the root of the message, or of the message in a part."""
        if not section:
            return self.mail.root
        part = self._part(section)
        return part.children[0] if part is not None and part.is_message and part.children else None


def _texts(mail: Mail, name: str) -> Any:
    return [str(value) for key, value in mail.headers.items() if key.lower() == name]


def _child(part: Part, number: int, *, top: bool) -> Part | None:
    # A message/rfc822 adds no number of its own: its parts are numbered below it.
    if part.is_message and part.children and not top:
        part, top = part.children[0], True
    if part.is_multipart:
        return part.children[number - 1] if 1 <= number <= len(part.children) else None
    # "Every message has at least one part number": a message that is no multipart has number 1.
    return part if top and number == 1 else None


def _fields(header: bytes) -> list[tuple[bytes, bytes]]:
    """Cut a header into its fields, octet for octet, folds included."""
    fields: list[tuple[bytes, bytes]] = []
    for line in header.splitlines(keepends=True):
        if line[:1] in {b" ", b"\t"} and fields:
            name, octets = fields[-1]
            fields[-1] = name, octets + line
        elif b":" in line:
            fields.append((line.partition(b":")[0].strip(), line))
    return fields
