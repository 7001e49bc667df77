"""Both back ends obey the same rules: gpg and Sequoia, on what gpg and attackers write."""

import base64
import time

import pytest

import netmail
from netmail.crypto import DecryptionError, KeyUnusable, pgp
from support.pgp_keys import ANN, BOB, CAROL, LOCKED, fingerprints, folder_of_keys, gpg, new_key

pytest.importorskip("pysequoia")

HEAD = f"From: {ANN}\r\nTo: {BOB}\r\nSubject: Plans\r\nMIME-Version: 1.0\r\n".encode()
PART = b"Content-Type: text/plain\r\n\r\nSee you.\r\n"
ALL = (ANN, BOB, CAROL, LOCKED)


def backend_of(kind, home, owner=ANN, known=ALL):
    """A back end with the keys of a folder; Sequoia has the private key of the owner."""
    if kind == "gpg":
        return pgp.GnuPG(home)
    secret = gpg(home, "--passphrase", "", "--export-secret-keys", owner)
    return pgp.Sequoia([gpg(home, "--export", each) for each in known], secret)


@pytest.fixture(params=["gpg", "sequoia"])
def kind(request):
    """Each back end in turn."""
    return request.param


@pytest.fixture
def made(kind, keys):
    """Make a back end with the keys of all."""
    return lambda owner=ANN: backend_of(kind, keys, owner)


def letter(sender=ANN):
    """A message."""
    return netmail.message(sender, BOB, "Plans").text("See you.\n")


def encrypted(text):
    """A message of PGP/MIME with an encrypted text."""
    lines = [
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"',
        *(b"", b"--b", b"Content-Type: application/pgp-encrypted", b"", b"Version: 1", b""),
        *(b"--b", b"Content-Type: application/octet-stream", b"", text, b"--b--", b""),
    ]
    return HEAD + b"\r\n".join(lines)


def signed(signature, part=PART):
    """A message of PGP/MIME with a signature; micalg may be missing."""
    start = b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary="b"'
    end = (
        b"\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n" + signature + b"\r\n--b--\r\n"
    )
    return HEAD + start + b"\r\n\r\n--b\r\n" + part + end


def text_of(home, *options, who=BOB, part=PART):
    """What gpg encrypts."""
    return gpg(home, "--armor", *options, "--recipient", who, "--encrypt", octets=part)


def signature_of(home, *options, who=ANN, part=PART):
    """What gpg signs."""
    return gpg(home, "--armor", "--local-user", who, *options, "--detach-sign", octets=part)


@pytest.mark.parametrize("who", [ANN, BOB], ids=["rsa", "cv25519"])
@pytest.mark.parametrize("cipher", ["AES256", "AES192", "AES128"])
def test_ciphers(who, cipher, made, keys):
    """Every usual cipher and kind of key is read."""
    found = pgp.decrypt(
        encrypted(text_of(keys, "--cipher-algo", cipher, who=who)), backend=made(who)
    )

    assert found.content == PART
    assert found.authenticated
    assert found.signature is None


def test_hidden_recipient(made, keys):
    """The key of the recipient need not be named."""
    text = gpg(keys, "--armor", "--hidden-recipient", BOB, "--encrypt", octets=PART)

    assert pgp.decrypt(encrypted(text), backend=made(BOB)).content == PART


def test_without_integrity(made, keys):
    """What is not protected against changes is never handed over."""
    text = text_of(keys, "--rfc2440", "--cipher-algo", "3DES", "--disable-mdc", who=ANN)

    with pytest.raises(DecryptionError):
        pgp.decrypt(encrypted(text), backend=made())


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9, 0.999])
def test_one_bit_changed(place, made, keys):
    """Nothing is handed over of what was changed anywhere."""
    part = PART + b"x" * 20_000
    options = ["--compress-algo", "none", "--recipient", BOB, "--encrypt"]
    octets = bytearray(gpg(keys, *options, octets=part))
    octets[int(len(octets) * place)] ^= 1
    armored = b"-----BEGIN PGP MESSAGE-----\n\n" + base64.encodebytes(bytes(octets))

    with pytest.raises(DecryptionError):
        pgp.decrypt(encrypted(armored + b"-----END PGP MESSAGE-----\n"), backend=made(BOB))


