"""Bodies that end in a line with a single dot: POP3's multi-line replies, SMTP's content.

This file must not know either protocol: only line ends and dots.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

END: Final = b".\r\n"
"""The line that ends a body."""

# RFC 5321 section 2.3.8: "Conforming implementations MUST NOT recognize or generate any other
# character or character sequence as a line terminator" than CRLF. Real messages have all three.
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


def crlf(body: bytes) -> bytes:
    r"""Write every line end as CRLF.

    A bare LF or CR must not reach a server that reads it as a line end: that server sees other
    lines, and another end of the message, than its neighbours (SMTP smuggling).

    RFC 5321 section 2.3.8.
    """
    # Two counts are far cheaper than the substitution, which most bodies do not need.
    pairs = body.count(b"\r\n")
    if body.count(b"\n") != pairs or body.count(b"\r") != pairs:
        return _LINE_END.sub(b"\r\n", body)
    return body


def crlf_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Write every line end of a body that comes in pieces as CRLF, one cut in two included.

    RFC 5321 section 2.3.8.
    """
    held = b""
    for piece in pieces:
        # A CR at the end may be the first half of a CRLF.
        whole = held + piece if held else piece
        held = b"\r" if whole.endswith(b"\r") else b""
        if octets := crlf(whole[:-1] if held else whole):
            yield octets
    if held:
        yield b"\r\n"


def canonical(body: bytes) -> bytes:
    """Write every line end as CRLF, and end the last line.

    RFC 5321 section 2.3.8.
    """
    # RFC 5321 section 4.1.1.4: the end of data is CRLF "." CRLF, whose first CRLF is that of the
    # content's last line; without one a line would end in the dot.
    body = crlf(body)
    return body if not body or body.endswith(b"\r\n") else body + b"\r\n"


def stuff(body: bytes) -> bytes:
    """Double the dot at the beginning of lines; `body` has canonical line ends.

    RFC 5321 section 4.5.2.
    """
    # "If it is a period, one additional period is inserted at the beginning of the line." Most
    # bodies have no such line, and are not copied.
    stuffed = body.replace(b"\r\n.", b"\r\n..") if b"\r\n." in body else body
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def stuff_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Do as `stuff()` with a body in pieces, whose borders may be anywhere.

    RFC 5321 section 4.5.2.
    """
    before = b"\r\n"  # the last octets: the body begins a line
    for piece in pieces:
        if not piece:
            continue
        stuffed = piece.replace(b"\r\n.", b"\r\n..") if b"\r\n." in piece else piece
        # CRLF and dot may be in two pieces, or in three.
        if stuffed.startswith(b".") and before == b"\r\n":
            stuffed = b"." + stuffed
        elif stuffed.startswith(b"\n.") and before.endswith(b"\r"):
            stuffed = b"\n." + stuffed[1:]
        yield stuffed
        before = (before + piece[-2:])[-2:]


def unstuff(body: bytes, *, bare_lf: bool = False) -> bytes:
    """Remove the first dot of lines that begin with one.

    Args:
        body: The body without the line that ends it.
        bare_lf: Whether LF alone ends a line too; as in `Reader.dot_terminated()`.

    RFC 1939 section 3.
    """
    end = b"\n" if bare_lf else b"\r\n"
    dotted = end + b"."
    plain = body.replace(dotted, end) if dotted in body else body
    return plain[1:] if plain.startswith(b".") else plain


class Unstuffing:
    """Removes the first dot of lines that begin with one, of a body that comes in pieces.

    Args:
        bare_lf: Whether LF alone ends a line too; as in `Reader.dot_terminated()`.

    RFC 1939 section 3.
    """

    def __init__(self, *, bare_lf: bool = False) -> None:
        self._end = b"\n" if bare_lf else b"\r\n"
        # The last octets before the next piece, as many as a line end has: the body begins a line.
        # "If a line begins with the termination octet, the line is "byte-stuffed" by pre-pending
        # the termination octet to that line of the response."
        self._before = self._end

    def add(self, piece: bytes) -> bytes:
        """Return the next piece without those dots."""
        # With what was before, each line end and its dot are in one piece. A line end with its dot
        # is longer than what was before, so that no dot that was handed over is looked at again.
        dotted = self._end + b"."
        whole = self._before + piece
        length = len(self._end)
        self._before = whole[-length:]
        return (whole.replace(dotted, self._end) if dotted in whole else whole)[length:]
