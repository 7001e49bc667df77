"""Signing by S/MIME.

This file must not know how a signature is verified.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from netmail import Sendable
from netmail.crypto.entity import base64_lines, digest_of, entity_of, multipart_signed
from netmail.crypto.errors import KeyUnusable
from netmail.crypto.protection import Protection, with_protection
from netmail.crypto.sealed import SealedMessage, sealed, written
from netmail.crypto.smime.certificates import (
    Certificate,
    PrivateKey,
    belong_together,
    certificate,
    check_current,
    private_key,
    signs_mail,
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


def sign(
    message: Sendable,
    certificate: Certificate,
    key: PrivateKey,
    password: bytes | str | None = None,
    chain: Iterable[Certificate] = (),
    *,
    opaque: bool = False,
    protect_headers: Protection = "",
) -> SealedMessage:
    """Sign a message with SHA-256.

    Texts are encoded so that servers have no reason to change them. A large `Message` is read piece
    by piece, unless it is signed opaquely.

    Args:
        message: What `send()` takes.
        certificate: The signer's certificate.
        key: Its private key, RSA or of an elliptic curve.
        password: What the key's PEM is encrypted with.
        chain: The certificates between the signer's and the authority's; without them receivers
            cannot verify it.
        opaque: Write the text into the signature: gateways cannot change it, and programs without
            S/MIME cannot show it. By default the text can be read without S/MIME.
        protect_headers: "clear" to sign From, To, Subject and the other fields too, as copies in
            the signed part; "cipher" the same for a message that is encrypted next; "" not to.

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
    if protect_headers:
        entity = with_protection(entity, protect_headers)
    between = [_asn1(_certificate(each)) for each in chain]
    if opaque:
        part = entity.as_bytes()
        made = signed_data(digest_of([part]), cert, signer, between, part)
        return sealed(envelope, entity.outer + _OPAQUE + base64_lines(made))
    # The content is read once for the digest and once when it is sent; it is never in memory.
    digest = digest_of(entity.chunks())
    made = signed_data(digest, cert, signer, between)
    signature = _SIGNATURE + base64_lines(made).removesuffix(b"\r\n")
    return multipart_signed(envelope, entity, digest, _PARAMETERS, signature)


_certificate = certificate


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
    chain: list[asn1_x509.Certificate],
    content: bytes | None = None,
) -> bytes:
    """Make a SignedData in DER.

    Args:
        digest: SHA-256 of the content.
        cert: The signer's certificate.
        key: Its key.
        chain: Certificates that are added.
        content: The content where it is a part of the signature; `None` where it is detached.

    RFC 5652 section 5.
    """
    own = _asn1(cert)
    # RFC 5652 section 5.3: with attributes the content type and the digest must be among them.
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": _now()})]},
            {"type": "message_digest", "values": [digest]},
        ]
    )
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    algorithm, signature = _signed(key, attributes.dump())
    # RFC 5652 section 5.3: version 1 goes with issuer and serial number.
    signer = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": own.issuer,
                "serial_number": own.serial_number,
            }
        },
        "digest_algorithm": sha256,
        "signed_attrs": attributes,
        "signature_algorithm": algorithm,
        "signature": signature,
    }
    inner = {"content_type": "data"} | ({} if content is None else {"content": content})
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [sha256],
            "encap_content_info": inner,
            "certificates": [own, *chain],
            "signer_infos": [signer],
        }
    )
    whole: bytes = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    return whole


def _now() -> core.UTCTime:
    # RFC 5652 section 11.3: until 2049 a UTCTime, which has no fractions of seconds.
    return core.UTCTime(datetime.now(UTC).replace(microsecond=0))


def _signed(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, octets: bytes
) -> tuple[algos.SignedDigestAlgorithm, bytes]:
    if isinstance(key, rsa.RSAPrivateKey):
        algorithm, signature = "rsassa_pkcs1v15", key.sign(octets, padding.PKCS1v15(), SHA256())
    else:
        algorithm, signature = "sha256_ecdsa", key.sign(octets, ec.ECDSA(SHA256()))
    return algos.SignedDigestAlgorithm({"algorithm": algorithm}), signature


def _asn1(cert: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(cert.public_bytes(Encoding.DER))