def test_for_other_keys(made, keys):
    """A message for another recipient is refused."""
    with folder_of_keys() as other:
        new_key(other, CAROL, "ed25519")
        text = text_of(other, "--trust-model", "always", who=CAROL)

    with pytest.raises(DecryptionError):
        pgp.decrypt(encrypted(text), backend=made())


@pytest.mark.parametrize("digest", ["SHA256", "SHA384", "SHA512"])
def test_strong_digests(digest, made, keys):
    """Each strong digest is valid, with the whole fingerprint and the time."""
    found = pgp.verify(signed(signature_of(keys, "--digest-algo", digest)), backend=made())

    assert found.reasons == ()
    assert found.valid
    assert found.digest == digest.lower()
    assert [found.fingerprint] == fingerprints(keys, ANN)
    assert found.signed_at is not None


@pytest.mark.parametrize("digest", ["MD5", "SHA1", "RIPEMD160"])
def test_weak_digests(digest, made, keys):
    """No weak digest is ever valid, whatever the program takes."""
    options = ["--digest-algo", digest, "--allow-weak-digest-algos"]

    found = pgp.verify(signed(signature_of(keys, *options)), backend=made())

    assert not found.valid
    assert found.reasons


def test_changed_text(made, keys):
    """A changed text has its reason."""
    octets = signed(signature_of(keys), PART.replace(b"See", b"Pay"))

    found = pgp.verify(octets, backend=made())

    assert not found.intact
    assert "the text has changed" in found.reasons[0]


def test_unknown_key(kind, keys):
    """A signature of a key that is not known has another reason."""
    octets = signed(signature_of(keys, who=BOB))
    with folder_of_keys() as other:
        new_key(other, ANN, "ed25519")
        found = pgp.verify(octets, backend=backend_of(kind, other, known=[ANN]))

    assert not found.intact
    assert found.reasons == ("the key of the signer is not known",)


def test_signer_is_not_the_author(made, keys):
    """A good signature under another author is not valid."""
    found = pgp.verify(signed(signature_of(keys, who=CAROL)), backend=made())

    assert found.intact
    assert found.reasons == ("the key is not that of the author in From",)


def test_several_signatures(made, keys):
    """Each is judged by itself, in whatever order they come."""
    for who, other in ((ANN, BOB), (BOB, ANN)):
        found = pgp.verify(
            signed(signature_of(keys, "--local-user", other, who=who)), backend=made()
        )

        assert found.valid
        assert found.signer == ANN
        assert [each.signer for each in found.others] == [BOB]
        assert not found.others[0].valid


def test_one_of_several_is_broken(made, keys):
    """A signature that is not right takes nothing away from one that is, and is reported."""
    good, bad = signature_of(keys), signature_of(keys, who=BOB, part=b"other")
    binary = gpg(keys, "--dearmor", octets=good) + gpg(keys, "--dearmor", octets=bad)

    found = pgp.verify(signed(gpg(keys, "--enarmor", octets=binary)), backend=made())

    assert found.valid
    assert len(found.others) == 1
    assert not found.others[0].intact


def test_expired_and_revoked_keys(kind):
    """The key must be good still."""
    with folder_of_keys() as home:
        new_key(home, ANN, "ed25519", expires="1d")
        new_key(home, BOB, "ed25519")
        octets = signed(signature_of(home))
        by_bob = signed(signature_of(home, who=BOB)).replace(ANN.encode(), BOB.encode(), 1)
        assert pgp.verify(octets, backend=backend_of(kind, home, BOB, [ANN, BOB])).valid
        gpg(home, "--quick-set-expire", fingerprints(home, ANN)[0], "seconds=1")
        [bob] = fingerprints(home, BOB)
        revocation = (home / "openpgp-revocs.d" / f"{bob}.rev").read_bytes()
        gpg(home, "--import", octets=revocation.replace(b":-----BEGIN", b"-----BEGIN"))
        revoked = pgp.verify(by_bob, backend=backend_of(kind, home, ANN, [ANN, BOB]))
        expired, end = revoked, time.monotonic() + 20
        while expired is revoked or (expired.valid and time.monotonic() < end):
            expired = pgp.verify(octets, backend=backend_of(kind, home, BOB, [ANN, BOB]))

    assert not expired.valid
    assert expired.reasons
    assert not revoked.valid
    assert revoked.reasons


