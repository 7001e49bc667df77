"""A message of which large files are not fetched: its octets, with a hole for each of those.

This file knows how a message is put together from ranges of its octets, and no query. The server's
BODYSTRUCTURE tells how long a file is, and nothing else is taken from it: every value is read by
netmail from the message's own octets.

RFC 9051 section 6.4.5: BODY[]<origin.count>.
"""

from typing import Final, TypeAlias

from netmail import BodyStructure, FetchedMessage, Mail, MessageLimits, Part
from netmail.query.fetching.read_mail import read_mail

BEGIN: Final = 8_192
"""Octets that are fetched of each message at first: most messages without files are shorter."""

WINDOW: Final = 4_096
"""Octets that are fetched after a file: a boundary, the header of the next part, its first text."""

SMALLEST: Final = 4_096
"""Octets of a file that is left out: for less, another round trip costs more."""

SPARE: Final = 64
"""Octets that are asked for beyond the end: that fewer come shows that it is the end."""

ROUNDS: Final = 20
"""Files of one message that are left out: each takes a round trip, as the next begins after it."""

ITEMS: Final = ("BODYSTRUCTURE", "RFC822.SIZE", f"BODY.PEEK[]<0.{BEGIN}>")
"""What is fetched of each message at first."""

Range: TypeAlias = tuple[int, int]
"""The first octet, and how many."""

_FILES: Final = ("image/", "audio/", "video/", "application/")
_HOLE: Final = b"(%d octets that were not fetched)"


class Outline:
    """What is known of one message.

    Args:
        fetched: The response to `ITEMS`.
        names: The fields that it is for: "content", "filenames", "encoding".

    Attributes:
        mail: The message, once all that matters is there; the holes have a text of their own.
        is_whole: Whether it has no holes.
    """

    def __init__(self, fetched: FetchedMessage, names: frozenset[str]) -> None:
        self.mail: Mail | None = None
        self._names = names
        self._size = fetched.size or 0
        self._lengths = _lengths(fetched.body_structure)
        self._octets = bytearray()
        self._at = 0
        self._holes: dict[str, bytes] = {}
        self._rounds = 0
        # A message beyond the limits is read as far as they reach: its length matters.
        self._is_useless = not 0 < self._size <= MessageLimits().size
        self._asked: Range = (0, BEGIN)
        self.take(fetched)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out."""
        return not self._holes

    def take(self, fetched: FetchedMessage | None) -> None:
        """Add the octets of the range that was asked for last."""
        if fetched is None:
            self._is_useless = True
            return
        _, count = self._asked
        # "BODY[]<0>" is the name of the item, and some servers leave out the number.
        octets = next(iter(fetched.sections.values()), b"")[:count]
        self._octets += octets
        self._at += len(octets)
        if len(octets) < count:
            self._finish()

    def wanted(self) -> Range | None:
        """Return the range that is needed next; `None` if nothing is, or nothing helps."""
        self._rounds += 1
        if self._is_useless or self.mail is not None or self._rounds > ROUNDS:
            return None
        count = WINDOW
        last = self._open_leaf()
        if last is not None:
            begin = last.offset + len(last.raw_headers)
            have = len(self._octets) - begin
            left = self._lengths.get(last.section, 0) - have
            if last.section in self._holes:
                # No boundary where the server's length has the end of the file.
                return None
            if left >= SMALLEST and _is_left_out(last, self._names):
                self._holes[last.section] = hole = _HOLE % (left + have)
                self._octets[begin:] = hole
                self._at += left
            else:
                count += max(left, 0)
        self._asked = (self._at, max(min(count, self._size - self._at + SPARE), SPARE))
        return self._asked

    def _open_leaf(self) -> Part | None:
        """Return the part that is not at its end yet, if its header is, and it has no parts."""
        *_, last = read_mail(bytes(self._octets)).walk()
        is_open = last.offset + len(last.raw) == len(self._octets)
        has_header = last.raw_headers.endswith((b"\n\r\n", b"\n\n")) or last.raw_headers == b"\r\n"
        is_leaf = not last.children and not last.content_type.startswith("multipart/")
        return last if is_open and has_header and is_leaf else None

    def _finish(self) -> None:
        """Read the message, and compare its parts with those that the server sees."""
        mail = read_mail(bytes(self._octets))
        if not self._holes:
            self.mail = mail
            return
        leaves = {part.section: part for part in mail.walk() if not part.children}
        # The same parts, each file of the server's length between two boundaries: both sides read
        # the same boundaries. RFC 2046 section 5.1.1 asks for them in all that was left out as
        # well, and the server, which has it, found none there.
        agrees = self._at == self._size and leaves.keys() == self._lengths.keys()
        if agrees and all(leaves[key].raw_body == hole for key, hole in self._holes.items()):
            self.mail = mail
        self._is_useless = self.mail is None


def _lengths(structure: BodyStructure | None) -> dict[str, int]:
    """Return the octets of each part without parts, by its section."""
    parts = structure.walk() if structure is not None else ()
    leaves = (part for part in parts if not part.children and not part.is_multipart)
    return {part.section: part.size or 0 for part in leaves}


def _is_left_out(part: Part, names: frozenset[str]) -> bool:
    """Tell whether no field of these depends on what is in a part."""
    kind = part.content_type
    if "encoding" in names and len(names) == 1:
        # It is a parameter; but a message is looked into.
        return kind.startswith(("text/", *_FILES))
    # A winmail.dat holds texts and files; a plain text may hold files in uuencode.
    if "ms-tnef" in kind or (part.filename or "").lower().endswith(".dat"):
        return False
    if kind.startswith("text/") and part.disposition != "attachment":
        return "content" not in names and kind != "text/plain"
    return kind.startswith(("text/", *_FILES))
