"""What can be wrong with a message, as values.

This file knows the names of the defects and how grave they are, not how they are found.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, TypeAlias


class DefectSeverity(StrEnum):
    """What a defect means for the reader."""

    INFO = "info"
    """Unusual, and read without doubt."""

    WARNING = "warning"
    """Against the grammar; the meaning is a good guess."""

    ERROR = "error"
    """Something is lost, or two readers may see different messages."""


class DefectKind(StrEnum):
    """The kinds of defect; the value is a sentence for a log."""

    BYTE_ORDER_MARK = "byte order mark before the header"
    MBOX_FROM_LINE = "mbox From line before the header"
    LEADING_SPACE = "space before the header"
    JUNK_HEADER_LINE = "header line without a colon"
    BAD_HEADER_NAME = "header name with spaces or control characters"
    SPACE_BEFORE_COLON = "space between header name and colon"
    NUL_IN_HEADER = "NUL in the header"
    BARE_CR_IN_HEADER = "carriage return inside a header line"
    NO_EMPTY_LINE = "no empty line between header and body"
    DUPLICATE_HEADER = "header field repeated that may occur only once"
    RAW_8BIT_HEADER = "octets outside US-ASCII in the header that are not UTF-8"
    VALUE_TOO_LONG = "header value longer than the limit"
    BARE_CR_LINES = "lines end in carriage return only"
    BAD_ENCODED_WORD = "encoded word that cannot be decoded"
    TOO_MANY_ENCODED_WORDS = "more encoded words than the limit"
    BAD_ADDRESS = "address that cannot be read"
    TOO_MANY_ADDRESSES = "more addresses than the limit"
    BAD_DATE = "date that cannot be read"
    BAD_CONTENT_TYPE = "content type that cannot be read"
    BAD_PARAMETER = "parameter against the grammar"
    DUPLICATE_PARAMETER = "parameter given twice"
    TOO_MANY_PARAMETERS = "more parameters than the limit"
    NO_BOUNDARY = "multipart without a boundary parameter"
    BOUNDARY_NOT_FOUND = "multipart whose boundary never occurs"
    BOUNDARY_GUESSED = "boundary guessed from the body"
    BOUNDARY_JUNK = "text after a boundary on its line"
    NOT_CLOSED = "multipart without its closing boundary"
    PART_AFTER_CLOSE = "boundary again after the closing one"
    TOO_DEEP = "nested deeper than the limit"
    UNKNOWN_ENCODING = "content transfer encoding that is not known"
    ODD_ENCODING_LABEL = "content transfer encoding misspelt"
    ENCODED_MULTIPART = "multipart with a transfer encoding"
    BAD_BASE64 = "base64 with characters outside its alphabet"
    BASE64_AFTER_PADDING = "base64 that continues after its padding"
    BASE64_LENGTH = "base64 cut short"
    BAD_QUOTED_PRINTABLE = "quoted-printable with a stray equals sign"
    BAD_UUENCODE = "uuencoded text that cannot be decoded"
    UNKNOWN_CHARSET = "charset that is not known"
    WRONG_CHARSET = "text that is not in the charset it names"
    UNDECODABLE = "text with characters lost"
    BAD_TNEF = "winmail.dat that cannot be read"
    ERRANT_ENCRYPTION = "encrypted part that is not the whole message"


_INFO = frozenset(
    {DefectKind.MBOX_FROM_LINE, DefectKind.BYTE_ORDER_MARK, DefectKind.SPACE_BEFORE_COLON}
)
_ERROR = frozenset(
    {
        DefectKind.BAD_HEADER_NAME,
        DefectKind.JUNK_HEADER_LINE,
        DefectKind.DUPLICATE_HEADER,
        DefectKind.VALUE_TOO_LONG,
        DefectKind.TOO_MANY_ENCODED_WORDS,
        DefectKind.BAD_ADDRESS,
        DefectKind.TOO_MANY_ADDRESSES,
        DefectKind.DUPLICATE_PARAMETER,
        DefectKind.TOO_MANY_PARAMETERS,
        DefectKind.NO_BOUNDARY,
        DefectKind.BOUNDARY_NOT_FOUND,
        DefectKind.BOUNDARY_GUESSED,
        DefectKind.PART_AFTER_CLOSE,
        DefectKind.TOO_DEEP,
        DefectKind.UNKNOWN_ENCODING,
        DefectKind.BASE64_AFTER_PADDING,
        DefectKind.BASE64_LENGTH,
        DefectKind.BAD_UUENCODE,
        DefectKind.UNDECODABLE,
        DefectKind.BAD_TNEF,
        DefectKind.ERRANT_ENCRYPTION,
    }
)


def severity(kind: DefectKind) -> DefectSeverity:
    """Return how grave a kind of defect is."""
    if kind in _ERROR:
        return DefectSeverity.ERROR
    return DefectSeverity.INFO if kind in _INFO else DefectSeverity.WARNING


class Defect(NamedTuple):
    """One defect of a message.

    Attributes:
        kind: Which defect.
        severity: How grave it is.
        part: The IMAP section of the part it is in; "" for the message itself.
        offset: Octets from the message's beginning to the part, header block or line concerned.
    """

    kind: DefectKind
    severity: DefectSeverity
    part: str
    offset: int

    def __str__(self) -> str:
        where = f"part {self.part}" if self.part else "message"
        return f"{self.severity}: {self.kind} ({where}, octet {self.offset})"


DefectHandler: TypeAlias = Callable[[DefectKind], None]
"""What the readers of one field or one body call with a defect: they do not know their place."""


def ignore(kind: DefectKind) -> None:
    """Drop a defect: the default of every reader, which then may take its fast path."""
