"""The signatures within a SignedData: which octets each one is for, and whether it is right.

This file must not know which certificates are trusted, nor what the octets are.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from netmail.crypto.smime.ber import definite

STRONG: Final = frozenset({"sha256", "sha384", "sha512"})
_HASHES: Final[dict[str, Callable[[], hashes.HashAlgorithm]]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
BROKEN: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What asn1crypto and `cryptography` raise for values that are not as they should be."""


class CmsError(ValueError):
    """The structure is broken, or not the one that is wanted."""


@dataclass(frozen=True, slots=True)
class SignerFound:
    """One signature.

    Attributes:
        reason: Why it is not that of the octets; "" if it is.
        cert: The signer's certificate; `None` if it is not there.
        digest: The name of the digest.
        signed_at: When it was made, as the signer says.
    """

    reason: str
    cert: x509.Certificate | None = None
    digest: str = ""
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedData:
    """A SignedData, read.

    Attributes:
        content: The content; `None` where it is detached.
        certificates: The certificates in it.
        infos: The signatures in it.
    """

    content: bytes | None
    certificates: tuple[x509.Certificate, ...]
    infos: tuple[Any, ...]


def content_info(octets: bytes, wanted: tuple[str, ...]) -> tuple[str, Any]:
    """Read BER or DER of a structure.

    Raises:
        CmsError: If it is broken, or none of those that are wanted.

    RFC 5652 section 3.
    """
    try:
        info = cms.ContentInfo.load(definite(octets))
        # The structure says itself what it is; the names in the header may say something else.
        kind = info["content_type"].native
        if kind in wanted:
            return kind, info["content"]
    except BROKEN as error:
        raise CmsError("its structure is broken") from error
    raise CmsError(f"it is of another type: {str(kind)[:40]}")


def signed_data(octets: bytes) -> SignedData:
    """Read a SignedData.

    Raises:
        CmsError: If it is none.

    RFC 5652 section 5.1.
    """
    _, data = content_info(octets, ("signed_data",))
    try:
        inner = data["encap_content_info"]["content"]
        content = None if inner.native is None else bytes(inner.contents)
        # Attribute certificates and those of other forms are none that could have signed.
        found = [each.chosen for each in data["certificates"] or ()]
        written = [each.dump() for each in found if type(each).__name__ == "Certificate"]
        certificates = tuple(filter(None, map(_readable, written)))
        return SignedData(content, certificates, tuple(data["signer_infos"]))
    except BROKEN as error:
        raise CmsError("its structure is broken") from error


def _readable(octets: bytes) -> x509.Certificate | None:
    """Read a certificate whole: `cryptography` finds what is broken when it is asked for."""
    try:
        cert = x509.load_der_x509_certificate(octets)
        _ = cert.subject, cert.issuer, cert.extensions, cert.public_key()
        _ = cert.not_valid_before_utc, cert.not_valid_after_utc
    except (*BROKEN, UnsupportedAlgorithm):
        return None
    return cert


def check_signer(info: Any, data: SignedData, content: bytes) -> SignerFound:
    """Check one signature.

    Args:
        info: The signature.
        data: The structure that it is in.
        content: The octets that were signed.

    RFC 5652 section 5.4, section 5.6.
    """
    try:
        return _checked(info, data, content)
    except BROKEN:
        return SignerFound("the structure of the signature is broken")


def _checked(info: Any, data: SignedData, content: bytes) -> SignerFound:
    digest = info["digest_algorithm"]["algorithm"].native
    cert = _certificate(info["sid"], data.certificates)
    # What is weak is computed all the same: the reader sees whether the text has changed.
    if digest not in _HASHES:
        return SignerFound(f"the digest {str(digest)[:30]} is not known", cert)
    attributes = info["signed_attrs"]
    signed_at: datetime | None = None
    octets = content
    # Without attributes the signature is over the content itself.
    if attributes:
        named = {each["type"].native: each["values"] for each in attributes}
        if "signing_time" in named:
            signed_at = _moment(named["signing_time"][0].native)
        if _digest(digest, content) != named["message_digest"][0].native:
            return SignerFound("the text has changed", cert, digest, signed_at)
        # RFC 5652 section 5.4: what is signed has the tag of a SET, and not that of its field.
        octets = b"\x31" + attributes.dump()[1:]
    # Somebody else can take the attributes of a signature, and send them as its text.
    elif _is_attributes(content):
        return SignerFound("the text is none that anybody signed", cert, digest)
    if cert is None:
        return SignerFound("the signer's certificate is missing", None, digest, signed_at)
    right = _is_right(cert, info, digest, octets)
    reason = "" if right else "the signature is not that of this text"
    return SignerFound(reason, cert, digest, signed_at)


def _moment(value: object) -> datetime | None:
    """Return a time that a signer names, unless it has no zone or is outside the calendar.

    RFC 5652 section 11.3: both forms of time are in UTC.
    """
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _is_attributes(content: bytes) -> bool:
    """Return whether a text is the encoding of signed attributes, and no part of a message.

    RFC 5652 section 11.1, section 11.2: the content type and the digest are always among them.
    """
    if content[:1] != b"\x31":
        return False
    try:
        found = {each["type"].native for each in cms.CMSAttributes.load(definite(content))}
    except BROKEN:
        return False
    return "message_digest" in found


def _certificate(sid: Any, certificates: tuple[x509.Certificate, ...]) -> x509.Certificate | None:
    """Find the signer's certificate.

    RFC 5652 section 5.3.
    """
    for cert in certificates:
        if sid.name == "subject_key_identifier":
            try:
                extension = cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            except x509.ExtensionNotFound:
                continue
            if extension.value.digest == sid.chosen.native:
                return cert
        elif (
            cert.serial_number == sid.chosen["serial_number"].native
            and cert.issuer.public_bytes() == sid.chosen["issuer"].dump()
        ):
            return cert
    return None


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.new(name, content, usedforsecurity=False).digest()


def _is_right(cert: x509.Certificate, info: Any, digest: str, octets: bytes) -> bool:
    # The key decides which scheme it is: a name that does not fit the key fails.
    key, signature = cert.public_key(), info["signature"].native
    algorithm = info["signature_algorithm"]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme: padding.AsymmetricPadding = padding.PKCS1v15()
            if algorithm["algorithm"].native == "rsassa_pss":
                parameters = algorithm["parameters"]
                # The digest of PSS is among its parameters.
                digest = parameters["hash_algorithm"]["algorithm"].native
                mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
                scheme = padding.PSS(padding.MGF1(_HASHES[mask]()), padding.PSS.AUTO)
            key.verify(signature, octets, scheme, _HASHES[digest]())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, octets, ec.ECDSA(_HASHES[digest]()))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
