"""The structure of a message's body, chosen by its content.

This file must not know the message's own header, nor how the tree is written.
"""

from netmail.errors import MessageError, UsageError
from netmail.mime.writer.attached_message import AttachedMessage, seven_bit_message
from netmail.mime.writer.content import Content, Octets
from netmail.mime.writer.draft import AttachedFile, Draft, Texts, TextSource, TransportSupport
from netmail.mime.writer.header_lines import unstructured_field
from netmail.mime.writer.inline import images_taken_out
from netmail.mime.writer.parameters import parameter_field
from netmail.mime.writer.transfer import (
    Encoding,
    base64_lines,
    lines_allowed,
    quoted_printable,
    text_encoding,
)
from netmail.mime.writer.tree import (
    Base64,
    Binary,
    Body,
    Encoded,
    Entity,
    Leaf,
    Lines,
    Multipart,
    choose_boundary,
)

_WIDE = (b"Content-Transfer-Encoding: binary\r\n", b"Content-Transfer-Encoding: 8bit\r\n")
"""What a part needs of the transport, the most first; no other line of a part's header ends so."""


def body_tree(draft: Draft, seed: str, support: TransportSupport) -> Entity:
    """Build the tree: mixed > related > alternative, each level only if it is needed.

    Args:
        draft: The message; its `texts` are made here.
        seed: The part of its boundaries that makes them unique.
        support: What the transport supports.

    Raises:
        MessageError: If a text or attachment cannot be written.

    RFC 2046 section 5.1, RFC 2387.
    """
    texts = draft_texts(draft, seed)
    shown = [item for item in (*draft.files, *texts.images) if item.content_id]
    related = shown if texts.html is not None else []
    attached = [item for item in draft.files if item not in related]
    if draft.invitation is not None:
        attached.append(draft.invitation)

    part = _texts_part(draft, texts, seed, support)
    if related:
        kind = "multipart/alternative" if isinstance(part, Multipart) else "text/html"
        parts = [part, *(_file_part(item, support) for item in related)]
        part = _multipart("related", parts, seed, 1, (("type", kind),))
    if not attached:
        return part
    parts = [_file_part(item, support) for item in attached]
    if texts.text is not None or texts.html is not None or draft.calendar:
        parts.insert(0, part)
    return _multipart("mixed", parts, seed, 0)


def draft_texts(draft: Draft, seed: str) -> Texts:
    """Make the texts, once: callables are called, HTML is turned into text if asked for.

    Raises:
        UsageError: If a callable returns anything but text.
    """
    if draft.texts is None:
        text = _made(draft.text, "text")
        html = _made(draft.html, "html")
        if text is None and html is not None and draft.text_from_html:
            text = _text_of(html)
        if html is not None and draft.inline_images:
            draft.texts = Texts(text, *images_taken_out(html, seed))
        else:
            draft.texts = Texts(text, html)
    return draft.texts


def _made(source: TextSource | None, where: str) -> str | None:
    made = source() if callable(source) else source
    if made is not None and not isinstance(made, str):
        raise UsageError(f"{where}: the callable gave {type(made).__name__}, not str")
    return made


def _text_of(html: str) -> str:
    from netmail.mime.content.html_text import html_to_text  # noqa: PLC0415  # rarely asked for

    return html_to_text(html)


def _texts_part(draft: Draft, texts: Texts, seed: str, support: TransportSupport) -> Entity:
    parts: list[Entity] = []
    if texts.text is not None or (texts.html is None and draft.calendar is None):
        parts.append(_text_part("text/plain", texts.text or "", draft.charset, support))
    if texts.html is not None:
        parts.append(_text_part("text/html", texts.html, draft.charset, support))
    if draft.calendar is not None:
        # RFC 2046 section 5.1.4: the last form is the richest. A program that knows invitations
        # shows it instead of the texts.
        parts.append(_file_part(draft.calendar, support))
    return parts[0] if len(parts) == 1 else _multipart("alternative", parts, seed, 2)


def _multipart(
    subtype: str,
    parts: list[Entity],
    seed: str,
    level: int,
    parameters: tuple[tuple[str, str], ...] = (),
) -> Multipart:
    boundary = choose_boundary(seed, level, parts)
    head = parameter_field(
        "Content-Type", f"multipart/{subtype}", (*parameters, ("boundary", boundary))
    )
    return Multipart(head + _widest(parts), boundary.encode("ascii"), tuple(parts))


