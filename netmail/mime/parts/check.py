"""Everything that is wrong with a message, found by reading all of it.

This file knows which reader tells of which fault, and says where the fault is.
"""

from netmail.mime.defects import Defect, DefectHandler, DefectKind, severity
from netmail.mime.fields.addresses import address_list
from netmail.mime.fields.content_type import content_type, transfer_encoding
from netmail.mime.fields.dates import parse_date
from netmail.mime.fields.encoded_words import decode_words
from netmail.mime.fields.headers import ADDRESS_FIELDS, Headers
from netmail.mime.fields.parameters import structured
from netmail.mime.parts.node import Node
from netmail.mime.parts.part import Part, Source

_ONCE = frozenset(
    [
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
    ]
)
"""Fields that stand once: RFC 5322 section 3.6, RFC 2045. Readers differ in which one counts."""


def inspect(source: Source, root: Node) -> list[Defect]:
    """Find the defects of a message.

    Args:
        source: The message.
        root: The node to begin at; nested messages below it are looked at too.

    Returns:
        The defects in the order they stand, each kind once a part.
    """
    found: dict[Defect, None] = {}
    faults: dict[int, list[tuple[DefectKind, int]]] = {}
    for kind, node, offset in source.indexed().faults:
        faults.setdefault(id(node), []).append((kind, offset))
    for part in source.part(root).walk():
        for kind, offset in faults.get(id(part.node), ()):
            found.setdefault(_defect(kind, part, offset))
        kinds: list[DefectKind] = []
        _part(part, kinds.append)
        for kind in kinds:
            found.setdefault(_defect(kind, part, part.offset))
    return list(found)


def _defect(kind: DefectKind, part: Part, offset: int) -> Defect:
    section = "" if part.parent is None else part.section
    return Defect(kind, severity(kind), section, offset)


def _part(part: Part, note: DefectHandler) -> None:
    part.node.block.inspect(note)
    _fields(part, note)
    headers = part.headers
    typed = content_type(headers.first(b"content-type"), note=note)
    structured(headers.first(b"content-disposition") or b"", note=note)
    encoding = transfer_encoding(headers.first(b"content-transfer-encoding") or b"", note=note)
    if part.is_multipart and encoding in {"base64", "quoted-printable", "uuencode"}:
        note(DefectKind.ENCODED_MULTIPART)
    if part.node.children:
        return
    content = part.decode(note=note)
    if typed.value.startswith("text/"):
        part.decode_text(content, note=note)
    if typed.value in {"application/ms-tnef", "application/vnd.ms-tnef"}:
        from netmail.mime.content.tnef import tnef_files  # noqa: PLC0415 - few messages need it

        tnef_files(content, part.limits.expanded, note=note)


def _fields(part: Part, note: DefectHandler) -> None:
    seen: set[str] = set()
    for field in part.node.block.fields():
        name = field.name.decode("utf-8", "replace").lower()
        if name in seen and name in _ONCE:
            note(DefectKind.DUPLICATE_HEADER)
        seen.add(name)
        _value(part.headers, name, field.value, note)


def _value(headers: Headers, name: str, raw: bytes, note: DefectHandler) -> None:
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError:
            note(DefectKind.RAW_8BIT_HEADER)
    text = headers.text(raw)
    if name in ADDRESS_FIELDS:
        address_list(text, note=note)
    elif name in {"date", "resent-date"} and parse_date(text) is None:
        note(DefectKind.BAD_DATE)
    elif "=?" in text:
        decode_words(text, note=note)
