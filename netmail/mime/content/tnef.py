"""winmail.dat: the attachments that Outlook packs into TNEF.

This file knows the part of MS-OXTNEF that holds files and their names; no MAPI beyond it.
Every length is checked against what is there: nothing is reserved on the file's word.
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

_ATTACH_START = 0x00069002  # attAttachRendData
_ATTACH_TITLE = 0x00018010
_ATTACH_DATA = 0x0006800F
_ATTACH_PROPS = 0x00069005
_CODE_PAGE = 0x00069007

_DATA = 0x3701
_SHORT_NAME = 0x3704
_LONG_NAME = 0x3707
_MIME_TAG = 0x370E
_CONTENT_ID = 0x3712

_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8}
_FIXED[0x48] = 16
_VARIABLE = frozenset([0x0D, 0x1E, 0x1F, 0x102])
_MOST = 1_000
"""Files, and properties of one file, that are read from one winmail.dat."""


@dataclass(frozen=True, slots=True)
class TnefFile:
    """One file of a winmail.dat.

    Attributes:
        name: Its name, the long one where there is one.
        content_type: Its media type; "application/octet-stream" if not said.
        content: The file.
    """

    name: str
    content_type: str
    content: bytes


def tnef_files(data: bytes, limit: int, *, report: DefectHandler = ignore) -> list[TnefFile]:
    """Unpack the files of a winmail.dat.

    Args:
        data: The attachment's content.
        limit: Octets that the files may have in all.
        report: Told when the data is damaged.

    Returns:
        The files that could be read; of damaged data, those before the damage.

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
    """Cut the stream into attributes."""
    position = 6
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
        position = start + size + 2


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
    """Cut a MAPI property list; stops at the first thing it does not understand.

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
    """Go past the GUID and the number or name of a named property."""
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
