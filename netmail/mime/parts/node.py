"""One part of a message by its places in the buffer, and the list of all of them.

This file knows no grammar: `index.py` fills these in, `part.py` reads them.
"""

import mmap
from dataclasses import dataclass, field

from netmail.mime.defects import DefectKind
from netmail.mime.fields.header_block import HeaderBlock

Buffer = bytes | mmap.mmap
"""What a message lies in: octets that do not change."""


class PartNode:
    """One part, by its places in the buffer.

    Attributes:
        start: Where the part begins.
        body: Where its body begins, after the blank line.
        end: Where its body ends: before the line end that belongs to the boundary.
        head: Where the first field begins: later than `start` after a byte order mark.
        block: Its header block.
        parent: The node that holds it; `None` for the message.
        children: The nodes in it.
        boundary: The delimiter line "--boundary" of a multipart; b"" for all other parts.
        depth: How many nodes hold it.
        number: Which of its parent's parts it is, from 1; 0 for the message.
        message: Whether it is a message/rfc822 whose message is its only child.
        opaque: Whether it was not looked into because it is too deep.
        undivided: Whether it calls itself multipart and no boundary divides it.
        default: The media type it has without a Content-Type.
        view: The `Part` that shows it, once somebody asked.
        child_default: The same for the parts in it: "message/rfc822" in a digest.
    """

    __slots__ = (
        "block",
        "body",
        "boundary",
        "child_default",
        "children",
        "default",
        "depth",
        "end",
        "head",
        "message",
        "number",
        "opaque",
        "parent",
        "start",
        "undivided",
        "view",
    )

    def __init__(self, start: int, end: int, parent: "PartNode | None", default: str) -> None:
        self.start = start
        self.head = start
        self.body = start
        self.end = end
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.number: int = len(parent.children) + 1 if parent else 0
        self.children: list[PartNode] = []
        self.boundary = b""
        self.message = False
        self.opaque = False
        self.undivided = False
        self.default = default
        self.child_default = "text/plain"
        self.block: HeaderBlock
        self.view: object = None


@dataclass(slots=True)
class MessageIndex:
    """A message's parts, as a flat list.

    Attributes:
        nodes: All parts, in the order found; the first is the message.
        faults: Faults of structure: kind, the node, and the octet.
        stopped: Why reading stopped before the end: a limit; "" if it did not.
    """

    nodes: list[PartNode] = field(default_factory=list)
    defects: list[tuple[DefectKind, PartNode, int]] = field(default_factory=list)
    stopped: str = ""
