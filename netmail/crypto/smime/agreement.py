"""Keys for one recipient: the message's key, encrypted so that only that recipient can read it.

This file must not know what is encrypted with the message's key.
"""

import os
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from netmail.crypto.errors import KeyUnusable
from netmail.crypto.smime.ber import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_1,
    CONTEXT_2,
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    SIMPLE_0,
    integer,
    tlv,
)
from netmail.crypto.smime.certificates import is_of, issuer_and_serial, key_identifier
from netmail.crypto.smime.der import Fields, Value, algorithm, read
from netmail.crypto.smime.identifiers import (
    AES256_WRAP,
    AGREEMENT_SHA256,
    AGREEMENTS,
    MGF1,
    NULL,
    RSA,
    RSA_OAEP,
    SHA256,
    WRAPS,
    algorithm_identifier,
)
from netmail.crypto.smime.signers import BROKEN, HASHES, mask_parameters

TRANSPORTED: Final = SEQUENCE
"""The tag of a key that was encrypted by RSA, RFC 5652 section 6.2."""
AGREED: Final = CONTEXT_1
"""The tag of a key that was agreed on."""

_V1_5: Final = algorithm_identifier(RSA, NULL)
_SHA256: Final = algorithm_identifier(SHA256, NULL)
# RFC 4055 section 4.1: the digest of the label, and that of the mask.
_OAEP: Final = algorithm_identifier(
    RSA_OAEP,
    tlv(
        SEQUENCE,
        tlv(CONTEXT_0, _SHA256),
        tlv(CONTEXT_1, algorithm_identifier(MGF1, _SHA256)),
    ),
)
_WRAP: Final = algorithm_identifier(AES256_WRAP)
_AGREEMENT: Final = algorithm_identifier(AGREEMENT_SHA256, _WRAP)


def recipient_info(cert: x509.Certificate, key: bytes, *, oaep: bool) -> bytes:
    """Encrypt the message's key for one certificate, and write it as a RecipientInfo.

    Raises:
        KeyUnusable: If the certificate has a key that cannot be encrypted for.

    RFC 5652 section 6.2, RFC 3370, RFC 3560 (OAEP), RFC 5753 (elliptic curves).
    """
    public = cert.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        # RFC 8551 section 2.3: v1.5 is what every receiver can read.
        scheme: padding.AsymmetricPadding = padding.PKCS1v15()
        if oaep:
            scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        given = tlv(OCTET_STRING, public.encrypt(key, scheme))
        how = _OAEP if oaep else _V1_5
        return tlv(TRANSPORTED, integer(0), issuer_and_serial(cert), how, given)
    if isinstance(public, ec.EllipticCurvePublicKey):
        return _agreed(public, issuer_and_serial(cert), key)
    raise KeyUnusable("the key of the certificate cannot be encrypted for")


def _agreed(public: ec.EllipticCurvePublicKey, reader: bytes, key: bytes) -> bytes:
    """Agree on a key with one that is made for this message only.

    RFC 5753 section 3.1.1.
    """
    # A key for one message: finding the sender's later does not open this one.
    ephemeral = ec.generate_private_key(public.curve)
    secret = ephemeral.exchange(ec.ECDH(), public)
    wrapped = keywrap.aes_key_wrap(_derived(secret, _WRAP, None, hashes.SHA256()), key)
    own = ephemeral.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return tlv(
        AGREED,
        integer(3),
        tlv(CONTEXT_0, tlv(CONTEXT_1, read(own).content)),
        _AGREEMENT,
        tlv(SEQUENCE, tlv(SEQUENCE, reader, tlv(OCTET_STRING, wrapped))),
    )


def _derived(
    secret: bytes, wrap: bytes, material: bytes | None, digest: hashes.HashAlgorithm
) -> bytes:
    """Derive the key that wraps the message's key.

    Args:
        secret: What both have agreed on.
        wrap: The algorithm that wraps, as the message has it.
        material: What the sender adds (ukm).
        digest: The digest.

    RFC 5753 section 7.2.
    """
    # RFC 5753 section 7.2: suppPubInfo is the length of the key in bits, in four octets.
    size = WRAPS[algorithm(read(wrap))[0]]
    info = tlv(
        SEQUENCE,
        wrap,
        b"" if material is None else tlv(CONTEXT_0, tlv(OCTET_STRING, material)),
        tlv(CONTEXT_2, tlv(OCTET_STRING, (8 * size).to_bytes(4))),
    )
    return X963KDF(digest, size, info).derive(secret)


