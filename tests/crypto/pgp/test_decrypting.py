"""Decrypting PGP/MIME: what gpg encrypts, and what an attacker may try."""

import base64

import pytest

import netmail
from netmail.crypto import pgp
from netmail.crypto.errors import CryptoError, DecryptionError
from support.pgp_keys import ANN, BOB, CAROL, LOCKED, PASSPHRASE, folder_of_keys, gpg

HEAD = b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
PART = b"Content-Type: text/plain\r\n\r\n" + b"Hello, this is a secret text.\r\n" * 2000


def wrapped(text):
    """A message of an encrypted text."""
    head = HEAD + b'Content-Type: multipart/encrypted; boundary="b";\r\n'
    head += b'\tprotocol="application/pgp-encrypted"\r\n\r\n'
    return head + parts(text) + b"--b--\r\n"


def parts(text):
    """The two parts."""
    first = b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
    return first + b"--b\r\nContent-Type: application/octet-stream\r\n\r\n" + text + b"\r\n"


def by_gpg(home, *options, who=BOB, part=PART, armor=True):
    """A text that gpg encrypts."""
    given = ["--armor"] * armor + ["--recipient", who, *options, "--encrypt"]
    return gpg(home, *given, octets=part)


@pytest.mark.parametrize("who", [ANN, BOB], ids=["rsa", "cv25519"])
@pytest.mark.parametrize("options", [[], ["--cipher-algo", "AES128"]], ids=["usual", "AES128"])
def test_gpg_encrypts(options, who, keys):
    """RSA and cv25519, and each cipher, as gpg writes them."""
    found = pgp.decrypt(wrapped(by_gpg(keys, *options, who=who)), keys)

    assert found.content == PART
    assert found.authenticated
    assert found.covers_all
    assert found.signature is None
    assert found.algorithm.startswith("AES")


def test_hidden_recipient(keys):
    """A message that does not name its recipient's key is opened."""
    given = ["--armor", "--hidden-recipient", BOB, "--encrypt"]

    assert pgp.decrypt(wrapped(gpg(keys, *given, octets=PART)), keys).content == PART


def test_unsigned_is_no_signature(keys):
    """A text that could be decrypted says nothing about its author."""
    found = pgp.decrypt(wrapped(by_gpg(keys)), keys)

    assert found.signature is None
    assert not pgp.verify(found, keys)


def test_signature_of_another_author(keys):
    """A signature within an encrypted text is compared with the author outside."""
    found = pgp.decrypt(wrapped(by_gpg(keys, "--sign", "--local-user", CAROL)), keys)

    assert found.signature.intact
    assert not found.signature.valid


def test_text_without_integrity(keys):
    """What has no protection against changes is refused, though gpg writes the text."""
    text = by_gpg(keys, "--rfc2440", "--cipher-algo", "3DES", "--disable-mdc", who=ANN)
    assert b"secret" in gpg(keys, "--decrypt", "--ignore-mdc-error", octets=text, check=False)

    with pytest.raises(DecryptionError, match="no protection against changes"):
        pgp.decrypt(wrapped(text), keys)


@pytest.mark.parametrize("place", [0.3, 0.5, 0.9, 0.999])
def test_one_bit_changed(place, keys):
    """One bit changed anywhere: nothing is handed over."""
    text = bytearray(by_gpg(keys, "--compress-algo", "none", armor=False))
    text[int(len(text) * place)] ^= 1
    armored = b"-----BEGIN PGP MESSAGE-----\n\n" + base64.encodebytes(bytes(text))
    armored += b"-----END PGP MESSAGE-----\n"

    with pytest.raises(DecryptionError):
        pgp.decrypt(wrapped(armored), keys)


def test_cut_short(keys):
    """A text that ends too early is not handed over."""
    text = by_gpg(keys, armor=False, part=PART * 20)[:-500]

    with pytest.raises(DecryptionError):
        pgp.decrypt(wrapped(text), keys)


def test_other_keys(keys):
    """A message for other keys says so."""
    text = by_gpg(keys)
    with folder_of_keys() as empty, pytest.raises(DecryptionError, match="other keys"):
        pgp.decrypt(wrapped(text), empty)


def test_passphrase(keys):
    """A key with a passphrase is used with it; it is on no command line."""
    text = by_gpg(keys, who=LOCKED)

    assert pgp.decrypt(wrapped(text), keys, passphrase=PASSPHRASE).content == PART


def test_text_within_a_text(keys):
    """The old form is read: an armored text in a plain one."""
    text = by_gpg(keys, part="Grüße\n".encode()).replace(b"\n", b"\r\n")
    octets = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"

    found = pgp.decrypt(octets + text, keys)
    around = pgp.decrypt(octets + b"Look:\r\n" + text + b"\r\nBye\r\n", keys)

    assert found.mail.text == "Grüße\n"
    assert found.covers_all
    assert found.outer.defects == []
    assert around.mail.text == "Grüße\n"
    assert not around.covers_all


def test_parts_mixed_up_by_exchange(keys):
    """Exchange writes multipart/mixed with an empty text before the two parts."""
    head = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    empty = b"--b\r\nContent-Type: text/plain\r\n\r\n\r\n"

    found = pgp.decrypt(head + empty + parts(by_gpg(keys)) + b"--b--\r\n", keys)

    assert found.content == PART
    assert found.covers_all


def test_part_of_the_message(keys):
    """An encrypted part between others is opened alone, and marked (EFAIL)."""
    head = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    evil = b'--b\r\nContent-Type: text/html\r\n\r\n<img src="http://evil.test/\r\n'

    found = pgp.decrypt(head + evil + parts(by_gpg(keys)) + b"--b--\r\n", keys)

    assert not found.covers_all
    assert netmail.DefectKind.ERRANT_ENCRYPTION in {each.kind for each in found.outer.defects}
    assert b"evil" not in found.content


def test_packed_text(keys):
    """A small message that unpacks to a very large one is refused, and gpg is ended."""
    text = by_gpg(keys, part=bytes(3_000_000))
    backend = pgp.GnuPG(keys)
    backend._gpg._limit = 1_000_000

    with pytest.raises(CryptoError, match="more than 1000000 octets"):
        pgp.decrypt(wrapped(text), backend=backend)


@pytest.mark.parametrize("octets", [HEAD + b"\r\nHello\r\n", wrapped(b"")])
def test_unreadable(octets, keys):
    """What is not encrypted is refused."""
    with pytest.raises(DecryptionError):
        pgp.decrypt(octets, keys)


def test_envelope(keys):
    """A sealed message is opened as one that was received."""
    [sealed] = pgp.encrypt(netmail.message(ANN, BOB, "x").text("y"), keys)

    assert pgp.decrypt(netmail.parse(sealed.as_bytes()), keys).mail.text == "y\n"
