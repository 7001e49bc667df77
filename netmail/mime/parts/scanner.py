"""The structure of a message: one pass over its octets into a flat list of parts.

This file knows boundaries and nesting; it decodes nothing. Deep messages cost no recursion:
what is open stands in a list.
"""

import re

from netmail.errors import LimitError
from netmail.limits import MessageLimits
from netmail.mime.defects import DefectHandler, DefectKind
from netmail.mime.fields.content_type import (
    DIGEST,
    LEAF,
    MESSAGE,
    boundary_of,
    structure_of,
    transfer_encoding,
)
from netmail.mime.fields.header_block import (
    USUAL,
    HeaderBlock,
    body_line,
    first_text_line,
    prologue,
    usual_block,
)
from netmail.mime.parts.node import Buffer, MessageIndex, PartNode

_BLANK = re.compile(rb"\n\r*\n")
_EMPTY = re.compile(rb"\r*\n")
_DASHES = re.compile(rb"\n--")
_GUESS = re.compile(rb"(?:\A|\n)(--(?=-*[^\s-])[!-~]{4,200}(?<!--))[ \t]*\r?\n")
_FIELD_START = re.compile(rb"[!-9;-~]+[ \t]*:")

_LINE_ENDS = (b"\n", b"\r")

_LINE = 1024
"""Longest line that can be a boundary. The grammar allows 70 octets; SMTP lines end at 998."""

_WINDOW = 65536
"""Octets in which what stands before the header, or a boundary to guess, is looked for."""


def within(size: int, limits: MessageLimits) -> bool:
    """Whether a message is too short to pass any limit of count or size.

    A part takes four octets at least (its delimiter and a line end), and gives two nodes at most
    (in a digest, with the message in it); a field takes two (a colon and its line end).
    """
    least = min(limits.parts, limits.header_fields)
    return size <= min(2 * least, limits.header_octets, limits.total_headers, limits.size)


