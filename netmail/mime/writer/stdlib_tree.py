"""A standard library message as a tree of entities, without that library's generator.

This file must not know of envelopes, and imports nothing of `email`: it only asks its objects.
"""

import re
from collections.abc import Iterable, Iterator

from netmail.address import Address, Group, addr_spec
from netmail.errors import MessageError
from netmail.mime.fields.parameters import parameterized_value
from netmail.mime.read_message import StdlibMessage
from netmail.mime.writer.draft import TransportSupport
from netmail.mime.writer.header_lines import (
    LINE_LIMIT,
    address_field,
    field_name,
    unstructured_field,
    written_field,
)
from netmail.mime.writer.input_address import address_list
from netmail.mime.writer.parameters import parameter_field
from netmail.mime.writer.transfer import (
    Encoding,
    base64_lines,
    lines_allowed,
    quoted_printable,
    text_encoding,
)
from netmail.mime.writer.tree import (
    Encoded,
    Entity,
    Leaf,
    Lines,
    Multipart,
    body_size,
    choose_boundary,
    chunks,
    contains,
)

DEPTH = 100
"""Levels of nesting that are written; deeper ones would exhaust the stack, and are no real mail."""

HIDDEN = frozenset({"bcc", "resent-bcc"})
"""Headers that are not written, unless a draft is stored."""

_ADDRESSES = frozenset({"from", "sender", "to", "cc", "reply-to", "disposition-notification-to"})

_ENCODING = "content-transfer-encoding"

# "\r\n", and the "\n" and "\r" of Unix and of old Mac OS, that callers write.
_LINE_END = re.compile(rb"\r\n|\r|\n")
# FWS = ([*WSP CRLF] 1*WSP), of which the line end is removed  RFC 5322 sections 2.2.3 and 3.2.2
_FOLD = re.compile(r"(?:\r\n|\r|\n)(?=[ \t])")


def stdlib_entity(
    message: StdlibMessage,
    support: TransportSupport,
    seed: str,
    added: bytes = b"",
    *,
    depth: int = 0,
    hidden: frozenset[str] = HIDDEN,
) -> Entity:
    """Make a tree of a standard library message.

    Headers that were read are written as they are, those that were set are encoded; payloads
    are written as they are if the transport supports it, else encoded again.

    Args:
        message: The message; it is not changed.
        support: What the transport supports.
        seed: Makes missing boundaries unique.
        added: Header fields to add.
        depth: How deep this message lies in another.
        hidden: Names of headers, in lower case, that are not written.

    Raises:
        MessageError: If a header would break out of its line, an address is none, or the nesting
            is deeper than `DEPTH`.
    """
    if depth > DEPTH:
        raise MessageError(f"message: nested deeper than {DEPTH} levels")
    fields = [
        (name, _field(name, value, support))
        for name, value in message.raw_items()
        if name.lower() not in hidden
    ]
    if added:
        fields.append(("", added))
    if not message.is_multipart():
        return _leaf(message, fields, support)
    payload = message.get_payload()
    children = payload if isinstance(payload, list) else []
    parts = [
        stdlib_entity(child, support, seed, depth=depth + 1, hidden=hidden) for child in children
    ]
    if message.get_content_type().startswith("message/"):
        if message.get_content_type() == "message/delivery-status":
            # Groups of fields with an empty line between them    RFC 3464 section 2.1
            return Leaf(_joined(fields), Lines(b"\r\n".join([part.head for part in parts])))
        return Leaf(_joined(fields), _Message(parts[0]) if parts else Lines(b""))
    return _multipart(message, fields, parts, f"{depth}x{seed}")


class _Message:
    """A message as the body of a part."""

    __slots__ = ("_part",)

    def __init__(self, part: Entity) -> None:
        self._part = part

    def chunks(self) -> Iterator[bytes]:
        """Yield the message."""
        return chunks(self._part)

    def size(self) -> int:
        """Return its size."""
        return len(self._part.head) + 2 + body_size(self._part)

    def contains(self, marker: bytes) -> bool:
        """Search header and body."""
        return marker in self._part.head or contains(self._part, marker)


def _multipart(
    message: StdlibMessage, fields: list[tuple[str, bytes]], parts: list[Entity], seed: str
) -> Multipart:
    preamble, epilogue = _edge(message.preamble), _edge(message.epilogue)
    kind = message.get_content_type()
    named = (value for name, value in message.raw_items() if name.lower() == "content-type")
    parameters = parameterized_value(_octets(next(named, kind))).params
    boundary = parameters.get("boundary", "")
    edges = Leaf(b"", Lines(preamble + b"\r\n" + epilogue))
    if not _usable(boundary, [edges, *parts]):
        boundary = choose_boundary(seed, 0, [edges, *parts])
        others = [item for item in parameters.items() if item[0] != "boundary"]
        field = parameter_field("Content-Type", kind, (*others, ("boundary", boundary)))
        fields = [item for item in fields if item[0].lower() != "content-type"]
        fields.append(("Content-Type", field))
    return Multipart(_joined(fields), boundary.encode("ascii"), tuple(parts), preamble, epilogue)


