"""The ciphers of contents.

This file must not know recipients or messages.
"""

import os
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from asn1crypto import core
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
from cryptography.hazmat.primitives.ciphers import CipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, GCM
from cryptography.hazmat.primitives.padding import PKCS7

Cipher: TypeAlias = Literal["aes256-cbc", "aes128-cbc", "aes256-gcm", "aes128-gcm"]
"""What a message is encrypted with; CBC is read everywhere, GCM notices changes."""

_TAG: Final = 16


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
"""The ciphers by asn1crypto's names."""


class GcmParameters(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """GCMParameters, RFC 5084 section 3.2."""

    _fields = [  # noqa: RUF012
        ("nonce", core.OctetString),
        ("icv_length", core.Integer, {"default": 12}),
    ]


class Encrypted(NamedTuple):
    """A content, encrypted.

    Attributes:
        parameters: What the cipher has to know beside the key.
        octets: The text.
        tag: What notices changes; b"" for CBC.
    """

    parameters: Any
    octets: bytes
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
        # message has
        # a new key.
        nonce = os.urandom(12)
        gcm = Primitive(known.make(key), GCM(nonce)).encryptor()
        octets = gcm.update(content) + gcm.finalize()
        return Encrypted(GcmParameters({"nonce": nonce, "icv_length": _TAG}), octets, gcm.tag)
    start = os.urandom(known.block // 8)
    padder = PKCS7(known.block).padder()
    cbc = Primitive(known.make(key), CBC(start)).encryptor()
    padded = padder.update(content) + padder.finalize()
    return Encrypted(core.OctetString(start), cbc.update(padded) + cbc.finalize())


def decrypted(name: str, key: bytes, given: Encrypted, associated: bytes) -> bytes | None:
    """Decrypt a content.

    Args:
        name: The cipher.
        key: The message's key.
        given: The content.
        associated: Octets that the tag covers too.

    Returns:
        The content; `None` if it was changed, as far as the cipher can tell.
    """
    known = KNOWN[name]
    try:
        if not known.block:
            parameters = GcmParameters.load(given.parameters.dump())
            # A tag that was cut short is easier to guess.
            # RFC 5084 section 3.2: aes-ICVlen is from 12 to 16.
            if len(given.tag) != parameters["icv_length"].native or len(given.tag) < 12:
                return None
            mode = GCM(parameters["nonce"].native, given.tag, min_tag_length=12)
            gcm = Primitive(known.make(key), mode).decryptor()
            gcm.authenticate_additional_data(associated)
            return gcm.update(given.octets) + gcm.finalize()
        mode_cbc = CBC(given.parameters.native)
        cbc = Primitive(known.make(key), mode_cbc).decryptor()
        text = cbc.update(given.octets) + cbc.finalize()
        # RFC 5652 section 6.3: the padding is checked last, and its error is the same as all
        # others.
        unpadder = PKCS7(known.block).unpadder()
        return unpadder.update(text) + unpadder.finalize()
    except (InvalidTag, ValueError, TypeError):
        return None
