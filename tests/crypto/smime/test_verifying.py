"""Verifying S/MIME: signatures of openssl, and each reason why one is not valid."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

import netmail
from netmail.crypto import smime
from netmail.crypto.entity import base64_lines, digest_of
from netmail.crypto.smime.signing import signed_data
from support.crypto_certificates import (
    ANN,
    BOB,
    CAROL,
    NOW,
    WEB,
    Identity,
    authority,
    name,
    new_key,
    person,
    usage,
)
from support.openssl import openssl

HEAD = b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: x\r\n"
PART = b"Content-Type: text/plain\r\n\r\nHello\r\n"


def letter(sender=ANN):
    """A message."""
    return netmail.message(sender, BOB, "x").text("Hello\n")


def signed(who, **options):
    """The octets of a signed message."""
    return smime.sign(letter(), who.cert, who.key, **options).as_bytes()


def judged(octets, *, trust=None, at=None):
    """The signature of a message."""
    return smime.verify(octets, [authority().cert] if trust is None else trust, at)


def by_openssl(folder, *options, who=None, part=PART):
    """A message that openssl has signed."""
    who = who or person()
    arguments = ["-sign", "-signer", "{cert}", "-inkey", "{key}", *options]
    made, octets = openssl(folder, *arguments, octets=part, cert=who.pem, key=who.key_pem)
    assert made, octets
    return HEAD + octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "options",
    [
        ["-md", "sha256"],
        ["-md", "sha512"],
        ["-keyopt", "rsa_padding_mode:pss"],
        ["-nodetach"],
        ["-nodetach", "-stream", "-indef"],
        ["-keyid"],
        ["-noattr"],
    ],
    ids=" ".join,
)
def test_signatures_of_openssl(options, tmp_path):
    """Digests, PSS, opaque texts in BER and DER, both kinds of identifiers."""
    found = judged(by_openssl(tmp_path, *options))

    assert found.reasons == ()
    assert found.valid
    assert found.signer == ANN
    assert found.mail.text == "Hello\n"


def test_elliptic_curve_of_openssl(tmp_path):
    """A signature of P-256 is verified."""
    assert judged(by_openssl(tmp_path, who=person(kind="ec"))).valid


def test_two_signers(tmp_path):
    """Each signer is judged; the best signature comes first."""
    bob = person(BOB)
    files = {"cert2": bob.pem, "key2": bob.key_pem}
    for place, content in files.items():
        (tmp_path / place).write_bytes(content)
    more = ["-signer", str(tmp_path / "cert2"), "-inkey", str(tmp_path / "key2")]

    found = judged(by_openssl(tmp_path, *more))

    assert found.valid
    assert [each.signer for each in found.others] == [BOB]
    assert found.others[0].intact
    assert not found.others[0].valid


@pytest.mark.parametrize("digest", ["sha1", "md5"])
def test_weak_digest(digest, tmp_path):
    """A right signature with a weak digest is named so, and never valid."""
    found = judged(by_openssl(tmp_path, "-md", digest))

    assert found.weak
    assert not found.valid
    assert f"the digest {digest} is too weak" in found.reasons


def test_changed_text():
    """A changed text is noticed, however good the certificate is."""
    found = judged(signed(person()).replace(b"Hello", b"Howdy"))

    assert not found.intact
    assert found.trusted
    assert found.reasons == ("the text has changed",)


def test_signature_of_another_key():
    """A signature by another key under the same certificate is not right."""
    made = signed_data(digest_of([PART]), person().cert, person(BOB).key, [person().cert], PART)
    found = judged(opaque(made))

    assert not found.intact
    assert found.reasons == ("the signature is not that of this text",)


def opaque(octets):
    """A message of a structure."""
    head = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return HEAD + head + base64_lines(octets)


def made_for(**options):
    """A message signed with a certificate that `sign()` itself would refuse."""
    who = person(**options)
    return opaque(signed_data(digest_of([PART]), who.cert, who.key, [who.cert], PART))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"title": "web", "purposes": WEB}, "the certificate is not for mail"),
        ({"title": "reader", "usage": usage(key_encipherment=True)}, "not for signing"),
        ({"title": "old", "days": (-20, -10)}, "the certificate has expired on"),
        ({"title": "new", "days": (10, 20)}, "is not valid before"),
        ({"title": "between", "issuer": authority("Between", "Root")}, "is missing"),
        ({"title": "other", "issuer": "Other root"}, "is missing, and it is not trusted"),
        ({"title": "small", "kind": 1024}, "the key of the certificate is too small"),
        ({"title": "bob", "names": (x509.RFC822Name(BOB),)}, "not that of the author"),
    ],
    ids=lambda value: value["title"] if isinstance(value, dict) else "",
)
def test_reasons(options, reason):
    """Each defect of a certificate has its own reason, and the text is still intact."""
    found = judged(made_for(**options))

    assert found.intact
    assert not found.valid
    assert any(reason in each for each in found.reasons), found.reasons


@pytest.mark.parametrize("allowed", ["digital_signature", "content_commitment"])
def test_usage_of_the_key(allowed):
    """Either of the two bits for signing is enough."""
    assert judged(signed(person(title=allowed, usage=usage(**{allowed: True})))).valid


def test_untrusted_authority():
    """An authority that signs itself in the message is not trusted for that."""
    other = authority("Other root")
    found = judged(signed(person(issuer="Other root"), chain=[other.cert]))

    assert not found.trusted
    assert found.chain == ()
    assert found.reasons == ("the authority CN=Other root is not trusted",)


def test_nothing_is_trusted():
    """Without authorities nothing is trusted; those of the web are never the default."""
    found = judged(signed(person()), trust=[])

    assert found.reasons == ("no authority is trusted",)


def test_name_constraint():
    """An authority for one domain cannot certify another."""
    between = authority("Only other.test", "Root", permitted="other.test")
    found = judged(signed(person_of(between), chain=[between.cert]))

    assert found.intact
    assert not found.trusted
    assert "the chain is not accepted" in found.reasons[0]


def person_of(above):
    """A certificate of that authority."""
    return person(issuer=above)


def test_expired_authority():
    """An authority between that has expired is named."""
    between = authority("Expired", "Root", days=(-50, -5))
    found = judged(signed(person_of(between), chain=[between.cert]))

    assert not found.trusted
    assert "the certificate of CN=Expired has expired" in found.reasons[0]


def test_expired_since():
    """That a certificate was valid when the signer says it signed, is a part of the reason."""
    octets = signed(person())

    later = judged(octets, at=NOW + timedelta(days=200))

    assert not later.valid
    assert "it was valid when the text was signed" in later.reasons[0]
    assert judged(octets, at=datetime.now(UTC)).valid


@pytest.mark.parametrize(
    ("sender", "matches"),
    [
        ("ann@EXAMPLE.test", True),
        ("Ann@example.test", False),
        ("ann@other.test", False),
    ],
)
def test_author(sender, matches):
    """The address is compared without case in the domain, and with it in the local part."""
    who = person()
    octets = smime.sign(letter(sender), who.cert, who.key).as_bytes()

    assert judged(octets).address_matches is matches
    assert judged(octets).valid is matches


def test_utf8_address():
    """An address outside ASCII is in a name of another kind."""
    text = "änn@example.test".encode()
    other = x509.OtherName(
        x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), b"\x0c" + bytes([len(text)]) + text
    )
    who = person("änn@example.test", names=(other,), title="utf8")
    octets = smime.sign(letter("änn@example.test"), who.cert, who.key).as_bytes()

    assert judged(octets).address_matches


def test_address_in_the_subject():
    """Old certificates have the address in the subject only."""
    key = new_key("rsa", "subject")
    title = x509.Name([x509.NameAttribute(x509.oid.NameOID.EMAIL_ADDRESS, ANN)])
    cert = (
        x509.CertificateBuilder()
        .subject_name(title)
        .issuer_name(name("Root"))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(authority().key, hashes.SHA256())
    )
    found = judged(signed(Identity(cert, key)))

    assert found.address_matches
    assert found.signer == ANN


def test_part_of_the_message():
    """A list's footer is not signed: the signature is right, and not of the whole message."""
    inner = signed(person())
    start = inner.index(b"Content-Type: multipart/signed")
    whole = HEAD + b'Content-Type: multipart/mixed; boundary="list"\r\n\r\n'
    whole += b"--list\r\n" + inner[start:] + b"\r\n--list\r\n\r\nBuy this!\r\n--list--\r\n"

    found = judged(whole)

    assert found.intact
    assert not found.covers_all
    assert "only a part of it is signed" in found.reasons
    assert not found.valid


