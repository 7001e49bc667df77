"""Encrypting by PGP/MIME, judged by gpg; each hidden recipient gets a message of its own."""

import pytest

import netmail
from netmail.crypto import pgp
from netmail.crypto.errors import KeyUnusable
from support.pgp_keys import ANN, BOB, CAROL, LOCKED, fingerprints, folder_of_keys, gpg


def letter():
    """A message for one recipient."""
    return netmail.message(ANN, BOB, "Secret plans").text("Hello \nGrüße\n")


def readers(home, octets):
    """The identifiers of the keys that a message is encrypted for."""
    listed = gpg(home, "--status-fd", "1", "--list-only", "--decrypt", octets=octets).decode()
    return [line.split()[2] for line in listed.splitlines() if "ENC_TO" in line]


def test_gpg_decrypts(keys):
    """Gpg itself reads the message."""
    [sealed] = pgp.encrypt(letter(), keys)
    text = netmail.parse(sealed.as_bytes()).root.children[1].content

    assert netmail.parse(gpg(keys, "--decrypt", octets=text)).text == "Hello \nGrüße\n"


def test_form(keys):
    """The message has the form of the RFC."""
    [sealed] = pgp.encrypt(letter(), keys)
    mail = netmail.parse(sealed.as_bytes())

    assert mail.is_encrypted
    assert mail.root.params["protocol"] == "application/pgp-encrypted"
    assert [part.content_type for part in mail.root.children] == [
        "application/pgp-encrypted",
        "application/octet-stream",
    ]
    assert mail.root.children[0].raw_body == b"Version: 1\r\n"


def test_each_hidden_recipient_alone(keys):
    """To and Cc share a message; each Bcc gets one for its own key only."""
    message = letter().cc(CAROL).bcc(LOCKED)

    shared, alone = pgp.encrypt(message, keys)

    assert shared.recipients == (BOB, CAROL)
    assert alone.recipients == (LOCKED,)
    assert len(readers(keys, shared.as_bytes())) == 2
    assert len(readers(keys, alone.as_bytes())) == 1
    assert b"dora" not in shared.as_bytes() + alone.as_bytes()


def test_sign_and_encrypt(keys):
    """Both at once: the signature comes with the decrypted text."""
    [sealed] = pgp.encrypt(letter(), keys, sign=True)

    opened = pgp.decrypt(sealed, keys)

    assert opened.signature.valid
    assert opened.signature.signer == ANN
    assert pgp.verify(opened, keys) is opened.signature


def test_sign_then_encrypt(keys):
    """One after the other, the signature is within the encrypted part."""
    signed = pgp.sign(letter(), keys, protect_headers="cipher")
    [sealed] = pgp.encrypt(signed, keys, hide_subject=True)

    opened = pgp.decrypt(sealed, keys)

    assert opened.signature is None
    assert netmail.parse(sealed.as_bytes()).subject == "[...]"
    assert opened.subject == "Secret plans"
    assert pgp.verify(opened, keys).valid
    assert pgp.verify(opened, keys).mail.subject == "Secret plans"


def test_hidden_subject(keys):
    """The subject is in the encrypted part only."""
    [sealed] = pgp.encrypt(letter(), keys, hide_subject=True)

    assert b"plans" not in sealed.as_bytes()
    assert pgp.decrypt(sealed, keys).subject == "Secret plans"


def test_own_copy(keys):
    """The sender can read the visible message on request, and no other."""
    shared, alone = pgp.encrypt(letter().bcc(CAROL), keys, own=ANN)

    assert len(readers(keys, shared.as_bytes())) == 2
    assert len(readers(keys, alone.as_bytes())) == 1


def test_keys_by_fingerprint(keys):
    """A recipient's key is named by its fingerprint where the address is not in it."""
    message = netmail.message(ANN, "bob@other.test", "x").text("x")
    with pytest.raises(KeyUnusable):
        pgp.encrypt(message, keys)

    [sealed] = pgp.encrypt(message, keys, keys={"bob@OTHER.test": fingerprints(keys, BOB)[0]})

    assert pgp.decrypt(sealed, keys).mail.text == "x\n"


def test_no_key(keys):
    """Nothing is sent in clear, and nothing for some of the recipients only."""
    message = letter().cc("nobody@example.test")

    with pytest.raises(KeyUnusable, match=r"nobody@example\.test.*there is no key"):
        pgp.encrypt(message, keys)


def test_key_that_nobody_has_certified(keys):
    """Anyone can write any address into a key: an imported one is not used without being asked."""
    public = gpg(keys, "--export", BOB)
    with folder_of_keys() as home:
        gpg(home, "--import", octets=public)
        with pytest.raises(KeyUnusable, match="not trusted"):
            pgp.encrypt(letter(), home)
        [sealed] = pgp.encrypt(letter(), home, always_trust=True)

    assert pgp.decrypt(sealed, keys).mail.text == "Hello \nGrüße\n"
