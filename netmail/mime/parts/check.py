"""All defects of a message, found by reading everything in it.

This file knows which reader reports which defects, and adds where they are; it reads no grammar.
"""

from netmail.mime.defects import Defect, DefectHandler, DefectKind, severity
from netmail.mime.fields.addresses import address_list
from netmail.mime.fields.content_type import content_type, transfer_encoding
from netmail.mime.fields.dates import parse_date
from netmail.mime.fields.encoded_words import decode_encoded_words
from netmail.mime.fields.headers import ADDRESS_FIELDS, Headers
from netmail.mime.fields.parameters import parameterized_value
from netmail.mime.parts.encrypted import is_errant
from netmail.mime.parts.node import PartNode
from netmail.mime.parts.part import Part, PartSource

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
"""Fields that may occur once: RFC 5322 section 3.6, RFC 2045. Readers differ in which they take."""


def find_defects(source: PartSource, root: PartNode) -> list[Defect]:
    """Find the defects of a message.

    Args:
        source: The message.
        root: The node to begin at; nested messages below it are read too.

    Returns:
        The defects in the order of the parts, each kind once a part.
    """
    found: dict[Defect, None] = {}
    structural: dict[int, list[tuple[DefectKind, int]]] = {}
    for kind, node, offset in source.indexed().defects:
        structural.setdefault(id(node), []).append((kind, offset))
    for part in source.part(root).walk():
        for kind, offset in structural.get(id(part.node), ()):
            found.setdefault(_defect(kind, part, offset))
        kinds: list[DefectKind] = []
        _check_part(part, kinds.append)
        for kind in kinds:
            found.setdefault(_defect(kind, part, part.offset))
    return list(found)


def _defect(kind: DefectKind, part: Part, offset: int) -> Defect:
    section = "" if part.parent is None else part.section
    return Defect(kind, severity(kind), section, offset)


def _check_part(part: Part, report: DefectHandler) -> None:
    part.node.block.check(report)
    _check_fields(part, report)
    headers = part.headers
    typed = content_type(headers.first_raw(b"content-type"), report=report)
    parameterized_value(headers.first_raw(b"content-disposition") or b"", report=report)
    label = headers.first_raw(b"content-transfer-encoding") or b""
    encoding = transfer_encoding(label, report=report)
    # RFC 2045 section 6.4: composite types allow no encoding but 7bit, 8bit and binary.
    if part.is_multipart and encoding in {"base64", "quoted-printable", "uuencode"}:
        report(DefectKind.ENCODED_MULTIPART)
    content = b"" if part.node.children else part.decode(report=report)
    if is_errant(part, content):
        report(DefectKind.ERRANT_ENCRYPTION)
    if part.node.children:
        return
    if typed.value.startswith("text/"):
        part.decode_text(content, report=report)
    if typed.value in {"application/ms-tnef", "application/vnd.ms-tnef"}:
        from netmail.mime.content.tnef import read_tnef  # noqa: PLC0415 - few messages need it

        read_tnef(content, part.limits, report=report).texts(report=report)


def _check_fields(part: Part, report: DefectHandler) -> None:
    seen: set[str] = set()
    for field in part.node.block.fields():
        name = field.name.decode("utf-8", "replace").lower()
        if name in seen and name in _ONCE:
            report(DefectKind.DUPLICATE_HEADER)
        seen.add(name)
        _check_value(part.headers, name, field.value, report)


def _check_value(headers: Headers, name: str, raw: bytes, report: DefectHandler) -> None:
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError:
            report(DefectKind.RAW_8BIT_HEADER)
    text = headers.text(raw)
    # Fields of unknown grammar are taken for free text.
    if name in ADDRESS_FIELDS:
        address_list(text, report=report)
    elif name in {"date", "resent-date"} and parse_date(text) is None:
        report(DefectKind.BAD_DATE)
    elif "=?" in text:
        decode_encoded_words(text, report=report)