def _widest(parts: list[Entity]) -> bytes:
    """Write the field that names what the parts of a multipart need of the transport.

    RFC 2045 section 6.4: "If an entity is of type "multipart" the Content-Transfer-Encoding is not
    permitted to have any value other than "7bit", "8bit" or "binary"." Of these it is the one that
    covers all parts.
    """
    heads = b"".join([part.head for part in parts])
    # "7bit" is the default, RFC 2045 section 6.1.
    for field in _WIDE:
        if field in heads:
            return field
    return b""


def _text_part(kind: str, text: str, charset: str, support: TransportSupport) -> Leaf:
    octets, charset = _text_octets(text, charset)
    encoding = text_encoding(
        octets, eight_bit=support.eight_bit, changes_spaces=support.changes_spaces
    )
    head = (
        f"Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    ).encode("ascii")
    return Leaf(head, _text_body(octets, encoding))


def _text_octets(text: str, charset: str) -> tuple[bytes, str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\n", "\r\n")
    if text.isascii() and charset == "utf-8":
        return text.encode("ascii"), "us-ascii"
    try:
        return text.encode(charset), charset
    except UnicodeEncodeError:
        charset = "utf-8"
    try:
        return text.encode(), charset
    except UnicodeEncodeError as error:
        raise MessageError(f"text: a lone surrogate at character {error.start}") from error


def _text_body(octets: bytes, encoding: Encoding) -> Body:
    if encoding is Encoding.QUOTED_PRINTABLE:
        return Encoded(quoted_printable(octets))
    if encoding is Encoding.BASE64:
        return Encoded(base64_lines(octets))
    return Lines(octets)


def _file_part(item: AttachedFile, support: TransportSupport) -> Leaf:
    content_type, encoding, body = _file_body(item, support)
    kind = (*item.parameters, *((("name", item.name),) if item.name else ()))
    head = parameter_field("Content-Type", content_type, kind, encoded=True)
    head += f"Content-Transfer-Encoding: {encoding}\r\n".encode("ascii")
    if not item.no_disposition:
        disposition = "inline" if item.inline else "attachment"
        name = (("filename", item.name),) if item.name else ()
        head += parameter_field("Content-Disposition", disposition, name)
    if item.content_id:
        head += unstructured_field("Content-ID", f"<{item.content_id}>", ascii_only=True)
    return Leaf(head, body)


def _file_body(item: AttachedFile, support: TransportSupport) -> tuple[str, Encoding, Body]:
    """Return the media type, the encoding and the octets of an attached file."""
    content, kind = item.content, item.content_type
    if isinstance(content, AttachedMessage):
        encoding = Encoding.EIGHT_BIT if support.eight_bit else Encoding.SEVEN_BIT
        return kind, encoding, Binary(content.under(support))
    # RFC 6532 section 3.7 permits encodings for message/global.
    if kind.startswith("message/") and not kind.startswith("message/global"):
        return _message_body(content, kind, support)
    if isinstance(content, Octets) and kind.startswith(("text/", "message/")):
        encoding = _lines_encoding(content.data, support)
        return kind, encoding, _text_body(content.data, encoding)
    if support.binary:
        return kind, Encoding.BINARY, Binary(content)
    return kind, Encoding.BASE64, Base64(content)


def _message_body(
    content: Content, kind: str, support: TransportSupport
) -> tuple[str, Encoding, Body]:
    """Choose how the octets of a received message are attached.

    RFC 2046 section 5.2.1: "No encoding other than "7bit", "8bit", or "binary" is permitted", and
    readers see no message in base64. So the texts in it are encoded where the transport has seven
    bits only; and octets that must not change, such as signed ones, are attached as a file.
    """
    data = b"".join(content.blocks())
    if b"\r" not in data:
        data = data.replace(b"\n", b"\r\n")
    if lines_allowed(data) and (data.isascii() or support.eight_bit):
        return kind, Encoding.SEVEN_BIT if data.isascii() else Encoding.EIGHT_BIT, Lines(data)
    if support.binary:
        return kind, Encoding.BINARY, Lines(data)
    changed = seven_bit_message(data) if kind == "message/rfc822" else None
    if changed is not None:
        return kind, Encoding.SEVEN_BIT, Lines(changed)
    return "application/octet-stream", Encoding.BASE64, Encoded(base64_lines(data))


def _lines_encoding(data: bytes, support: TransportSupport) -> Encoding:
    """Choose the encoding of octets that may be lines; every octet must survive."""
    ends = data.count(b"\r\n")
    if data.count(b"\n") != ends or data.count(b"\r") != ends:
        return Encoding.BINARY if support.binary else Encoding.BASE64
    return text_encoding(data, eight_bit=support.eight_bit, changes_spaces=support.changes_spaces)
