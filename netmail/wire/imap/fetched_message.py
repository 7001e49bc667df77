"""What a server sends of one message: a value whose parts are decoded when they are asked for.

This file knows which item is which attribute; the grammar of each item is in a file of its own.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self, TypeVar

from netmail.errors import ProtocolError
from netmail.wire.imap import responses, utf7
from netmail.wire.imap.date_time import date_time
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.msg_att import msg_att
from netmail.wire.imap.responses import Value
from netmail.wire.imap.sequence_set import LARGEST
from netmail.wire.server_text import decode

T = TypeVar("T")

# What most FETCH responses look like: UID, FLAGS, and one literal. message-data = nz-number SP
# ("EXPUNGE" / ("FETCH" SP msg-att)), msg-att-static = "UID" SP uniqueid / "BODY" section SP nstring
# and msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")". Nine digits are below
# 4,294,967,295.
_USUAL: Final = re.compile(
    rb"\* [1-9][0-9]{0,8} FETCH \(UID (?P<uid>[1-9][0-9]{0,8})"
    rb"(?: FLAGS \((?P<flags>[!-\'*-Z^-z|}~\\\]\[ ]*+)\))?(?: (?P<body>BODY\[\] )|\))\Z"
)
# The same pairs in any order, MODSEQ among them, and nothing else: what a server also sends
# unsolicited when flags change. fetch-mod-resp = "MODSEQ" SP "(" permsg-modsequence ")".
_UPDATE: Final = re.compile(
    rb"\* [0-9]{1,10} FETCH "
    rb"\((?: ?(?:UID [0-9]{1,10}|FLAGS \([^()]*+\)|MODSEQ \([0-9]{1,20}\)))*+\)\Z",
    re.IGNORECASE,
)
# msg-att-static = "UID" SP uniqueid, before any string, which may hold "UID 5" too, in a response
# that cannot be parsed: "* 3 FETCH (UID 5 FLAGS (\Seen".
_SOME_UID: Final = re.compile(rb'[^"{]*?[ (]UID ([1-9][0-9]{0,9})(?![0-9])', re.IGNORECASE)
# msg-att-static = "BODY" section ["<" number ">"] SP nstring / "BINARY" section-binary SP
# (nstring / literal8) / "BINARY.SIZE" section-binary SP number, in upper case by now.
_CONTENT: Final = re.compile(r"(BODY|BINARY|BINARY\.SIZE)\[([^]]*+)\](<[0-9]+>)?")
_RFC822: Final = {"RFC822": "", "RFC822.HEADER": "HEADER", "RFC822.TEXT": "TEXT"}


@dataclass(slots=True)
class Reading:
    """How the responses to one command are read.

    Attributes:
        nesting: How deep lists may nest.
        strict: Whether tolerances for known servers are off.
        seen: The flags that were decoded: a mailbox has few different ones.
    """

    nesting: int = responses.MAX_NESTING
    strict: bool = False
    seen: dict[bytes, tuple[str, ...]] = field(default_factory=dict)

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
    _items: dict[str, Value] | None
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
        return self._read("FLAGS", _flags)

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
        sizes = {name: self._read(name, _number) for name in self._named("BINARY.SIZE").values()}
        found = self._named("BINARY.SIZE").items()
        return {part: size for part, name in found if (size := sizes[name]) is not None}

    @property
    def size(self) -> int | None:
        """Octets of the whole message: RFC822.SIZE."""
        return self._read("RFC822.SIZE", _number)

    @property
    def internal_date(self) -> datetime | None:
        """When it came to the server, aware: INTERNALDATE."""
        return self._read("INTERNALDATE", date_time)

    @property
    def save_date(self) -> datetime | None:
        """When it came into this mailbox, aware; `None` also if the server does not know: SAVEDATE.

        RFC 8514 section 4.3.
        """
        return self._read("SAVEDATE", _optional(date_time))

    @property
    def modseq(self) -> int | None:
        """Its modification sequence: MODSEQ.

        RFC 7162 section 3.1.4.
        """
        return self._read("MODSEQ", _in_parentheses(_number))

    @property
    def preview(self) -> str | None:
        """The first text of it, as the server chooses: PREVIEW.

        RFC 8970 section 3.
        """
        return self._read("PREVIEW", _optional(_text))

    @property
    def email_id(self) -> str | None:
        """The same for all copies of its content: EMAILID.

        RFC 8474 section 5.1.
        """
        return self._read("EMAILID", _in_parentheses(_text))

    @property
    def thread_id(self) -> str | None:
        """The same for all messages of a conversation, where the server knows it: THREADID.

        RFC 8474 section 5.2.
        """
        return self._read("THREADID", _optional(_in_parentheses(_text)))

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Gmail's labels, decoded: X-GM-LABELS."""
        return self._read("X-GM-LABELS", _labels)

    @property
    def gmail_message_id(self) -> int | None:
        """Gmail's number of the message: X-GM-MSGID."""
        return self._read("X-GM-MSGID", _number)

    @property
    def gmail_thread_id(self) -> int | None:
        """Gmail's number of the conversation: X-GM-THRID."""
        return self._read("X-GM-THRID", _number)

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
        names = ["a defect"] if self._items is None and len(self._fragments) > 99 else self._all()
        return f"<FetchedMessage {self.uid}: {' '.join(names)}>"

    # -- inside ------------------------------------------------------------------------------

    def _known(self) -> dict[str, Any]:
        if self._decoded is None:
            self._decoded = {}
        return self._decoded

    # msg-att is parsed once, for whatever attribute comes first.
    def _all(self) -> dict[str, Value]:
        """Return the items by name; none of a response that cannot be read."""
        if self._items is None:
            self._items = {}
            try:
                self._items = _items(self._fragments, self._reading)
            except ProtocolError as error:
                self._known()["defect"] = str(error)
        return self._items

    def _read(self, name: str, read: Callable[[Value], T]) -> T | None:
        known = self._known()
        if name not in known:
            known[name] = None
            items = self._all()
            if name in items:
                try:
                    known[name] = read(items[name])
                except ProtocolError as error:
                    known.setdefault("defect", f"{name}: {error}")
        found: T | None = known[name]
        return found

    def _named(self, kind: str) -> dict[str, str]:
        """Return the names of items such as BODY[1]<0> by what is in the brackets, and after."""
        found: dict[str, str] = {}
        for name in self._all():
            if name in _RFC822 and kind == "BODY":
                found[_RFC822[name]] = name
            elif (parts := _CONTENT.fullmatch(name)) and parts[1] == kind:
                found[parts[2] + (parts[3] or "")] = name
        return found

    def _contents(self, kind: str) -> dict[str, bytes]:
        found = {
            key: self._read(name, _optional(_octets)) for key, name in self._named(kind).items()
        }
        return {key: content for key, content in found.items() if content is not None}


