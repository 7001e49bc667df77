"""ENVELOPE and BODYSTRUCTURE as a server writes them, from a message that netmail has parsed.

This file must not know pymap, nor a connection: it turns parts into octets.
"""

import re
from collections.abc import Callable

from netmail.address import Address, Group
from netmail.limits import DEFAULT_LIMITS
from netmail.mime.defects import ignore
from netmail.mime.fields.addresses import address_list
from netmail.mime.fields.lenient_parameters import lenient_parameters
from netmail.mime.parts.part import Part

NIL = b"NIL"

NO_ENVELOPE = b"(" + b" ".join([NIL] * 10) + b")"

NO_BODY = b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0'
"""What an empty multipart contains: body-type-mpart has one part at least (RFC 9051 section 9)."""

UNDECODED = "\ue000"
"""It replaces "?" in "=?" while addresses are read: ENVELOPE has encoded words as they are."""

Field = Callable[[bytes], bytes | None]


def string(value: bytes | None) -> bytes:
    """Write a nstring: quoted where it can be, else a literal.

    RFC 9051 section 4.3.
    """
    if value is None:
        return NIL
    value = value.replace(b"\0", b"")  # no form of string but literal8 has NUL
    if value.isascii() and value.decode().isprintable():
        return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return b"{%d}\r\n%b" % (len(value), value)


def envelope(field: Field) -> bytes:
    """Write ENVELOPE.

    Args:
        field: Returns the raw value of a field by its name in lower case.

    RFC 9051 section 7.5.2.
    """
    sender = _addresses(field(b"from"))
    values = [
        string(_unfolded(field(b"date"))),
        string(_unfolded(field(b"subject"))),
        sender,
        # "the server defaults the Reply-To and Sender fields to the From field".
        _addresses(field(b"sender"), sender),
        _addresses(field(b"reply-to"), sender),
        *(_addresses(field(name)) for name in (b"to", b"cc", b"bcc")),
        string(_unfolded(field(b"in-reply-to"))),
        string(_unfolded(field(b"message-id"))),
    ]
    return b"(" + b" ".join(values) + b")"


def body_structure(part: Part, *, extended: bool) -> bytes:
    """Write BODYSTRUCTURE, or BODY, which has no extension data.

    Sizes are those of the body as it is transferred, without the part's header.

    RFC 9051 section 7.5.2.
    """
    # From the leaves up, so that no nesting of a message is a nesting of calls.
    written: dict[int, bytes] = {}
    for each in reversed(list(part.walk())):
        inner = [written.pop(id(child.node)) for child in each.children]
        write = _multipart if each.is_multipart else _leaf
        written[id(each.node)] = write(each, inner, extended=extended)
    return written[id(part.node)]


def _multipart(part: Part, inner: list[bytes], *, extended: bool) -> bytes:
    _, _, subtype = part.content_type.partition("/")
    items = [b"".join(inner), string(subtype.encode() or b"mixed")]
    if extended:
        items += [_parameters(part.field(b"content-type")), *_extension(part)]
    return b"(" + b" ".join(items) + b")"


def _leaf(part: Part, inner: list[bytes], *, extended: bool) -> bytes:
    kind, slash, subtype = part.content_type.partition("/")
    if not slash or not kind or not subtype:
        kind, subtype = "text", "plain"
    body = part.raw_body
    items = [
        string(kind.encode("utf-8", "replace")),
        string(subtype.encode("utf-8", "replace")),
        _parameters(part.field(b"content-type"), text=kind == "text"),
        string(_unfolded(part.field(b"content-id"))),
        string(_unfolded(part.field(b"content-description"))),
        # "7bit" is the default of RFC 2045 section 6.1.
        string(_unfolded(part.field(b"content-transfer-encoding")) or b"7bit"),
        b"%d" % len(body),
    ]
    lines = b"%d" % body.count(b"\n")
    if (kind, subtype) in {("message", "rfc822"), ("message", "global")}:
        items += [_inner_envelope(part), inner[0] if inner else NO_BODY + b")", lines]
    elif kind == "text":
        items.append(lines)
    if extended:
        md5 = string(_unfolded(part.field(b"content-md5")))
        items += [md5, *_extension(part)]
    return b"(" + b" ".join(items) + b")"


def _inner_envelope(part: Part) -> bytes:
    return envelope(part.children[0].field) if part.children else NO_ENVELOPE


def _extension(part: Part) -> list[bytes]:
    """Write body-fld-dsp, body-fld-lang and body-fld-loc."""
    raw = part.field(b"content-disposition")
    disposition = NIL
    if raw is not None:
        value = _unfolded(raw) or b""
        kind = value.partition(b";")[0].strip().strip(b'"')
        disposition = b"(" + string(kind) + b" " + _parameters(raw) + b")"
    languages = [
        string(language.strip())
        for language in (_unfolded(part.field(b"content-language")) or b"").split(b",")
        if language.strip()
    ]
    language = b"(" + b" ".join(languages) + b")" if len(languages) > 1 else b"".join(languages)
    return [disposition, language or NIL, string(_unfolded(part.field(b"content-location")))]


def _parameters(raw: bytes | None, *, text: bool = False) -> bytes:
    """Write body-fld-param: names and values as they are, RFC 2231's forms too."""
    value = (_unfolded(raw) or b"").decode("utf-8", "surrogateescape")
    start = value.find(";")
    pairs = []
    if start >= 0:
        pairs = lenient_parameters(value, start, DEFAULT_LIMITS.params, ignore)
    # RFC 2045 section 5.2: the charset of a text that names none. Dovecot writes it too.
    if text and "charset" not in dict(pairs):
        pairs.append(("charset", "us-ascii"))
    items = [string(item.encode("utf-8", "surrogateescape")) for pair in pairs for item in pair]
    return b"(" + b" ".join(items) + b")" if items else NIL


def _addresses(raw: bytes | None, default: bytes = NIL) -> bytes:
    text = (_unfolded(raw) or b"").decode("utf-8", "surrogateescape")
    elements = address_list(text.replace("=?", "=" + UNDECODED), DEFAULT_LIMITS)
    written = b"".join(
        _group(element) if isinstance(element, Group) else _address(element) for element in elements
    )
    return b"(" + written + b")" if written else default


def _group(group: Group) -> bytes:
    """Write a group as its start, its mailboxes and its end."""
    start = b"(NIL NIL " + _text(group.name) + b" NIL)"
    return start + b"".join(map(_address, group.mailboxes)) + b"(NIL NIL NIL NIL)"


def _address(address: Address) -> bytes:
    local, at, host = address.address.rpartition("@")
    local = local if at else host
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local.strip('"'))
    name = _text(address.name) if address.name else NIL
    # NIL for the host marks a group, so that an address without a domain has an empty one.
    return b"(" + b" ".join([name, NIL, _text(local), _text(host if at else "")]) + b")"


def _text(text: str) -> bytes:
    return string(text.replace(UNDECODED, "?").encode("utf-8", "surrogateescape"))


def _unfolded(raw: bytes | None) -> bytes | None:
    if raw is None:
        return None
    return raw.replace(b"\r", b"").replace(b"\n", b"").strip()
