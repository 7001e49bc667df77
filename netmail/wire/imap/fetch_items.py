"""FETCH items: what a command asks for of each message.

This file knows how an item is written, and not what a server responds with.

RFC 9051 section 6.4.5.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from netmail.errors import UsageError
from netmail.text import check_text, members
from netmail.wire.number import number

# section-part = nz-number *("." nz-number)
_SECTION_PART: Final = r"[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9})*+"
# header-list = "(" header-fld-name *(SP header-fld-name) ")", header-fld-name = astring: of the
# astrings only field names are taken, RFC 5322 section 3.6.8: ftext = %d33-57 / %d59-126.
_FIELD_NAME: Final = r"[!#$&'+,\-./0-9;<=>?@A-Z^_`a-z|}~]+"
_HEADER_LIST: Final = rf"\({_FIELD_NAME}(?: {_FIELD_NAME})*+\)"
# section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT",
# section-spec = section-msgtext / (section-part ["." section-text]),
# section-text = section-msgtext / "MIME"
# With "" for the whole message: section = "[" [section-spec] "]", RFC 9051 section 9.
_MSGTEXT: Final = rf"(?:HEADER(?:\.FIELDS(?:\.NOT)? {_HEADER_LIST})?|TEXT)"
# section-spec = section-msgtext / (section-part ["." section-text]), RFC 9051 section 9.
_SECTION: Final = rf"(?:{_MSGTEXT}|{_SECTION_PART}(?:\.(?:{_MSGTEXT}|MIME))?)?"
# section-spec, whole: RFC 9051 section 9.
_SECTION_SPEC: Final = re.compile(_SECTION, re.IGNORECASE | re.ASCII)
# section-binary = "[" [section-part] "]"
_BINARY_SPEC: Final = re.compile(rf"(?:{_SECTION_PART})?")
# fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] /
# "BODY" ["STRUCTURE"] / "UID" / "BODY" [".PEEK"] section ["<" number "." nz-number ">"] /
# "BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary; RFC 8970 section 7
# adds "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"], and others add atoms: X-GM-LABELS.
_FETCH_ATT: Final = re.compile(
    rf"[ \t]*+(?:(?P<content>BODY(?:\.PEEK)?\[{_SECTION}\]|BINARY(?:\.PEEK|\.SIZE)?\[[0-9.]*+\])"
    r"(?:<[0-9]{1,10}\.[1-9][0-9]{0,9}>)?|(?P<atom>[A-Z][A-Z0-9.-]*+(?: \(LAZY\))?))(?=[ \t]|\Z)",
    re.IGNORECASE | re.ASCII,
)
# The same spaces after the last item: "FLAGS ".
_SPACES: Final = re.compile(r"[ \t]*+\Z")
# fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" ... ")"): a macro
# is not allowed in parentheses, where it would be without UID.
# "RFC822: Functionally equivalent to BODY[]" (RFC 3501 section 6.4.5), which RFC 9051 has alone,
# and iCloud: it sends a response without the message for RFC822.
_MACROS: Final = {
    "RFC822": "BODY[]",
    "RFC822.HEADER": "BODY.PEEK[HEADER]",
    "RFC822.TEXT": "BODY[TEXT]",
    "FAST": "FLAGS INTERNALDATE RFC822.SIZE",
    "ALL": "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE",
    "FULL": "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY",
}


@dataclass(frozen=True, slots=True)
class FetchItem:
    """One thing to fetch of each message.

    Attributes:
        text: As it is sent, such as "BODY.PEEK[HEADER]<0.4096>".

    RFC 9051 section 6.4.5.
    """

    text: str

    @classmethod
    def body(
        cls, section: str = "", *, peek: bool = True, partial: tuple[int, int] | None = None
    ) -> "FetchItem":
        r"""Ask for a message or a part of it, as it is written.

        Args:
            section: "" for the whole message, "HEADER", "TEXT", "HEADER.FIELDS (To Cc)", a part
                such as "1.2", or "1.2.MIME".
            peek: Whether the message stays unread; without it the server sets \Seen.
            partial: The first octet, from 0, and how many octets; `None` for all.

        RFC 9051 section 6.4.5.
        """
        if not _SECTION_SPEC.fullmatch(check_text(section, "a section")):
            raise UsageError(f"{section!r:.60} is no section; write one as in HEADER or 1.2")
        return cls(f"BODY{'.PEEK' * bool(peek)}[{section}]{_partial(partial)}")

    @classmethod
    def binary(
        cls, section: str = "", *, peek: bool = True, partial: tuple[int, int] | None = None
    ) -> "FetchItem":
        r"""Ask for a part's content, its transfer encoding undone by the server.

        Args:
            section: A part such as "1.2"; "" for the whole message.
            peek: Whether the message stays unread; without it the server sets \Seen.
            partial: The first octet of the content, from 0, and how many; `None` for all.

        RFC 9051 section 6.4.5; RFC 3516 section 4.2.
        """
        return cls(f"BINARY{'.PEEK' * bool(peek)}[{_section_part(section)}]{_partial(partial)}")

    @classmethod
    def binary_size(cls, section: str = "") -> "FetchItem":
        """Ask how many octets `binary()` would fetch.

        RFC 9051 section 6.4.5; RFC 3516 section 4.2.
        """
        return cls(f"BINARY.SIZE[{_section_part(section)}]")

    def __str__(self) -> str:
        return self.text


FetchItems: TypeAlias = str | FetchItem | Iterable[str | FetchItem]
"""Items such as "FLAGS BODY.PEEK[HEADER]", or one by one."""


def fetch_items(given: FetchItems) -> list[str]:
    """List the items that are asked for, UID first, each once.

    Raises:
        UsageError: If one is no item, or there is none.

    RFC 9051 section 9: fetch-att.
    """
    if isinstance(given, str):
        found = _split(given)
    else:
        each = [given] if isinstance(given, FetchItem) else members(_iterable(given))
        found = [item for one in each for item in _expanded(_one(one))]
    if not found:
        raise UsageError("there are no items to fetch; write them as in FLAGS BODY.PEEK[]")
    # A dictionary keeps the order. "UID" is always there: messages are named by it.
    return list(dict.fromkeys(["UID", *found]))


def _split(text: str) -> list[str]:
    """Split "(FLAGS BODY[])" into items."""
    # fetch-att *(SP fetch-att), with the parentheses of the command or without them: both are
    # copied from an RFC or a log.
    inner = check_text(text, "items").strip(" \t")
    if inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1]
    at, items = 0, []
    while found := _FETCH_ATT.match(inner, at):
        at = found.end()
        items += _expanded(found[0].strip(" \t"))
    if not _SPACES.match(inner, at):
        raise UsageError(f"{text!r:.60} holds what is no item; write them as in FLAGS BODY.PEEK[]")
    return items


def _iterable(given: object) -> Iterable[object]:
    # Octets are an iterable too, of ints; a dictionary has keys by chance.
    if isinstance(given, bytes | bytearray | memoryview | Mapping) or not isinstance(
        given, Iterable
    ):
        raise UsageError(f"items are a str or an iterable of str, not {type(given).__name__}")
    return given


def _one(item: object) -> str:
    text = check_text(item.text if isinstance(item, FetchItem) else item, "an item")
    found = _FETCH_ATT.fullmatch(text)
    if not found or text[:1].isspace():
        raise UsageError(f"{text!r:.60} is no item; write it as in FLAGS or BODY.PEEK[HEADER]")
    return text


def _expanded(item: str) -> list[str]:
    return _MACROS.get(item.upper(), "").split() or [item]


def _section_part(section: str) -> str:
    if not _BINARY_SPEC.fullmatch(check_text(section, "a part")):
        raise UsageError(f"{section!r:.60} is no part; write one as in 1.2")
    return section


def _partial(partial: tuple[int, int] | None) -> str:
    if partial is None:
        return ""
    first, count = partial
    return f"<{number(first, 'an offset', least=0)}.{number(count, 'a count of octets')}>"
