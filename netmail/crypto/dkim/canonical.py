"""The canonical forms of header and body: what changes on the path and breaks no signature.

This file must not know keys, signatures or tags.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from netmail.crypto.octets import Field

# WSP = SP / HTAB, a sequence of them                               RFC 6376 section 2.8
_WSP: Final = re.compile(rb"[ \t]+")


class Canonicalization(NamedTuple):
    """The two halves of the tag `c=`.

    Attributes:
        header: "simple" or "relaxed".
        body: "simple" or "relaxed".

    RFC 6376 section 3.4.
    """

    header: str
    body: str

    @classmethod
    def parsed(cls, text: str) -> "Canonicalization | None":
        """Read the tag's value; `None` if there are no such forms.

        RFC 6376 section 3.5: if only one form is named, the body's is "simple".
        """
        header, _, body = text.partition("/")
        body = body or "simple"
        return cls(header, body) if {header, body} <= {"simple", "relaxed"} else None

    def __str__(self) -> str:
        return f"{self.header}/{self.body}"


def canonical_field(field: Field, form: str) -> bytes:
    """Write a field in a canonical form, with the CRLF that ends it.

    RFC 6376 sections 3.4.1, 3.4.2.
    """
    if form == "simple":
        return field.raw
    name, _, value = field.raw.partition(b":")
    # RFC 6376 section 3.4.2: "Unfold all header field continuation lines": the line ends go, the
    # white space stays, and is reduced with the rest.
    unfolded = value.replace(b"\r\n", b"")
    return name.strip().lower() + b":" + _WSP.sub(b" ", unfolded).strip(b" ") + b"\r\n"


class CanonicalBody:
    """The body in a canonical form, in memory that does not grow with it.

    Args:
        form: "simple" or "relaxed".
        update: Called with the octets of that form, as they become known.
        limit: How many of its octets are signed (`l=`); `None` for all.

    Attributes:
        size: Octets of the form that there have been, those over the limit too.
    """

    __slots__ = ("_carriage", "_empty", "_is_relaxed", "_limit", "_update", "_white", "size")

    def __init__(
        self, form: str, update: Callable[[bytes], object], limit: int | None = None
    ) -> None:
        self._is_relaxed = form == "relaxed"
        self._update = update
        self._limit = limit
        self.size = 0
        self._empty = 0
        """Line ends that are dropped if nothing follows."""
        self._white = b""
        """A space at the end of the last piece, which a line end would remove."""
        self._carriage = b""
        """A CR at the end of the last piece, which an LF may follow."""

    def feed(self, pieces: Iterable[bytes]) -> "CanonicalBody":
        """Take the whole body."""
        for piece in pieces:
            self._take(self._relaxed(piece) if self._is_relaxed else piece)
        self._end()
        return self

    def _relaxed(self, piece: bytes) -> bytes:
        """Reduce white space within lines, and remove it at their ends.

        RFC 6376 section 3.4.4.
        """
        piece = self._white + piece
        self._white = b""
        # The next piece may begin with the LF of this CR: then the space before it goes too.
        if piece.endswith(b"\r"):
            text, carriage = piece[:-1], b"\r"
        else:
            text, carriage = piece, b""
        if text.endswith((b" ", b"\t")):
            # What follows decides whether it is at the end of its line.
            text = text.rstrip(b" \t")
            self._white = b" " + carriage
        elif carriage:
            text = piece
        if b"\t" in text or b"  " in text or b" \r\n" in text:
            # One after the other: each takes linear time, which one pattern would not.
            text = _WSP.sub(b" ", text).replace(b" \r\n", b"\r\n")
        return text

    def _take(self, piece: bytes) -> None:
        """Pass on what is surely not at the end.

        RFC 6376 section 3.4.3: "It ignores all empty lines at the end of the message body."
        """
        piece = self._carriage + piece
        self._carriage = b""
        if piece.endswith(b"\r"):
            piece, self._carriage = piece[:-1], b"\r"
        # How many lines are empty is counted and not kept: a body of nothing else takes no memory.
        ends = _line_ends(piece)
        text = piece[: len(piece) - 2 * ends]
        if text:
            self._pass(b"\r\n" * self._empty + text if self._empty else text)
            self._empty = 0
        self._empty += ends

    def _end(self) -> None:
        last = self._carriage + (self._white if self._white.endswith(b"\r") else b"")
        if last:
            self._pass(b"\r\n" * self._empty + last)
        # RFC 6376 section 3.4.3: "If there is no body or no trailing CRLF on the message body, a
        # CRLF is added"; section 3.4.4: with "relaxed" only where the body is not empty.
        if self.size or not self._is_relaxed:
            self._pass(b"\r\n")

    def _pass(self, octets: bytes) -> None:
        left = len(octets) if self._limit is None else max(0, self._limit - self.size)
        # Octets over the limit are counted: they are the text that was appended.
        self.size += len(octets)
        if left:
            self._update(octets[:left])


def _line_ends(piece: bytes) -> int:
    """Return how many CRLF a piece ends with."""
    tail = len(piece) - len(piece.rstrip(b"\r\n"))
    if tail % 2 == 0 and piece.endswith(b"\r\n" * (tail // 2)):
        return tail // 2
    # Stray CR or LF among them.
    ends = 0
    while piece.endswith(b"\r\n", 0, len(piece) - 2 * ends):
        ends += 1
    return ends
