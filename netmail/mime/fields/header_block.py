"""Cutting a header block into raw fields, however damaged.

This file knows lines, names and colons; no field's meaning. Every line that starts a field is
found whatever stands before it: a line without a colon costs that line, never the rest.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from netmail.mime.defects import DefectHandler, DefectKind

_LINE = re.compile(rb"[^\n]*+(?:\n[ \t][^\n]*+)*+")
_NAME = re.compile(rb"([!-9;-~]+)([ \t]*):")
_FIELDS = re.compile(rb"^([^\s:][^:\n]{0,199}):([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)
_TEXTS = re.compile(r"^([^\s:][^:\n]{0,199}):[ \t]*+(.*+(?:\n[ \t].*+)*+)", re.MULTILINE)
_LONE_CR = re.compile(rb"\r(?!\n)")
_LOOSE_NAME = re.compile(rb"([^\s:][^:\n]{0,199}?)[ \t]*:")
_ENVELOPE = re.compile(rb">?From (?![ \t]*:)[^\n]*\n")
_LEADING = re.compile(rb"[\r\n \t]*+(?=[!-9;-~]+[ \t]*:)")
_SHORT = 400
"""Octets of a block that is cut at once: the header of a part, not that of a message."""

USUAL = 120
"""Octets of a block that is likely to come again: "text/html; charset=utf-8", "base64"."""

_COLON = ord(":")
_BLANKS = b" \t"
_FOLDS = (b" ", b"\t")
_BOM = b"\xef\xbb\xbf"


class RawField(NamedTuple):
    """One header field.

    Attributes:
        name: As written, blanks around it dropped.
        value: Everything after the colon, folds kept, without the last line end.
    """

    name: bytes
    value: bytes


def unfold(value: str) -> str:
    """Take the line ends out of a folded value; tabs, which folding likes, become blanks.

    RFC 5322 section 2.2.3.
    """
    return value.replace("\r\n", "").replace("\n", "").replace("\t", " ")


def prologue(block: bytes, report: DefectHandler) -> int:
    """Count the octets before the first field that are no part of the header.

    A byte order mark, an mbox "From " line (also quoted), blank lines and blanks are skipped
    when a field follows.
    """
    position = 0
    if block.startswith(_BOM):
        report(DefectKind.BYTE_ORDER_MARK)
        position = len(_BOM)
    envelope = _ENVELOPE.match(block, position)
    if envelope is not None:
        report(DefectKind.MBOX_FROM_LINE)
        position = envelope.end()
    leading = _LEADING.match(block, position)
    if leading is not None and leading.end() > position:
        report(DefectKind.LEADING_SPACE)
        position = leading.end()
    return position


@lru_cache(maxsize=256)
def usual_block(raw: bytes) -> "tuple[HeaderBlock, int]":
    """Make a short block, or give one made before: parts of mail have few different headers.

    Args:
        raw: The octets.

    Returns:
        The block, and what `body_line()` says of it.
    """
    return HeaderBlock(raw), body_line(raw)


class HeaderBlock:
    """A header block that is searched by name at once and cut into fields only on demand.

    Attributes:
        raw: The block from its first field on, without the blank line.
    """

    __slots__ = ("_first", "_folded", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._first: dict[bytes, bytes] | None = None
        if len(raw) > _SHORT:
            self._folded = b"\n%b\n" % raw.lower()
        else:
            self._cut()

    def _cut(self) -> None:
        """Cut a short block at once: that costs what two searches do."""
        self._folded = b""
        first: dict[bytes, bytes] = {}
        self._first = first
        for name, value in _FIELDS.findall(self.raw):
            first.setdefault(name.rstrip().lower(), value.rstrip(b"\r\n"))

    def first(self, name: bytes) -> bytes | None:
        """Return the raw value of the first field of a name given in lower case."""
        if self._first is not None:
            return self._first.get(name)
        folded, key = self._folded, b"\n" + name
        position = folded.find(key)
        while position >= 0:
            position += len(key)
            if folded[position] == _COLON:
                return self._value(position + 1)
            if (colon := self._colon(position)) >= 0:
                return self._value(colon + 1)
            position = folded.find(key, position)
        return None

    def every(self, name: bytes) -> list[bytes]:
        """Return the raw values of all fields of a name given in lower case, in order."""
        if self._first is not None:
            return [value for each, value in self.fields() if each.lower() == name]
        values: list[bytes] = []
        folded, key = self._folded, b"\n" + name
        position = folded.find(key)
        while position >= 0:
            position += len(key)
            if folded[position] == _COLON:
                values.append(self._value(position + 1))
            elif (colon := self._colon(position)) >= 0:
                values.append(self._value(colon + 1))
            position = folded.find(key, position)
        return values

    def _colon(self, position: int) -> int:
        """Find the colon behind blanks only; -1 if something else stands there."""
        while self._folded[position] in _BLANKS:
            position += 1
        return position if self._folded[position] == _COLON else -1

    def _value(self, position: int) -> bytes:
        # The folded copy has one line feed more, in front.
        raw = self.raw
        start = position - 1
        end = raw.find(b"\n", start)
        while end >= 0 and raw[end + 1 : end + 2] in _FOLDS:
            end = raw.find(b"\n", end + 1)
        return (raw[start:] if end < 0 else raw[start:end]).rstrip(b"\r\n")

    def fields(self) -> list[RawField]:
        """Cut the whole block into fields, in order; lines that are none are left out."""
        return [
            RawField(name.rstrip().replace(b"\0", b""), value.rstrip(b"\r\n"))
            for name, value in _FIELDS.findall(self.raw)
        ]

    def texts(self, *, lone_cr: bool) -> list[tuple[str, str]]:
        """Cut a block that is ASCII into names and unfolded values as text.

        Args:
            lone_cr: What `has_lone_cr()` says; without one, no CR needs to be looked at.
        """
        raw = self.raw.replace(*((b"\r\n", b"\n") if lone_cr else (b"\r", b"")))
        return [
            (
                name.rstrip(),
                (value.replace("\n", "").replace("\t", " ") if "\n" in value else value).strip(
                    " \t\r\0"
                ),
            )
            for name, value in _TEXTS.findall(raw.decode())
        ]

    def has_lone_cr(self) -> bool:
        """Whether a CR stands elsewhere than before LF."""
        return _LONE_CR.search(self.raw) is not None

    def count(self) -> int:
        """Count the lines that start a field, roughly and fast."""
        return self.raw.count(b"\n") - self.raw.count(b"\n ") - self.raw.count(b"\n\t")

    def inspect(self, report: DefectHandler) -> None:
        """Tell of everything in the block that is against the grammar."""
        for line in self._lines():
            name = _NAME.match(line)
            if name is not None and name[2]:
                report(DefectKind.SPACE_BEFORE_COLON)
            elif name is None:
                loose = _LOOSE_NAME.match(line)
                report(DefectKind.BAD_HEADER_NAME if loose else DefectKind.JUNK_HEADER_LINE)
        if b"\0" in self.raw:
            report(DefectKind.NUL_IN_HEADER)
        if self.raw.count(b"\r") != self.raw.count(b"\r\n") + self.raw.endswith(b"\r"):
            report(DefectKind.BARE_CR_IN_HEADER)

    def _lines(self) -> list[bytes]:
        """List the lines with their continuations; blank ones left out."""
        return [line for line in _LINE.findall(self.raw) if line.strip()]


def body_line(block: bytes) -> int:
    """Find where text begins that follows the header without a blank line.

    Returns:
        The octet of the first of the lines at the block's end that are no field; -1 if the
        last line is one, as it should be.
    """
    if _NAME.match(block, block.rfind(b"\n", 0, -1) + 1):
        return -1
    end = len(block.rstrip(b"\r\n"))
    answer = -1
    stop = end
    while stop > 0:
        start = block.rfind(b"\n", 0, stop) + 1
        if block[start : start + 1] not in _FOLDS:
            if _NAME.match(block, start, stop):
                return answer
            answer = start
        stop = start - 1
    return 0 if end else -1


def first_text_line(block: bytes) -> int:
    """Find the first line that is neither a field nor the continuation of one; -1 if none."""
    position = 0
    while 0 <= position < len(block):
        if block[position : position + 1] not in _FOLDS and not _NAME.match(block, position):
            return position
        position = block.find(b"\n", position) + 1 or -1
    return -1
