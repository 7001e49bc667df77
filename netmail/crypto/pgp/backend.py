"""What PGP/MIME needs of a program or library that knows OpenPGP.

This file must not know messages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SignedOctets:
    """A detached signature.

    Attributes:
        signature: The signature, armored.
        digest: The digest that was signed, such as "sha256".
    """

    # The digest is needed before the message is written: micalg is in its header.
    signature: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class CheckedSignature:
    """What a back end finds of one signature.

    Attributes:
        reason: Why it is not right; "" if it is.
        intact: Whether the octets are those that were signed, though the key may have expired.
        fingerprint: The whole fingerprint of the signer's primary key.
        digest: The digest, such as "sha256".
        signed_at: When it was made, as the signer says.
        trusted: Whether the key is trusted.
        addresses: The addresses that the key names.
    """

    reason: str
    intact: bool = False
    fingerprint: str = ""
    digest: str = ""
    signed_at: datetime | None = None
    trusted: bool = False
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedOctets:
    """What was encrypted, after it is known to be unchanged.

    Attributes:
        content: The octets.
        algorithm: The cipher, such as "AES256".
        signatures: The signatures within; empty if it was not signed.
    """

    content: bytes = field(repr=False)
    algorithm: str = ""
    signatures: tuple[CheckedSignature, ...] = ()


class Backend(Protocol):
    """Signs, encrypts, verifies and decrypts octets; keys are named by address or fingerprint."""

    def sign(self, pieces: Iterable[bytes], signer: str) -> SignedOctets:
        """Sign octets.

        Raises:
            KeyUnusable: If the signer has no key that can be used.
        """

    def encrypt(self, octets: bytes, recipients: Sequence[str], signer: str | None) -> bytes:
        """Encrypt octets, and sign them if there is a signer; the result is armored.

        Raises:
            KeyUnusable: If a recipient or the signer has no key that can be used.
        """

    def decrypt(self, octets: bytes) -> OpenedOctets:
        """Decrypt octets.

        Raises:
            DecryptionError: If they are for other keys, or were changed.
        """

    def verify(self, octets: bytes, signature: bytes) -> tuple[CheckedSignature, ...]:
        """Verify detached signatures."""

    def verify_clear(self, octets: bytes) -> OpenedOctets:
        """Verify a text that is signed in clear; `content` is what was signed."""

    def export(self, key: str) -> bytes:
        """Return the public key of an address or fingerprint.

        Raises:
            KeyUnusable: If there is none.
        """
