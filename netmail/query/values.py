"""The value of each field: what has to be fetched for it, and how it is read from that.

This file knows no expression and no search key.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from netmail import Address, FetchedMessage, Mail
from netmail.query.fetching.outline import ITEMS, Outline
from netmail.query.fetching.read_mail import read_mail
from netmail.query.fields import (
    AddressField,
    DateField,
    Field,
    FlagField,
    KeywordField,
    ListField,
    NumberField,
    TextField,
)


class Price(IntEnum):
    """What a field costs to read, the cheapest first."""

    UID = 0
    """Nothing: each search has it."""
    META = 1
    """FLAGS, RFC822.SIZE, INTERNALDATE, MODSEQ: some octets, kept by each server."""
    HEADER = 2
    """Header fields: some hundred octets, kept by most servers."""
    PARTS = 3
    """The message without its large files."""
    WHOLE = 4
    """The whole message."""


class Addresses(tuple[Address, ...]):
    """Addresses of a header field, in their order; `str()` is the line that is shown of them."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(map(str, self))


@dataclass(slots=True)
class Facts:
    """What has been fetched of one message up to now.

    Attributes:
        uid: Its UID.
        mailbox: Where it is.
        price: The most expensive stage that was fetched.
        items: The values of FLAGS, RFC822.SIZE, INTERNALDATE and MODSEQ, by name.
        names: The header fields that were fetched, in lower case.
        header: Those header fields.
        outline: The message without its large files, while it is fetched.
        parts: The same, read; the holes in it have a text of their own.
        known: The fields that are read from it.
        whole: The whole message.
        is_gone: Whether it was deleted meanwhile.
    """

    uid: int
    mailbox: str
    items: dict[str, Any] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    header: Mail | None = None
    outline: Outline | None = None
    parts: Mail | None = None
    known: frozenset[str] = frozenset()
    whole: Mail | None = None
    is_gone: bool = False

    def take(self, message: FetchedMessage, wanted: "Wanted") -> None:
        """Add what was fetched."""
        for item in wanted.items:
            self.items[item] = getattr(message, _ITEMS[item])
        sections = message.sections
        if wanted.whole:
            self._read_whole(read_mail(sections.get("", b"")))
        elif wanted.parts:
            self.outline = Outline(message, wanted.parts)
        elif wanted.headers:
            self.names = self.names | wanted.headers
            octets = b"".join(sections.values())
            before = self.header.raw_headers.rstrip(b"\r\n") if self.header else b""
            joined = before + b"\r\n" + octets if before else octets
            self.header = read_mail(joined)

    def take_outline(self, names: frozenset[str]) -> bool:
        """Read the message without its large files; `False` if it has to be fetched whole."""
        outline, self.outline = self.outline, None
        if outline is None or outline.mail is None:
            return False
        if outline.is_whole:
            self._read_whole(outline.mail)
        else:
            self._read_header(outline.mail)
            self.parts, self.known = outline.mail, names
        return True

    def _read_whole(self, mail: Mail) -> None:
        self.whole = mail
        self._read_header(mail)

    def _read_header(self, mail: Mail) -> None:
        # Read alone, as the other stage has it: raw octets of a header are decoded by the charset
        # of the header's own Content-Type, and not by that of a part.
        self.header = read_mail(mail.raw_headers)

    def has(self, name: str) -> bool:
        """Tell whether a field's value is known."""
        source = source_of(name)
        if source.price is Price.META:
            return source.item in self.items
        if source.price is Price.HEADER and self.whole is None and self.parts is None:
            return source.item in self.names
        if source.price is Price.PARTS and name in self.known:
            return True
        return source.price <= Price.HEADER or self.whole is not None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one FETCH asks for.

    Attributes:
        items: FLAGS, RFC822.SIZE, INTERNALDATE, MODSEQ.
        headers: Header fields, in lower case.
        parts: The fields that need the message without its large files.
        whole: Whether the whole message.
    """

    items: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    whole: bool = False

    @classmethod
    def of(cls, names: Iterable[str], *, in_parts: bool = True) -> "Wanted":
        """Return what the values of these fields need.

        Args:
            names: The fields.
            in_parts: Whether files can be left out; else the whole message is fetched for it.
        """
        sources = {name: source_of(name) for name in names}
        parts = {name for name, source in sources.items() if source.price is Price.PARTS}
        whole = any(source.price is Price.WHOLE for source in sources.values())
        if parts and not in_parts:
            parts, whole = set(), True
        items = {source.item for source in sources.values() if source.price is Price.META}
        headers = {source.item for source in sources.values() if source.price is Price.HEADER}
        # Raw octets of a field are in the charset that Content-Type names.
        headers = {*headers, "content-type"} if headers and not parts and not whole else set()
        return cls(
            frozenset(items), frozenset(headers), frozenset(() if whole else parts), whole=whole
        )

    def __bool__(self) -> bool:
        return bool(self.items or self.headers or self.parts or self.whole)

    def fetch(self) -> list[str]:
        """Write the items of the FETCH."""
        written = sorted(self.items.difference(ITEMS if self.parts else ()))
        if self.parts:
            return [*written, *ITEMS]
        if self.headers:
            written.append(f"BODY.PEEK[HEADER.FIELDS ({' '.join(sorted(self.headers)).upper()})]")
        return [*written, "BODY.PEEK[]"] if self.whole else written


@dataclass(frozen=True, slots=True)
class Source:
    """Where the value of a field comes from.

    Attributes:
        kind: The field's class.
        price: What it costs.
        item: The FETCH item, or the header field.
        read: How it is read.
    """

    kind: type[Field]
    price: Price
    item: str
    read: Callable[[Facts], Any]


_ITEMS: Final = {
    "FLAGS": "flags",
    "RFC822.SIZE": "size",
    "INTERNALDATE": "internal_date",
    "MODSEQ": "modseq",
}
"""The attribute of a `FetchedMessage` for each item."""


def _item(kind: type[Field], item: str) -> Source:
    return Source(kind, Price.META, item, lambda facts: facts.items[item])


def _flag(name: str) -> Source:
    flag = rf"\{name}".lower()
    return Source(
        FlagField,
        Price.META,
        "FLAGS",
        lambda facts: any(each.lower() == flag for each in facts.items["FLAGS"] or ()),
    )


def _keywords(facts: Facts) -> tuple[str, ...]:
    return tuple(each for each in facts.items["FLAGS"] or () if not each.startswith("\\"))


def _header(kind: type[Field], name: str, read: Callable[[Mail], Any]) -> Source:
    return Source(kind, Price.HEADER, name, lambda facts: read(facts.header or _NO_MAIL))


def _text(name: str) -> Source:
    return _header(TextField, name, lambda mail: mail.headers.get(name))


def _addresses(name: str, read: Callable[[Mail], Iterable[Address]]) -> Source:
    return _header(AddressField, name, lambda mail: Addresses(read(mail)))


def _parts(kind: type[Field], read: Callable[[Mail], Any]) -> Source:
    return Source(
        kind, Price.PARTS, "BODY[]", lambda facts: read(facts.whole or facts.parts or _NO_MAIL)
    )


def _whole(kind: type[Field], read: Callable[[Mail], Any]) -> Source:
    return Source(kind, Price.WHOLE, "BODY[]", lambda facts: read(facts.whole or _NO_MAIL))


def _encoding(mail: Mail) -> str | None:
    parts = (part for part in mail.walk() if part.content_type.startswith("text/"))
    return next((part.charset.lower() for part in parts if part.charset), None)


def _filenames(mail: Mail) -> list[str]:
    return [each.filename or "" for each in mail.attachments]


def _sent(mail: Mail) -> datetime | None:
    return mail.date


_NO_MAIL: Final = Mail()
_UID: Final = Source(NumberField, Price.UID, "UID", lambda facts: facts.uid)
SOURCES: Final[dict[str, Source]] = {
    "id": _UID,
    "uid": _UID,
    "answered": _flag("Answered"),
    "deleted": _flag("Deleted"),
    "draft": _flag("Draft"),
    "flagged": _flag("Flagged"),
    "recent": _flag("Recent"),
    "seen": _flag("Seen"),
    "keywords": Source(KeywordField, Price.META, "FLAGS", _keywords),
    "size": _item(NumberField, "RFC822.SIZE"),
    "created": _item(DateField, "INTERNALDATE"),
    "modseq": _item(NumberField, "MODSEQ"),
    "sent": _header(DateField, "date", _sent),
    "sender": _addresses("from", lambda mail: mail.from_),
    "to": _addresses("to", lambda mail: mail.to),
    "cc": _addresses("cc", lambda mail: mail.cc),
    "bcc": _addresses("bcc", lambda mail: mail.bcc),
    "subject": _text("subject"),
    "mime": _text("content-type"),
    "list_id": _text("list-id"),
    "message_id": _header(TextField, "message-id", lambda mail: mail.message_id),
    "in_reply_to": _header(ListField, "in-reply-to", lambda mail: tuple(mail.in_reply_to)),
    "references": _header(ListField, "references", lambda mail: tuple(mail.references)),
    "content": _parts(ListField, lambda mail: list(mail.body.values())),
    "filenames": _parts(ListField, _filenames),
    "encoding": _parts(TextField, _encoding),
    "email": _whole(TextField, lambda mail: mail.raw),
    "attachments": _whole(ListField, lambda mail: mail.attachments),
}
"""The fields of every table."""

HEADER: Final = "header:"
"""What the name of a field begins with that is any header."""


def source_of(name: str) -> Source:
    """Return where the value of a field comes from."""
    if name.startswith(HEADER):
        return _text(name.removeprefix(HEADER))
    return SOURCES[name]


def compared(name: str) -> str:
    """Return the field by whose value another one compares: files compare by their names."""
    return "filenames" if name == "attachments" else name


def value_of(name: str, facts: Facts) -> Any:
    """Return the value of a field that has been fetched."""
    return source_of(name).read(facts)


def texts_of(value: object) -> list[str]:
    """Return the texts that a value compares as; none for a missing one."""
    if value is None:
        return []
    # Octets that are no UTF-8 still compare, each as a sign of its own.
    if isinstance(value, bytes):
        return [value.decode("utf-8", "replace")]
    if not isinstance(value, list | tuple):
        return [str(value)]
    texts: list[str] = []
    for each in value:
        if isinstance(each, Address):
            # Both forms; of an address without a name they are one.
            texts += dict.fromkeys([str(each), each.address])
        else:
            texts.append(str(each))
    return texts
