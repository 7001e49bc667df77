"""winmail.dat: the attachments that Outlook packs into TNEF.

This file knows the part of MS-OXTNEF that contains files and their names; no MAPI beyond it.
Every length is checked against the octets that exist: no memory is reserved because a length
claims it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from netmail.mime.content.charset import decode_text
from netmail.mime.defects import DefectHandler, DefectKind, ignore

_SIGNATURE = 0x223E9F78
_HEADER = struct.Struct("<BIL")
_SIZE = struct.Struct("<L")
_TAG = struct.Struct("<HH")

# Attributes of the stream: MS-OXTNEF section 2.1.3.
_ATTACH_START = 0x00069002  # attAttachRendData
_ATTACH_TITLE = 0x00018010  # attAttachTitle
_ATTACH_DATA = 0x0006800F  # attAttachData
_ATTACH_PROPS = 0x00069005  # attAttachment
_CODE_PAGE = 0x00069007  # attOemCodepage

# Tags of MAPI properties: MS-OXPROPS.
_DATA = 0x3701  # PidTagAttachDataBinary
_SHORT_NAME = 0x3704  # PidTagAttachFilename
_LONG_NAME = 0x3707  # PidTagAttachLongFilename
_MIME_TAG = 0x370E  # PidTagAttachMimeTag
_CONTENT_ID = 0x3712  # PidTagAttachContentId

# Types of MAPI properties and the octets that each takes: MS-OXCDATA section 2.11.1. Values of
# two octets and booleans are padded to four in TNEF.
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8}
_FIXED[0x48] = 16  # a GUID

# PtypObject, PtypString8, PtypString, PtypBinary: each value says its own length.
_VARIABLE = frozenset([0x0D, 0x1E, 0x1F, 0x102])
_MOST = 1_000
"""Files, and properties of one file, that are read from one winmail.dat."""


@dataclass(frozen=True, slots=True)
class TnefFile:
    """One file of a winmail.dat.

    Attributes:
        name: Its name, the long one if there are two.
        content_type: Its media type; "application/octet-stream" if it is not given.
        content: The file's octets.
    """

    name: str
    content_type: str
    content: bytes


def tnef_files(data: bytes, limit: int, *, report: DefectHandler = ignore) -> list[TnefFile]:
    """Unpack the files of a winmail.dat.

    Args:
        data: The attachment's content.
        limit: Octets that the files may have in all.
        report: Called with BAD_TNEF if the data is defective.

    Returns:
        The files that could be read; of defective data, those before the defect.

    MS-OXTNEF section 2.1.
    """
    if len(data) < 6 or _SIZE.unpack_from(data)[0] != _SIGNATURE:
        report(DefectKind.BAD_TNEF)
        return []
    files: list[TnefFile] = []
    current: dict[str, bytes] | None = None
    code_page = "cp1252"
    for attribute, value in _attributes(data, report):
        if attribute == _CODE_PAGE and len(value) >= 4:
            code_page = f"cp{_SIZE.unpack_from(value)[0]}"
        elif attribute == _ATTACH_START:
            _keep(files, current, code_page)
            current = {}
            if len(files) >= _MOST:
                break
        elif current is not None:
            _add(current, attribute, value)
    _keep(files, current, code_page)
    return _within(files, limit, report)


def _attributes(data: bytes, report: DefectHandler) -> Iterator[tuple[int, bytes]]:
    """Cut the stream into attributes: level, identifier, length, data, checksum."""
    position = 6  # after the signature and a key of two octets
    while position < len(data):
        if position + _HEADER.size > len(data):
            report(DefectKind.BAD_TNEF)
            return
        _, attribute, size = _HEADER.unpack_from(data, position)
        start = position + _HEADER.size
        if start + size > len(data):
            report(DefectKind.BAD_TNEF)
            return
        yield attribute, data[start : start + size]
        position = start + size + 2  # the checksum is not looked at: mailers write zeros there


def _add(current: dict[str, bytes], attribute: int, value: bytes) -> None:
    if attribute == _ATTACH_DATA:
        current.setdefault("data", value)
    elif attribute == _ATTACH_TITLE:
        current["title"] = value.rstrip(b"\0")
    elif attribute == _ATTACH_PROPS:
        for tag, kind, content in _properties(value):
            name = _WANTED.get(tag)
            if name is not None:
                current[name] = _octets(kind, content)


_WANTED = {
    _DATA: "object",
    _SHORT_NAME: "short",
    _LONG_NAME: "long",
    _MIME_TAG: "type",
    _CONTENT_ID: "cid",
}


def _octets(kind: int, content: bytes) -> bytes:
    if kind != 0x1F:
        return content.rstrip(b"\0") if kind == 0x1E else content
    return content.decode("utf-16-le", "replace").rstrip("\0").encode("utf-8", "replace")


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Cut a MAPI property list; stop at the first property of an unknown type.

    MS-OXTNEF section 2.1.3.4.
    """
    position = 4
    for _ in range(_MOST):
        if position + 4 > len(data):
            return
        kind, tag = _TAG.unpack_from(data, position)
        position += 4
        if tag >= 0x8000:
            position = _after_name(data, position)
        count = 1
        # The flag MV_FLAG: several values, of which the first is taken.
        many = bool(kind & 0x1000)
        kind &= 0x0FFF
        if many or kind in _VARIABLE:
            if position + 4 > len(data):
                return
            count = _SIZE.unpack_from(data, position)[0]
            position += 4
        for number in range(min(count, _MOST)):
            size = _FIXED.get(kind)
            if size is None:
                if kind not in _VARIABLE or position + 4 > len(data):
                    return
                size = _SIZE.unpack_from(data, position)[0]
                position += 4
            if position + size > len(data):
                return
            if number == 0:
                yield tag, kind, data[position : position + size]
            position += size + (-size % 4)
        if count > _MOST:
            return


def _after_name(data: bytes, position: int) -> int:
    """Return the position after the GUID and the number or name of a named property."""
    if position + 24 > len(data):
        return len(data)
    if _SIZE.unpack_from(data, position + 16)[0] == 0:
        return position + 24
    size: int = _SIZE.unpack_from(data, position + 20)[0]
    return position + 24 + size + (-size % 4)


def _keep(files: list[TnefFile], current: dict[str, bytes] | None, code_page: str) -> None:
    if not current:
        return
    content = current.get("data") or current.get("object", b"")
    name = current.get("long") or current.get("title") or current.get("short") or b""
    kind = current.get("type", b"").decode("ascii", "replace").lower()
    if "/" not in kind or not kind.isprintable() or " " in kind:
        kind = "application/octet-stream"
    files.append(TnefFile(_name(name, code_page), kind, content))


def _name(raw: bytes, code_page: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return decode_text(raw, code_page)


def _within(files: list[TnefFile], limit: int, report: DefectHandler) -> list[TnefFile]:
    total = 0
    for number, file in enumerate(files):
        total += len(file.content)
        if total > limit:
            report(DefectKind.BAD_TNEF)
            return files[:number]
    return files
