"""A message that is sent in pieces: measured first, and read a second time when it is sent.

This file knows octets and line ends, and neither a protocol nor where the octets come from.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from netmail.errors import MessageError
from netmail.results.callbacks import call
from netmail.wire import dot

if TYPE_CHECKING:
    from netmail.flows.file_target import OnProgress
    from netmail.mime.writer.content import Content

MAX_HEADER: Final = 1024 * 1024
"""Octets of a header that are looked at: a file without an empty line must not fill memory."""


class Measure(NamedTuple):
    """What is known of a message before it is sent.

    Attributes:
        size: How many octets it has with CRLF line ends.
        raw_size: How many it has as it is.
        has_nul: Whether one of them is NUL.
        header: Its header with CRLF line ends, as far as `MAX_HEADER`.
    """

    size: int
    raw_size: int
    has_nul: bool
    header: bytes


def measure(blocks: Iterable[bytes]) -> Measure:
    """Read a message once; no more of it than its header and a block is in memory.

    RFC 5322 section 2.1: the header ends at the first empty line.
    """
    raw_size, size, has_nul = 0, 0, False
    header, end = bytearray(), -1

    def counted() -> Iterator[bytes]:
        nonlocal raw_size, has_nul
        for block in blocks:
            raw_size += len(block)
            has_nul = has_nul or b"\0" in block
            yield block

    for piece in dot.crlf_pieces(counted()):
        size += len(piece)
        # message = (fields / obs-fields) [CRLF body]
        if end < 0 and len(header) < MAX_HEADER:
            begin = max(0, len(header) - 3)
            header += piece[:MAX_HEADER]
            end = header.find(b"\r\n\r\n", begin)
    return Measure(size, raw_size, has_nul, bytes(header if end < 0 else header[:end]))


class MeasuredPieces:
    """The octets of a message that was measured, as they are sent.

    Args:
        content: The message.
        size: How many octets were announced.
        is_raw: Whether they are sent as they are, and not with CRLF line ends.
        progress: Called after each piece; `None` for no call.

    Attributes:
        size: How many octets were announced.
    """

    __slots__ = ("_content", "_is_raw", "_progress", "size")

    def __init__(
        self, content: "Content", size: int, *, is_raw: bool, progress: "OnProgress | None" = None
    ) -> None:
        self.size = size
        self._content = content
        self._is_raw = is_raw
        self._progress = progress

    def pieces(self) -> Iterator[bytes]:
        """Yield the octets; the next is read when the one before it was sent.

        Raises:
            MessageError: If they are other octets than were measured: the server waits for the
                number that was announced, so the connection cannot be used any more.
        """
        done = 0
        blocks = self._content.blocks()
        for piece in blocks if self._is_raw else dot.crlf_pieces(blocks):
            done += len(piece)
            if done > self.size:
                break
            yield piece
            if self._progress is not None:
                call(self._progress, done, self.size)
        if done != self.size:
            raise MessageError("the message has changed between measuring and sending it")
