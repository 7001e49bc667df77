"""Keys in the header, written and read."""

import base64

import pytest

import netmail
from netmail.crypto import pgp
from support.pgp_keys import ANN, BOB, folder_of_keys, gpg

KEYDATA = base64.b64encode(b"key" * 20).decode()


def read(*fields, sender=ANN):
    """The key of a message with these fields."""
    lines = "".join(f"Autocrypt: {field}\n" for field in fields)
    return pgp.autocrypt_key(netmail.parse(f"From: {sender}\n{lines}\nx\n".encode()))


def test_written_and_read(keys):
    """The key that a message brings is that of its author, and can be imported."""
    [author] = [netmail.message(ANN, BOB, "x").text("y")]
    sealed = pgp.sign(author, keys, autocrypt=True)

    found = pgp.autocrypt_key(netmail.parse(sealed.as_bytes()))

    assert found.address == ANN
    assert found.prefers_encryption
    assert pgp.verify(sealed, keys).valid
    assert max(map(len, sealed.as_bytes().split(b"\r\n"))) < 100
    with folder_of_keys() as home:
        gpg(home, "--import", octets=found.key)
        assert ANN.encode() in gpg(home, "--list-keys")


def test_encrypted_message(keys):
    """An encrypted message brings the author's key, too."""
    [sealed] = pgp.encrypt(netmail.message(ANN, BOB, "x").text("y"), keys, autocrypt=True)

    assert pgp.autocrypt_key(netmail.parse(sealed.as_bytes())).address == ANN


@pytest.mark.parametrize(
    ("fields", "prefers"),
    [
        ([f"addr={ANN}; keydata={KEYDATA}"], False),
        ([f"addr={ANN}; prefer-encrypt=mutual; keydata={KEYDATA[:8]}\n {KEYDATA[8:]}"], True),
        ([f"addr=Ann@Example.test; _note=1; keydata={KEYDATA}"], False),
    ],
)
def test_read(fields, prefers):
    """Keys are folded; attributes with an underscore may be anything."""
    found = read(*fields)

    assert found.key == b"key" * 20
    assert found.prefers_encryption is prefers


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [f"addr={BOB}; keydata={KEYDATA}"],
        [f"addr={ANN}; keydata={KEYDATA}"] * 2,
        [f"addr={ANN}; critical=1; keydata={KEYDATA}"],
        [f"addr={ANN}; keydata=*"],
        [f"addr={ANN}"],
        [f"addr={ANN}; keydata={KEYDATA * 200}"],
    ],
)
def test_ignored(fields):
    """Fields that are not the author's, several, critical, broken or large are ignored."""
    assert read(*fields) is None


def test_several_authors():
    """A message of several authors brings nobody's key."""
    assert read(f"addr={ANN}; keydata={KEYDATA}", sender=f"{ANN}, {BOB}") is None
