"""What an attacker makes of S/MIME: signatures that are right, of what nobody has signed."""

import traceback

import pytest
from cryptography.hazmat.primitives import serialization

from netmail.crypto import smime
from netmail.crypto.entity import base64_lines, digest_of
from netmail.crypto.errors import KeyUnusable
from netmail.crypto.smime import signing
from netmail.crypto.smime.ber import CONTEXT_0, OCTET_STRING, SEQUENCE, SET, integer, tlv
from netmail.crypto.smime.identifiers import (
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_TIME,
    identifier,
)
from support.crypto_certificates import person
from support.signed_letters import HEAD, judged, letter, signed

PART = b"Content-Type: text/plain\r\n\r\nHello\r\n"


def written(attributes, who=None, content=PART):
    """A signature with attributes of our own, in a message."""
    who = who or person()
    attributes = sorted(attributes)
    algorithm, made = signing._signed(who.key, tlv(SET, *attributes))
    issuer = tlv(SEQUENCE, who.cert.issuer.public_bytes(), integer(who.cert.serial_number))
    parts = [tlv(CONTEXT_0, *attributes)] if attributes else []
    if not attributes:
        algorithm, made = signing._signed(who.key, content)
    info = tlv(
        SEQUENCE, integer(1), issuer, signing._SHA256, *parts, algorithm, tlv(OCTET_STRING, made)
    )
    inner = tlv(SEQUENCE, signing._DATA, tlv(CONTEXT_0, tlv(OCTET_STRING, content)))
    certificates = tlv(CONTEXT_0, who.cert.public_bytes(serialization.Encoding.DER))
    data = tlv(SEQUENCE, integer(1), tlv(SET, signing._SHA256), inner, certificates, tlv(SET, info))
    octets = tlv(SEQUENCE, identifier(SIGNED_DATA), tlv(CONTEXT_0, data))
    head = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
    return HEAD + head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(octets)


def usual(*more):
    """The attributes that each signature has, and others."""
    digest = tlv(
        SEQUENCE, identifier(MESSAGE_DIGEST), tlv(SET, tlv(OCTET_STRING, digest_of([PART])))
    )
    return [tlv(SEQUENCE, identifier(CONTENT_TYPE), tlv(SET, signing._DATA)), digest, *more]


def test_attributes_sent_as_text():
    """The signature of attributes is not that of a text which consists of them.

    The signature without attributes is over the octets themselves, so that an attacker can send
    the attributes of any signature as its text.
    """
    assert judged(written(usual())).valid
    assert judged(written([], content=PART)).valid

    found = judged(written([], content=tlv(SET, *sorted(usual()))))

    assert not found.valid
    assert not found.intact
    assert found.reasons[0] == "the text is none that anybody signed"


@pytest.mark.parametrize("octet", [b"1", b"1\x80", b"1\x02\x05\x00"])
def test_text_like_attributes(octet):
    """A text that begins as attributes do, and is none, is a text."""
    assert judged(written([], content=octet)).intact


@pytest.mark.parametrize(
    "time",
    [b"\x18\x0e20200101000000", b"\x18\x0f00000101000000Z"],
    ids=["no zone", "year 0"],
)
@pytest.mark.parametrize("days", [(-100, 100), (-100, -50)], ids=["valid", "expired"])
def test_time_that_no_calendar_has(time, days):
    """A time that cannot be compared is none, whatever the certificate's time is."""
    attribute = tlv(SEQUENCE, identifier(SIGNING_TIME), tlv(SET, time))

    found = judged(written(usual(attribute), person(days=days)))

    assert found.signed_at is None
    assert found.intact
    assert found.valid is (days[1] > 0)


FROM = b"From: carol@example.test\r\n"


@pytest.mark.parametrize(
    "octets",
    [
        lambda octets: FROM + octets,
        lambda octets: octets.replace(b"To: ", FROM + b"To: ", 1),
        lambda octets: octets.replace(b"To: ", b"FROM : carol@example.test\r\nTo: ", 1),
        lambda octets: octets.replace(b"To: ", b"From: ann@example.test\r\nTo: ", 1),
    ],
    ids=["above", "below", "other spelling", "the same"],
)
def test_several_from(octets):
    """Of several From a reader may be shown the one that is not the signer's: it is not valid."""
    found = judged(octets(signed(person())))

    assert found.intact
    assert not found.address_matches
    assert not found.valid
    assert "the certificate is not that of the author in From" in found.reasons


@pytest.mark.parametrize("opaque", [False, True])
def test_several_content_types(opaque):
    """Another program may take another Content-Type, and show what is not signed."""
    octets = signed(person(), opaque=opaque).replace(
        b"\r\n\r\n", b"\r\nContent-Type: text/html\r\n\r\n", 1
    )

    found = judged(octets)

    assert found.intact
    assert not found.covers_all
    assert not found.valid


@pytest.mark.parametrize("load", [smime.verify, smime.sign, smime.decrypt])
def test_text_that_no_file_holds(load):
    """A lone surrogate in a key or certificate is an error of netmail's, without the text."""
    given = [letter()] if load is smime.sign else [signed(person())]
    given += [["\ud800"]] if load is smime.verify else [person().cert, "\ud800 hush"]

    with pytest.raises(KeyUnusable) as caught:
        load(*given)

    assert "hush" not in "".join(traceback.format_exception(caught.value))
