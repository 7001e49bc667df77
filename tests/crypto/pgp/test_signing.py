"""Signing by PGP/MIME, judged by gpg."""

import subprocess

import pytest

import netmail
from netmail.crypto import pgp
from netmail.crypto.errors import KeyUnusable
from support.pgp_keys import ANN, BOB, LOCKED, PASSPHRASE, fingerprints, gpg

TEXTS = {
    "plain": "Hello\n",
    "no line end": "Hello",
    "trailing spaces": "Hello  \n\t\n \n",
    "trailing line breaks": "Hello\n\n\n",
    "From at the beginning": "From here\n",
    "outside ASCII": "Grüße\n",
    "dashes": "- one\n-- \nAnn\n",
}


def letter(text="Hello\n", sender=ANN):
    """A message."""
    return netmail.message(sender, BOB, "Grüße").text(text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_gpg_verifies(text, keys, tmp_path):
    """Gpg itself verifies the part as it is in the message."""
    sealed = pgp.sign(letter(text), keys)
    found = netmail.parse(sealed.as_bytes()).signed
    file = tmp_path / "signature"
    file.write_bytes(found.signature)

    gpg(keys, "--verify", str(file), "-", octets=found.octets)
    assert pgp.verify(sealed, keys).valid
    assert found.content.text.rstrip("\n") == text.rstrip("\n")


def test_form(keys):
    """The message has the form of the RFC, and the digest that gpg has used."""
    mail = netmail.parse(pgp.sign(letter(), keys).as_bytes())

    assert mail.root.content_type == "multipart/signed"
    assert mail.root.params["protocol"] == "application/pgp-signature"
    assert mail.root.params["micalg"].startswith("pgp-sha")
    assert mail.root.children[1].content_type == "application/pgp-signature"
    assert "mime-version" not in mail.root.children[0].headers


def test_spaces_are_encoded(keys):
    """The RFC demands that spaces at the ends of lines are encoded."""
    octets = pgp.sign(letter("Hello \n"), keys).as_bytes()

    assert b" \r\n" not in octets


def test_signer_by_fingerprint(keys):
    """A key is chosen by its fingerprint, too."""
    [fingerprint] = fingerprints(keys, BOB)

    found = pgp.verify(pgp.sign(letter(), keys, signer=fingerprint), keys)

    assert found.intact
    assert found.fingerprint == fingerprint
    assert found.reasons == ("the key is not that of the author in From",)


def test_passphrase(keys):
    """A key with a passphrase needs the right one."""
    # The agent may still remember the passphrase from the making of the key.
    subprocess.run(["gpgconf", "--homedir", str(keys), "--reload", "gpg-agent"], check=True)
    with pytest.raises(KeyUnusable, match="the passphrase of the private key is wrong"):
        pgp.sign(letter(sender=LOCKED), keys, passphrase="wrong")

    sealed = pgp.sign(letter(sender=LOCKED), keys, passphrase=PASSPHRASE)

    assert pgp.verify(sealed, keys).valid


@pytest.mark.parametrize("who", ["nobody@example.test", "ann@example.tes", "example.test", "-h"])
def test_unknown_key(who, keys):
    """An address is compared whole: a part of one finds no key."""
    with pytest.raises(KeyUnusable, match="there is no"):
        pgp.sign(letter(), keys, signer=who)


def test_no_author(keys):
    """A message without From has no author whose key could sign it."""
    envelope = netmail.Envelope(ANN, (BOB,), b"To: bob@example.test\r\n\r\nx\r\n")
    with pytest.raises(KeyUnusable, match="no author"):
        pgp.sign(envelope, keys)


def test_missing_program():
    """The error says which program is missing."""
    backend = pgp.GnuPG(program="no-such-program")
    with pytest.raises(netmail.UsageError, match="no-such-program is missing"):
        pgp.sign(letter(), backend=backend)


def test_protected_headers(keys):
    """The fields of the message are signed as copies."""
    sealed = pgp.sign(letter(), keys, protect_headers="clear")
    found = pgp.verify(sealed, keys)

    assert found.valid
    assert found.mail.subject == "Grüße"

    forged = sealed.as_bytes().replace(b"From: ann@", b"From: bob@", 1)
    assert "From differs from the author that was signed" in pgp.verify(forged, keys).reasons


def test_configuration_is_not_read(keys):
    """What the folder's configuration asks for has no effect."""
    config = keys / "gpg.conf"
    config.write_text("no-such-option\n")
    try:
        assert pgp.verify(pgp.sign(letter(), keys), keys).valid
    finally:
        config.unlink()


def test_large_message(keys, tmp_path):
    """A large attachment is read piece by piece, and its signature is right."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(256)) * 8192)

    sealed = pgp.sign(letter().attachment(file), keys)

    assert isinstance(sealed.content, netmail.LargeContent)
    assert pgp.verify(sealed, keys).valid


def test_file_that_cannot_be_read(keys, tmp_path):
    """The error of a file that vanishes while gpg reads is the file's."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(2_000_000))
    message = letter().attachment(file)
    content = netmail.envelope_of(message).content
    file.unlink()

    with pytest.raises(netmail.MessageError):
        pgp.sign(netmail.Envelope(ANN, (BOB,), content), keys)
