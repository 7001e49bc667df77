"""The ciphers of contents.

This file must not know recipients or messages.
"""

import os
from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
from cryptography.hazmat.primitives.ciphers import CipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, GCM
from cryptography.hazmat.primitives.padding import PKCS7

from netmail.crypto.smime.ber import INTEGER, OCTET_STRING, SEQUENCE, BerError, integer, tlv
from netmail.crypto.smime.der import Fields, Value

Cipher: TypeAlias = Literal["aes256-cbc", "aes128-cbc", "aes256-gcm", "aes128-gcm"]
"""What a message is encrypted with; CBC is read everywhere, GCM notices changes."""

_TAG: Final = 16
_USUAL_TAG: Final = 12
"""RFC 5084 section 3.2: "aes-ICVlen AES-GCM-ICVlen DEFAULT 12"."""


class _Known(NamedTuple):
    """A cipher.

    Attributes:
        make: Makes it of a key.
        size: Octets of the key.
        block: Bits of a block; 0 for GCM.
    """

    make: Callable[[bytes], CipherAlgorithm]
    size: int
    block: int


KNOWN: Final = {
    "aes128_cbc": _Known(AES, 16, 128),
    "aes192_cbc": _Known(AES, 24, 128),
    "aes256_cbc": _Known(AES, 32, 128),
    "aes128_gcm": _Known(AES, 16, 0),
    "aes192_gcm": _Known(AES, 24, 0),
    "aes256_gcm": _Known(AES, 32, 0),
    # To read only, RFC 8551 section 2.7.
    "tripledes_3key": _Known(TripleDES, 24, 64),
}
"""The ciphers by their names."""


class Encrypted(NamedTuple):
    """A content that was encrypted.

    Attributes:
        parameters: What the cipher has to know beside the key, as a value of DER.
        pieces: The text, in pieces.
        tag: What notices changes; b"" for CBC.
    """

    parameters: bytes
    pieces: tuple[bytes, ...]
    tag: bytes = b""


def encrypted(name: str, key: bytes, content: bytes) -> Encrypted:
    """Encrypt a content.

    Args:
        name: The cipher.
        key: The message's key.
        content: The content.

    RFC 3565 section 2.3, RFC 5084 section 3.
    """
    known = KNOWN[name]
    if not known.block:
        # RFC 5084 section 3.2: twelve octets, which must never repeat under one key; each
        # message has a new key.
        nonce = os.urandom(12)
        gcm = Primitive(known.make(key), GCM(nonce)).encryptor()
        pieces = gcm.update(content), gcm.finalize()
        parameters = tlv(SEQUENCE, tlv(OCTET_STRING, nonce), integer(_TAG))
        return Encrypted(parameters, pieces, gcm.tag)
    start = os.urandom(known.block // 8)
    cbc = Primitive(known.make(key), CBC(start)).encryptor()
    # Only the last block is padded: the others need not be copied.
    whole = len(content) - len(content) % len(start)
    # RFC 5652 section 6.3: so many octets as are missing, each of that value.
    missing = whole + len(start) - len(content)
    last = content[whole:] + bytes([missing]) * missing
    pieces = cbc.update(memoryview(content)[:whole]), cbc.update(last) + cbc.finalize()
    return Encrypted(tlv(OCTET_STRING, start), pieces)


def decrypted(
    name: str,
    key: bytes,
    parameters: Value | None,
    octets: bytes | memoryview,
    *,
    tag: bytes = b"",
    associated: bytes = b"",
) -> bytes | None:
    """Decrypt a content.

    Args:
        name: The cipher.
        key: The message's key.
        parameters: What the cipher has to know beside the key.
        octets: The text.
        tag: What notices changes; b"" for CBC.
        associated: Octets that the tag covers too.

    Returns:
        The content; `None` if it was changed, as far as the cipher can tell.
    """
    known = KNOWN[name]
    try:
        if parameters is None:
            return None
        if not known.block:
            nonce, size = _gcm_parameters(parameters)
            # A tag that was cut short is easier to guess.
            # RFC 5084 section 3.2: aes-ICVlen is from 12 to 16.
            if len(tag) != size or size < _USUAL_TAG:
                return None
            mode = GCM(nonce, tag, min_tag_length=_USUAL_TAG)
            gcm = Primitive(known.make(key), mode).decryptor()
            gcm.authenticate_additional_data(associated)
            return gcm.update(octets) + gcm.finalize()
        cbc = Primitive(known.make(key), CBC(parameters.content)).decryptor()
        text = cbc.update(octets) + cbc.finalize()
        # RFC 5652 section 6.3: the padding is checked last, and its error is the same as all
        # others.
        unpadder = PKCS7(known.block).unpadder()
        # The padding is within the last block: the others need not be copied twice.
        whole = max(0, len(text) - known.block // 8)
        last = unpadder.update(text[whole:]) + unpadder.finalize()
        return text[: whole + len(last)]
    except (InvalidTag, ValueError, TypeError):
        return None


def _gcm_parameters(value: Value) -> tuple[bytes, int]:
    """Read the nonce and the octets of the tag.

    RFC 5084 section 3.2.
    """
    fields = Fields(value)
    nonce, size = fields.take(OCTET_STRING).content, fields.optional(INTEGER)
    if size is not None and len(size.content) != 1:
        raise BerError("a tag has no such size")
    return nonce, _USUAL_TAG if size is None else size.content[0]
