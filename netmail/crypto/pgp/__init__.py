"""PGP/MIME: messages signed and encrypted with OpenPGP, by the program gpg.

RFC 3156.
"""

from netmail.crypto.pgp.autocrypt import AutocryptKey, autocrypt_key
from netmail.crypto.pgp.backend import Backend, CheckedSignature, OpenedOctets, SignedOctets
from netmail.crypto.pgp.decrypting import decrypt
from netmail.crypto.pgp.encrypting import encrypt
from netmail.crypto.pgp.gnupg import GnuPG
from netmail.crypto.pgp.sequoia import Sequoia
from netmail.crypto.pgp.signing import sign
from netmail.crypto.pgp.verifying import verify

__all__ = [
    "AutocryptKey",
    "Backend",
    "CheckedSignature",
    "GnuPG",
    "OpenedOctets",
    "Sequoia",
    "SignedOctets",
    "autocrypt_key",
    "decrypt",
    "encrypt",
    "sign",
    "verify",
]
