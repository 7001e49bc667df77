"""S/MIME: messages signed and encrypted with certificates.

It needs the extra: `pip install netmail[crypto]`.

RFC 8551, RFC 8550, RFC 5652.
"""

from netmail.crypto import extra  # noqa: F401 -- an error that names what is missing
from netmail.crypto.smime.certificates import Certificate, Certificates, PrivateKey
from netmail.crypto.smime.ciphers import Cipher
from netmail.crypto.smime.decrypting import decrypt
from netmail.crypto.smime.encrypting import encrypt
from netmail.crypto.smime.signing import sign
from netmail.crypto.smime.verifying import verify

__all__ = [
    "Certificate",
    "Certificates",
    "Cipher",
    "PrivateKey",
    "decrypt",
    "encrypt",
    "sign",
    "verify",
]
