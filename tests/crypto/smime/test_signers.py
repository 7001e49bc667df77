"""What makes a signature of a SignedData right, and each structure that makes it wrong."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

import netmail
from netmail.crypto import smime
from netmail.crypto.entity import base64_lines
from netmail.crypto.smime.ber import CONTEXT_0, CONTEXT_1, OCTET_STRING, SEQUENCE, SET, integer, tlv
from netmail.crypto.smime.certificates import issuer_and_serial, key_identifier
from netmail.crypto.smime.der import read
from netmail.crypto.smime.identifiers import (
    CONTENT_TYPE,
    DATA,
    ENVELOPED_DATA,
    MESSAGE_DIGEST,
    MGF1,
    NULL,
    RSA,
    RSA_PSS,
    SHA1,
    SHA256,
    SIGNED_DATA,
    SIGNING_TIME,
    algorithm_identifier,
    identifier,
)
from netmail.crypto.smime.signers import MOST_SIGNERS, CmsError, content_info, signed_data
from support.crypto_certificates import ANN, BOB, authority, person
from support.timing import cpu_limit

PART = b"Content-Type: text/plain\r\n\r\nHello\r\n"
HEAD = b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: x\r\n"
HEAD += b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"


def attribute(name, *values):
    """An attribute."""
    return tlv(SEQUENCE, identifier(name), tlv(SET, *values))


TYPE = attribute(CONTENT_TYPE, identifier(DATA))
DIGEST = attribute(MESSAGE_DIGEST, tlv(OCTET_STRING, hashlib.sha256(PART).digest()))


def signer(*attributes, scheme=None, how=None, by=None, digest=SHA256, signed=None):
    """A SignerInfo of Ann's."""
    who = person()
    octets = tlv(SET, *attributes) if signed is None else signed
    signature = who.key.sign(octets, how or padding.PKCS1v15(), by or hashes.SHA256())
    return tlv(
        SEQUENCE,
        integer(1),
        issuer_and_serial(who.cert),
        algorithm_identifier(digest),
        tlv(CONTEXT_0, *attributes) if attributes else b"",
        scheme or algorithm_identifier(RSA, NULL),
        tlv(OCTET_STRING, signature),
    )


def structure(*signers, content=PART, certificates=None, kind=DATA):
    """A SignedData."""
    own = person().cert.public_bytes(Encoding.DER) if certificates is None else certificates
    inner = tlv(CONTEXT_0, tlv(OCTET_STRING, content))
    data = tlv(
        SEQUENCE,
        integer(1),
        tlv(SET, algorithm_identifier(SHA256)),
        tlv(SEQUENCE, identifier(kind), inner),
        tlv(CONTEXT_0, own),
        tlv(SET, *signers),
    )
    return tlv(SEQUENCE, identifier(SIGNED_DATA), tlv(CONTEXT_0, data))


def judged(octets):
    """The signature of a message with a structure."""
    return smime.verify(HEAD + base64_lines(octets), [authority().cert])


def test_right():
    """What the other tests change is valid as it is."""
    found = judged(structure(signer(TYPE, DIGEST)))

    assert found.valid, found.reasons
    assert found.signed_at is None


def pss(digest, mask=SHA256):
    """The parameters of PSS."""
    masked = algorithm_identifier(MGF1, algorithm_identifier(mask))
    parameters = tlv(SEQUENCE, tlv(CONTEXT_0, algorithm_identifier(digest)), tlv(CONTEXT_1, masked))
    return algorithm_identifier(RSA_PSS, parameters)


@pytest.mark.parametrize("mask", [hashes.SHA256, hashes.SHA1])
def test_pss(mask):
    """PSS is right with the digest of the text, whatever the digest of its mask is."""
    how = padding.PSS(padding.MGF1(mask()), 32)
    scheme = pss(SHA256, SHA1 if mask is hashes.SHA1 else SHA256)

    assert judged(structure(signer(TYPE, DIGEST, scheme=scheme, how=how))).valid


@pytest.mark.parametrize(
    "scheme",
    [pss(SHA1), algorithm_identifier(RSA_PSS, tlv(SEQUENCE)), algorithm_identifier(RSA_PSS)],
    ids=["named", "by default", "without parameters"],
)
def test_weak_digest_of_pss(scheme):
    """A signature over SHA-1 of the attributes is not right, however strong the other digest is."""
    mask = hashes.SHA256() if scheme == pss(SHA1) else hashes.SHA1()
    how = padding.PSS(padding.MGF1(mask), 20)
    found = judged(structure(signer(TYPE, DIGEST, scheme=scheme, how=how, by=hashes.SHA1())))

    assert not found.valid
    assert found.reasons == ("the signature is not that of this text",)


BROKEN = "the structure of the signature is broken"
OTHER_DIGEST = attribute(MESSAGE_DIGEST, tlv(OCTET_STRING, bytes(32)))


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ([DIGEST], BROKEN),
        ([TYPE], BROKEN),
        ([TYPE, DIGEST, DIGEST], BROKEN),
        ([TYPE, OTHER_DIGEST, DIGEST], BROKEN),
        ([TYPE, attribute(MESSAGE_DIGEST)], BROKEN),
        ([TYPE, attribute(MESSAGE_DIGEST, *[tlv(OCTET_STRING, bytes(32))] * 2)], BROKEN),
        ([TYPE, OTHER_DIGEST], "the text has changed"),
        (
            [attribute(CONTENT_TYPE, identifier(ENVELOPED_DATA)), DIGEST],
            "the signature is for another type",
        ),
    ],
    ids=[
        "no type",
        "no digest",
        "twice",
        "two digests",
        "empty",
        "two values",
        "other digest",
        "other type",
    ],
)
def test_attributes(attributes, reason):
    """Type and digest must be there, once, and be those of the text."""
    found = judged(structure(signer(*attributes)))

    assert not found.valid
    assert found.reasons == (reason,)


