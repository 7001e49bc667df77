"""What a server sends of one message: a value whose parts are decoded when they are asked for.

This file knows which item is which attribute; the grammar of each item is in a file of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self, TypeVar

from netmail.errors import ProtocolError
from netmail.results.body_structure import BodyStructure
from netmail.results.imap_envelope import ImapEnvelope
from netmail.wire.imap import responses
from netmail.wire.imap.data.body_structure import body_structure
from netmail.wire.imap.data.date_time import date_time
from netmail.wire.imap.data.decoding import HeaderDecoding
from netmail.wire.imap.data.envelope import envelope, usual_envelope
from netmail.wire.imap.data.fetch_values import (
    flags,
    in_parentheses,
    labels,
    modseq,
    number,
    octets,
    optional,
    text,
)
from netmail.wire.imap.data.items import Items
from netmail.wire.imap.data.usual_body import usual_body
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import Value
from netmail.wire.server_text import decode

T = TypeVar("T")

# msg-att-static = "BODY" section ["<" number ">"] SP nstring / "BINARY" section-binary SP
# (nstring / literal8) / "BINARY.SIZE" section-binary SP number, in upper case by now.
_CONTENT: Final = re.compile(r"(BODY|BINARY|BINARY\.SIZE)\[([^]]*+)\](<[0-9]+>)?")
# "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")", where no flag is written as a string.
_USUAL_FLAGS: Final = re.compile(rb"\([!#-\'*-z|}~ ]*+\)")
_RFC822: Final = {"RFC822": "", "RFC822.HEADER": "HEADER", "RFC822.TEXT": "TEXT"}


@dataclass(slots=True)
class Reading:
    """How the responses to one command are read.

    Attributes:
        decoding: How header text is decoded.
        nesting: How deep lists may nest.
        strict: Whether tolerances for known servers are off.
        seen: The flags that were decoded: a mailbox has few different ones.
    """

    decoding: HeaderDecoding
    nesting: int = responses.MAX_NESTING
    strict: bool = False
    seen: dict[bytes, tuple[str, ...]] = field(default_factory=dict)

    def items(self, fragments: Fragments) -> Items:
        """Find the items of a response.

        Raises:
            ProtocolError: If it is no list of names and values.
        """
        return Items(fragments, self.nesting, strict=self.strict)

    def flags(self, raw: bytes) -> tuple[str, ...]:
        """Decode flags that are written as one text."""
        if (known := self.seen.get(raw)) is not None:
            return known
        decoded = tuple(decode(raw).split())
        if len(self.seen) < 1_000:
            self.seen[raw] = decoded
        return decoded


class FetchedMessage:
    r"""What a server sends of one message: each attribute is what was asked for, else `None`.

    An attribute is decoded when it is first used. Where that fails, the attribute is `None`, and
    `defect` is the reason; the other attributes and the other messages are not affected.

    Attributes:
        uid: Its UID.

    RFC 9051 section 7.5.2.
    """

    __slots__ = ("_decoded", "_flags", "_fragments", "_items", "_reading", "uid")

    uid: int
    _fragments: Fragments
    _reading: Reading
    _flags: bytes | None
    _items: Items | None
    _decoded: dict[str, Any] | None

    # Not __init__(): only a flow makes one, and callers never see the types of its arguments.
    def __new__(
        cls, uid: int, fragments: Fragments, reading: Reading, flags: bytes | None = None
    ) -> Self:
        """Make the message of a response."""
        self = super().__new__(cls)
        self.uid = uid
        self._fragments = fragments
        self._reading = reading
        self._flags = flags  # where the quick pattern has found them
        # Neither is filled before an attribute needs it: most messages are asked for one or two.
        self._items = None
        self._decoded = None
        return self

    # -- the items ---------------------------------------------------------------------------

    @property
    def flags(self) -> tuple[str, ...] | None:
        r"""Its flags, such as "\\Seen" and "$Forwarded", in the server's order."""
        if self._flags is not None:
            return self._reading.flags(self._flags)
        return self._read("FLAGS", flags, self._usual_flags)

    @property
    def body(self) -> bytes | None:
        """The whole message, of BODY[], BODY.PEEK[] or RFC822."""
        # The usual response: one literal, and nothing after it.
        if self._flags is not None and len(self._fragments) > 1:
            return self._fragments[1]
        return self.sections.get("")

    @property
    def sections(self) -> dict[str, bytes]:
        """What BODY[...] asked for, by section: "" for the message, "HEADER", "1.2", "1.2<0>".

        The last is partial, with the octet that it begins at. A section that does not exist is not
        among them.
        """
        return self._contents("BODY")

    @property
    def binaries(self) -> dict[str, bytes]:
        """What BINARY[...] asked for, by part: content without its transfer encoding.

        RFC 3516 section 4.3.
        """
        return self._contents("BINARY")

    @property
    def binary_sizes(self) -> dict[str, int]:
        """What BINARY.SIZE[...] asked for, by part: octets of the decoded content."""
        found = {
            part: self._read(name, number) for part, name in self._named("BINARY.SIZE").items()
        }
        return {part: size for part, size in found.items() if size is not None}

    @property
    def size(self) -> int | None:
        """Octets of the whole message: RFC822.SIZE."""
        return self._read("RFC822.SIZE", number)

    @property
    def internal_date(self) -> datetime | None:
        """When it came to the server, aware: INTERNALDATE."""
        return self._read("INTERNALDATE", date_time)

    @property
    def envelope(self) -> ImapEnvelope | None:
        """Subject, date and addresses, as the server reads them: ENVELOPE."""
        reading = self._reading
        return self._read(
            "ENVELOPE",
            lambda value: envelope(value, reading.decoding, strict=reading.strict),
            lambda raw: usual_envelope(raw, reading.decoding),
        )

    @property
    def body_structure(self) -> BodyStructure | None:
        """Its parts, as the server reads them: BODYSTRUCTURE, or BODY, which has less of each."""
        reading, items = self._reading, self._all()
        return self._read(
            "BODYSTRUCTURE" if items is not None and "BODYSTRUCTURE" in items else "BODY",
            lambda value: body_structure(value, reading.decoding, strict=reading.strict),
            lambda raw: usual_body(raw, reading.decoding),
        )

    @property
    def save_date(self) -> datetime | None:
        """When it came into this mailbox, aware; `None` also if the server does not know: SAVEDATE.

        RFC 8514 section 4.3.
        """
        return self._read("SAVEDATE", optional(date_time))

    @property
    def modseq(self) -> int | None:
        """Its modification sequence: MODSEQ.

        RFC 7162 section 3.1.4.
        """
        strict = self._reading.strict
        return self._read("MODSEQ", in_parentheses(lambda value: modseq(value, strict=strict)))

    @property
    def preview(self) -> str | None:
        """The first text of it, as the server chooses: PREVIEW.

        RFC 8970 section 3.
        """
        return self._read("PREVIEW", optional(text))

    @property
    def email_id(self) -> str | None:
        """The same for all copies of its content: EMAILID.

        RFC 8474 section 5.1.
        """
        return self._read("EMAILID", in_parentheses(text))

    @property
    def thread_id(self) -> str | None:
        """The same for all messages of a conversation, where the server knows it: THREADID.

        RFC 8474 section 5.2.
        """
        return self._read("THREADID", optional(in_parentheses(text)))

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Gmail's labels, decoded: X-GM-LABELS."""
        return self._read("X-GM-LABELS", labels)

    @property
    def gmail_message_id(self) -> int | None:
        """Gmail's number of the message: X-GM-MSGID."""
        return self._read("X-GM-MSGID", number)

    @property
    def gmail_thread_id(self) -> int | None:
        """Gmail's number of the conversation: X-GM-THRID."""
        return self._read("X-GM-THRID", number)

    # -- as it was sent ----------------------------------------------------------------------

    @property
    def raw(self) -> bytes:
        """The response as it was sent, literals in their places without their lengths."""
        return b"".join(self._fragments)

    @property
    def defect(self) -> str | None:
        """What breaks the grammar; `None` if nothing does. It decodes everything."""
        for name in _ATTRIBUTES:
            getattr(self, name)
        return self._known().get("defect")

    def __repr__(self) -> str:
        return f"<FetchedMessage {self.uid}: {' '.join(self._names)}>"

    # -- inside ------------------------------------------------------------------------------

    def _known(self) -> dict[str, Any]:
        if self._decoded is None:
            self._decoded = {}
        return self._decoded

    def _all(self) -> Items | None:
        """Return the items; `None` of a response that cannot be read."""
        # msg-att is cut once, for whatever attribute comes first.
        if self._items is None and "defect" not in self._known():
            try:
                self._items = self._reading.items(self._fragments)
            except ProtocolError as error:
                self._known()["defect"] = str(error)
        return self._items

    @property
    def _names(self) -> list[str]:
        items = self._all()
        return items.names if items is not None else []

    def _read(
        self,
        name: str,
        read: Callable[[Value], T],
        usual: Callable[[bytes], T | None] | None = None,
    ) -> T | None:
        """Return the value of an item; `usual` reads most from their text, `read` reads any."""
        # Kept under the item's name, with what could not be read as `None`: an attribute is decoded
        # once, and its defect is reported once.
        known = self._decoded
        if known is None:
            known = self._decoded = {}
        if name not in known:
            known[name] = None
            items = self._items or self._all()
            if items is not None and name in items:
                try:
                    # nearly every ENVELOPE and BODYSTRUCTURE has the usual form
                    raw = items.text(name) if usual is not None else None
                    if raw is not None and usual is not None:
                        known[name] = usual(raw)
                    if known[name] is None:
                        known[name] = read(items.value(name))
                except ProtocolError as error:
                    known.setdefault("defect", f"{name}: {error}")
        found: T | None = known[name]
        return found

    def _usual_flags(self, raw: bytes) -> tuple[str, ...] | None:
        return self._reading.flags(raw[1:-1]) if _USUAL_FLAGS.fullmatch(raw) else None

    def _named(self, kind: str) -> dict[str, str]:
        """Return the names of items such as BODY[1]<0> by what is in the brackets, and after."""
        found: dict[str, str] = {}
        for name in self._names:
            if name in _RFC822 and kind == "BODY":
                found[_RFC822[name]] = name
            elif (parts := _CONTENT.fullmatch(name)) and parts[1] == kind:
                found[parts[2] + (parts[3] or "")] = name
        return found

    def _contents(self, kind: str) -> dict[str, bytes]:
        # NIL is what a server sends for a section that the message does not have.
        found = {key: self._read(name, optional(octets)) for key, name in self._named(kind).items()}
        return {key: content for key, content in found.items() if content is not None}


_ATTRIBUTES: Final = [
    name
    for name, kind in vars(FetchedMessage).items()
    if isinstance(kind, property) and name not in {"defect", "raw"}
]