def test_text_signed_in_clear(made, keys):
    """The old form is read; the text is the one that was verified."""
    text = gpg(keys, "--local-user", ANN, "--clearsign", octets="Grüße\n- dash\n".encode())
    octets = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"

    found = pgp.verify(octets + text.replace(b"\n", b"\r\n"), backend=made())
    around = pgp.verify(octets + b"Pay!\r\n" + text.replace(b"\n", b"\r\n"), backend=made())

    assert found.reasons == ()
    assert found.mail.text.rstrip() == "Grüße\n- dash"
    assert not around.valid
    assert "Pay" not in around.mail.text


def test_text_encrypted_within_a_text(made, keys):
    """The old form is read, and what is around it is no part of it."""
    text = text_of(keys, part="Grüße\n".encode()).replace(b"\n", b"\r\n")
    octets = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nLook:\r\n"

    found = pgp.decrypt(octets + text, backend=made(BOB))

    assert found.mail.text == "Grüße\n"
    assert not found.covers_all


def test_encrypted_for_each(made, keys):
    """Hidden recipients get a message of their own; each is read by its own key alone."""
    shared, alone = pgp.encrypt(letter().bcc(CAROL), backend=made(), sign=True)

    assert (shared.recipients, alone.recipients) == ((BOB,), (CAROL,))
    assert pgp.decrypt(alone, backend=backend_of("sequoia", keys, CAROL)).mail.text == "See you.\n"
    with pytest.raises(DecryptionError):
        pgp.decrypt(alone, backend=backend_of("sequoia", keys, BOB))
    assert pgp.decrypt(shared, backend=made(BOB)).signature.valid


@pytest.mark.parametrize(
    "who", ["nobody@example.test", "bob@example.tes", "ob@example.test", "example.test", "Name"]
)
def test_no_key(who, made):
    """An address is compared whole; nothing is sent in clear, or to some recipients only."""
    message = letter().cc(f"{who}@x.test" if "@" not in who else who)

    with pytest.raises(KeyUnusable, match="no key"):
        pgp.encrypt(message, backend=made())


def test_address_in_other_letters(made, keys):
    """The domain of an address is compared without case."""
    message = netmail.message(ANN, "bob@EXAMPLE.test", "x").text("See you.\n")

    [sealed] = pgp.encrypt(message, backend=made())

    assert pgp.decrypt(sealed, backend=made(BOB)).mail.text == "See you.\n"


def test_autocrypt(made):
    """The author's key is in the header on request, and can be used at once."""
    sealed = pgp.sign(letter(), backend=made(), autocrypt=True)
    found = pgp.autocrypt_key(netmail.parse(sealed.as_bytes()))

    assert found.address == ANN
    assert pgp.verify(sealed, backend=pgp.Sequoia([found.key])).valid
    assert b"Autocrypt" not in pgp.sign(letter(), backend=made()).as_bytes()


NESTED = {
    "text": letter(),
    "text and HTML": letter().html("<p>See you.</p>"),
    "a file": letter().attach("a.bin", bytes(range(256))),
    "a forwarded message": letter().attach("f.eml", b"Subject: x\r\n\r\ny\r\n"),
    "only a file": netmail.message(ANN, BOB, "x").attach("a.txt", b"x \n\n\n"),
    "dashes and From": netmail.message(ANN, BOB, "x").text("From me\n-- \nAnn \n\n\n"),
}


@pytest.mark.parametrize("message", NESTED.values(), ids=NESTED)
def test_shapes_of_messages(message, made, keys):
    """Messages of one part and of many are signed, and verified by both back ends."""
    sealed = pgp.sign(message, backend=made())

    for other in ("gpg", "sequoia"):
        assert pgp.verify(sealed, backend=backend_of(other, keys)).reasons == ()


def test_odd_octets_are_not_parsed_and_written_again(made, keys):
    """What is signed is compared as it came: odd folding, spaces and cases stay."""
    part = (
        b"content-TYPE:multipart/mixed ;\r\n\t boundary=x\r\nX-Odd :\r\n  y\r\n\r\n"
        b"preamble\r\n--x\r\n\r\nA\tB  \r\n--x--  \r\nepilogue"
    )

    found = pgp.verify(signed(signature_of(keys, part=part), part), backend=made())

    assert found.reasons == ()
    assert found.content == part


