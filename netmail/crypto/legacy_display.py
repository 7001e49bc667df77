"""The hidden fields, written above the text for programs that cannot read them elsewhere.

This file must not know keys, nor which fields are hidden.

RFC 9788 sections 4.5.3, 5.2.2, 5.2.3.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from netmail import Part, parse
from netmail.crypto.entity import Entity, base64_lines, content_type
from netmail.crypto.octets import canonical, header_fields, header_of, octets_of

_CLASS: Final = b'<div class="header-protection-legacy-display">'
_PARAMETER: Final = "hp-legacy-display"
_KINDS: Final = ("text/plain", "text/html")
_REPLACED: Final = (b"content-type", b"content-transfer-encoding")

# field-name ":"                                                   RFC 5322 section 2.2
_FIELD: Final = re.compile(rb"[!-9;-~]+:|[ \t]+\S")


def with_display(entity: Entity, text: str) -> Entity:
    """Write fields above the text of a message, in each form of it.

    Args:
        entity: The message, all of which is in memory then.
        text: The fields, such as "Subject: Plans", each on a line of its own.

    RFC 9788 section 5.2.
    """

    def above(part: Part) -> tuple[bytes, dict[str, str]]:
        params = {**part.params, _PARAMETER: "1"}
        before, content, params["charset"] = _same_charset(part, _written(part, text))
        if part.content_type == "text/html":
            place = _in_body(content)
            return content[:place] + before + content[place:], params
        return before + content, params

    octets = octets_of(_edited(entity.as_bytes(), above))
    return replace(entity, header=octets.header, octets=octets)


def without_display(octets: bytes) -> bytes:
    """Return a decrypted part without the fields that were written above its text.

    RFC 9788 section 4.5.3: a reader that shows the protected fields must not show them twice.
    """
    head = parse(header_of(octets)).root
    params = {} if head is None else head.params
    # The parameter of older programs, which write a part of its own in place of the lines.
    if params.get("protected-headers", "").lower() == "v1" and "hp" not in params:
        return _without_part(octets)
    if params.get("hp", "").lower() != "cipher":
        return octets

    def below(part: Part) -> tuple[bytes, dict[str, str]] | None:
        if part.params.get(_PARAMETER) != "1":
            return None
        params = {name: value for name, value in part.params.items() if name != _PARAMETER}
        cut = _below_html if part.content_type == "text/html" else _below_text
        found = cut(part.content)
        return None if found is None else (found, params)

    return _edited(octets, below)


def _main_parts(root: Part | None) -> Iterator[Part]:
    """Yield the parts that a reader shows as the text.

    RFC 9787 section 7.1.
    """
    waiting = [] if root is None else [root]
    while waiting:
        part = waiting.pop()
        if part.is_multipart:
            # Every part of multipart/alternative is another form of the same text.
            count = None if part.content_type == "multipart/alternative" else 1
            waiting += reversed(part.children[:count])
        elif part.content_type in _KINDS and part.disposition != "attachment":
            yield part


def _edited(octets: bytes, change: Callable[[Part], tuple[bytes, dict[str, str]] | None]) -> bytes:
    """Write the main parts again with another content and other parameters."""
    pieces, place = [], 0
    for part in _main_parts(parse(octets).root):
        if (changed := change(part)) is not None:
            pieces += [octets[place : part.offset], _part(part, *changed)]
            place = part.offset + len(part.raw)
    return b"".join([*pieces, octets[place:]])


def _part(part: Part, content: bytes, params: dict[str, str]) -> bytes:
    """Write a part again, its content in base64: any line may be as long as it likes."""
    fields = header_fields(canonical(part.raw_headers).removesuffix(b"\r\n"))
    header = b"".join([each.raw for each in fields if each.name not in _REPLACED])
    header += content_type(part.content_type, params)
    header += b"Content-Transfer-Encoding: base64\r\n\r\n"
    written = header + base64_lines(canonical(content))
    # RFC 2046 section 5.1.1: the CRLF before a boundary belongs to the boundary.
    return written if part.parent is None else written.removesuffix(b"\r\n")


def _same_charset(part: Part, text: str) -> tuple[bytes, bytes, str]:
    """Encode a text in the charset of a part; or both in UTF-8, if that charset lacks a letter."""
    try:
        return text.encode(part.charset or "us-ascii"), part.content, part.charset or "us-ascii"
    except (LookupError, UnicodeEncodeError):
        return text.encode(), part.text.encode(), "utf-8"


def _written(part: Part, text: str) -> str:
    if part.content_type == "text/html":
        return f"{_CLASS.decode()}<pre>{html.escape(text)}</pre></div>\r\n"
    # RFC 9788 section 5.2.2: an empty line ends the fields.
    return text + "\r\n\r\n"


def _in_body(content: bytes) -> int:
    """Return the place after `<body>`, or after the head; the beginning if there is neither."""
    lower = content.lower()
    for tag in (b"<body", b"</head"):
        start = lower.find(tag)
        end = lower.find(b">", start) if start >= 0 else -1
        if end >= 0:
            return end + 1
    return 0


def _below_text(content: bytes) -> bytes | None:
    """Return what is after the first empty line; `None` if not all before it are fields.

    RFC 9788 section 4.5.3.2.
    """
    place = 0
    for line in content.splitlines(keepends=True):
        place += len(line)
        if not line.strip():
            return content[place:]
        # Only fields are left out: nothing else of a text may be hidden from its reader.
        if not _FIELD.match(line):
            break
    return None


def _below_html(content: bytes) -> bytes | None:
    """Return the document without the element; `None` if that is not the first one.

    RFC 9788 section 4.5.3.3.
    """
    place = _in_body(content)
    rest = content[place:].lstrip()
    end = rest.find(b"</div>")
    # An element within it would end at the first end; nobody writes one.
    if not rest.startswith(_CLASS) or end < 0 or b"<div" in rest[len(_CLASS) : end]:
        return None
    return content[:place] + rest[end + len(b"</div>") :].lstrip()


def _without_part(octets: bytes) -> bytes:
    """Leave out the first part of a multipart/mixed, which only repeats the fields."""
    root = parse(octets).root
    if root is None or root.content_type != "multipart/mixed" or len(root.children) < 2:
        return octets
    first, second = root.children[:2]
    is_display = first.content_type in {"text/plain", "text/rfc822-headers"}
    if not is_display or first.params.get("protected-headers", "").lower() != "v1":
        return octets
    # The boundary before the first part is now that before the second one.
    return octets[: first.offset] + octets[second.offset :]
