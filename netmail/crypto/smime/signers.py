"""The signatures within a SignedData: which octets each one is for, and whether it is right.

This file must not know which certificates are trusted, nor what the octets are.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from netmail.crypto.smime.ber import (
    CONTEXT_0,
    CONTEXT_1,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    SIMPLE_0,
    BerError,
    head,
)
from netmail.crypto.smime.certificates import MOST, is_of, key_identifier
from netmail.crypto.smime.der import Fields, Value, algorithm, dotted, read, time, value_at
from netmail.crypto.smime.identifiers import (
    CONTENT_TYPE,
    DIGESTS,
    MESSAGE_DIGEST,
    MGF1,
    RSA_PSS,
    SHA1,
    SIGNED_DATA,
    SIGNING_TIME,
)

STRONG: Final = frozenset({"sha256", "sha384", "sha512"})
HASHES: Final[dict[str, Callable[[], hashes.HashAlgorithm]]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
BROKEN: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
"""What values raise that are not as they should be, here and in `cryptography`."""
MOST_SIGNERS: Final = 16
"""Each signer costs a signature to check, and maybe a digest of the whole text."""
_LARGE: Final = 16_384
"""Octets from which on a certificate is not kept."""
_MOST_CERTIFICATES: Final = 64
"""Each is read, and more are in no path."""


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
        kind: The object identifier of what the content is.
        certificates: The certificates in it.
        infos: The signatures in it.
        digests: The digests of the content that have been computed, by name.
    """

    content: bytes | None
    kind: bytes
    certificates: tuple[x509.Certificate, ...]
    infos: tuple[Value, ...]
    digests: dict[str, bytes] = field(default_factory=dict)


def content_info(octets: bytes, *wanted: bytes) -> tuple[bytes, Value]:
    """Read BER or DER of a structure: what it is, and the structure.

    Raises:
        CmsError: If it is broken, or none of those that are wanted.

    RFC 5652 section 3.
    """
    try:
        fields = Fields(read(octets).tagged(SEQUENCE))
        # The structure says itself what it is; the names in the header may say something else.
        kind = fields.take(OBJECT_IDENTIFIER).content
        if kind in wanted:
            return kind, fields.take(CONTEXT_0).only(SEQUENCE)
    except BROKEN as error:
        raise CmsError("its structure is broken") from error
    raise CmsError(f"it is of another type: {dotted(kind)[:40]}")


def kind_of(octets: bytes) -> bytes:
    """Return the object identifier of what a structure says it is; b"" if it is none.

    RFC 5652 section 3.
    """
    try:
        tag, start, _ = head(octets, 0)
        kind = value_at(octets, start, len(octets)).tagged(OBJECT_IDENTIFIER)
    except BerError:
        return b""
    return kind.content if tag[0] == SEQUENCE else b""


def signed_data(octets: bytes) -> SignedData:
    """Read a SignedData.

    Raises:
        CmsError: If it is none.

    RFC 5652 section 5.1.
    """
    _, data = content_info(octets, SIGNED_DATA)
    try:
        fields = Fields(data)
        fields.take(INTEGER)
        fields.take(SET)
        inner = Fields(fields.take(SEQUENCE))
        kind, text = inner.take(OBJECT_IDENTIFIER).content, inner.optional(CONTEXT_0)
        # Text that is not a string has another tag, as in PKCS #7: RFC 5652 section 5.2.1.
        content = None if text is None else text.only().content
        found = fields.optional(CONTEXT_0)
        # Revoked certificates are not looked at.
        fields.optional(CONTEXT_1)
        infos = tuple(islice(fields.take(SET).members(), MOST_SIGNERS))
        # Attribute certificates and those of other forms are none that could have signed.
        written = () if found is None else islice(found.members(), _MOST_CERTIFICATES)
        sequences = [each.whole for each in written if each.tag == SEQUENCE]
        # Most mail is from few signers; what is large is not kept.
        certificates = [(_kept if len(each) < _LARGE else _readable)(each) for each in sequences]
        return SignedData(content, kind, tuple(filter(None, certificates)), infos)
    except BROKEN as error:
        raise CmsError("its structure is broken") from error


@lru_cache(maxsize=MOST)
def _kept(octets: bytes) -> x509.Certificate | None:
    """Read a certificate that may come again."""
    return _readable(octets)


def _readable(octets: bytes) -> x509.Certificate | None:
    """Read a certificate whole: `cryptography` finds what is broken when it is asked for."""
    try:
        cert = x509.load_der_x509_certificate(octets)
        _ = cert.subject, cert.issuer, cert.extensions, cert.public_key()
        _ = cert.not_valid_before_utc, cert.not_valid_after_utc
    # Where warnings are errors, what `cryptography` will refuse one day is refused already.
    except (*BROKEN, UnsupportedAlgorithm, Warning):
        return None
    return cert


def check_signer(info: Value, data: SignedData, content: bytes) -> SignerFound:
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


