"""Header fields as a mapping: case-insensitive, ordered, several of one name allowed.

This file knows how a value becomes text; what a field means is in `message_fields.py` and
`part_fields.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from netmail.address import Address, Group
from netmail.errors import MessageError
from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.content.charset import header_text
from netmail.mime.fields.addresses import address_list, format_list
from netmail.mime.fields.content_type import content_type
from netmail.mime.fields.encoded_words import decode_encoded_words
from netmail.mime.fields.header_block import HeaderBlock, unfold

# from         = "From:" mailbox-list CRLF                    RFC 5322 section 3.6.2
# sender       = "Sender:" mailbox CRLF
# reply-to     = "Reply-To:" address-list CRLF
# to           = "To:" address-list CRLF                      RFC 5322 section 3.6.3
# cc           = "Cc:" address-list CRLF
# bcc          = "Bcc:" [address-list / CFWS] CRLF
# resent-...   = the same                                     RFC 5322 section 3.6.6
# return       = "Return-Path:" path CRLF                     RFC 5322 section 3.6.7
# mdn-request-header = "Disposition-Notification-To" ":" mailbox-list CRLF    RFC 8098 section 2.1
# Delivered-To and X-Original-To are Postfix's and qmail's, Errors-To is Sendmail's.
ADDRESS_FIELDS = frozenset(
    [
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "bcc",
        "resent-from",
        "resent-sender",
        "resent-to",
        "resent-cc",
        "resent-bcc",
        "return-path",
        "delivered-to",
        "disposition-notification-to",
        "errors-to",
        "x-original-to",
    ]
)
"""Fields in which encoded words are decoded in display names only: RFC 2047 section 5 (3)."""

HeaderFields: TypeAlias = (
    Mapping[str, str] | Mapping[str, Iterable[str]] | Iterable[tuple[str, str]]
)
"""What `Headers` can be built from."""


class Headers:
    """The fields of one header.

    Built from a mapping or from pairs, or by `parse()` from a message. A name means the
    first field of that name: duplicates that a mailer must not write cannot displace it.

    Example:
        >>> headers = Headers({"Subject": "Hello"})
        >>> headers["SUBJECT"]
        'Hello'

    RFC 5322 section 2.2.
    """

    __slots__ = ("_addresses", "_block", "_hint", "_limits", "_pairs")

    def __init__(self, fields: "HeaderFields | Headers" = ()) -> None:
        self._block: HeaderBlock | None = None
        self._hint: Callable[[], str] | None = None
        self._limits = DEFAULT_LIMITS
        self._addresses: dict[str, list[Address | Group]] = {}
        self._pairs: list[tuple[str, str]] | None = _pairs(fields)

    @classmethod
    def from_block(
        cls,
        block: HeaderBlock,
        limits: MessageLimits = DEFAULT_LIMITS,
        hint: "Callable[[], str] | None" = None,
    ) -> "Headers":
        """Make headers that are decoded from a block when they are asked for.

        Args:
            block: The raw header block.
            limits: Bounds for what is decoded.
            hint: Returns a charset for raw 8-bit octets if the header names none.
        """
        headers = cls.__new__(cls)
        headers._hint = hint  # noqa: SLF001 - an alternative constructor
        headers._block = block  # noqa: SLF001 - an alternative constructor
        headers._limits = limits  # noqa: SLF001 - an alternative constructor
        headers._addresses = {}  # noqa: SLF001 - an alternative constructor
        headers._pairs = None  # noqa: SLF001 - an alternative constructor
        return headers

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the decoded value of the first field of a name, else the default.

        Args:
            name: The field's name, in any case.
            default: What is returned without such a field.
        """
        if self._pairs is None:
            raw = self.raw(name)
            return default if raw is None else self._decode(name, raw)
        # RFC 5322 section 1.2.2: names are case-insensitive, as all strings of ABNF.
        folded = name.lower()
        for key, value in self._pairs:
            if key.lower() == folded:
                return value
        return default

    def get_all(self, name: str) -> list[str]:
        """Return the decoded values of all fields of a name, in order; none is an empty list."""
        if self._pairs is None:
            return [self._decode(name, raw) for raw in self.raw_all(name)]
        folded = name.lower()
        return [value for key, value in self._pairs if key.lower() == folded]

    def raw(self, name: str) -> bytes | None:
        """Return the octets after the colon of the first field of a name, folds kept.

        Values that were not read from a message are encoded as UTF-8.
        """
        return self.first_raw(name.lower().encode("utf-8", "replace"))

    def first_raw(self, name: bytes) -> bytes | None:
        """Return what `raw()` does, for a name in lower-case octets; it takes less time."""
        if self._block is not None:
            return self._block.first(name)
        value = self.get(name.decode("utf-8", "replace"))
        return None if value is None else value.encode("utf-8", "surrogateescape")

    def raw_all(self, name: str) -> list[bytes]:
        """Return the octets of all fields of a name, in order."""
        if self._block is not None:
            return self._block.every(name.lower().encode("utf-8", "replace"))
        return [value.encode("utf-8", "surrogateescape") for value in self.get_all(name)]

    def keys(self) -> list[str]:
        """List the names as written, in order, with repeats."""
        if self._pairs is None and self._block is not None:
            return [_name(field.name) for field in self._block.fields()]
        return [name for name, _ in self.items()]

    def values(self) -> list[str]:
        """List the decoded values in order."""
        return [value for _, value in self.items()]

    def items(self) -> list[tuple[str, str]]:
        """List names and decoded values in order, with repeats."""
        if self._pairs is None:
            self._pairs = self._read(self._block) if self._block is not None else []
        return self._pairs.copy()

    def _read(self, block: HeaderBlock) -> list[tuple[str, str]]:
        # Four cases, the faster the less the block contains: 8-bit octets, a CR alone or NUL,
        # encoded words, or none of them. A property of the tests holds them to each other.
        if not block.raw.isascii():
            fields = [(_name(field.name), field.value) for field in block.fields()]
            return [(name, self._decode(name, value)) for name, value in fields]
        lone_cr = block.has_lone_cr()
        texts = block.texts(lone_cr=lone_cr)
        if lone_cr or b"\0" in block.raw:
            return [(name.replace("\0", ""), self._decode_text(name, text)) for name, text in texts]
        if b"=?" not in block.raw:
            return texts
        return [
            (name, self._decode_text(name, text)) if "=?" in text else (name, text)
            for name, text in texts
        ]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            self.raw(name) is not None if self._pairs is None else self.get(name) is not None
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __bool__(self) -> bool:
        return bool(self.keys())

    def __eq__(self, other: object) -> bool:
        return self.items() == other.items() if isinstance(other, Headers) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # two equal headers may be read at different times

    def __str__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in self.items())

    def __repr__(self) -> str:
        return f"Headers({self.items()!r})"

    def to_dict(self) -> dict[str, str | list[str]]:
        """Return a plain dictionary: names as first written, a list where a name repeats."""
        result: dict[str, str | list[str]] = {}
        written: dict[str, str] = {}
        for name, value in self.items():
            key = written.setdefault(name.lower(), name)
            before = result.get(key)
            if before is None:
                result[key] = value
            elif isinstance(before, list):
                before.append(value)
            else:
                result[key] = [before, value]
        return result

    def text(self, raw: bytes) -> str:
        """Unfold a raw value and decode its 8-bit octets, but not its encoded words.

        Octets that are not UTF-8 are decoded in the charset that the same header names, or else
        the first text of the message.

        RFC 5322 section 2.2.3, RFC 6532 section 3.
        """
        # Section 2.2.3: "Unfolding is accomplished by simply removing any CRLF that is immediately
        # followed by WSP."
        text = raw.decode() if raw.isascii() else header_text(raw, self._charset())
        return (unfold(text) if "\n" in text else text).strip(" \t\r\0")

    def first_text(self, name: str) -> str | None:
        """Return `text()` of the first field of a name in lower case; `None` if missing."""
        raw = self.first_raw(name.encode("utf-8", "replace"))
        return None if raw is None else self.text(raw)

    def addresses(self, text: str) -> list[Address | Group]:
        """Read the text of an address field, unless that was done to decode the field."""
        known = self._addresses.get(text)
        return address_list(text, self._limits) if known is None else known.copy()

    def _charset(self) -> str:
        # A mailer that writes raw 8-bit fields writes them in the charset of its body.
        raw = self.first_raw(b"content-type")
        named = content_type(raw).params.get("charset", "") if raw else ""
        return named or (self._hint() if self._hint is not None else "")

    def _decode(self, name: str, raw: bytes) -> str:
        return self._decode_text(name, self.text(raw))

    def _decode_text(self, name: str, text: str) -> str:
        # RFC 2047 section 5 (3): in addresses encoded words occur in the phrase only. The result is
        # quoted again, so that a decoded name cannot be read as another address.
        if "=?" in text and name.lower() in ADDRESS_FIELDS:
            self._addresses[text] = elements = address_list(text, self._limits)
            return format_list(elements)
        return decode_encoded_words(text, limit=self._limits.encoded_words)


def _name(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _pairs(
    fields: "HeaderFields | Headers",
) -> list[tuple[str, str]]:
    if isinstance(fields, Headers):
        return fields.items()
    pairs: list[tuple[str, str]] = []
    if isinstance(fields, Mapping):
        for name, value in fields.items():
            values = [value] if isinstance(value, str) else value
            pairs += [(name, str(each)) for each in values]
    else:
        pairs = [(name, str(value)) for name, value in fields]
    for name, value in pairs:
        encoded(f"{name}: {value}", "header", "surrogateescape")
    return pairs


def encoded(text: str, where: str, errors: str = "strict") -> bytes:
    """Encode a text that a caller gave as UTF-8.

    Args:
        text: The text.
        where: What it is, for the error.
        errors: "surrogateescape" for a field, which may keep octets that are no UTF-8.

    Raises:
        MessageError: If it has a lone surrogate, which is no character.
    """
    try:
        return text.encode("utf-8", errors)
    except UnicodeEncodeError as error:
        raise MessageError(f"{where}: a lone surrogate at character {error.start}") from error