def test_line_ends_of_unix():
    """A message in a file with LF line ends is verified as it was sent."""
    assert judged(signed(person()).replace(b"\r\n", b"\n")).valid


def test_names_of_old_programs():
    """The names of the media types before they were registered are read."""
    octets = signed(person()).replace(b"application/pkcs7-", b"application/x-pkcs7-")
    assert judged(octets).valid
    octets = signed(person(), opaque=True).replace(b"application/pkcs7-", b"application/x-pkcs7-")
    assert judged(octets).valid


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (HEAD + b"\r\nHello\r\n", "not signed"),
        (opaque(b"nothing"), "cannot be read"),
        (opaque(b""), "cannot be read"),
        (signed(person()).replace(b"MII", b"AAA", 1), "cannot be read"),
    ],
)
def test_unreadable(octets, reason):
    """What is no signature is not valid, and says why."""
    found = judged(octets)

    assert not found
    assert reason in found.reasons[0]


def test_revocation():
    """Nothing is looked up about revoked certificates, and the result says so."""
    found = judged(signed(person()))

    assert found.valid
    assert not found.revocation_checked
    assert found.chain[-1] == authority().cert


OPAQUE = signed(person(), opaque=True)
START = OPAQUE.index(b"\r\n\r\n") + 4


@given(st.integers(START, len(OPAQUE) - 5), st.integers(32, 126))
def test_any_change(place, octet):
    """Whatever is changed, the result is a signature, and valid only if nothing has changed."""
    changed = OPAQUE[:place] + bytes([octet]) + OPAQUE[place + 1 :]
    found = judged(changed)

    assert not found.valid or found.content == judged(OPAQUE).content


def test_no_message():
    """A mail that was not read from octets cannot be verified."""
    with pytest.raises(netmail.MessageError):
        judged(netmail.Mail({"Subject": "x"}))


def test_recipient_is_no_signer():
    """The certificate of someone else, trusted as it is, does not make a message valid."""
    carol = person(CAROL)
    octets = smime.sign(letter(), carol.cert, carol.key).as_bytes()

    found = judged(octets)

    assert found.trusted
    assert found.intact
    assert found.reasons == ("the certificate is not that of the author in From",)
