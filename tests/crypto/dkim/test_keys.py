"""Keys that can be used, and those that cannot."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from netmail.crypto.dkim.keys import RecordError, private_key, public_key
from netmail.crypto.errors import KeyUnusable
from support.crypto_keys import ed25519_key, record, rsa_key


def test_record():
    """A record is read with its flags and digests."""
    found = public_key(record(rsa_key(), b"t=y:s; h=sha256 : sha1; s=email; n=note; "))

    assert found.kind == "rsa"
    assert found.bits == 2048
    assert found.hashes == {"sha256", "sha1"}
    assert found.testing
    assert found.strict


def test_record_in_pieces():
    """White space within the key, as some zone files have it, is dropped."""
    text = record(rsa_key())

    assert public_key(text[:80] + b" " + text[80:]).bits == 2048


def test_ed25519_of_wrong_length():
    """A key of the wrong length is none."""
    with pytest.raises(RecordError, match="cannot be read"):
        public_key(record(ed25519_key())[:-4])


def test_other_kind_of_key():
    """A key that DKIM has no algorithm for is refused."""
    with pytest.raises(KeyUnusable, match="RSA or Ed25519"):
        private_key(ec.generate_private_key(ec.SECP256R1()))


def test_password():
    """An encrypted key needs its password."""
    locked = rsa_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )

    assert private_key(locked, b"secret").key_size == 2048
    for wrong in (None, b"guess"):
        with pytest.raises(KeyUnusable):
            private_key(locked, wrong)