class Scanner:
    """One pass over a message.

    Made, it has cut the header of the message; `finish()` finds everything else. Between the
    two nobody needs to wait where `within()` says that no limit can be passed.

    Args:
        buffer: The message; lines end in LF or CRLF.
        limits: How much is looked at.

    Attributes:
        index: What was found; its `stopped` says whether a limit was passed, and which.
        root: The message's own node.
    """

    __slots__ = (
        "blank",
        "buffer",
        "closed",
        "delimiters",
        "end",
        "headers",
        "index",
        "limits",
        "open",
        "root",
    )

    def __init__(self, buffer: Buffer, limits: MessageLimits) -> None:
        self.buffer = buffer
        self.limits = limits
        self.index = MessageIndex()
        self.end = len(buffer)
        self.headers = 0
        # The next blank line that was found, so that none is looked for twice.
        self.blank = (-1, -1)
        # What is open, outermost first, and the levels of it that each delimiter divides.
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
                self._run()
            except LimitError as error:
                self.index.stopped = str(error)
        return self.index

    def _run(self) -> None:
        self._look_inside(self.root)
        if self.delimiters:
            self._divide(self.open[-1].body, self.end)
        if self.root.boundary or len(self.index.nodes) > 1 or self.index.defects:
            self._retry()

    def _divide(self, start: int, end: int) -> None:
        """Look at every line that may be a boundary."""
        for match in _DASHES.finditer(self.buffer, max(start - 1, 0), end):
            position = match.start()
            # Lines inside a header were looked at when it was cut.
            if position + 1 >= self.open[-1].body and (self.delimiters or self.closed):
                line = self._line_at(position + 1)
                found = self._delimiter(line.rstrip())
                if found is not None:
                    self._line(position, line, *found)
        self._close(0, end)

    def _line(self, position: int, line: bytes, level: int, closing: bool) -> None:
        """Go on after a boundary."""
        before = self.buffer[max(position - 1, 0) : position]
        self._close(level + 1, position - 1 if before == b"\r" else position)
        node = self.open[level]
        if closing:
            self._forget(node)
            self.closed.add(node.boundary)
            if not node.children:
                # Closed before it began: it is empty, and no other boundary is looked for.
                node.boundary = b""
        else:
            following = min(position + 1 + len(line), self.end)
            self._enter(PartNode(following, self.end, node, node.child_default))

    def _line_at(self, start: int) -> bytes:
        newline = self.buffer.find(b"\n", start, start + _LINE)
        return self.buffer[start : start + _LINE if newline < 0 else newline + 1]

    def _delimiter(self, line: bytes) -> tuple[int, bool] | None:
        """Which open multipart a line delimits, and whether it closes it."""
        levels = self.delimiters.get(line)
        if levels:
            return levels[-1], False
        if line.endswith(b"--") and (levels := self.delimiters.get(line[:-2])):
            return levels[-1], True
        if line in self.closed:
            self._fault(DefectKind.PART_AFTER_CLOSE, self.open[-1], self.open[-1].start)
            return None
        if not line.startswith(tuple(self.delimiters)):
            return None
        # RFC 2046 5.1.1 wants the beginning compared; the longest one that ends a word is meant.
        for known in sorted(self.delimiters, key=len, reverse=True):
            rest = line[len(known) :]
            if line.startswith(known) and rest.startswith((b" ", b"\t", b"--")):
                self._fault(DefectKind.BOUNDARY_JUNK, self.open[-1], self.open[-1].start)
                return self.delimiters[known][-1], rest.startswith(b"--")
        return None

    def _close(self, level: int, stop: int) -> None:
        """End everything open from a level on."""
        while len(self.open) > level:
            node = self.open[-1]
            # An empty part between two delimiters begins after the line end that is theirs.
            least = node.children[-1].end if node.children else node.body
            node.end = max(stop, least)
            if node.boundary and self._forget(node) and node.children:
                self._fault(DefectKind.NOT_CLOSED, node, node.start)
            self.open.pop()

    def _forget(self, node: PartNode) -> bool:
        """Take a multipart's boundary off the list; False if it was closed already."""
        levels = self.delimiters.get(node.boundary)
        if not levels or self.open[levels[-1]] is not node:
            return False
        levels.pop()
        if not levels:
            del self.delimiters[node.boundary]
        return True

    def _enter(self, node: PartNode) -> None:
        """Add the part that begins here, and the messages that begin directly inside it."""
        self._add(node)
        self._look_inside(node)

    def _add(self, node: PartNode) -> None:
        if len(self.index.nodes) >= self.limits.parts:
            raise LimitError(f"more than {self.limits.parts} parts (MessageLimits.parts)")
        self.index.nodes.append(node)
        if node.parent is not None:
            node.parent.children.append(node)
        self.open.append(node)
        self._cut_header(node)

    def _look_inside(self, node: PartNode) -> None:
        """See what a part may hold; of a message, its own part is added and looked into."""
        while True:
            raw = node.block.first(b"content-type")
            if raw is None:
                node.message = node.default == "message/rfc822" and self._descends(node)
            elif (structure := structure_of(raw)) != LEAF:
                self._composite(node, raw, structure)
            if not node.message:
                return
            node = PartNode(node.body, self.end, node, "text/plain")
            self._add(node)

    def _composite(self, node: PartNode, raw: bytes, structure: int) -> None:
        if structure == MESSAGE:
            node.message = self._is_plain(node) and self._descends(node)
            return
        if not self._descends(node):
            return
        node.child_default = "message/rfc822" if structure == DIGEST else "text/plain"
        boundary = boundary_of(raw)
        if not boundary:
            self._fault(DefectKind.NO_BOUNDARY, node, node.start)
            node.undivided = True
            return
        node.boundary = b"--" + boundary
        self._uncover(node)
        self.delimiters.setdefault(node.boundary, []).append(len(self.open) - 1)
        self.closed.discard(node.boundary)

    def _uncover(self, node: PartNode) -> None:
        """End a header before the multipart's own first boundary: the blank line is missing."""
        block = node.block
        start = block.raw.find(b"\n" + node.boundary) + 1
        if start and self._line_at(node.head + start).rstrip() == node.boundary:
            self._fault(DefectKind.NO_EMPTY_LINE, node, node.head + start)
            node.body = node.head + start
            node.block = HeaderBlock(block.raw[:start])

    def _is_plain(self, node: PartNode) -> bool:
        """Whether a nested message stands there as it is, not base64 or quoted-printable."""
        encoding = transfer_encoding(node.block.first(b"content-transfer-encoding") or b"")
        if encoding in {"7bit", "8bit", "binary"}:
            return True
        return encoding == "base64" and bool(_FIELD_START.match(self._line_at(node.body)))

    def _descends(self, node: PartNode) -> bool:
        if node.depth < self.limits.depth:
            return True
        self._fault(DefectKind.TOO_DEEP, node, node.start)
        node.opaque = True
        return False

    def _cut_header(self, node: PartNode) -> None:
        """Find where a part's header ends and its body begins."""
        head = node.start
        first = self.buffer[head : head + 5]
        plain = first[:1].isalpha() and first != b"From "
        if not plain and (node.parent is None or node.parent.message):
            head += prologue(self.buffer[head : head + _WINDOW], self._at(node))
        stop, node.body = self._header_end(head)
        most = self.limits.header_octets
        block = self.buffer[head:stop] if stop - head <= most else self._too_long(node, head)
        if not plain and not block[:1].isalpha():
            skipped = prologue(block, self._at(node))
            head, block = head + skipped, block[skipped:]
        node.head = head
        if len(block) <= USUAL:
            node.block, text = usual_block(block)
        else:
            node.block, text = HeaderBlock(block), body_line(block)
        if text >= 0:
            self._fault(DefectKind.NO_EMPTY_LINE, node, head + text)
            node.body = head + text
            node.block = HeaderBlock(block[:text])
        self.headers += len(block)
        if self.headers > self.limits.total_headers or len(block) > self.limits.header_fields:
            self._count(node.block)

    def _header_end(self, head: int) -> tuple[int, int]:
        """The ends of the header block and of the blank line after it."""
        if self.buffer[head : head + 1] in _LINE_ENDS:
            empty = _EMPTY.match(self.buffer, head)
            if empty is not None:
                return head, empty.end()
        if self.blank[0] < head:
            blank = _BLANK.search(self.buffer, head)
            self.blank = (blank.start() + 1, blank.end()) if blank else (self.end, self.end)
        stop, body = self.blank
        if self.delimiters and self.buffer.find(b"--", head, stop) >= 0:
            for match in _DASHES.finditer(self.buffer, max(head - 1, 0), stop):
                start = match.start() + 1
                if self._delimiter(self._line_at(start).rstrip()) is not None:
                    return start, start
        return stop, body

    def _too_long(self, node: PartNode, head: int) -> bytes:
        """Cut a header that is too long at its first line of text: that is a missing blank line."""
        most = self.limits.header_octets
        block = self.buffer[head : head + most]
        node.block = HeaderBlock(block)
        text = first_text_line(block)
        if text < 0:
            raise LimitError(f"a header of more than {most} octets (MessageLimits.header_octets)")
        return block[: text + 1]

    def _count(self, block: HeaderBlock) -> None:
        if self.headers > self.limits.total_headers:
            most = self.limits.total_headers
            raise LimitError(f"headers of more than {most} octets (MessageLimits.total_headers)")
        fields = self.limits.header_fields
        if len(block.raw) > fields * 2 and block.count() > fields:
            raise LimitError(f"more than {fields} header fields (MessageLimits.header_fields)")

    def _retry(self) -> None:
        """Divide multiparts whose boundary is missing or wrong by the one they begin with."""
        for node in tuple(self.index.nodes):
            if node.children or not (node.boundary or node.undivided):
                continue
            if node.boundary:
                self._fault(DefectKind.BOUNDARY_NOT_FOUND, node, node.start)
            node.undivided = True
            guess = _GUESS.search(self.buffer[node.body : min(node.end, node.body + _WINDOW)])
            if guess is None:
                continue
            self._fault(DefectKind.BOUNDARY_GUESSED, node, node.body + guess.start(1))
            node.boundary, node.undivided = guess[1], False
            self.open, self.delimiters, self.closed = [node], {guess[1]: [0]}, set()
            self.end = node.end
            self._divide(node.body, node.end)

    def _fault(self, kind: DefectKind, node: PartNode, offset: int) -> None:
        fault = (kind, node, offset)
        if fault not in self.index.defects[-4:]:
            self.index.defects.append(fault)

    def _at(self, node: PartNode) -> DefectHandler:
        return lambda kind: self._fault(kind, node, node.start)
