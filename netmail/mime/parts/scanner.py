"""The structure of a message: one pass over its octets into a flat list of parts.

This file knows boundaries and nesting; it decodes nothing. Deep messages cost no recursion: the
open multiparts are a list.
"""

import re

from netmail.errors import LimitError
from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.defects import DefectKind
from netmail.mime.fields import header_block
from netmail.mime.fields.content_type import (
    DIGEST,
    LEAF,
    MESSAGE,
    boundary_of,
    structure_of,
    transfer_encoding,
)
from netmail.mime.fields.header_block import HeaderBlock, OctetBuffer
from netmail.mime.parts.node import MessageIndex, PartNode

# The empty line after the header                             RFC 5322 section 2.1
# CR CR LF is what gateways make that add CR to every LF.
_EMPTY_LINE = re.compile(rb"\n\r*\n")

# The same as the first line: a part without header fields    RFC 2046 section 5.1
_NO_HEADER = re.compile(rb"\r*\n")

# dash-boundary = "--" boundary                               RFC 2046 section 5.1.1
# What may be one; two octets after LF are searched at 1 GB/s and more.
_DASHES = re.compile(rb"\n--")

# A line that looks like a boundary: at least 5 octets after "--", one of them no hyphen or space,
# and no "--" at its end. For multiparts whose boundary parameter is missing or wrong: quirk
# missing-boundary.
# Spaces inside are permitted (bchars, RFC 2046 section 5.1.1), and guessed after "=" only, with
# which no sentence begins.
# A string, as the next one: `re` compiles it at its first use.
_GUESS = rb"(?:\A|\n)(--(?:(?=-*[^\s-])[!-~]{4,200}|=[ -~]{2,198}[!-~])(?<!--))[ \t]*\r?\n"

# field-name *WSP ":"                                         RFC 5322 section 4.5.8
# A message that begins so is not base64, whatever its label says.
_FIELD_START = rb"[!-9;-~]+[ \t]*:"

_LINE_ENDS = (b"\n", b"\r")

_LINE = 1024
"""Longest line that can be a boundary. The grammar allows 70 octets; SMTP lines end at 998."""

_WINDOW = 65536
"""Octets in which a boundary to guess is searched."""


def fits_limits(size: int, limits: MessageLimits) -> bool:
    """Whether a message is too short to exceed any limit of count or size."""
    return size <= (_SHORTEST if limits is DEFAULT_LIMITS else _shortest(limits))


def _shortest(limits: MessageLimits) -> int:
    """Return how many octets a message must have at least to exceed a limit.

    A part takes four octets at least (its delimiter and a line end), and gives two nodes at most
    (in a digest, with the message in it); a field takes two (a colon and its line end).
    """
    least = min(limits.parts, limits.header_fields)
    return min(2 * least, limits.header_octets, limits.total_headers, limits.size)


_SHORTEST = _shortest(DEFAULT_LIMITS)


