"""A message as octets: its header's fields, and its body piece by piece.

This file must not know keys, signatures or MIME.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import IncrementalNewlineDecoder
from typing import Final, NamedTuple, TypeAlias

from netmail import Envelope, LargeContent, Mail, MessageError, UsageError
from netmail.crypto.errors import KeyUnusable

PIECE = 1 << 16
"""Octets of a body that are handed over at a time."""

# What the decoder calls the line ends that it has seen: a lone LF is not among these.
_WITHOUT_LF: Final = frozenset({None, "\r", "\r\n", ("\r", "\r\n")})

Readable: TypeAlias = Mail | Envelope | bytes
"""What can be verified or decrypted: a message that was read, or its octets."""


class Field(NamedTuple):
    """A field of a header as it is written.

    Attributes:
        name: Its name in lower case.
        raw: The field with its continuation lines and the CRLF after it.
    """

    name: bytes
    raw: bytes

    @property
    def value(self) -> bytes:
        """What is after the colon, folded as it is written, without the last CRLF."""
        return self.raw.partition(b":")[2].removesuffix(b"\r\n")


@dataclass(frozen=True, slots=True)
class Octets:
    """A message whose line ends are CRLF.

    Attributes:
        header: Its fields, each ended by CRLF, without the empty line.
        body: Yields the octets after the empty line, each time from the beginning.
        whole: All of them, where they are in memory.
    """

    header: bytes
    body: Callable[[], Iterator[bytes]]
    whole: memoryview | None = None

    def fields(self) -> list[Field]:
        """Return the fields in their order."""
        return header_fields(self.header)


def canonical(octets: bytes) -> bytes:
    """Return octets whose line ends are all CRLF, as SMTP sends them.

    RFC 5321 section 2.3.8.
    """
    # Looking is quicker than replacing, and nearly all mail has CRLF already.
    # A lone CR stays: it is no line end, RFC 5321 section 2.3.8.
    if not _has_lone_lf(octets):
        return octets
    return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _has_lone_lf(octets: bytes) -> bool:
    # The decoder of text files notes which line ends it has seen, in half the time of counting
    # them. Latin-1 has a letter for every octet.
    decoder = IncrementalNewlineDecoder(None, translate=False)
    view = memoryview(octets)
    for place in range(0, len(octets), PIECE):
        decoder.decode(str(view[place : place + PIECE], "latin-1"))
    # A CR at the very end is still waiting, and it is no LF.
    return decoder.newlines not in _WITHOUT_LF


def with_end(octets: bytes) -> bytes:
    """Return octets whose last line is ended: DATA would add what is missing."""
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def octets_of(source: bytes | LargeContent, *, is_canonical: bool = False) -> Octets:
    """Take the octets of a message apart.

    Args:
        source: The message.
        is_canonical: Whether its line ends are known to be CRLF.

    Raises:
        MessageError: If it has no header.
    """
    if isinstance(source, LargeContent):
        large = source
        # The header and the empty line after it.
        skipped = len(large.header) + 2
        return Octets(large.header, lambda: _after(large.chunks(), skipped))
    text = source if is_canonical else canonical(source)
    # RFC 5322 section 2.1: an empty line ends the header.
    end = text.find(b"\r\n\r\n")
    if text.startswith(b"\r\n") or not text:
        raise MessageError("the message has no header")
    # RFC 5322 section 2.1: a message may consist of its header only.
    header, start = (with_end(text), len(text)) if end < 0 else (text[: end + 2], end + 4)

    def body() -> Iterator[bytes]:
        for place in range(start, len(text), PIECE):
            yield text[place : place + PIECE]

    return Octets(header, body, memoryview(text)[start:])


def header_of(octets: bytes) -> bytes:
    """Return the header of a part with the empty line after it; all of it if there is none."""
    end = octets.find(b"\r\n\r\n")
    return octets if end < 0 else octets[: end + 4]


def read_octets(message: Readable) -> bytes:
    """Return the octets of a message that is to be verified or decrypted.

    Raises:
        MessageError: If it was not read from octets.
        UsageError: If it is no message.
    """
    if isinstance(message, bytes):
        return message
    if isinstance(message, Mail):
        if not message.raw:
            raise MessageError("mail: it was not read from octets")
        return message.raw
    if isinstance(message, Envelope):
        if message.content is None:
            raise MessageError("envelope: it has no content")
        return bytes(message.content)
    raise UsageError(f"{type(message).__name__} is no received message; give a Mail or its octets")


def octets_of_text(text: bytes | str) -> bytes:
    """Return the octets of a key, a certificate or a password.

    Raises:
        KeyUnusable: If it is a text that no file can hold.
    """
    if isinstance(text, bytes):
        return text
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Neither the error nor its cause repeats the text, which may be a secret.
        raise KeyUnusable("a key, certificate or password has a lone surrogate") from None


def header_fields(header: bytes) -> list[Field]:
    """Take a header apart.

    A line that is neither a field nor continues one is a part of the field before it.

    RFC 5322 section 2.2.
    """
    fields: list[list[bytes]] = []
    for line in header.splitlines(keepends=True):
        continues = line[:1] in {b" ", b"\t"} or b":" not in line
        if fields and continues:
            fields[-1].append(line)
        else:
            fields.append([line])
    # RFC 5322 section 4.2: obsolete fields may have white space before the colon.
    return [Field(lines[0].partition(b":")[0].strip().lower(), b"".join(lines)) for lines in fields]


def _after(pieces: Iterator[bytes], skipped: int) -> Iterator[bytes]:
    """Yield pieces without their first octets."""
    for piece in pieces:
        if skipped < len(piece):
            yield piece[skipped:]
        skipped = max(0, skipped - len(piece))
