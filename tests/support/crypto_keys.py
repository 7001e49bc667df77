"""Keys and messages that the tests of signing share; each key is made once a process.

This file must not know what is tested.
"""

import base64
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

import netmail

SELECTOR = "2026"
DOMAIN = "example.test"
KEY_NAME = f"{SELECTOR}._domainkey.{DOMAIN}"


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """An RSA key; small sizes are quick."""
    return rsa.generate_private_key(65537, bits)


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    """An Ed25519 key."""
    return ed25519.Ed25519PrivateKey.generate()


def pem(key) -> bytes:
    """A private key as a file has it."""
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def record(key, extra: bytes = b"") -> bytes:
    """The TXT record of a key."""
    public = key.public_key()
    if isinstance(key, ed25519.Ed25519PrivateKey):
        kind, data = b"ed25519", public.public_bytes_raw()
    else:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        kind, data = b"rsa", public.public_bytes(serialization.Encoding.DER, form)
    return b"v=DKIM1; k=" + kind + b"; " + extra + b"p=" + base64.b64encode(data)


def resolver(*records: bytes):
    """A resolver that knows one name."""

    def resolve(name: str) -> list[bytes]:
        return list(records) if name == KEY_NAME else []

    return resolve


def letter(text: str = "Hello  Bob, \n\n\n") -> netmail.Message:
    """A message with what canonical forms are about: spaces, and empty lines at the end."""
    message = netmail.message(f"ann@{DOMAIN}", f"bob@{DOMAIN}", "Grüße  and  more")
    return message.text(text)