def _usable(boundary: str, parts: list[Entity]) -> bool:
    # bchars                                                  RFC 2046 section 5.1.1
    if not re.fullmatch(r"[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]", boundary):
        return False
    marker = b"--" + boundary.encode("ascii")
    return not any(_contains_deep(part, marker) for part in parts)


def _contains_deep(part: Entity, marker: bytes) -> bool:
    """Search bodies and the boundaries inside, which must not begin with an outer one."""
    if isinstance(part, Multipart):
        inner = (b"--" + part.boundary).startswith(marker)
        return inner or contains(part, marker) or any(_contains_deep(p, marker) for p in part.parts)
    return contains(part, marker)


def _leaf(
    message: StdlibMessage, fields: list[tuple[str, bytes]], support: TransportSupport
) -> Leaf:
    payload = message.get_payload()
    text = payload if isinstance(payload, str) else ""
    octets = text.encode("utf-8", "surrogateescape")
    lines = _LINE_END.sub(b"\r\n", octets)
    if lines_allowed(lines) and lines.isascii():
        return Leaf(_joined(fields), Lines(lines))
    # What was read in eight bits is str in the part's charset; only this gives its octets.
    decoded = message.get_payload(decode=True)
    octets = decoded if isinstance(decoded, bytes) else octets
    lines = _LINE_END.sub(b"\r\n", octets)
    if support.eight_bit and lines_allowed(lines) and not _is_encoded(message):
        return Leaf(_joined(fields), Lines(lines))
    encoding = Encoding.BASE64
    if message.get_content_type().startswith("text/"):
        octets = _LINE_END.sub(b"\r\n", octets)
        encoding = text_encoding(octets, eight_bit=support.eight_bit)
    body = {Encoding.BASE64: base64_lines, Encoding.QUOTED_PRINTABLE: quoted_printable}
    fields = [item for item in fields if item[0].lower() != _ENCODING]
    fields.append(("", f"Content-Transfer-Encoding: {encoding}\r\n".encode("ascii")))
    encode = body.get(encoding)
    return Leaf(_joined(fields), Encoded(encode(octets)) if encode else Lines(octets))


def _is_encoded(message: StdlibMessage) -> bool:
    """Tell whether a payload is in base64, quoted-printable or the like; RFC 2045 section 6.1."""
    values = (str(value) for name, value in message.raw_items() if name.lower() == _ENCODING)
    return next(values, "7bit").strip().lower() not in {"7bit", "8bit", "binary"}


def header_addresses(name: str, value: object) -> list[Address | Group]:
    """Read a header of addresses, set or read.

    Raises:
        MessageError: If something in it is no address.
    """
    groups = getattr(value, "groups", None)
    if groups is not None:
        return _from_groups(groups, name)
    text = _text(value)
    return address_list(text, name) if text.strip() else []


def _octets(value: object) -> bytes:
    return str(value).encode("utf-8", "surrogateescape")


def _text(value: object) -> str:
    return _FOLD.sub("", _octets(value).decode("utf-8", "replace"))


def _field(name: str, value: object, support: TransportSupport) -> bytes:
    field_name(name)
    if getattr(value, "groups", None) is not None:
        addresses = header_addresses(name, value)
        return address_field(name, addresses, utf8=support.utf8) if addresses else b""
    parameters = getattr(value, "params", None)
    if parameters is not None:
        token = str(value).partition(";")[0].strip()
        return parameter_field(name, token, tuple(parameters.items()))
    if type(value) is str and value.isascii():
        return _as_it_came(name, value)
    if name.lower() in {"content-type", "content-disposition"}:
        found = parameterized_value(_octets(value))
        return parameter_field(name, found.value, tuple(found.params.items()))
    text = _text(value)
    if name.lower().removeprefix("resent-") in _ADDRESSES:
        return address_field(name, address_list(text, name), utf8=support.utf8)
    return unstructured_field(name, text)


def _as_it_came(name: str, text: str) -> bytes:
    """Write a header that was read, or set as a str under the old policy, with its own folds."""
    source = _LINE_END.sub(b"\r\n", text.encode("ascii"))
    lines = [line for line in source.split(b"\r\n") if line.strip()]
    if not lines or max(map(len, lines)) > LINE_LIMIT - len(name) - 2:
        return unstructured_field(name, _FOLD.sub("", text))
    first = lines[0] if lines[0][:1] in {b" ", b"\t"} else b" " + lines[0]
    return written_field(
        name, name.encode("ascii") + b":" + b"\r\n".join([first, *lines[1:]]) + b"\r\n"
    )


def _from_groups(groups: Iterable[object], name: str) -> list[Address | Group]:
    found: list[Address | Group] = []
    for group in groups:
        members = tuple(
            Address(item.display_name or "", addr_spec(item.addr_spec, name, MessageError))
            for item in getattr(group, "addresses", ())
        )
        title = getattr(group, "display_name", None)
        if title is None:
            found.extend(members)
        else:
            found.append(Group(title, members))
    return found


def _edge(text: str | None) -> bytes:
    octets = (text or "").encode("utf-8", "surrogateescape")
    return _LINE_END.sub(b"\r\n", octets) if octets.isascii() else b""


def _joined(fields: list[tuple[str, bytes]]) -> bytes:
    return b"".join(field for _, field in fields)
