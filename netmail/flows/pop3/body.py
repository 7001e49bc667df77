"""The body of one reply, taken piece by piece while it comes.

This file knows where a body ends, and not what is in it.

RFC 1939 section 3.
"""

from typing import Final

from netmail.errors import ConnectionLost, ProtocolError
from netmail.flows.flow import RECEIVE, Close, Flow, connection_lost, receive
from netmail.wire import dot
from netmail.wire.reader import Reader

MAX_LEFT: Final = 16 * 1024 * 1024
"""Octets that are read and dropped after a caller has left; to connect again costs less than to
wait for more."""


class Body:
    """The body after a +OK line that the reader has just taken.

    Attributes:
        is_done: Whether its last piece was taken.
        octets: How many were taken so far, dot-stuffing undone.
    """

    def __init__(self, reader: Reader) -> None:
        self.is_done = False
        self.octets = 0
        self._reader = reader
        # As in `Pop3Session.read_body()`: the +OK line shows how lines end.
        self._bare_lf = reader.bare_lf
        self._unstuffing = dot.Unstuffing(bare_lf=self._bare_lf)
        self._begins = True

    def next(self) -> Flow[bytes]:
        """Wait for a piece and return it; the last one may be empty.

        Raises:
            ConnectionLost: If the connection ends before the body does.
            ProtocolError: If the body is longer than `limits.literal`.

        RFC 1939 section 3.
        """
        return (yield from receive(self._reader, self._take))

    def drop(self) -> Flow[None]:
        """Read the rest, and keep nothing; close the connection where that is too much."""
        begun = self._reader.received
        while not self.is_done:
            if self._take() is not None:
                continue
            if self._reader.eof:
                raise connection_lost(self._reader)
            if self._reader.received - begun > MAX_LEFT:
                message = f"the rest of a reply was over {MAX_LEFT} octets"
                yield Close(ConnectionLost(f"{message}; call connect() to reconnect"))
                return
            yield RECEIVE

    def _take(self) -> bytes | None:
        # "When all lines of the response have been sent, a final line is sent, consisting of a
        # termination octet (decimal code 046, ".") and a CRLF pair."            RFC 1939 section 3
        part = self._reader.dot_terminated_part(bare_lf=self._bare_lf, begins=self._begins)
        if part is None:
            return None
        piece, self.is_done = part
        self._begins = False
        piece = self._unstuffing.add(piece)
        self.octets += len(piece)
        # "Responses to certain commands are multi-line", of any length, RFC 1939 section 3: without
        # a limit a server could fill a disk.
        limit = self._reader.limits.literal
        if self.octets > limit:
            message = f"a body of more than {limit} octets; raise limits.literal if it is meant"
            raise ProtocolError(message, piece, "a line with a single dot")
        return piece