class Scanner:
    """One pass over a message.

    The constructor parses the top-level header only; `finish()` scans the body. It may be
    deferred if `fits_limits()` shows that no limit can be exceeded.

    Args:
        buffer: The message; lines end in LF or CRLF.
        limits: How much is scanned.

    Attributes:
        index: The parts found; its `stopped` names the limit that was exceeded, if any.
        root: The message's own node.
    """

    __slots__ = (
        "buffer",
        "closed",
        "delimiters",
        "empty_line",
        "end",
        "header_octets",
        "index",
        "limits",
        "open",
        "root",
    )

    def __init__(self, buffer: OctetBuffer, limits: MessageLimits) -> None:
        self.buffer = buffer
        self.limits = limits
        self.index = MessageIndex()
        self.end = len(buffer)
        self.header_octets = 0
        # The next empty line: its line feed, and the offset after it. Kept, since of parts
        # without one each would search the rest of the message for the same line.
        self.empty_line = (-1, -1)
        # The open nodes, outermost first, and for each delimiter the levels that it divides.
        self.open: list[PartNode] = []
        self.delimiters: dict[bytes, list[int]] = {}
        self.closed: set[bytes] = set()
        self.root = PartNode(0, self.end, None, "text/plain")
        try:
            self._add(self.root)
        except LimitError as error:
            self.index.stopped = str(error)

    def finish(self) -> MessageIndex:
        """Find every part."""
        if not self.index.stopped:
            try:
                self._scan()
            except LimitError as error:
                self.index.stopped = str(error)
        return self.index

    def _scan(self) -> None:
        self._open_content(self.root)
        if self.delimiters:
            self._divide(self.open[-1].body, self.end)
        if self.root.boundary or len(self.index.nodes) > 1 or self.index.defects:
            self._guess_boundaries()

    def _divide(self, start: int, end: int) -> None:
        """Divide the open multiparts at their delimiters: look at every line with two hyphens."""
        for match in _DASHES.finditer(self.buffer, max(start - 1, 0), end):
            position = match.start()
            # Lines inside a header were looked at when it was cut.
            if position + 1 >= self.open[-1].body and (self.delimiters or self.closed):
                line = self._line_at(position + 1)
                found = self._delimiter(line.rstrip())
                if found is not None:
                    self._end_part(position, line, *found)
        self._close(0, end)

    def _end_part(self, position: int, line: bytes, level: int, closing: bool) -> None:
        """End the part before a delimiter, and begin the next one after it."""
        # RFC 2046 section 5.1.1: "the CRLF preceding the boundary delimiter line is conceptually
        # attached to the boundary".
        before = self.buffer[max(position - 1, 0) : position]
        self._close(level + 1, position - 1 if before == b"\r" else position)
        node = self.open[level]
        if closing:
            self._remove_delimiter(node)
            self.closed.add(node.boundary)
            if not node.children:
                # Closed before its first part: it is empty, and no other boundary is guessed.
                node.boundary = b""
        else:
            following = min(position + 1 + len(line), self.end)
            self._begin_part(PartNode(following, self.end, node, node.child_default))

    def _line_at(self, start: int) -> bytes:
        newline = self.buffer.find(b"\n", start, start + _LINE)
        return self.buffer[start : start + _LINE if newline < 0 else newline + 1]

    def _delimiter(self, line: bytes) -> tuple[int, bool] | None:
        """Return the level of the open multipart that a line delimits, and whether it closes it."""
        levels = self.delimiters.get(line)
        if levels:
            return levels[-1], False
        # close-delimiter = delimiter "--"
        if line.endswith(b"--") and (levels := self.delimiters.get(line[:-2])):
            return levels[-1], True
        if line in self.closed:
            self._record(DefectKind.PART_AFTER_CLOSE, self.open[-1], self.open[-1].start)
            return None
        if not line.startswith(tuple(self.delimiters)):
            return None
        # RFC 2046 section 5.1.1: "it is sufficient that the boundary appear in its entirety
        # following the CRLF". Of boundaries that begin alike the longest counts, and only one that
        # ends there: "--bc" is not "--b". Text after it is quirk boundary-junk.
        for known in sorted(self.delimiters, key=len, reverse=True):
            rest = line[len(known) :]
            if line.startswith(known) and rest.startswith((b" ", b"\t", b"--")):
                self._record(DefectKind.BOUNDARY_JUNK, self.open[-1], self.open[-1].start)
                return self.delimiters[known][-1], rest.startswith(b"--")
        return None

    def _close(self, level: int, stop: int) -> None:
        """End everything open from a level on."""
        while len(self.open) > level:
            node = self.open[-1]
            # An empty part between two delimiters begins after the line end that is theirs.
            least = node.children[-1].end if node.children else node.body
            node.end = max(stop, least)
            # Ended by an outer boundary, or by the end of the message: quirk not-closed.
            if node.boundary and self._remove_delimiter(node) and node.children:
                self._record(DefectKind.NOT_CLOSED, node, node.start)
            self.open.pop()

    def _remove_delimiter(self, node: PartNode) -> bool:
        """Stop looking for a multipart's boundary; False if it was closed already."""
        levels = self.delimiters.get(node.boundary)
        if not levels or self.open[levels[-1]] is not node:
            return False
        levels.pop()
        if not levels:
            del self.delimiters[node.boundary]
        return True

    def _begin_part(self, node: PartNode) -> None:
        """Add the part that begins here, and the messages that begin directly inside it."""
        self._add(node)
        self._open_content(node)

    def _add(self, node: PartNode) -> None:
        if len(self.index.nodes) >= self.limits.parts:
            raise LimitError(f"more than {self.limits.parts} parts (MessageLimits.parts)")
        self.index.nodes.append(node)
        if node.parent is not None:
            node.parent.children.append(node)
        self.open.append(node)
        self._cut_header(node)

    def _open_content(self, node: PartNode) -> None:
        """Prepare the content of a composite part; of a message, its own part is added too."""
        while True:
            raw = node.block.first(b"content-type")
            if raw is None:
                node.message = node.default == "message/rfc822" and self._may_open(node)
            elif (structure := structure_of(raw)) != LEAF:
                self._open_composite(node, raw, structure)
            if not node.message:
                return
            node = PartNode(node.body, self.end, node, "text/plain")
            self._add(node)

    def _open_composite(self, node: PartNode, raw: bytes, structure: int) -> None:
        if structure == MESSAGE:
            node.message = self._is_unencoded(node) and self._may_open(node)
            return
        if not self._may_open(node):
            return
        # RFC 2046 section 5.1.5: in a digest "the default Content-Type value for a body part is
        # changed from "text/plain" to "message/rfc822"".
        node.child_default = "message/rfc822" if structure == DIGEST else "text/plain"
        boundary = boundary_of(raw)
        if not boundary:
            self._record(DefectKind.NO_BOUNDARY, node, node.start)
            node.undivided = True
            return
        node.boundary = b"--" + boundary
        self._end_header_at_boundary(node)
        self.delimiters.setdefault(node.boundary, []).append(len(self.open) - 1)
        self.closed.discard(node.boundary)

    def _end_header_at_boundary(self, node: PartNode) -> None:
        """End a header before the multipart's own first boundary: the empty line is missing."""
        block = node.block
        start = block.raw.find(b"\n" + node.boundary) + 1
        if start and self._line_at(node.head + start).rstrip() == node.boundary:
            self._record(DefectKind.NO_EMPTY_LINE, node, node.head + start)
            node.body = node.head + start
            node.block = HeaderBlock(block.raw[:start])

    def _is_unencoded(self, node: PartNode) -> bool:
        """Whether a nested message can be read in place: no base64 or quoted-printable."""
        encoding = transfer_encoding(node.block.first(b"content-transfer-encoding") or b"")
        if encoding in {"7bit", "8bit", "binary"}:
            return True
        return encoding == "base64" and bool(re.match(_FIELD_START, self._line_at(node.body)))

    def _may_open(self, node: PartNode) -> bool:
        """Whether a node may have children; one at the deepest level stays opaque."""
        if node.depth < self.limits.depth:
            return True
        self._record(DefectKind.TOO_DEEP, node, node.start)
        node.opaque = True
        return False

    def _cut_header(self, node: PartNode) -> None:
        """Cut the header of a part: its fields, and where its body begins."""
        limits = self.limits
        node.block, node.head, node.body, defects, complete = header_block.cut(
            self.buffer,
            node.start,
            self._header_ends,
            limits.header_octets,
            outermost=node.parent is None or node.parent.message,
        )
        for kind, offset in defects:
            self._record(kind, node, offset)
        if not complete:
            most = limits.header_octets
            raise LimitError(f"a header of more than {most} octets (MessageLimits.header_octets)")
        size = len(node.block.raw)
        self.header_octets += size
        if self.header_octets > limits.total_headers or size > limits.header_fields:
            self._check_counts(node.block)

    def _header_ends(self, head: int) -> tuple[int, int]:
        """Return the end of the header block and the offset of the body.

        RFC 2046 section 5.1.1: a part without an empty line is ended by the next delimiter.
        """
        if self.buffer[head : head + 1] in _LINE_ENDS:
            empty = _NO_HEADER.match(self.buffer, head)
            if empty is not None:
                return head, empty.end()
        if self.empty_line[0] < head:
            found = _EMPTY_LINE.search(self.buffer, head)
            self.empty_line = (found.start() + 1, found.end()) if found else (self.end, self.end)
        stop, body = self.empty_line
        if self.delimiters and self.buffer.find(b"--", head, stop) >= 0:
            for match in _DASHES.finditer(self.buffer, max(head - 1, 0), stop):
                start = match.start() + 1
                if self._delimiter(self._line_at(start).rstrip()) is not None:
                    return start, start
        return stop, body

    def _check_counts(self, block: HeaderBlock) -> None:
        if self.header_octets > self.limits.total_headers:
            most = self.limits.total_headers
            raise LimitError(f"headers of more than {most} octets (MessageLimits.total_headers)")
        fields = self.limits.header_fields
        if len(block.raw) > fields * 2 and block.count() > fields:
            raise LimitError(f"more than {fields} header fields (MessageLimits.header_fields)")

    def _guess_boundaries(self) -> None:
        """Divide multiparts whose boundary is missing or wrong by the one they begin with."""
        for node in tuple(self.index.nodes):
            if node.children or not (node.boundary or node.undivided):
                continue
            if node.boundary:
                self._record(DefectKind.BOUNDARY_NOT_FOUND, node, node.start)
            node.undivided = True
            guess = re.search(_GUESS, self.buffer[node.body : min(node.end, node.body + _WINDOW)])
            if guess is None:
                continue
            self._record(DefectKind.BOUNDARY_GUESSED, node, node.body + guess.start(1))
            node.boundary, node.undivided = guess[1], False
            self.open, self.delimiters, self.closed = [node], {guess[1]: [0]}, set()
            self.end = node.end
            self._divide(node.body, node.end)

    def _record(self, kind: DefectKind, node: PartNode, offset: int) -> None:
        """Keep a defect; one that comes again at once is the same line seen twice."""
        defect = (kind, node, offset)
        if defect not in self.index.defects[-4:]:
            self.index.defects.append(defect)