@pytest.mark.parametrize("octets", [b"991332000000Z", b"", b"2" * 100])
def test_time_that_is_none(octets):
    """The time that the signer names proves nothing, so a broken one breaks nothing."""
    found = judged(structure(signer(TYPE, DIGEST, attribute(SIGNING_TIME, tlv(0x17, octets)))))

    assert found.valid
    assert found.signed_at is None


def test_attributes_are_no_text():
    """A signature without its attributes is a right one of them, and they are no text."""
    attributes = tlv(SET, TYPE, DIGEST)
    found = judged(structure(signer(signed=attributes), content=attributes))

    assert not found.valid
    assert found.reasons == ("the text is none that anybody signed",)


def test_without_attributes():
    """A signature over the text itself is right, with whatever the text begins."""
    for text in (PART, b"1. item: x\r\n\r\nHello\r\n"):
        assert judged(structure(signer(signed=text), content=text)).intact


def test_author_of_a_text_with_lf():
    """The author that was signed is compared, however the signed text ends its lines."""
    text = b"From: bob@example.test\nContent-Type: text/plain\n\nHello\n"
    digest = attribute(MESSAGE_DIGEST, tlv(OCTET_STRING, hashlib.sha256(text).digest()))
    found = judged(structure(signer(TYPE, digest), content=text))

    assert found.intact
    assert not found.valid
    assert "From differs from the author that was signed" in found.reasons


def test_unknown_digest():
    """A digest that is not known is named as others name it."""
    name = bytes.fromhex("608648016503040208")
    found = judged(structure(signer(TYPE, DIGEST, digest=name)))

    assert found.reasons[0] == "the digest 2.16.840.1.101.3.4.2.8 is not known"


def test_missing_certificate():
    """Without the signer's certificate there is no signer."""
    other = person(BOB).cert.public_bytes(Encoding.DER)
    for certificates in (b"", other, other[:-4], tlv(SEQUENCE), tlv(CONTEXT_1, other)):
        found = judged(structure(signer(TYPE, DIGEST), certificates=certificates))

        assert found.reasons[0] in {
            "the signer's certificate is missing",
            "the signature cannot be read: its structure is broken",
        }


def test_certificates_of_other_forms():
    """A certificate that cannot be read is passed over."""
    own = person().cert.public_bytes(Encoding.DER)
    for other in (tlv(SEQUENCE), tlv(CONTEXT_1, b"\5\0"), tlv(SEQUENCE, integer(7))):
        found = judged(structure(signer(TYPE, DIGEST), certificates=other + own))

        assert found.valid, found.reasons


def test_certificate_with_a_warning():
    """Where warnings are errors, a certificate that `cryptography` warns of is passed over."""
    own = person().cert.public_bytes(Encoding.DER)
    signed, *rest = read(own).members()
    version, _, *others = signed.members()
    # A serial number of zero, which is deprecated.
    fields = [version.whole, integer(0), *(each.whole for each in others)]
    changed = tlv(SEQUENCE, tlv(SEQUENCE, *fields), *(each.whole for each in rest))
    with pytest.warns(UserWarning, match="serial number"):
        x509.load_der_x509_certificate(changed)

    assert judged(structure(signer(TYPE, DIGEST), certificates=changed + own)).valid


def test_large_certificate():
    """A certificate that is too large to be kept is read all the same, each time."""
    names = tuple(x509.RFC822Name(f"{number}.{ANN}") for number in range(1000))
    who = person(title="large", names=(x509.RFC822Name(ANN), *names))
    octets = smime.sign(netmail.message(ANN, BOB, "x").text("Hello\n"), who.cert, who.key)
    for _ in range(2):
        assert smime.verify(octets, [authority().cert]).valid


def test_many_signers():
    """Of too many signers only the first ones are judged, and the text is read once."""
    large = PART + b"x" * 5_000_000
    digest = attribute(MESSAGE_DIGEST, tlv(OCTET_STRING, hashlib.sha256(large).digest()))
    signers = [signer(TYPE, digest)] * 1000
    with cpu_limit(5):
        found = judged(structure(*signers, content=large))

    assert found.valid
    assert len(found.others) == MOST_SIGNERS - 1


def test_other_type():
    """A structure of another type is named by its number."""
    with pytest.raises(CmsError, match=r"of another type: 1\.2\.840\.113549\.1\.7\.3"):
        content_info(tlv(SEQUENCE, identifier(ENVELOPED_DATA)), SIGNED_DATA)


WHOLE = structure(signer(TYPE, DIGEST))


def test_cut_off():
    """A structure that ends early cannot be read, wherever it ends."""
    for size in range(len(WHOLE)):
        with pytest.raises(CmsError):
            signed_data(WHOLE[:size])


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(0, 3))
def test_changed(place, octet, removed):
    """However a structure is changed, the result is a signature with reasons, or unchanged."""
    found = judged(WHOLE[:place] + bytes([octet]) + WHOLE[place + removed :])

    assert found.valid == (not found.reasons)
    assert not found.valid or found.content == PART


def test_key_identifier():
    """A signer may be named by its key; a certificate without that name is not found."""
    own = key_identifier(person().cert)
    named = signer(TYPE, DIGEST).replace(issuer_and_serial(person().cert), tlv(0x80, own))
    # The length is another one: written again around what is in it.
    content = named[4:]

    assert judged(structure(tlv(SEQUENCE, content))).valid
    assert judged(structure(tlv(SEQUENCE, content.replace(own, bytes(20))))).signer == ""
