"""Encrypting by S/MIME, judged by openssl; each hidden recipient gets a message of its own."""

import pytest

import netmail
from netmail.crypto import SealedMessage, smime
from netmail.crypto.errors import KeyUnusable
from support.crypto_certificates import ANN, BOB, CAROL, authority, person, usage
from support.openssl import openssl

DAVE = "dave@example.test"


def letter():
    """A message with a visible, a copied and two hidden recipients."""
    message = netmail.message(ANN, BOB, "Secret plans").cc(CAROL).text("Hello \nGrüße\n")
    return message.bcc([DAVE, "eve@example.test"])


def simple():
    """A message for Bob."""
    return netmail.message(ANN, BOB, "Secret plans").text("Hello \nGrüße\n")


def certs(*addresses):
    """The certificates of recipients."""
    return [person(each).cert for each in addresses]


def read_by(folder, octets, who):
    """What openssl decrypts."""
    arguments = ["-decrypt", "-recip", "{cert}", "-inkey", "{key}"]
    return openssl(folder, *arguments, octets=octets, cert=who.pem, key=who.key_pem)


@pytest.mark.parametrize("oaep", [False, True], ids=["v1.5", "OAEP"])
@pytest.mark.parametrize("cipher", ["aes256-cbc", "aes128-cbc", "aes256-gcm", "aes128-gcm"])
@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_openssl_decrypts(kind, cipher, oaep, tmp_path):
    """Another program reads every cipher, for RSA keys and elliptic curves."""
    bob = person(BOB, kind)
    [sealed] = smime.encrypt(simple(), [bob.cert], cipher=cipher, oaep=oaep)

    done, octets = read_by(tmp_path, sealed.as_bytes(), bob)

    assert done, octets
    assert netmail.parse(octets).text == "Hello \nGrüße\n"
    assert netmail.parse(sealed.as_bytes()).is_encrypted


def test_each_hidden_recipient_alone(tmp_path):
    """To and Cc share a message, each Bcc gets one that shows no other key and no other address."""
    everyone = [BOB, CAROL, DAVE, "eve@example.test"]
    messages = smime.encrypt(letter(), certs(*everyone))

    assert [each.recipients for each in messages] == [
        (BOB, CAROL),
        (DAVE,),
        ("eve@example.test",),
    ]
    assert all(isinstance(each, SealedMessage) for each in messages)
    assert not any(b"dave" in each.as_bytes() for each in messages)
    for message, reader, stranger in zip(
        messages, [BOB, DAVE, "eve@example.test"], [DAVE, BOB, CAROL], strict=True
    ):
        assert read_by(tmp_path, message.as_bytes(), person(reader))[0]
        assert not read_by(tmp_path, message.as_bytes(), person(stranger))[0]


def test_only_hidden_recipients():
    """Without To and Cc every recipient gets a message alone."""
    message = netmail.message(ANN, subject="x").bcc([BOB, CAROL]).text("x")

    found = smime.encrypt(message, certs(BOB, CAROL))

    assert [each.recipients for each in found] == [(BOB,), (CAROL,)]


def test_bcc_field_of_another_program():
    """A field Bcc that another program wrote is in no part of the message."""
    octets = f"From: {ANN}\nTo: {BOB}\nBcc: {DAVE}\n\nHello\n".encode()
    envelope = netmail.Envelope(ANN, (BOB, DAVE), octets)

    shared, alone = smime.encrypt(envelope, certs(BOB, DAVE), hide_subject=True)

    for each, who in ((shared, BOB), (alone, DAVE)):
        content = smime.decrypt(each, person(who).cert, person(who).key).content
        assert b"dave" not in each.as_bytes() + content.lower()


def test_sign_then_encrypt():
    """What was signed is encrypted; after decrypting the signature is verified."""
    ann, bob = person(), person(BOB)
    [sealed] = smime.encrypt(smime.sign(simple(), ann.cert, ann.key), [bob.cert])

    opened = smime.decrypt(sealed, bob.cert, bob.key)
    found = smime.verify(opened, [authority().cert])

    assert found.valid
    assert found.mail.text == "Hello \nGrüße\n"


def test_hidden_subject():
    """The subject is in the encrypted part only, and the reader is shown the real one."""
    bob = person(BOB)
    [sealed] = smime.encrypt(simple(), [bob.cert], hide_subject=True)
    opened = smime.decrypt(sealed, bob.cert, bob.key)

    assert netmail.parse(sealed.as_bytes()).subject == "[...]"
    assert b"plans" not in sealed.as_bytes()
    assert opened.subject == "Secret plans"
    assert opened.mail.root.params["hp"] == "cipher"
    assert "Subject: [...]" in opened.mail.headers.get_all("hp-outer")


def test_hidden_subject_of_a_signed_message():
    """The protected fields are within the signature, and are written once."""
    ann, bob = person(), person(BOB)
    signed = smime.sign(simple(), ann.cert, ann.key, protect_headers="cipher")
    [sealed] = smime.encrypt(signed, [bob.cert], hide_subject=True)

    opened = smime.decrypt(sealed, bob.cert, bob.key)
    found = smime.verify(opened, [authority().cert])

    assert netmail.parse(sealed.as_bytes()).subject == "[...]"
    assert found.valid
    assert found.mail.subject == "Secret plans"
    assert opened.content.count(b"\nSubject: Secret") == 1


def test_own_copy(tmp_path):
    """The sender can read the visible message on request, and no other."""
    messages = smime.encrypt(
        letter().bcc([]), certs(BOB, CAROL, DAVE, "eve@example.test"), own=person().pem
    )

    assert read_by(tmp_path, messages[0].as_bytes(), person())[0]
    assert not read_by(tmp_path, messages[1].as_bytes(), person())[0]


@pytest.mark.parametrize(
    "allowed", ["digital_signature", "key_agreement", "data_encipherment", "key_encipherment"]
)
def test_usage_of_the_key(allowed):
    """Many certificates leave out what their key is used for: each is encrypted for."""
    bob = person(BOB, title=allowed, usage=usage(**{allowed: True}))
    [sealed] = smime.encrypt(simple(), [bob.cert])

    assert smime.decrypt(sealed, bob.cert, bob.key).mail.text == "Hello \nGrüße\n"


def test_certificates_by_address():
    """A dictionary names the address of a certificate that has none."""
    bob = person(BOB, title="nameless", names=())
    [sealed] = smime.encrypt(simple(), {"bob@EXAMPLE.test": bob.pem})

    assert smime.decrypt(sealed, bob.cert, bob.key).mail.text == "Hello \nGrüße\n"


@pytest.mark.parametrize(
    ("certificates", "error", "reason"),
    [
        ([], KeyUnusable, "no certificate for bob@example.test"),
        ([person(CAROL).cert], KeyUnusable, "no certificate for bob@example.test"),
        ([person(BOB, title="old", days=(-9, -5)).cert], KeyUnusable, "expired"),
        ([b"nothing"], KeyUnusable, "cannot be read"),
        ([7], netmail.UsageError, "no certificate"),
    ],
)
def test_unusable_certificates(certificates, error, reason):
    """Nothing is sent in clear: a recipient without a usable certificate is an error."""
    with pytest.raises(error, match=reason):
        smime.encrypt(simple(), certificates)


def test_unknown_cipher():
    """Ciphers to read only are not written."""
    for cipher in ("des3", "aes192-cbc", "tripledes-3key", ""):
        with pytest.raises(netmail.UsageError, match="cipher"):
            smime.encrypt(simple(), certs(BOB), cipher=cipher)
