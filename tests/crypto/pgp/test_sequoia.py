"""Sequoia as the second back end: what it writes gpg reads, and it reads what gpg writes."""

import subprocess
import sys

import pytest

import netmail
from netmail.crypto import pgp
from netmail.crypto.errors import DecryptionError, KeyUnusable
from support.pgp_keys import ANN, BOB, CAROL, LOCKED, PASSPHRASE, fingerprints, gpg

pytest.importorskip("pysequoia")


@pytest.fixture
def made(keys):
    """Make a back end with the private key of one, and the public keys of all."""

    def make(owner=ANN, passphrase=None):
        public = [gpg(keys, "--export", each) for each in (ANN, BOB, CAROL, LOCKED)]
        given = ["--passphrase", passphrase or "", "--export-secret-keys", owner]
        return pgp.Sequoia(public, gpg(keys, *given), passphrase)

    return make


def letter(sender=ANN):
    """A message."""
    return netmail.message(sender, BOB, "Plans").text("Hello \nGrüße\n")


def test_gpg_verifies(made, keys):
    """Gpg verifies what Sequoia signs."""
    sealed = pgp.sign(letter(), backend=made())

    assert pgp.verify(sealed, keys).valid
    assert netmail.parse(sealed.as_bytes()).root.params["micalg"].startswith("pgp-sha")


def test_verifies_gpg(made, keys):
    """Sequoia verifies what gpg signs, and names the key."""
    found = pgp.verify(pgp.sign(letter(), keys), backend=made(BOB))

    assert found.reasons == ()
    assert found.valid
    assert [found.fingerprint] == fingerprints(keys, ANN)


def test_changed_text(made, keys):
    """A changed text is not valid."""
    octets = pgp.sign(letter(), keys).as_bytes().replace(b"Hello", b"Howdy")

    found = pgp.verify(octets, backend=made())

    assert not found.valid
    assert "the text has changed" in found.reasons[0]


def test_weak_digest(made, keys):
    """Sequoia refuses SHA-1 by itself."""
    from netmail.crypto.entity import digest_of as digest
    from netmail.crypto.entity import entity_of, multipart_signed

    envelope = netmail.envelope_of(letter())
    entity = entity_of(envelope)
    part = entity.as_bytes()
    options = ["--armor", "--digest-algo", "SHA1", "--local-user", ANN, "--detach-sign"]
    signature = b"Content-Type: application/pgp-signature\r\n\r\n"
    signature += gpg(keys, *options, octets=part)
    whole = multipart_signed(envelope, entity, digest([part]), b"micalg=pgp-sha1", signature)

    assert not pgp.verify(whole, backend=made()).valid


def test_encrypted_both_ways(made, keys):
    """Each reads what the other has encrypted and signed."""
    [by_sequoia] = pgp.encrypt(letter(), sign=True, backend=made())
    # pysequoia does not find the signature in a text that was compressed.
    options = ["--armor", "--compress-algo", "none", "--local-user", ANN, "--sign"]
    part = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello \r\n"
    text = gpg(keys, *options, "--recipient", BOB, "--encrypt", octets=part)
    head = f"From: {ANN}\nContent-Type: text/plain\n\n".encode()

    found = pgp.decrypt(by_sequoia, keys)
    assert found.mail.text == "Hello \nGrüße\n"
    assert found.signature.valid
    found = pgp.decrypt(head + text, backend=made(BOB))
    assert b"Hello" in found.content
    assert found.signature.valid


def test_signature_of_a_compressed_text(made, keys):
    """A text that gpg has compressed is opened; pysequoia cannot verify it, and that is named."""
    [by_gpg] = pgp.encrypt(letter(), keys, sign=True)

    found = pgp.decrypt(by_gpg, backend=made(BOB))

    assert found.mail.text == "Hello \nGrüße\n"
    assert not found.signature.valid
    assert found.signature.reasons[0] == "it cannot be verified: the text was compressed"


def test_signature_of_an_unknown_key_within(made, keys):
    """The reason of a signature that comes with the text is that of its key."""
    secret = gpg(keys, "--passphrase", "", "--export-secret-keys", BOB)
    backend = pgp.Sequoia([], secret)
    [sealed] = pgp.encrypt(letter(), sign=True, backend=made())

    found = pgp.decrypt(sealed, backend=backend).signature

    assert found.reasons[0] == "the key of the signer is not known"


def test_changed_ciphertext(made, keys):
    """What was changed is not handed over."""
    [sealed] = pgp.encrypt(letter(), keys)
    octets = sealed.as_bytes()
    place = octets.index(b"-----END PGP") - 80
    changed = octets[:place] + (b"A" if octets[place : place + 1] != b"A" else b"B")

    with pytest.raises(DecryptionError):
        pgp.decrypt(changed + octets[place + 1 :], backend=made(BOB))


def test_text_signed_in_clear(made, keys):
    """The old form is read."""
    signed = gpg(keys, "--local-user", ANN, "--clearsign", octets=b"Hello\n")
    octets = f"From: {ANN}\nContent-Type: text/plain\n\n".encode() + signed

    found = pgp.verify(octets, backend=made())

    assert found.valid
    assert found.mail.text.strip() == "Hello"


def test_passphrase(made, keys):
    """A private key with a passphrase needs it."""
    sealed = pgp.sign(letter(LOCKED), backend=made(LOCKED, PASSPHRASE))

    assert pgp.verify(sealed, keys).valid


@pytest.mark.parametrize(
    ("signer", "reason"), [("nobody@example.test", "there is no key"), (BOB, "another's")]
)
def test_no_key(signer, reason, made):
    """Signing needs the signer's own private key."""
    with pytest.raises(KeyUnusable, match=reason):
        pgp.sign(letter(), signer=signer, backend=made())


def test_without_private_key(keys):
    """Public keys alone verify, and neither sign nor decrypt."""
    backend = pgp.Sequoia([gpg(keys, "--export", ANN), gpg(keys, "--export", BOB)])

    assert pgp.verify(pgp.sign(letter(), keys), backend=backend).valid
    with pytest.raises(KeyUnusable, match="no private key"):
        pgp.sign(letter(), backend=backend)
    with pytest.raises(DecryptionError, match="no private key"):
        pgp.decrypt(pgp.encrypt(letter(), keys)[0], backend=backend)


def test_broken_key():
    """What is no key is refused."""
    with pytest.raises(KeyUnusable, match="cannot be read"):
        pgp.Sequoia([b"nothing"])


def test_autocrypt(made):
    """The author's key is exported."""
    sealed = pgp.sign(letter(), autocrypt=True, backend=made())

    assert pgp.autocrypt_key(netmail.parse(sealed.as_bytes())).address == ANN


def test_missing_package():
    """The error names the package, and gpg's functions work without it."""
    program = "import sys; sys.modules['pysequoia'] = None\nfrom netmail.crypto import pgp\n"
    program += "try:\n    pgp.Sequoia()\nexcept ValueError as error:\n    print(error)\n"
    command = [sys.executable, "-c", program]

    done = subprocess.run(command, capture_output=True, check=True, timeout=60)

    assert b"pip install pysequoia" in done.stdout
