"""One part of a message by its offsets in the buffer, and the list of all of them.

This file knows no grammar: `scanner.py` fills these in, `part.py` reads them.
"""

from netmail.mime.defects import DefectKind
from netmail.mime.fields.header_block import HeaderBlock


class PartNode:
    """One part, by its offsets in the buffer.

    Attributes:
        start: Offset of the part.
        body: Offset of its body, after the empty line.
        end: Offset after its body: before the line end that belongs to the boundary.
        head: Offset of its first field: later than `start` after a byte order mark.
        block: Its header block.
        parent: The node that contains it; `None` for the message.
        children: The nodes in it.
        boundary: The delimiter line "--boundary" of a multipart; b"" for all other parts.
        depth: How many nodes contain it.
        number: Which of its parent's parts it is, from 1; 0 for the message.
        message: Whether it is a message/rfc822 whose message is its only child.
        opaque: Whether its content was not scanned because it is nested too deep.
        undivided: Whether its type is multipart and no boundary divides it.
        default: The media type it has without a Content-Type.
        child_default: The same for the parts in it: "message/rfc822" in a digest.
        view: The `Part` that shows it, once it has been asked for.
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


class MessageIndex:
    """A message's parts, as a flat list.

    Attributes:
        nodes: All parts, in the order found; the first is the message.
        defects: Defects of structure: kind, node, and offset.
        stopped: The limit that ended the scan early, as a sentence; "" for none.
    """

    __slots__ = ("defects", "nodes", "stopped")

    def __init__(self) -> None:
        self.nodes: list[PartNode] = []
        self.defects: list[tuple[DefectKind, PartNode, int]] = []
        self.stopped = ""
