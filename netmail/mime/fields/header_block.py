"""Header blocks: found in a buffer, and cut into raw fields, however defective.

This file knows lines, names and colons; no field's meaning. Every line that begins a field is
found, whatever is before it: a line without a colon costs that line, never the rest.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from mmap import mmap
from typing import NamedTuple, TypeAlias

from netmail.mime.defects import DefectHandler, DefectKind

OctetBuffer: TypeAlias = bytes | mmap
"""What a message is read from: octets that do not change."""

# field-name   = 1*ftext                                      RFC 5322 section 3.6.8
# ftext        = %d33-57 / %d59-126;  printable ASCII but ":"
# obs-optional = field-name *WSP ":" unstructured CRLF        RFC 5322 section 4.5.8
# The space is quirk space-before-colon.
_NAME = re.compile(rb"([!-9;-~]+)([ \t]*):")

# "Su\0bject: x", "Fro m : x", "X-B\xe9d: x": a field whose name breaks the grammar, quirk bad-name.
_LOOSE_NAME = rb"([^\s:][^:\n]{0,199}?)[ \t]*:"

# FWS = ([*WSP CRLF] 1*WSP) / obs-FWS                         RFC 5322 section 3.2.2
# A line, and all after it that begin with WSP: one field, before unfolding (section 2.2.3).
# obs-FWS allows lines of WSP only, so those do not end the header.
_LINE = rb"[^\n]*+(?:\n[ \t][^\n]*+)*+"

# fields         = *(trace *optional-field / ...) *(orig-date / from / ... / optional-field)
# optional-field = field-name ":" unstructured CRLF           RFC 5322 section 3.6.8
# With its folds, and with any name that begins a line and has no line end; 200 octets are more
# than any name has, and bound the search in a line of text.
_FIELDS = re.compile(rb"^([^\s:][^:\n]{0,199}):([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)

# The same in text of which the CR were removed               RFC 5322 section 3.6.8
_TEXTS = re.compile(r"^([^\s:][^:\n]{0,199}):[ \t]*+(.*+(?:\n[ \t].*+)*+)", re.MULTILINE)

# RFC 5322 section 2.3: "CR and LF MUST only occur together as CRLF; they MUST NOT appear
# independently in the body", and so in the header. An LF alone ends a line nevertheless, as in
# files of Unix; a CR alone does not.
_LONE_CR = re.compile(rb"\r(?!\n)")

# "From sender Mon Jan  1 00:00:00 2024": the separator line of an mbox file, RFC 4155 appendix A,
# of a message that was cut out of one; also quoted. "From : a@b" is a field. It is quirk mbox-line.
_MBOX_LINE = rb">?From (?![ \t]*:)[^\n]*\n"

# "\n\n Subject: s": line ends and spaces before the first field, of gateways and of messages that
# were pasted into a file. Without a field after them they are the end of an empty header. They are
# quirk leading-space.
_LEADING = rb"[\r\n \t]*+(?=[!-9;-~]+[ \t]*:)"

_SHORT = 400
"""Octets of a block that is cut at once: the header of a part, not that of a message."""

_REPEATED = 120
"""Octets of a block that is likely to come again: "text/html; charset=utf-8", "base64"."""

_WINDOW = 65536
"""Octets in which a header is searched for what precedes it."""

_COLON = ord(":")
_SPACES = b" \t"
_FOLDS = (b" ", b"\t")
_BOM = b"\xef\xbb\xbf"  # quirk byte-order-mark


Defects = tuple[tuple[DefectKind, int], ...]
"""Kinds and offsets."""

_NONE: Defects = ()


class RawField(NamedTuple):
    """One header field.

    Attributes:
        name: As written, spaces after it and NUL dropped.
        value: Everything after the colon with its folds, without the last line end.
    """

    name: bytes
    value: bytes


def cut(
    buffer: OctetBuffer,
    start: int,
    ends: Callable[[int], tuple[int, int]],
    limit: int,
    *,
    outermost: bool,
) -> "tuple[HeaderBlock, int, int, Defects, bool]":
    """Cut the header of a part off a message.

    Args:
        buffer: The message.
        start: Offset of the part.
        ends: Called with the offset of the first field; returns the end of the header block and
            the offset of the body. It knows the empty line and the boundaries.
        limit: The most octets of a block.
        outermost: Whether it is the header of a message, in front of which other programs may
            have written something.

    Returns:
        The fields, the offset of the first one, the offset of the body, the defects of both ends,
        and whether it is complete: not longer than the limit, or ended by a line of text.
    """
    # Nearly every header begins with a letter; whatever else it begins with is no field.
    first = buffer[start : start + 5]
    usual = first[:1].isalpha() and first != b"From "
    head, defects = start, _NONE
    if not usual and outermost:
        head, defects = _skip_prologue(buffer[start : start + _WINDOW], start, start)
    stop, body = ends(head)
    if stop - head > limit:
        stop = _end_of_fields(buffer, head, limit)
        if stop < 0:
            return HeaderBlock(buffer[head : head + limit]), head, body, defects, False
    block = buffer[head:stop]
    if not usual and not block[:1].isalpha():
        at, more = _skip_prologue(block, head, start)
        block, head, defects = block[at - head :], at, defects + more
    if len(block) <= _REPEATED:
        parsed, text = _repeated(block)
    else:
        parsed, text = HeaderBlock(block), _text_after(block)
    if text < 0:
        return parsed, head, body, defects, True
    # The empty line is missing, and the last lines are the body: quirk no-empty-line.
    body = head + text
    defects += ((DefectKind.NO_EMPTY_LINE, body),)
    return HeaderBlock(block[:text]), head, body, defects, True


def _skip_prologue(octets: bytes, offset: int, start: int) -> tuple[int, Defects]:
    """Find the first field, after what is no part of the header.

    A byte order mark, an mbox "From " line (also quoted), line ends and spaces are skipped
    if a field follows.

    Args:
        octets: What may begin with them.
        offset: The offset of these octets.
        start: The offset of the part, where defects are reported.

    Returns:
        The offset of the first field, and the defects.
    """
    kinds: list[DefectKind] = []
    position = 0
    if octets.startswith(_BOM):
        kinds.append(DefectKind.BYTE_ORDER_MARK)
        position = len(_BOM)
    separator = re.compile(_MBOX_LINE).match(octets, position)
    if separator is not None:
        kinds.append(DefectKind.MBOX_FROM_LINE)
        position = separator.end()
    leading = re.compile(_LEADING).match(octets, position)
    if leading is not None and leading.end() > position:
        kinds.append(DefectKind.LEADING_SPACE)
        position = leading.end()
    return offset + position, tuple((kind, start) for kind in kinds)


def _end_of_fields(buffer: OctetBuffer, head: int, limit: int) -> int:
    """Find the first line of text in a header that is too long; -1 if there is none.

    Its empty line is missing, or it is an attack.

    Returns:
        The offset after the line's first octet: `_text_after()` finds the line again.
    """
    block = buffer[head : head + limit]
    position = 0
    while 0 <= position < len(block):
        if block[position : position + 1] not in _FOLDS and not _NAME.match(block, position):
            return head + position + 1
        position = block.find(b"\n", position) + 1 or -1
    return -1


@lru_cache(maxsize=256)
def _repeated(raw: bytes) -> "tuple[HeaderBlock, int]":
    """Parse a short block, or return one parsed before: parts have few different headers."""
    return HeaderBlock(raw), _text_after(raw)


def _text_after(block: bytes) -> int:
    """Find the text that follows the fields without an empty line.

    Returns:
        The offset of the first of the lines at the block's end that are no field; -1 if the
        last line is one, as it should be.
    """
    # Nearly always the last line is a field, or ends one: one match tells.
    if _NAME.match(block, block.rfind(b"\n", 0, -1) + 1):
        return -1
    # Else go back line by line to the last field: what is after it is text.
    end = len(block.rstrip(b"\r\n"))
    found = -1
    stop = end
    while stop > 0:
        start = block.rfind(b"\n", 0, stop) + 1
        if block[start : start + 1] not in _FOLDS:
            if _NAME.match(block, start, stop):
                return found
            found = start
        stop = start - 1
    return 0 if end else -1


def unfold(value: str) -> str:
    """Take the line ends out of a folded value; tabs, which many mailers fold with, become spaces.

    RFC 5322 section 2.2.3.
    """
    return value.replace("\r\n", "").replace("\n", "").replace("\t", " ")


class HeaderBlock:
    """A header block that is searched by name, and cut into fields only on demand.

    It has one of two representations. The header of a message (2 kB) is copied in lower case,
    which takes 2 µs, and each name is searched in the copy in 1 to 3 µs; cutting it whole takes
    20 µs, more than reading From, Subject and Date. The header of a part (150 octets) is cut at
    once in 3 µs, less than the four searches that describing a part costs.

    Attributes:
        raw: The block from its first field on, without the empty line.
    """

    # raw         From: a@b.example LF Subject: Hello LF
    # _folded  LF from: a@b.example LF subject: hello LF LF
    #
    # In the copy every name is preceded by LF, the first one too, so that LF and the name are
    # searched as one string; and a name at the very end is followed by an octet. An offset in the
    # copy is one more than in `raw`. A short block has `_first` instead: the first value by name.
    __slots__ = ("_first", "_folded", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._first: dict[bytes, bytes] | None = None
        if len(raw) > _SHORT:
            self._folded = b"\n%b\n" % raw.lower()
        else:
            self._cut()

    def _cut(self) -> None:
        """Cut a short block at once."""
        # Of fields with one name the first counts: none that was added later can displace it.
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
            # "Subject : s" is obs-optional; "Subject-Line: s" is another field.
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
        """Find the colon after spaces in the copy; -1 if the name is longer, or another."""
        while self._folded[position] in _SPACES:
            position += 1
        return position if self._folded[position] == _COLON else -1

    def _value(self, position: int) -> bytes:
        """Return the value that begins at an offset in the copy."""
        # One octet to the left: the copy has an LF in front.
        raw = self.raw
        start = position - 1
        end = raw.find(b"\n", start)
        while end >= 0 and raw[end + 1 : end + 2] in _FOLDS:
            end = raw.find(b"\n", end + 1)
        return (raw[start:] if end < 0 else raw[start:end]).rstrip(b"\r\n")

    def fields(self) -> list[RawField]:
        """Cut the whole block into fields, in order; lines that are no field are left out."""
        return [
            RawField(name.rstrip().replace(b"\0", b""), value.rstrip(b"\r\n"))
            for name, value in _FIELDS.findall(self.raw)
        ]

    def texts(self, *, lone_cr: bool) -> list[tuple[str, str]]:
        """Cut a block that is ASCII into names and unfolded values as text.

        Args:
            lone_cr: The result of `has_lone_cr()`; without one, every CR can be dropped.
        """
        # Dropping single octets is faster than replacing pairs.
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
        """Whether a CR is anywhere else than before LF."""
        return _LONE_CR.search(self.raw) is not None

    def count(self) -> int:
        """Count the lines that begin a field, roughly and fast."""
        return self.raw.count(b"\n") - self.raw.count(b"\n ") - self.raw.count(b"\n\t")

    def check(self, report: DefectHandler) -> None:
        """Report everything in the block that is against the grammar."""
        # A line without a name is quirk junk-line: no pattern above finds it.
        for line in re.findall(_LINE, self.raw):
            if not line.strip():
                continue
            name = _NAME.match(line)
            if name is not None and name[2]:
                report(DefectKind.SPACE_BEFORE_COLON)
            elif name is None:
                loose = re.match(_LOOSE_NAME, line)
                report(DefectKind.BAD_HEADER_NAME if loose else DefectKind.JUNK_HEADER_LINE)
        if b"\0" in self.raw:
            report(DefectKind.NUL_IN_HEADER)
        if self.raw.count(b"\r") != self.raw.count(b"\r\n") + self.raw.endswith(b"\r"):
            report(DefectKind.BARE_CR_IN_HEADER)