def _checked(info: Value, data: SignedData, content: bytes) -> SignerFound:
    fields = Fields(info.tagged(SEQUENCE))
    fields.take(INTEGER)
    cert = _certificate(fields.take(SEQUENCE, SIMPLE_0), data.certificates)
    name, _ = algorithm(fields.take(SEQUENCE))
    # What is weak is computed all the same: the reader sees whether the text has changed.
    digest = DIGESTS.get(name)
    if digest is None:
        return SignerFound(f"the digest {dotted(name)[:30]} is not known", cert)
    attributes = fields.optional(CONTEXT_0)
    signed_at: datetime | None = None
    octets = content
    # Without attributes the signature is over the content itself.
    if attributes is not None:
        named = _attributes(attributes)
        signed_at = time(named[SIGNING_TIME].only()) if SIGNING_TIME in named else None
        # RFC 5652 section 11.1: the type "MUST match" that of the content, and must be there.
        if named[CONTENT_TYPE].only(OBJECT_IDENTIFIER).content != data.kind:
            return SignerFound("the signature is for another type", cert, digest, signed_at)
        if _digest(digest, content, data) != named[MESSAGE_DIGEST].only(OCTET_STRING).content:
            return SignerFound("the text has changed", cert, digest, signed_at)
        # RFC 5652 section 5.4: what is signed has the tag of a SET, and not that of its field.
        octets = bytes([SET]) + attributes.whole[1:]
    elif _is_attributes(content):
        # Somebody else can take the attributes of a signature, and send them as its text.
        return SignerFound("the text is none that anybody signed", cert, digest)
    if cert is None:
        return SignerFound("the signer's certificate is missing", None, digest, signed_at)
    scheme = algorithm(fields.take(SEQUENCE))
    signature = fields.take(OCTET_STRING).content
    try:
        is_right = _is_right(cert, scheme, digest, signature, octets)
    except (InvalidSignature, UnsupportedAlgorithm):
        is_right = False
    reason = "" if is_right else "the signature is not that of this text"
    return SignerFound(reason, cert, digest, signed_at)


def _attributes(value: Value) -> dict[bytes, Value]:
    """Find the values of each attribute.

    Raises:
        ValueError: If an attribute is there twice.

    RFC 5652 section 5.3.
    """
    named: dict[bytes, Value] = {}
    for each in value.members():
        fields = Fields(each)
        name = fields.take(OBJECT_IDENTIFIER).content
        # RFC 5652 section 11.1, section 11.2: there "MUST NOT" be several of one kind.
        if name in named:
            raise ValueError("an attribute is there twice")
        named[name] = fields.take(SET)
    return named


def _is_attributes(content: bytes) -> bool:
    """Return whether a text is what a signature with attributes is over."""
    try:
        whole = value_at(content, 0, len(content)).tagged(SET)
        return whole.end == len(content) and bool(_attributes(whole))
    except BROKEN:
        return False


def _certificate(sid: Value, certificates: tuple[x509.Certificate, ...]) -> x509.Certificate | None:
    """Find the signer's certificate.

    RFC 5652 section 5.3.
    """
    if sid.tag == SIMPLE_0:
        return next((each for each in certificates if key_identifier(each) == sid.content), None)
    return next((each for each in certificates if is_of(each, sid)), None)


def _digest(name: str, content: bytes, data: SignedData) -> bytes:
    # Several signers mostly use one digest, and the text may be large.
    if name not in data.digests:
        data.digests[name] = hashlib.new(name, content, usedforsecurity=False).digest()
    return data.digests[name]


def _is_right(
    cert: x509.Certificate,
    scheme: tuple[bytes, Value | None],
    digest: str,
    signature: bytes,
    octets: bytes,
) -> bool:
    # The key decides which scheme it is: a name that does not fit the key fails.
    key, (name, parameters) = cert.public_key(), scheme
    hashed = HASHES[digest]()
    if isinstance(key, rsa.RSAPublicKey):
        how: padding.AsymmetricPadding = padding.PKCS1v15()
        if name == RSA_PSS:
            own, mask = mask_parameters(parameters)
            # RFC 4056 section 3: the digest of the parameters must be that of the text; a weaker
            # one would go unnoticed.
            if own != digest:
                return False
            how = padding.PSS(padding.MGF1(HASHES[mask]()), padding.PSS.AUTO)
        key.verify(signature, octets, how, hashed)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, octets, ec.ECDSA(hashed))
    else:
        return False
    return True


def mask_parameters(value: Value | None) -> tuple[str, str]:
    """Read the digest and that of the mask from the parameters of RSA-PSS or RSAES-OAEP.

    Raises:
        ValueError: If another mask is wanted than MGF1, or a label.

    RFC 4055 section 3.1, section 4.1.
    """
    digest, mask = SHA1, SHA1
    if value is None:
        return DIGESTS[digest], DIGESTS[mask]
    fields = Fields(value)
    # Both are SHA-1 where they are not there.
    if (own := fields.optional(CONTEXT_0)) is not None:
        digest, _ = algorithm(own.only(SEQUENCE))
    if (generator := fields.optional(CONTEXT_1)) is not None:
        name, parameters = algorithm(generator.only(SEQUENCE))
        if name != MGF1 or parameters is None:
            raise ValueError("the mask is not known")
        mask, _ = algorithm(parameters)
    return DIGESTS[digest], DIGESTS[mask]
