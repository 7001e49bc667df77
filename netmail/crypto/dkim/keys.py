"""Keys: private ones in files, public ones in the DNS.

This file must not know messages.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from netmail.crypto.dkim.tags import TagError, parsed_tags, without_white_space
from netmail.crypto.errors import KeyUnusable
from netmail.crypto.private_keys import pem_key

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | bytes | str
"""A private key: an object of `cryptography`, or PEM."""

LEAST_BITS: Final = 1024
"""RFC 8301 section 3.2: "Verifiers MUST NOT consider signatures using RSA keys of less than 1024
bits as valid signatures."."""

MOST_BITS: Final = 8192
"""Larger keys take so long that a sender could keep a verifier busy."""

_SIGNED: Final = {"rsa": "rsa-sha256", "ed25519": "ed25519-sha256"}


class RecordError(ValueError):
    """A key record cannot be used; its text is the reason."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key record.

    Attributes:
        key: The key.
        kind: "rsa" or "ed25519".
        bits: The size of the key.
        hashes: The digests that it may be used with; empty for all.
        testing: Whether the domain only tests DKIM.
        strict: Whether `i=` must have the domain of `d=` itself.

    RFC 6376 section 3.6.1.
    """

    key: rsa.RSAPublicKey | ed25519.Ed25519PublicKey
    kind: str
    bits: int
    hashes: frozenset[str]
    testing: bool
    strict: bool

    def verify(self, signature: bytes, digest: bytes) -> bool:
        """Return whether a signature is that of a SHA-256 digest.

        RFC 6376 section 3.3, RFC 8463 section 3.
        """
        try:
            # The digest is computed once, over the header alone, for both kinds of keys.
            if isinstance(self.key, rsa.RSAPublicKey):
                self.key.verify(signature, digest, padding.PKCS1v15(), Prehashed(SHA256()))
            else:
                # RFC 8463 section 3: Ed25519 signs the digest, as any other octets.
                self.key.verify(signature, digest)
        except InvalidSignature:
            return False
        return True


def public_key(record: bytes) -> PublicKey:
    """Read a key record.

    Raises:
        RecordError: If it holds no key that may be used.

    RFC 6376 section 3.6.1, RFC 8463 section 4.
    """
    try:
        tags = parsed_tags(record)
    except TagError as error:
        raise RecordError(f"the key record is broken: {error}") from error
    if tags.get("v", b"DKIM1") != b"DKIM1":
        raise RecordError("the key record is of another version")
    # Section 3.6.1: an empty key means that it was revoked.
    if "p" in tags and not tags["p"]:
        raise RecordError("the key was revoked")
    # RFC 6376 section 3.6.1: s= lists the services, and "*" is all of them.
    services = tags.get("s", b"*").replace(b" ", b"").split(b":")
    if not {b"*", b"email"}.intersection(services):
        raise RecordError("the key is not for mail")
    # RFC 6376 section 3.6.1: k= is rsa where it is missing.
    kind = tags.get("k", b"rsa").decode("ascii", "replace")
    try:
        data = base64.b64decode(without_white_space(tags["p"]), validate=True)
    except (KeyError, binascii.Error) as error:
        raise RecordError("the key record has no key") from error
    key, bits = _key(kind, data)
    # RFC 6376 section 3.6.1, t=y: "This domain is testing DKIM".
    flags = tags.get("t", b"").replace(b" ", b"").split(b":")
    digests = tags.get("h", b"").replace(b" ", b"").decode("ascii", "replace")
    allowed = frozenset(filter(None, digests.split(":")))
    return PublicKey(key, kind, bits, allowed, b"y" in flags, b"s" in flags)


def _key(kind: str, data: bytes) -> tuple[rsa.RSAPublicKey | ed25519.Ed25519PublicKey, int]:
    try:
        # RFC 8463 section 4.2: the octets of the key, without the structure that RSA has around it.
        if kind == "ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(data), 256
        if kind == "rsa":
            key = serialization.load_der_public_key(data)
            if isinstance(key, rsa.RSAPublicKey):
                return key, key.key_size
    except ValueError as error:
        raise RecordError("the key in the record cannot be read") from error
    raise RecordError(f"the key record is for {kind[:20]!r}, which is not known")


def private_key(
    key: PrivateKey, password: bytes | str | None = None
) -> rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey:
    """Load a key to sign with.

    Args:
        key: The key, or its PEM.
        password: What the PEM is encrypted with.

    Raises:
        KeyUnusable: If it cannot be read, or is of another kind, or too small.
    """
    found = pem_key(key, password) if isinstance(key, bytes | str) else key
    if isinstance(found, ed25519.Ed25519PrivateKey):
        return found
    if not isinstance(found, rsa.RSAPrivateKey):
        raise KeyUnusable("DKIM takes an RSA or Ed25519 key")
    # No receiver would accept it: better an error now than mail that is refused.
    if found.key_size < LEAST_BITS:
        raise KeyUnusable(f"an RSA key of {found.key_size} bits is too small for DKIM")
    return found


def algorithm_of(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    """Return the value of the tag `a=` for a key."""
    return _SIGNED["rsa" if isinstance(key, rsa.RSAPrivateKey) else "ed25519"]


def signature_of(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, digest: bytes) -> str:
    """Sign a SHA-256 digest, and write the signature in base64."""
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(digest, padding.PKCS1v15(), Prehashed(SHA256()))
    else:
        signature = key.sign(digest)
    return base64.b64encode(signature).decode("ascii")
