"""Signing by S/MIME.

This file must not know how a signature is verified.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from netmail import LargeContent, Sendable
from netmail.crypto.entity import base64_lines, digest_of, entity_of, multipart_signed
from netmail.crypto.errors import KeyUnusable
from netmail.crypto.protection import Protection, with_protection
from netmail.crypto.sealed import SealedMessage, sealed, written
from netmail.crypto.smime.ber import (
    CONTEXT_0,
    OCTET_STRING,
    SEQUENCE,
    SET,
    UTC_TIME,
    integer,
    tlv,
)
from netmail.crypto.smime.certificates import (
    Certificate,
    Certificates,
    PrivateKey,
    belong_together,
    certificate,
    certificates,
    check_current,
    issuer_and_serial,
    private_key,
    signs_mail,
)
from netmail.crypto.smime.identifiers import (
    CONTENT_TYPE,
    DATA,
    ECDSA_SHA256,
    MESSAGE_DIGEST,
    NULL,
    RSA,
    SHA256,
    SIGNED_DATA,
    SIGNING_TIME,
    algorithm_identifier,
    identifier,
)

_PARAMETERS = b'protocol="application/pkcs7-signature"; micalg="sha-256"'
_SIGNATURE = (
    b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
    b"Content-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n'
)
_OPAQUE = (
    b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\r\n'
    b"Content-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="smime.p7m"\r\n\r\n'
)

_DATA = identifier(DATA)
# RFC 5754 section 2: implementations "MUST generate SHA2 AlgorithmIdentifiers with absent
# parameters"; section 3.2: those of rsaEncryption are NULL.
_SHA256 = algorithm_identifier(SHA256)
_RSA = algorithm_identifier(RSA, NULL)
_ECDSA = algorithm_identifier(ECDSA_SHA256)


def sign(
    message: Sendable,
    certificate: Certificate,
    key: PrivateKey,
    password: bytes | str | None = None,
    chain: Certificates = (),
    *,
    opaque: bool = False,
    nocerts: bool = False,
    protect_headers: Protection = "",
    legacy_display: bool = False,
) -> SealedMessage:
    """Sign a message with SHA-256.

    Texts are encoded so that servers have no reason to change them. A large `Message` is read piece
    by piece, unless it is signed opaquely.

    Args:
        message: What `send()` takes.
        certificate: The signer's certificate; others after it in PEM are part of the chain.
        key: Its private key, RSA or of an elliptic curve: an object of `cryptography`, or PEM,
            which is read once: the keys that were read last stay in memory.
        password: What the key's PEM is encrypted with.
        chain: The certificates between the signer's and the authority's; without them receivers
            cannot verify it.
        opaque: Write the text into the signature: gateways cannot change it, and programs without
            S/MIME cannot show it. By default the text can be read without S/MIME.
        nocerts: Leave the certificates out, for receivers that have them already; no other can
            verify the signature.
        protect_headers: "clear" to sign From, To, Subject and the other fields too, as copies in
            the signed part; "cipher" the same for a message that is encrypted next; "" not to.
        legacy_display: With "cipher", write the subject above the text as well, for programs that
            can decrypt and do not show protected fields; others leave it out again. All of the
            message is in memory then.

    Returns:
        The message with its envelope; to be sent or stored as it is.

    Raises:
        KeyUnusable: If key or certificate cannot be read, do not belong together, are not for
            signing mail, or have expired.
        MessageError: If the message cannot be written.
        UsageError: If it is no message.

    RFC 8551 section 3.5.
    """
    cert, signer = _loaded(certificate, key, password)
    envelope = written(message, to_sign=True)
    entity = entity_of(envelope)
    if protect_headers or legacy_display:
        entity = with_protection(entity, protect_headers, legacy_display=legacy_display)
    # RFC 5652 section 5.1: certificates that the receivers have elsewhere may be left out.
    # A file in PEM may hold them after the signer's.
    with_it = [] if nocerts else [*_certificates(certificate), *_certificates(chain)]
    if opaque:
        # The text is within the signature, so all of it must be in memory.
        part = entity.as_bytes()
        made = signed_data(digest_of([part]), cert, signer, with_it, part)
        return sealed(envelope, entity.outer + _OPAQUE + base64_lines(made))
    # The content is read once for the digest and once when it is sent; it is never in memory.
    large = isinstance(envelope.content, LargeContent)
    digest = digest_of(entity.chunks() if large else entity.views())
    made = signed_data(digest, cert, signer, with_it)
    signature = _SIGNATURE + base64_lines(made).removesuffix(b"\r\n")
    return multipart_signed(envelope, entity, digest, _PARAMETERS, signature)


_certificate, _certificates = certificate, certificates


def _loaded(
    source: Certificate, key: PrivateKey, password: bytes | str | None
) -> tuple[x509.Certificate, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]:
    cert, signer = _certificate(source), private_key(key, password)
    if not belong_together(cert, signer):
        raise KeyUnusable("the certificate is for another key")
    if reason := signs_mail(cert):
        raise KeyUnusable(reason)
    check_current(cert)
    return cert, signer


def signed_data(
    digest: bytes,
    cert: x509.Certificate,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    certificates: Iterable[x509.Certificate],
    content: bytes | None = None,
) -> bytes:
    """Make a SignedData in DER.

    Args:
        digest: SHA-256 of the content.
        cert: The signer's certificate.
        key: Its key.
        certificates: Certificates that are added, the signer's among them.
        content: The content where it is a part of the signature; `None` where it is detached.

    RFC 5652 section 5.
    """
    # RFC 5652 section 5.3: with attributes the content type and the digest must be among them.
    attributes = sorted(
        [
            tlv(SEQUENCE, identifier(CONTENT_TYPE), tlv(SET, _DATA)),
            tlv(SEQUENCE, identifier(SIGNING_TIME), tlv(SET, _now())),
            tlv(SEQUENCE, identifier(MESSAGE_DIGEST), tlv(SET, tlv(OCTET_STRING, digest))),
        ]
    )
    # Section 5.4: what is signed has the tag of a SET, and not that of its field.
    algorithm, signature = _signed(key, tlv(SET, *attributes))
    signer = tlv(
        SEQUENCE,
        # Version 1 goes with issuer and serial number.
        integer(1),
        issuer_and_serial(cert),
        _SHA256,
        tlv(CONTEXT_0, *attributes),
        algorithm,
        tlv(OCTET_STRING, signature),
    )
    inner = [] if content is None else [tlv(CONTEXT_0, tlv(OCTET_STRING, content))]
    # X.690 section 11.6: the members of a SET are in the order of their octets.
    added = sorted(each.public_bytes(Encoding.DER) for each in certificates)
    data = tlv(
        SEQUENCE,
        integer(1),
        tlv(SET, _SHA256),
        tlv(SEQUENCE, _DATA, *inner),
        # Section 5.1: an empty field is left out.
        *([tlv(CONTEXT_0, *added)] if added else []),
        tlv(SET, signer),
    )
    return tlv(SEQUENCE, identifier(SIGNED_DATA), tlv(CONTEXT_0, data))


def _now() -> bytes:
    # RFC 5652 section 11.3: until 2049 a UTCTime, which has no fractions of seconds.
    return tlv(UTC_TIME, f"{datetime.now(UTC):%y%m%d%H%M%SZ}".encode("ascii"))


def _signed(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, octets: bytes
) -> tuple[bytes, bytes]:
    if isinstance(key, rsa.RSAPrivateKey):
        return _RSA, key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    return _ECDSA, key.sign(octets, ec.ECDSA(hashes.SHA256()))
