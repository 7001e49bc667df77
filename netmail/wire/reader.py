"""The octets that have arrived and are not yet understood.

This file knows line ends and lengths, and neither a protocol nor where octets come from: the
driver writes straight into `get_buffer()`, a conversation takes lines and blocks out.
"""

import re
from io import BytesIO

from netmail.errors import ProtocolError
from netmail.limits import ServerLimits

INITIAL = 64 * 1024
"""Octets of buffer to begin with; a socket seldom yields more in one read."""

DIRECT = 256 * 1024
"""From this size on, a block is read straight into its own memory instead of the buffer."""

KEPT = 1024 * 1024
"""An empty buffer that is larger is given back: one large message must not cost for ever."""


class Reader:
    """A growing buffer with limits.

    Attributes:
        eof: Set by the driver when the peer has closed; nothing more will come.
        closing_text: The server's BYE or 421, kept for the error that follows it.
        received: Octets that have come in so far.
        consumed: Lines and blocks taken out so far; the deadline is renewed when it grows.
    """

    def __init__(self, limits: ServerLimits | None = None) -> None:
        self.limits = limits or ServerLimits()
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new connection begins."""
        self.eof = False
        self.closing_text = ""
        self.received = 0
        self.consumed = 0
        self._buffer = bytearray(INITIAL)
        self._start = 0  # the first octet that was not taken
        self._end = 0  # behind the last octet that arrived
        self._searched = 0  # no line end begins before this one
        self._block: _Block | None = None

    # -- the driver's side -------------------------------------------------------------------

    def get_buffer(self) -> memoryview:
        """Give the memory to read into; never empty."""
        if self._block is not None and self._block.missing:
            return self._block.get_buffer()
        if self._end == len(self._buffer):
            self._make_room()
        return memoryview(self._buffer)[self._end :]

    def buffer_updated(self, count: int) -> None:
        """Note that `count` octets were read into `get_buffer()`."""
        self.received += count
        if self._block is not None and self._block.missing:
            self._block.buffer_updated(count)
        else:
            self._end += count

    def feed(self, data: bytes) -> None:
        """Put octets in, as a driver would."""
        rest = memoryview(data)
        while rest:
            with self.get_buffer() as room:
                count = min(len(room), len(rest))
                room[:count] = rest[:count]
            self.buffer_updated(count)
            rest = rest[count:]

    # -- the conversation's side -------------------------------------------------------------

    @property
    def available(self) -> int:
        """How many octets have arrived and were not taken."""
        return self._end - self._start

    def peek(self) -> bytes:
        """Show the octets that wait, at most 200, without taking them."""
        return bytes(self._buffer[self._start : min(self._end, self._start + 200)])

    def line(self) -> bytes | None:
        """Take one line without its CRLF; `None` if it is not whole yet.

        A line may end in LF alone: some servers do that, and no reply can hold a bare LF.

        Raises:
            ProtocolError: If the line is longer than `limits.line`.
        """
        stop = self._buffer.find(b"\n", self._searched, self._end)
        if stop < 0:
            self._searched = self._end
            self._check_line(self._end - self._start)
            return None
        self._check_line(stop - self._start)
        ends_in_cr = stop > self._start and self._buffer[stop - 1] == 13
        line = bytes(self._buffer[self._start : stop - 1 if ends_in_cr else stop])
        self._take_to(stop + 1)
        return line

    def exactly(self, size: int) -> bytes | None:
        """Take exactly `size` octets; `None` if they are not all there yet.

        Large blocks are read straight into memory of their own, which grows as octets arrive, so
        an announced size alone costs nothing.
        """
        if self._block is not None:
            return self._finish_block()
        if self._end - self._start >= size:
            block = self._copy(self._start, self._start + size)
            self._take_to(self._start + size)
            return block
        if size >= DIRECT:
            self._block = _Block(size, memoryview(self._buffer)[self._start : self._end])
            self._start = self._end = self._searched = 0
        return None

    def line_with_literal(
        self, pattern: re.Pattern[bytes], tail: bytes
    ) -> tuple[bytes, bytes] | None:
        """Take a text, the octets that it announces, and what must follow, if all have arrived.

        A short way for what comes by the ten thousand; where it finds nothing, `line()` and
        `exactly()` take the same.

        Args:
            pattern: Matches the text with its line end; its groups are what to return of it, and
                how many octets follow.
            tail: What must stand behind them.

        Returns:
            The text and the octets.
        """
        found = pattern.match(self._buffer, self._start, self._end)
        if found is None:
            return None
        text, digits = found.groups()
        begin = found.end()
        stop = begin + int(digits)
        after = stop + len(tail)
        if after > self._end or stop - begin > self.limits.literal:
            return None
        if not self._buffer.startswith(tail, stop):
            return None
        block = self._copy(begin, stop)
        self._take_to(after)
        return text, block

    def dot_terminated(self) -> bytes | None:
        """Take a body that a line with a single dot ends, without that line; `None` if not whole.

        Raises:
            ProtocolError: If it is longer than `limits.literal`.
        """
        begun = bytes(self._buffer[self._start : min(self._end, self._start + 3)])
        if begun == b".\r\n":
            self._take_to(self._start + 3)
            return b""
        at = self._buffer.find(b"\r\n.\r\n", self._searched, self._end)
        if at >= 0:
            self._check_body(at + 2 - self._start)
            body = self._copy(self._start, at + 2)
            self._take_to(at + 5)
            return body
        self._searched = max(self._start, self._end - 4)
        self._check_body(self._end - self._start)
        return None

    # -- inside ------------------------------------------------------------------------------

    def _check_line(self, length: int) -> None:
        if length > self.limits.line:
            message = f"a line of more than {self.limits.line} octets; raise limits.line if meant"
            raise ProtocolError(message, self.peek(), "CRLF")

    def _check_body(self, length: int) -> None:
        if length > self.limits.literal:
            limit = self.limits.literal
            message = f"a body of more than {limit} octets; raise limits.literal if it is meant"
            raise ProtocolError(message, self.peek(), "a line with a single dot")

    def _copy(self, start: int, stop: int) -> bytes:
        """Copy octets once; a slice of the buffer itself would be a copy already."""
        with memoryview(self._buffer) as view:
            return bytes(view[start:stop])

    def _take_to(self, stop: int) -> None:
        self.consumed += 1
        self._start = self._searched = stop
        if stop == self._end:
            self._start = self._end = self._searched = 0
            if len(self._buffer) > KEPT:
                self._buffer = bytearray(INITIAL)

    def _finish_block(self) -> bytes | None:
        if self._block is None or self._block.missing:
            return None
        block, self._block = self._block.value(), None
        self.consumed += 1
        return block

    def _make_room(self) -> None:
        """Move what waits to the front, or into a buffer twice as large."""
        waiting = self._buffer[self._start : self._end]
        if len(waiting) * 2 > len(self._buffer):
            self._buffer = waiting + bytearray(len(self._buffer))
        else:
            self._buffer[: len(waiting)] = waiting
        self._searched -= self._start
        self._start, self._end = 0, len(waiting)


class _Block:
    """One large block in the making; `BytesIO` gives its memory away without a copy."""

    def __init__(self, size: int, begun: memoryview) -> None:
        self.missing = size - len(begun)
        self._size = size
        self._have = len(begun)
        self._memory = BytesIO()
        self._memory.write(begun)

    def get_buffer(self) -> memoryview:
        if self._have == len(self._memory.getbuffer()):
            grown = min(self._size, max(DIRECT, 2 * self._have))
            self._memory.seek(grown - 1)
            self._memory.write(b"\0")
        return self._memory.getbuffer()[self._have :]

    def buffer_updated(self, count: int) -> None:
        self._have += count
        self.missing -= count

    def value(self) -> bytes:
        return self._memory.getvalue()
