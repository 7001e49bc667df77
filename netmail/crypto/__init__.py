"""Signed and encrypted mail: S/MIME, PGP/MIME, DKIM and ARC, on netmail's public names.

    from netmail.crypto import dkim, smime

    sealed = dkim.sign(message, "2026", "example.org", key)
    transport.send(sealed)

S/MIME and DKIM need the extra: `pip install netmail[crypto]`.
"""

from netmail.crypto.errors import CryptoError, DecryptionError, KeyUnusable
from netmail.crypto.protected import ProtectedHeaders
from netmail.crypto.results import Decrypted, Signature
from netmail.crypto.sealed import SealedMessage

__all__ = [
    "CryptoError",
    "Decrypted",
    "DecryptionError",
    "KeyUnusable",
    "ProtectedHeaders",
    "SealedMessage",
    "Signature",
]
