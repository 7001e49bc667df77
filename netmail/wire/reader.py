"""The receive buffer: octets received and not yet parsed.

This file must not know a protocol, nor where octets come from: the driver writes into
`get_buffer()`, and a conversation takes lines and blocks out. It knows line ends and lengths.
"""

import re
from io import BytesIO
from typing import Final

from netmail.errors import ProtocolError
from netmail.limits import ServerLimits

INITIAL: Final = 1024
"""Octets of a new buffer: thousands of connections may wait, each for a line now and then."""

USUAL: Final = 64 * 1024
"""Octets of a buffer that was full once; one read from a socket seldom yields more."""

DIRECT: Final = 256 * 1024
"""Octets from which on a block is read into memory of its own, and not copied from the buffer."""

KEPT: Final = 1024 * 1024
"""Octets from which on an empty buffer is released: one large message must not cost for ever."""

# multi-line = single-line *dot-stuffed "." CRLF                          RFC 2449 section 3
_DOT_AFTER_CRLF: Final = re.compile(rb"\r\n(?P<dot>\.\r\n)")
# The same of a server that writes its lines with LF: a "+OK" LF, then lines of either kind.
_DOT_AFTER_LF: Final = re.compile(rb"\n(?P<dot>\.\r?\n)")


class Reader:
    """A growing buffer with limits.

    Attributes:
        limits: How much a line, a block or a body may have.
        eof: Whether the peer has closed; set by the driver.
        closing_text: The server's BYE or 421, kept for the error that reports the end.
        received: Octets received so far.
        consumed: Lines and blocks taken so far; the driver renews its deadline when it grows.
        bare_lf: Whether the last line ended in LF alone.
    """

    def __init__(self, limits: ServerLimits | None = None) -> None:
        self.limits = limits or ServerLimits()
        self.reset()

    def reset(self) -> None:
        """Drop everything, for a new connection."""
        self.eof = False
        self.closing_text = ""
        self.received = 0
        self.consumed = 0
        self.bare_lf = False
        self._buffer = bytearray(INITIAL)
        # One buffer for the whole connection: taking a line moves an offset, and copies the line
        # alone. The octets received and not taken are _buffer[_start:_end]; _buffer[_end:] is free.
        self._start = 0
        self._end = 0
        # No line end begins before this offset: a long line is not searched again and again.
        self._searched = 0
        self._block: _Block | None = None

    # -- the driver's side -------------------------------------------------------------------

    def get_buffer(self) -> memoryview:
        """Return the memory to receive into; it is never empty.

        The contract is that of `asyncio.BufferedProtocol`.
        """
        if self._block is not None and self._block.missing:
            return self._block.get_buffer()
        if self._end == len(self._buffer):
            self._make_room()
        return memoryview(self._buffer)[self._end :]

    def buffer_updated(self, count: int) -> None:
        """Record that `count` octets were received into `get_buffer()`; 0 is the end."""
        if count == 0:
            self.eof = True
        self.received += count
        if self._block is not None and self._block.missing:
            self._block.buffer_updated(count)
        else:
            self._end += count

    def feed(self, data: bytes) -> None:
        """Append octets, as a driver does."""
        rest = memoryview(data)
        while rest:
            with self.get_buffer() as free:
                count = min(len(free), len(rest))
                free[:count] = rest[:count]
            self.buffer_updated(count)
            rest = rest[count:]

    def release(self) -> None:
        """Give memory back before a long wait, if nothing is in the buffer."""
        if not self._end and len(self._buffer) > INITIAL:
            self._buffer = bytearray(INITIAL)

    # -- the conversation's side -------------------------------------------------------------

    @property
    def available(self) -> int:
        """How many octets are received and not taken."""
        return self._end - self._start

    def peek(self, limit: int = 200) -> bytes:
        """Return at most `limit` of the available octets without taking them."""
        return bytes(self._buffer[self._start : min(self._end, self._start + limit)])

    def skip(self, count: int) -> None:
        """Take octets that `peek()` has shown."""
        self._take_to(self._start + count)

    def take_all(self) -> bytes:
        """Take all available octets, for what follows in another form."""
        octets = self._copy(self._start, self._end)
        self._take_to(self._end)
        return octets

    def line(self) -> bytes | None:
        """Take one line without its CRLF; `None` if it is not complete.

        A line may end in LF alone: some servers send that, and no reply can hold a bare LF.

        Raises:
            ProtocolError: If the line is longer than `limits.line`.
        """
        if self._searched == self._end:
            return None  # nothing has arrived since the last search
        stop = self._buffer.find(b"\n", self._searched, self._end)
        if stop < 0:
            self._searched = self._end
            if self._end - self._start > self.limits.line:
                raise self._long_line()
            return None
        if stop - self._start > self.limits.line:
            raise self._long_line()
        # RFC 5321 section 2.3.8, RFC 9051 section 2.2: CRLF; but see the docstring.
        ends_in_cr = stop > self._start and self._buffer[stop - 1] == 13
        line = bytes(self._buffer[self._start : stop - 1 if ends_in_cr else stop])
        if stop + 1 == self._end:
            self._take_to(stop + 1)
        else:  # as there, without a call: most responses are many lines
            self.consumed += 1
            self._start = self._searched = stop + 1
        self.bare_lf = not ends_in_cr
        return line

    def exactly(self, size: int) -> bytes | None:
        """Take exactly `size` octets; `None` if not all are received.

        A large block is received into memory of its own, which grows with the octets: an announced
        size alone costs nothing.
        """
        if self._block is not None:
            return self._finish_block()
        if self._end - self._start >= size:
            block = self._copy(self._start, self._start + size)
            self._take_to(self._start + size)
            return block
        # What the buffer has of a large block is moved over; the rest never enters the buffer.
        if size >= DIRECT:
            self._block = _Block(size, memoryview(self._buffer)[self._start : self._end])
            self._start = self._end = self._searched = 0
        return None

    def some(self, limit: int) -> bytes | None:
        """Take what there is of a block, at most `limit` octets; `None` if nothing is.

        It is no progress by itself: a server that sends single octets must not prolong a deadline.
        """
        count = min(limit, self._end - self._start)
        if not count:
            return None
        piece = self._copy(self._start, self._start + count)
        self._take_to(self._start + count)
        self.consumed -= 1
        return piece

    def line_with_literal(
        self, pattern: re.Pattern[bytes], tail: bytes
    ) -> tuple[bytes, bytes] | None:
        """Take a line, the literal that it announces, and what must follow, if all are received.

        The fast path of `netmail.wire.imap.fragments`, which explains it, for FETCH responses by
        the ten thousand. If it returns `None`, `line()` and `exactly()` take the same octets.

        Args:
            pattern: Matches the line with its line end; its groups are the text to return, and the
                number of octets in the literal.
            tail: The octets that must follow the literal.

        Returns:
            The text and the literal; `None` if they are not complete, or look different.
        """
        # A pattern matches a bytearray in place: nothing is copied unless everything has arrived.
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

    def lines_with_literals(
        self, pattern: re.Pattern[bytes], tail: bytes
    ) -> list[tuple[bytes, ...]]:
        """Take lines as long as they match, each with the literal that it announces.

        The same as `line_with_literal()`, for all responses that have arrived at once.

        Args:
            pattern: Matches a line with its line end; its groups are the text, the number of octets
                in the literal that follows, and more text where none follows.
            tail: What must follow a literal; its line end is not returned.

        Returns:
            The text, or the text, the literal and the tail.
        """
        # What does not match, or has not arrived as a whole, stays for `line()` and `exactly()`,
        # which know the limits of a line.
        match, buffer, at = pattern.match, self._buffer, self._start
        found: list[tuple[bytes, ...]] = []
        end, limit = self._end, self.limits.literal
        text_tail = tail.removesuffix(b"\r\n")
        while (line := match(buffer, at, end)) is not None:
            text, digits, more = line.groups()
            stop = line.end()
            if digits is None:
                found.append((text + more,) if more else (text,))
                at = stop
                continue
            begin, stop = stop, stop + int(digits)
            if stop + len(tail) > end or stop - begin > limit or not buffer.startswith(tail, stop):
                break
            found.append((text, self._copy(begin, stop), text_tail))
            at = stop + len(tail)
        if found:
            self._take_to(at)
        return found

    def dot_terminated(self, *, bare_lf: bool = False) -> bytes | None:
        """Take a body up to the line with a single dot, without it; `None` if not complete.

        Args:
            bare_lf: Whether LF alone ends a line too. If false, only CRLF "." CRLF ends the body.

        Raises:
            ProtocolError: If it is longer than `limits.literal`.
        """
        # An empty body begins with the dot; elsewhere the dot follows a line end.
        head = bytes(self._buffer[self._start : min(self._end, self._start + 3)])
        if head == b".\r\n" or (bare_lf and head[:2] == b".\n"):
            self._take_to(self._start + head.index(b"\n") + 1)
            return b""
        # RFC 1939 section 3: the body ends in CRLF "." CRLF. A bare LF does not end a line here:
        # it may be part of the message, and cutting there would lose the rest.
        mark = _DOT_AFTER_LF if bare_lf else _DOT_AFTER_CRLF
        if found := mark.search(self._buffer, self._searched, self._end):
            stop, after = found.start("dot"), found.end()
            self._check_body(stop - self._start)
            body = self._copy(self._start, stop)
            self._take_to(after)
            return body
        # The last four octets may begin the mark that the next octets complete.
        self._searched = max(self._start, self._end - 4)
        self._check_body(self._end - self._start)
        return None

    def dot_terminated_part(
        self, *, bare_lf: bool = False, begins: bool = False
    ) -> tuple[bytes, bool] | None:
        """Take what there is of a body up to the line with a single dot.

        It is no progress by itself, as in `some()`.

        Args:
            bare_lf: As for `dot_terminated()`.
            begins: Whether nothing of the body was taken before.

        Returns:
            The octets, and whether they are its last; `None` if none are certain to belong to it.
        """
        head = bytes(self._buffer[self._start : min(self._end, self._start + 3)])
        if begins and (head == b".\r\n" or (bare_lf and head[:2] == b".\n")):
            self._take_to(self._start + head.index(b"\n") + 1)
            return b"", True
        mark = _DOT_AFTER_LF if bare_lf else _DOT_AFTER_CRLF
        found = mark.search(self._buffer, self._start, self._end)
        # The last four octets may begin the mark that the next octets complete. All others can be
        # taken: the search never comes back to them.
        stop = found.start("dot") if found else self._end - 4
        if stop <= self._start:
            return None
        part = self._copy(self._start, stop)
        self._take_to(found.end() if found else stop)
        self.consumed -= not found
        return part, found is not None

    # -- inside ------------------------------------------------------------------------------

    def _long_line(self) -> ProtocolError:
        message = f"a line of more than {self.limits.line} octets; raise limits.line if meant"
        return ProtocolError(message, self.peek(), "CRLF")

    def _check_body(self, length: int) -> None:
        if length > self.limits.literal:
            limit = self.limits.literal
            message = f"a body of more than {limit} octets; raise limits.literal if it is meant"
            raise ProtocolError(message, self.peek(), "a line with a single dot")

    def _copy(self, start: int, stop: int) -> bytes:
        """Copy octets once; a slice of a bytearray is a copy, and `bytes()` of it a second one."""
        with memoryview(self._buffer) as view:
            return bytes(view[start:stop])

    def _take_to(self, stop: int) -> None:
        self.consumed += 1
        self._start = self._searched = stop
        # Everything is taken: the buffer begins again at its front, which costs no copy.
        if stop == self._end:
            self._start = self._end = self._searched = 0
            size = len(self._buffer)
            if size > KEPT or stop == size < USUAL:
                self._buffer = bytearray(USUAL)

    def _finish_block(self) -> bytes | None:
        if self._block is None or self._block.missing:
            return None
        block, self._block = self._block.value(), None
        self.consumed += 1
        return block

    def _make_room(self) -> None:
        """Move the available octets to the front, or into a buffer twice as large."""
        # Doubling makes the copies linear in what is received; moving to the front is enough if
        # less than half is in use.
        kept = self._buffer[self._start : self._end]
        if len(self._buffer) < USUAL:
            self._buffer = kept + bytearray(USUAL - len(kept))
        elif len(kept) * 2 > len(self._buffer):
            self._buffer = kept + bytearray(len(self._buffer))
        else:
            self._buffer[: len(kept)] = kept
        self._searched -= self._start
        self._start, self._end = 0, len(kept)


class _Block:
    """One large block while it is received; `BytesIO` hands its memory over without a copy."""

    def __init__(self, size: int, head: memoryview) -> None:
        self.missing = size - len(head)
        self._size = size
        self._have = len(head)
        self._memory = BytesIO()
        self._memory.write(head)

    def get_buffer(self) -> memoryview:
        if self._have == len(self._memory.getbuffer()):
            # Doubled as octets arrive, and never beyond the announced size: a server that
            # announces a gigabyte and sends ten octets costs DIRECT.
            grown = min(self._size, max(DIRECT, 2 * self._have))
            self._memory.seek(grown - 1)
            self._memory.write(b"\0")
        return self._memory.getbuffer()[self._have :]

    def buffer_updated(self, count: int) -> None:
        self._have += count
        self.missing -= count

    def value(self) -> bytes:
        return self._memory.getvalue()