def test_forwarded_to_a_third(made, keys):
    """A signed message that its reader encrypts for another shows its first recipient."""
    signed_for_bob = pgp.sign(letter(), backend=made(), protect_headers="cipher")
    octets = signed_for_bob.as_bytes().replace(f"To: {BOB}".encode(), f"To: {CAROL}".encode(), 1)
    moved = netmail.Envelope(BOB, (CAROL,), octets)
    [sealed] = pgp.encrypt(moved, backend=made())

    opened = pgp.decrypt(sealed, backend=backend_of("sequoia", keys, CAROL))
    found = pgp.verify(opened, backend=made())

    assert found.intact
    assert found.protected.headers["to"] == BOB
    assert "to" in found.protected.changed


def test_encrypted_part_of_a_message(made, keys):
    """A signature within an encrypted part is not one of what is around it (EFAIL)."""
    inner = pgp.encrypt(pgp.sign(letter(), keys), keys)[0].as_bytes()
    start = inner.index(b"Content-Type: multipart/encrypted")
    head = HEAD + b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n'
    evil = b"Content-Type: text/plain\r\n\r\nPay!\r\n--m\r\n"
    beside = pgp.decrypt(head + evil + inner[start:] + b"--m--\r\n", backend=made(BOB))

    found = pgp.verify(beside, backend=made(BOB))

    assert not beside.covers_all
    assert found.intact
    assert found.reasons == ("only a part of it is signed",)


def test_signed_around(made, keys):
    """What is signed, encrypted and signed again is whole, and each signature is its own."""
    [sealed] = pgp.encrypt(pgp.sign(letter(), keys), keys)
    again = pgp.sign(sealed, backend=made(ANN))

    opened = pgp.decrypt(again, backend=made(BOB))

    assert opened.covers_all
    assert pgp.verify(again, backend=made(BOB)).valid
    assert pgp.verify(opened, backend=made(BOB)).valid


def test_signature_that_is_not_right(made, keys):
    """A signature made with the encryption, by a weak digest, hides none that is within."""
    part = netmail.parse(pgp.sign(letter(), keys).as_bytes())
    octets = part.raw[part.raw.index(b"Content-Type: multipart/signed") :]
    options = ["--sign", "--local-user", ANN, "--digest-algo", "SHA1"]

    within = pgp.decrypt(encrypted(text_of(keys, *options, part=octets)), backend=made(BOB))
    alone = pgp.decrypt(encrypted(text_of(keys, *options)), backend=made(BOB))

    assert not within.signature.valid
    assert pgp.verify(within, backend=made(BOB)).valid
    assert not pgp.verify(alone, backend=made(BOB)).valid
    assert pgp.verify(alone, backend=made(BOB)).reasons


def test_no_use_of_keys_that_are_over(kind):
    """A key that has expired or was revoked neither signs nor is encrypted for."""
    with folder_of_keys() as home:
        for who in (ANN, BOB, CAROL):
            new_key(home, who, "ed25519", expires="1d")
        [bob] = fingerprints(home, BOB)
        revocation = (home / "openpgp-revocs.d" / f"{bob}.rev").read_bytes()
        gpg(home, "--import", octets=revocation.replace(b":-----BEGIN", b"-----BEGIN"))
        gpg(home, "--quick-set-expire", fingerprints(home, CAROL)[0], "seconds=1")
        for _ in range(1000):
            if b"pub:e:" in gpg(home, "--with-colons", "--list-keys", CAROL):
                break
        for who in (BOB, CAROL):
            backend = backend_of(kind, home, who, [ANN, BOB, CAROL])
            with pytest.raises(KeyUnusable):
                pgp.sign(letter(who), backend=backend)
            with pytest.raises(KeyUnusable):
                pgp.encrypt(netmail.message(ANN, who, "x").text("y"), backend=backend)
            with pytest.raises(KeyUnusable):
                pgp.encrypt(
                    letter().cc(who), backend=backend, keys={who: fingerprints(home, who)[0]}
                )
