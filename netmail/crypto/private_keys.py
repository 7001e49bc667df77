"""Private keys in PEM: each is read once, since checking an RSA key takes longer than signing.

This file must not know what the keys are for. It never writes or shows one.
"""

import os
from collections import OrderedDict
from hashlib import blake2b
from threading import Lock
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from netmail.crypto.errors import KeyUnusable
from netmail.crypto.octets import octets_of_text

MOST: Final = 256
"""How many keys are kept: a service that signs for more domains loads its keys itself."""


class _Kept:
    """The keys that were read last, by a digest of their PEM and password."""

    def __init__(self) -> None:
        self._keys: OrderedDict[bytes, PrivateKeyTypes] = OrderedDict()
        self._lock = Lock()
        # With a secret of this process a digest does not help to guess a password.
        self._secret = os.urandom(32)

    def key(self, pem: bytes, password: bytes | None) -> PrivateKeyTypes:
        """Return a key; one that cannot be read is tried each time."""
        name = self._name(pem, password)
        with self._lock:
            if name in self._keys:
                self._keys.move_to_end(name)
                return self._keys[name]
        # Outside the lock: other threads need not wait for a key that is not theirs.
        found = serialization.load_pem_private_key(pem, password)
        with self._lock:
            self._keys[name] = found
            while len(self._keys) > MOST:
                self._keys.popitem(last=False)
        return found

    def _name(self, pem: bytes, password: bytes | None) -> bytes:
        # The password is a part of it: without it nobody gets a key that was read with it. Its
        # length is one too, so that no other pair has the same octets.
        size = -1 if password is None else len(password)
        octets = b"%d " % size + (password or b"") + pem
        return blake2b(octets, key=self._secret, digest_size=32).digest()


_KEPT: Final = _Kept()


def pem_key(source: bytes | str, password: bytes | str | None = None) -> PrivateKeyTypes:
    """Read a private key in PEM, of any kind.

    The keys that were read last stay in memory; an object of `cryptography` does not.

    Args:
        source: The PEM.
        password: What it is encrypted with; `None` if it is not.

    Raises:
        KeyUnusable: If it cannot be read.
    """
    # `cryptography` takes octets; a text is what a settings file has.
    pem = octets_of_text(source)
    if isinstance(source, str) and b"-----BEGIN" not in pem:
        raise KeyUnusable("the private key cannot be read: give what is in the file")
    secret = None if password is None else octets_of_text(password)
    try:
        return _KEPT.key(pem, secret)
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"the private key cannot be read: {error}") from error