_ATTRIBUTES: Final = [
    name
    for name, kind in vars(FetchedMessage).items()
    if isinstance(kind, property) and name not in {"defect", "raw"}
]


def fetched_messages(
    batch: Iterable[Fragments], reading: Reading, *, only_flags: bool = False
) -> tuple[list[FetchedMessage], list[Fragments]]:
    """Read FETCH responses; return those of messages, and those that cannot be read.

    Args:
        batch: The responses.
        reading: How they are read.
        only_flags: Whether nothing but UID, FLAGS and MODSEQ was asked for.

    Raises:
        ProtocolError: If one cannot be read and the reading is strict.

    RFC 9051 section 7.5.2.
    """
    # The usual form by one expression, because it comes by the ten thousand; all others by their
    # grammar. test_fetched_message.test_quick_pattern_agrees holds the first to the second.
    match = _USUAL.match
    messages: list[FetchedMessage] = []
    broken: list[Fragments] = []
    for fragments in batch:
        found = match(fragments[0])
        if found is not None:
            uid, flags, has_body = found.groups()
            if has_body is None:
                usual = only_flags and len(fragments) == 1
            else:
                usual = len(fragments) == 3 and fragments[2] == b")"
            if usual:
                messages.append(FetchedMessage(int(uid), fragments, reading, flags))
                continue
        # "This response occurs as the result of a FETCH or STORE command, as well as by a
        # unilateral server decision (e.g., flag updates)", RFC 9051 section 7.5.2: such an update
        # is no message that was asked for.
        if not only_flags and len(fragments) == 1 and _UPDATE.match(fragments[0]):
            continue
        # "Server implementations MUST implicitly include the UID message data item as part of any
        # FETCH response caused by a UID command", RFC 9051 section 6.4.9.
        other = _uid(fragments, reading)
        if other:
            messages.append(FetchedMessage(other, fragments, reading))
        elif other is None:
            broken.append(fragments)
    return messages, broken


def _uid(fragments: Fragments, reading: Reading) -> int | None:
    """Return a response's UID; 0 if it has none, `None` if it cannot be read."""
    try:
        uid = _number(_items(fragments, reading).get("UID", b"0"))
    except ProtocolError:
        if reading.strict:
            raise
        found = _SOME_UID.match(fragments[0])
        uid = int(found[1]) if found else LARGEST + 1
    return uid if uid <= LARGEST else None


def _items(fragments: Fragments, reading: Reading) -> dict[str, Value]:
    data = responses.data(fragments, reading.nesting)
    if data is None:
        raise ProtocolError("FETCH data has no name", fragments[0])
    return msg_att(data, strict=reading.strict)


def _number(value: Value) -> int:
    # number64 = 1*DIGIT, at most 9,223,372,036,854,775,807; X-GM-MSGID is an unsigned one, of 20
    # digits at most. int() of many digits takes time that grows as a square.
    if isinstance(value, bytes) and len(value) <= 20 and value.isdigit():
        return int(value)
    raise ProtocolError("it is no number", value if isinstance(value, bytes) else b"")


def _octets(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise ProtocolError("it is no string")
    return value


def _text(value: Value) -> str:
    # "PREVIEW" SP nstring holds UTF-8 (RFC 8970 section 4), and objectid ASCII alone:
    # objectid = 1*255(ALPHA / DIGIT / "_" / "-"), RFC 8474 section 7.
    return decode(_octets(value))


def _flags(value: Value) -> tuple[str, ...]:
    # "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"
    if not isinstance(value, list):
        raise ProtocolError("FLAGS is no list", b"", "(flag ...)")
    # "NIL" is an atom too, as a keyword.
    return tuple(["NIL" if flag is None else _text(flag) for flag in value])


def _labels(value: Value) -> tuple[str, ...]:
    # X-GM-LABELS (\Inbox "M&APY-rz"): astrings in modified UTF-7, and flags of Gmail's own.
    if not isinstance(value, list):
        raise ProtocolError("X-GM-LABELS is no list", b"", "(label ...)")
    return tuple(["NIL" if label is None else utf7.decode(_octets(label)) for label in value])


def _optional(read: Callable[[Value], T]) -> Callable[[Value], T | None]:
    return lambda value: None if value is None else read(value)


def _in_parentheses(read: Callable[[Value], T]) -> Callable[[Value], T]:
    # fetch-mod-resp = "MODSEQ" SP "(" permsg-modsequence ")", "EMAILID" SP "(" objectid ")"
    def inner(value: Value) -> T:
        if not isinstance(value, list) or len(value) != 1:
            raise ProtocolError("it is not one value in parentheses")
        return read(value[0])

    return inner