def message_key(
    info: Value,
    cert: x509.Certificate,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    size: int,
) -> bytes | None:
    """Decrypt the message's key, if it was encrypted for this certificate.

    Args:
        info: What was encrypted for one recipient.
        cert: The certificate.
        key: Its private key.
        size: Octets of the message's key.

    Returns:
        The key; another one of that size if it cannot be decrypted, so that the error does not
        show which part of it is wrong; `None` if it is for someone else.

    RFC 5652 section 6.2; RFC 3218 section 2.3.2.
    """
    if info.tag == TRANSPORTED and isinstance(key, rsa.RSAPrivateKey):
        fields = Fields(info)
        fields.take(INTEGER)
        if _is_for(fields.take(SEQUENCE, SIMPLE_0), cert):
            return _sized(_untransported(fields, key), size)
    elif info.tag == AGREED and isinstance(key, ec.EllipticCurvePrivateKey):
        return _agreed_with(Fields(info), cert, key, size)
    return None


def _sized(found: bytes, size: int) -> bytes:
    # A key of another size would be an error that says something.
    return found if len(found) == size else os.urandom(size)


def _untransported(fields: Fields, key: rsa.RSAPrivateKey) -> bytes:
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    try:
        name, parameters = algorithm(fields.take(SEQUENCE))
        if name == RSA_OAEP:
            digest, mask = mask_parameters(parameters)
            scheme = padding.OAEP(padding.MGF1(HASHES[mask]()), HASHES[digest](), None)
        return key.decrypt(fields.take(OCTET_STRING).content, scheme)
    # RFC 3218 section 2.3.2: the error must not depend on the padding, nor on the time it takes.
    except (*BROKEN, UnsupportedAlgorithm):
        return b""


def _agreed_with(
    fields: Fields, cert: x509.Certificate, key: ec.EllipticCurvePrivateKey, size: int
) -> bytes | None:
    fields.take(INTEGER)
    originator = fields.take(CONTEXT_0)
    material = fields.optional(CONTEXT_1)
    how = fields.take(SEQUENCE)
    # RFC 5753 section 3.1.1: one agreement may wrap the key for several readers.
    for each in fields.take(SEQUENCE).members():
        reader = Fields(each)
        if _is_for(reader.take(), cert):
            wrapped = reader.take(OCTET_STRING).content
            return _sized(_unwrapped(originator, material, how, wrapped, key), size)
    return None


def _unwrapped(
    originator: Value,
    material: Value | None,
    how: Value,
    wrapped: bytes,
    key: ec.EllipticCurvePrivateKey,
) -> bytes:
    try:
        name, wrap = algorithm(how)
        if wrap is None:
            return b""
        secret = key.exchange(ec.ECDH(), _public_key(originator.only(CONTEXT_1), key))
        added = None if material is None else material.only(OCTET_STRING).content
        kek = _derived(secret, wrap.whole, added, HASHES[AGREEMENTS[name]]())
        return keywrap.aes_key_unwrap(kek, wrapped)
    except (*BROKEN, UnsupportedAlgorithm, keywrap.InvalidUnwrap):
        return b""


def _public_key(value: Value, key: ec.EllipticCurvePrivateKey) -> ec.EllipticCurvePublicKey:
    """Read the sender's key, which may leave out the curve, for it is the recipient's.

    RFC 5753 section 3.1.1.
    """
    fields = Fields(value)
    fields.take(SEQUENCE)
    # A BIT STRING begins with the number of bits that are not used, X.690 section 8.6.2.
    point = fields.take(BIT_STRING).content[1:]
    # A point that is not on the curve is refused by `cryptography`: it would leak the key.
    return ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point)


def _is_for(named: Value, cert: x509.Certificate) -> bool:
    """Return whether an identifier is that of a certificate.

    RFC 5652 section 6.2.1, section 6.2.2.
    """
    if named.tag == SEQUENCE:
        return is_of(cert, named)
    if named.tag == CONTEXT_0:
        # RFC 5652 section 6.2.2, RecipientKeyIdentifier: a date and others may follow.
        named = Fields(named).take(OCTET_STRING)
    return named.content == key_identifier(cert)
