"""The part that is signed or encrypted: what describes the content, and the content.

This file must not know any format of signatures.
"""

import binascii
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Final

from netmail import Envelope, LargeContent, Mail, MessageError, Part
from netmail.crypto.octets import Field, Octets, octets_of
from netmail.crypto.sealed import SealedMessage, sealed, unchanged

# RFC 2045 section 6.8: 76 digits a line, which 57 octets make.
_LINE = 57
_WIDTH: Final = _LINE // 3 * 4
# So many lines at a time: their digits stay in the processor's cache.
_LINES: Final = 256
_DIGITS: Final = f"{_WIDTH}s" * _LINES
# RFC 5322 section 2.1.1: longer lines are broken by servers, and the signature with them.
_LONGEST = 998
_SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
    }
)
_PLAIN = b"Content-Type: text/plain; charset=us-ascii\r\n"


@dataclass(frozen=True, slots=True)
class Entity:
    """A message in two: the fields of the message, and the part that they are about.

    Attributes:
        outer: The fields that stay with the message, each ended by CRLF.
        header: The fields that describe the content.
        octets: The message, whose body the part has.
    """

    outer: bytes
    header: bytes
    octets: Octets

    def chunks(self) -> Iterator[bytes]:
        """Yield the part: its header, an empty line, its body."""
        return chain([self.header + b"\r\n"], self.octets.body())

    def views(self) -> list[bytes | memoryview]:
        """Return the part in pieces, its body not copied where it is in memory."""
        whole = self.octets.whole
        body = [*self.octets.body()] if whole is None else [whole]
        return [self.header, b"\r\n", *body]

    def as_bytes(self) -> bytes:
        """Return the part."""
        return b"".join(self.views())


def entity_of(envelope: Envelope, *, is_hidden: bool = False) -> Entity:
    """Divide a message that was written for the last time.

    Args:
        envelope: The message as `written()` returns it.
        is_hidden: Whether servers will not see the lines of the part.

    Raises:
        MessageError: If it has a line that servers would break.

    RFC 8551 section 3.1, RFC 3156 section 5.
    """
    content = envelope.content or b""
    octets = octets_of(content, is_canonical=True)
    seen = octets.header if is_hidden else content
    if isinstance(seen, bytes) and _has_long_line(seen):
        raise MessageError(f"a line is longer than {_LONGEST} octets: servers would break it")
    fields = octets.fields()
    # RFC 2045 section 9: "Content-" is the beginning of every field that describes a content.
    header = b"".join([field.raw for field in fields if _describes(field)])
    # The blind recipients are in the envelope only, RFC 5322 section 3.6.3.
    kept = [field.raw for field in fields if not _describes(field) and field.name != b"bcc"]
    version = (
        b"" if any(field.name == b"mime-version" for field in fields) else b"MIME-Version: 1.0\r\n"
    )
    if not any(field.name == b"content-type" for field in fields):
        # RFC 2045 section 5.2: the default; written, for the part needs it for its parameters.
        header = _PLAIN + header
    return Entity(b"".join(kept) + version, header, octets)


def content_type(kind: str, params: Mapping[str, str]) -> bytes:
    """Write the field Content-Type; parameters outside ASCII are left out.

    RFC 2045 section 5.1.
    """
    lines = [f"Content-Type: {kind}"]
    for name, value in params.items():
        if value.isascii() and value.isprintable():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'\t{name}="{escaped}"')
    return ";\r\n".join(lines).encode("ascii", "replace") + b"\r\n"


def is_whole(part: Part, mail: Mail) -> bool:
    """Return whether a part is the whole message, and every program takes it for that.

    RFC 2045 section 5: Content-Type is there once; of several a program may take another one.
    """
    # RFC 9787 section 4.4.2: around an encrypted part there may be a signature of it.
    while (parent := part.parent) is not None and parent.content_type == "multipart/signed":
        beside = parent.children[1:]
        if part.node.number != 1 or [each.content_type in _SIGNATURES for each in beside] != [True]:
            return False
        part = parent
    return part is mail.root and len(mail.headers.get_all("content-type")) == 1


def _has_long_line(octets: bytes) -> bool:
    # From line end to line end in leaps as long as a line may be: no list of all lines.
    place = 0
    while place + _LONGEST < len(octets):
        # Two octets more, for the CRLF of a line that is just as long as it may be.
        end = octets.rfind(b"\n", place, place + _LONGEST + 2)
        if end < 0:
            return True
        place = end + 1
    return False


def _describes(field: Field) -> bool:
    return field.name.startswith(b"content-")


def new_boundary() -> bytes:
    """Make a boundary that cannot be known beforehand, and that no encoded text contains."""
    return b"=_signed_" + os.urandom(12).hex().encode("ascii")


def base64_lines(octets: bytes) -> bytes:
    """Encode octets as lines with CRLF, the last one too.

    RFC 2045 section 6.8.
    """
    view, block = memoryview(octets), _LINE * _LINES
    whole = len(octets) // block * block
    blocks = []
    for start in range(0, whole, block):
        # One call cuts a whole block: slicing each line takes four times as long.
        digits = binascii.b2a_base64(view[start : start + block], newline=False)
        blocks.append(b"\r\n".join(struct.unpack(_DIGITS, digits)))
    digits = binascii.b2a_base64(view[whole:], newline=False)
    lines = [digits[at : at + _WIDTH] for at in range(0, len(digits), _WIDTH)]
    return b"\r\n".join([*blocks, *lines, b""])


def digest_of(pieces: Iterable[bytes | memoryview]) -> bytes:
    """Return SHA-256 of octets in pieces."""
    digest = sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def multipart_signed(
    envelope: Envelope, entity: Entity, digest: bytes, parameters: bytes, signature: bytes
) -> SealedMessage:
    """Put a part and its signature into a message.

    Args:
        envelope: The message.
        entity: The part.
        digest: SHA-256 of the part, which is read once more.
        parameters: `protocol` and `micalg` with their values.
        signature: The part that holds the signature, without a line end after it.

    RFC 1847 section 2.1.
    """
    boundary = new_boundary()
    # RFC 1847 section 2.1: protocol and micalg are required.
    kind = b"multipart/signed; " + parameters + b';\r\n\tboundary="' + boundary + b'"'
    header = entity.outer + b"Content-Type: " + kind + b"\r\n"
    # RFC 2046 section 5.1.1: the CRLF before a boundary belongs to the boundary.
    end = b"\r\n--" + boundary + b"\r\n" + signature + b"\r\n--" + boundary + b"--\r\n"
    start = header + b"\r\n--" + boundary + b"\r\n"

    # A small message is written at once: its octets cannot change any more.
    content = envelope.content
    if not isinstance(content, LargeContent):
        return sealed(envelope, b"".join([start, *entity.views(), end]))

    def write() -> Iterator[bytes]:
        return chain([start], unchanged(entity.chunks(), digest), [end])

    # What LargeContent announces must be right: BDAT and SIZE are sent before the content.
    size = len(start) + len(end) + len(entity.header) + 2
    size += len(content) - len(content.header) - 2
    return sealed(envelope, LargeContent(header, size, write))
