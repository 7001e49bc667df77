"""The compressed form of a stream's octets: DEFLATE in both directions.

This file must not know a socket, nor when compression begins: octets in, octets out.

RFC 4978 section 3: "the DEFLATE compressed data format as described in RFC 1951", without the
header and the checksum that zlib and gzip put around it.
"""

import zlib
from typing import Final

from netmail.errors import ProtocolError

_RAW: Final = -zlib.MAX_WBITS
"""Negative for zlib means RFC 1951 alone."""


class Deflate:
    """Both directions of one compressed stream.

    Args:
        received: Octets that the server has already sent in compressed form.
    """

    def __init__(self, received: bytes = b"") -> None:
        self._deflator = zlib.compressobj(wbits=_RAW)
        self._inflator = zlib.decompressobj(wbits=_RAW)
        self._compressed = received
        # Whether the inflator may hold output that did not fit into the last buffer.
        self._may_hold_output = bool(received)

    @property
    def has_input(self) -> bool:
        """Whether `inflate_into()` may have octets without more from the server."""
        return self._may_hold_output

    def compress(self, data: memoryview) -> bytes:
        """Return what to send for `data`; the server can read all of it at once."""
        # Without a flush zlib waits for more to compress, and the server for the command.
        return self._deflator.compress(data) + self._deflator.flush(zlib.Z_SYNC_FLUSH)

    def feed(self, octets: bytes) -> None:
        """Take octets that the server has sent; all earlier ones have been inflated."""
        self._compressed += octets
        self._may_hold_output = True

    def inflate_into(self, buffer: memoryview) -> int:
        """Write as many octets as fit into `buffer`; return how many; 0 if more input is needed.

        The buffer's size is what bounds a small input that inflates to very much.

        Raises:
            ProtocolError: If the input is not DEFLATE, or its end.
        """
        try:
            octets = self._inflator.decompress(self._compressed, len(buffer))
        except zlib.error as error:
            message = f"the compressed stream is broken ({error})"
            raise ProtocolError(message, self._compressed[:200]) from None
        self._compressed = self._inflator.unconsumed_tail
        self._may_hold_output = len(octets) == len(buffer)
        # RFC 1951 has an end of stream, RFC 4978 has none: only the connection's end is the end.
        if self._inflator.eof and not octets:
            raise ProtocolError("the compressed stream ended before the connection")
        buffer[: len(octets)] = octets
        return len(octets)
