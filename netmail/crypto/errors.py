"""The errors of signing, encrypting and decrypting.

This file must not know any format. A message that cannot be verified is none of them: verifying
returns a result with reasons.
"""

from netmail import NetmailError


class CryptoError(NetmailError):
    """A message cannot be signed, encrypted or decrypted."""


class KeyUnusable(CryptoError):
    """A key or certificate cannot be read, or is not for this purpose."""


class DecryptionError(CryptoError):
    """A message cannot be decrypted: it is not encrypted, is for other keys, or was changed."""
