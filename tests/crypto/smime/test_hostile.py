"""Time of what others write: each shape of a structure, grown, takes time that is linear."""

import time

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from netmail.crypto import smime
from netmail.crypto.entity import base64_lines
from netmail.crypto.errors import DecryptionError
from netmail.crypto.smime.ber import (
    CONTEXT_0,
    CONTEXT_1,
    OCTET_STRING,
    SEQUENCE,
    SET,
    SIMPLE_0,
    integer,
    tlv,
)
from netmail.crypto.smime.certificates import issuer_and_serial
from netmail.crypto.smime.identifiers import (
    AES256_WRAP,
    AGREEMENT_SHA256,
    CIPHER_OF,
    DATA,
    ENVELOPED_DATA,
    NULL,
    RSA,
    SHA256,
    SIGNED_DATA,
    algorithm_identifier,
    identifier,
)
from support.crypto_certificates import BOB, authority, person
from support.timing import FACTOR, untraced

SIZE = 200_000
SECONDS = 10.0
NOTICED = 0.1
"""Seconds from which on it is tested that twice the octets take about twice as long."""

HEAD = b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: x\r\n"
HEAD += b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"
CERT = person().cert.public_bytes(Encoding.DER)
TINY, EMPTY, LONG = integer(1), tlv(SEQUENCE), b"\x3f\x81\x01\x00"
UNITS = {"numbers": TINY, "empty": EMPTY, "long tags": LONG, "certificates": CERT}


def info(kind, data):
    """A ContentInfo."""
    return tlv(SEQUENCE, identifier(kind), tlv(CONTEXT_0, data))


def signed(certificates=CERT, attributes=b"", signers=None, content=b"x"):
    """A SignedData with one signer, whose signature is none."""
    signer = tlv(
        SEQUENCE,
        integer(1),
        issuer_and_serial(person().cert),
        algorithm_identifier(SHA256),
        tlv(CONTEXT_0, attributes),
        algorithm_identifier(RSA, NULL),
        tlv(OCTET_STRING, bytes(256)),
    )
    data = tlv(
        SEQUENCE,
        integer(1),
        tlv(SET, algorithm_identifier(SHA256)),
        tlv(SEQUENCE, identifier(DATA), tlv(CONTEXT_0, tlv(OCTET_STRING, content))),
        tlv(CONTEXT_0, certificates),
        tlv(SET, signer if signers is None else signers),
    )
    return info(SIGNED_DATA, data)


def enveloped(recipients=b"", text=None):
    """An EnvelopedData."""
    cipher = algorithm_identifier(CIPHER_OF["aes256_cbc"], tlv(OCTET_STRING, bytes(16)))
    inner = tlv(SEQUENCE, identifier(DATA), cipher, text or tlv(SIMPLE_0, bytes(32)))
    return info(ENVELOPED_DATA, tlv(SEQUENCE, integer(0), tlv(SET, recipients), inner))


def transported(key=bytes(256)):
    """A key for Bob."""
    how = algorithm_identifier(RSA, NULL)
    reader = issuer_and_serial(person(BOB).cert)
    return tlv(SEQUENCE, integer(0), reader, how, tlv(OCTET_STRING, key))


def agreed(octets):
    """A key for many, agreed on."""
    how = algorithm_identifier(AGREEMENT_SHA256, algorithm_identifier(AES256_WRAP))
    return tlv(CONTEXT_1, integer(3), tlv(CONTEXT_0, EMPTY), how, tlv(SEQUENCE, octets))


def stranger():
    """A recipient that is someone else."""
    return transported().replace(issuer_and_serial(person(BOB).cert), tlv(SEQUENCE, EMPTY))


SHAPES = {
    "certificates": lambda octets: signed(certificates=octets),
    "attributes": lambda octets: signed(attributes=octets),
    "signers": lambda octets: signed(signers=octets),
    "content": lambda octets: signed(content=octets),
    "content in pieces": lambda octets: signed().replace(tlv(4, b"x"), tlv(0x24, octets)),
    "recipients": enveloped,
    "readers": lambda octets: enveloped(agreed(octets)),
    "key": lambda octets: enveloped(transported(octets)),
    "text in pieces": lambda octets: enveloped(transported(), tlv(CONTEXT_0, octets)),
    "nothing": lambda octets: octets,
    "indefinite": lambda octets: b"\x30\x80" + octets,
}
MORE = {
    "attributes": tlv(SEQUENCE, identifier(DATA), tlv(SET, TINY)),
    "content in pieces": tlv(OCTET_STRING, b"x"),
    "text in pieces": tlv(OCTET_STRING, b"x"),
    "recipients": stranger(),
    "readers": tlv(SEQUENCE, tlv(SEQUENCE, EMPTY), tlv(OCTET_STRING, b"x")),
    "nothing": b"\x30\x80",
    "indefinite": b"\x24\x80\x04\x01x\0\0",
}
CASES = [
    (shape, unit)
    for shape in SHAPES
    for unit in [*UNITS, "usual"]
    if unit in UNITS or shape in MORE
]


def seconds(shape, unit, size):
    """The processor's time for a structure, verified and decrypted."""
    octets = HEAD + base64_lines(SHAPES[shape](unit * (size // len(unit))))
    bob = person(BOB)
    begun = time.process_time()
    assert not smime.verify(octets, [authority().cert]).valid
    with pytest.raises(DecryptionError):
        smime.decrypt(octets, bob.cert, bob.key)
    return time.process_time() - begun


@pytest.mark.parametrize(("shape", "name"), CASES, ids=[" of ".join(case) for case in CASES])
def test_growth(shape, name):
    """Whatever is repeated, it takes seconds at most, and twice as much twice that."""
    unit = UNITS.get(name) or MORE[shape]
    with untraced():
        took = seconds(shape, unit, SIZE)
        assert took < SECONDS * FACTOR
        if took > NOTICED:
            assert seconds(shape, unit, 2 * SIZE) < 4 * took + NOTICED
