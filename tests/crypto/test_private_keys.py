"""Private keys in PEM are read once, and only with their password."""

import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

import netmail
from netmail.crypto import dkim, smime
from netmail.crypto.errors import KeyUnusable
from netmail.crypto.private_keys import MOST, pem_key
from support.crypto_certificates import ANN, BOB, person
from support.crypto_keys import DOMAIN, SELECTOR, pem, rsa_key
from support.timing import untraced


def locked(password):
    """The PEM of a new key that is encrypted."""
    return ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )


def test_read_once():
    """The same PEM is the same key, as octets and as a text."""
    octets = pem(rsa_key())

    assert pem_key(octets) is pem_key(octets.decode())


def test_password_is_asked_each_time():
    """A key that was read with its password is not given out without it."""
    octets = locked(b"secret")
    found = pem_key(octets, b"secret")

    assert pem_key(octets, "secret") is found
    for wrong in (None, b"", b"guess", "secret "):
        with pytest.raises(KeyUnusable, match="cannot be read"):
            pem_key(octets, wrong)


def test_bounded():
    """The key that was used longest ago is forgotten."""
    octets = pem(ed25519.Ed25519PrivateKey.generate())
    first = pem_key(octets)
    for _ in range(MOST):
        pem_key(pem(ed25519.Ed25519PrivateKey.generate()))

    assert pem_key(octets) is not first


def signed_by_smime(key):
    """Sign a message with Ann's certificate."""
    return smime.sign(netmail.message(ANN, BOB, "x").text("Hello\n"), person().cert, key)


def signed_by_dkim(key):
    """Sign a message for a domain."""
    return dkim.sign(netmail.message(ANN, BOB, "x").text("Hello\n"), SELECTOR, DOMAIN, key)


@pytest.mark.parametrize(
    ("sign", "key"),
    [(signed_by_smime, person().key), (signed_by_dkim, rsa_key())],
    ids=["S/MIME", "DKIM"],
)
def test_signing_with_pem(sign, key):
    """PEM costs about what an object costs; checking an RSA key takes a hundred times as long."""
    spent = []
    for each in (key, pem(key)):
        sign(each)
        with untraced():
            begun = time.process_time()
            for _ in range(20):
                sign(each)
            spent.append(time.process_time() - begun)

    assert spent[1] < 5 * spent[0]
