"""Keys for one recipient: the message's key, encrypted so that only that recipient can read it.

This file must not know what is encrypted with the message's key.
"""

import os
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from asn1crypto import algos, cms, core, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from netmail.crypto.errors import KeyUnusable
from netmail.crypto.smime.signers import BROKEN

_Hashes: TypeAlias = dict[str, Callable[[], hashes.HashAlgorithm]]

# RFC 5753 section 7.1.4: dhSinglePass-stdDH with the digest of its key derivation function.
_SCHEMES: Final[_Hashes] = {
    "1.3.133.16.840.63.0.2": hashes.SHA1,
    "1.3.132.1.11.0": hashes.SHA224,
    "1.3.132.1.11.1": hashes.SHA256,
    "1.3.132.1.11.2": hashes.SHA384,
    "1.3.132.1.11.3": hashes.SHA512,
}
_SHA256_SCHEME: Final = "1.3.132.1.11.1"
# RFC 3565 section 2.3.2: AES key wrap, with the octets of its key.
_WRAPS: Final = {
    "2.16.840.1.101.3.4.1.5": 16,
    "2.16.840.1.101.3.4.1.25": 24,
    "2.16.840.1.101.3.4.1.45": 32,
}
_AES256_WRAP: Final = "2.16.840.1.101.3.4.1.45"


class _AnyAlgorithm(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """An AlgorithmIdentifier whose parameters are left as they are."""

    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]  # noqa: RUF012


class _SharedInfo(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """ECC-CMS-SharedInfo, RFC 5753 section 7.2."""

    _fields = [  # noqa: RUF012
        ("key_info", _AnyAlgorithm),
        ("entity_u_info", core.OctetString, {"explicit": 0, "optional": True}),
        ("supp_pub_info", core.OctetString, {"explicit": 2}),
    ]


def recipient_info(cert: x509.Certificate, key: bytes, *, oaep: bool) -> cms.RecipientInfo:
    """Encrypt the message's key for one certificate.

    Raises:
        KeyUnusable: If the certificate has a key that cannot be encrypted for.

    RFC 5652 section 6.2, RFC 3370, RFC 3560 (OAEP), RFC 5753 (elliptic curves).
    """
    public = cert.public_key()
    own = asn1_x509.Certificate.load(cert.public_bytes(Encoding.DER))
    serial = {"issuer": own.issuer, "serial_number": own.serial_number}
    if isinstance(public, rsa.RSAPublicKey):
        info = _transported(public, serial, key, oaep=oaep)
        return cms.RecipientInfo(name="ktri", value=info)
    if isinstance(public, ec.EllipticCurvePublicKey):
        return cms.RecipientInfo(name="kari", value=_agreed(public, serial, key))
    raise KeyUnusable("the key of the certificate cannot be encrypted for")


def _transported(
    public: rsa.RSAPublicKey, serial: dict[str, Any], key: bytes, *, oaep: bool
) -> cms.KeyTransRecipientInfo:
    # RFC 8551 section 2.3: v1.5 is what every receiver can read.
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    algorithm: dict[str, Any] = {"algorithm": "rsaes_pkcs1v15"}
    if oaep:
        scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        sha256 = {"algorithm": "sha256"}
        mask = {"algorithm": "mgf1", "parameters": sha256}
        parameters = {"hash_algorithm": sha256, "mask_gen_algorithm": mask}
        algorithm = {"algorithm": "rsaes_oaep", "parameters": algos.RSAESOAEPParams(parameters)}
    return cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": {"issuer_and_serial_number": serial},
            "key_encryption_algorithm": algorithm,
            "encrypted_key": public.encrypt(key, scheme),
        }
    )


def _agreed(
    public: ec.EllipticCurvePublicKey, serial: dict[str, Any], key: bytes
) -> cms.KeyAgreeRecipientInfo:
    """Agree on a key with one that is made for this message only.

    RFC 5753 section 3.1.1.
    """
    # A key for one message: finding the sender's later does not open this one.
    ephemeral = ec.generate_private_key(public.curve)
    wrap = _AnyAlgorithm({"algorithm": _AES256_WRAP})
    secret = ephemeral.exchange(ec.ECDH(), public)
    wrapped = keywrap.aes_key_wrap(_derived(secret, wrap, None, hashes.SHA256()), key)
    own = ephemeral.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return cms.KeyAgreeRecipientInfo(
        {
            "version": "v3",
            "originator": {"originator_key": keys.PublicKeyInfo.load(own)},
            "key_encryption_algorithm": {"algorithm": _SHA256_SCHEME, "parameters": wrap},
            "recipient_encrypted_keys": [
                {"rid": {"issuer_and_serial_number": serial}, "encrypted_key": wrapped}
            ],
        }
    )


def _derived(
    secret: bytes, wrap: core.Sequence, ukm: bytes | None, digest: hashes.HashAlgorithm
) -> bytes:
    """Derive the key that wraps the message's key.

    RFC 5753 section 7.2.
    """
    # RFC 5753 section 7.2: suppPubInfo is the length of the key in bits, in four octets.
    size = _WRAPS[wrap["algorithm"].dotted]
    info = {"key_info": wrap, "supp_pub_info": (8 * size).to_bytes(4)}
    if ukm is not None:
        info["entity_u_info"] = ukm
    return X963KDF(digest, size, _SharedInfo(info).dump()).derive(secret)


def message_key(
    info: Any,
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
    chosen = info.chosen
    if info.name == "ktri" and isinstance(key, rsa.RSAPrivateKey):
        if _is_for(chosen["rid"], cert):
            return _sized(_untransported(chosen, key), size)
    elif info.name == "kari" and isinstance(key, ec.EllipticCurvePrivateKey):
        # RFC 5753 section 3.1.1: one agreement may wrap the key for several readers.
        for each in chosen["recipient_encrypted_keys"]:
            if _is_for(each["rid"], cert):
                return _sized(_unwrapped(chosen, each["encrypted_key"].native, key), size)
    return None


def _sized(found: bytes, size: int) -> bytes:
    # A key of another size would be an error that says something.
    return found if len(found) == size else os.urandom(size)


def _untransported(info: Any, key: rsa.RSAPrivateKey) -> bytes:
    algorithm = info["key_encryption_algorithm"]
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    try:
        if algorithm["algorithm"].native == "rsaes_oaep":
            parameters = algorithm["parameters"]
            digest = parameters["hash_algorithm"]["algorithm"].native
            mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
            known: _Hashes = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha512": hashes.SHA512}
            scheme = padding.OAEP(padding.MGF1(known[mask]()), known[digest](), None)
        return key.decrypt(info["encrypted_key"].native, scheme)
    # RFC 3218 section 2.3.2: the error must not depend on the padding, nor on the time it takes.
    except (*BROKEN, UnsupportedAlgorithm):
        return b""


def _unwrapped(info: Any, wrapped: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    algorithm = info["key_encryption_algorithm"]
    try:
        scheme = _SCHEMES[algorithm["algorithm"].dotted]
        wrap = _AnyAlgorithm.load(algorithm["parameters"].dump())
        peer = _public_key(info["originator"].chosen, key)
        secret = key.exchange(ec.ECDH(), peer)
        kek = _derived(secret, wrap, info["ukm"].native, scheme())
        return keywrap.aes_key_unwrap(kek, wrapped)
    except (*BROKEN, UnsupportedAlgorithm, keywrap.InvalidUnwrap):
        return b""


def _public_key(originator: Any, key: ec.EllipticCurvePrivateKey) -> ec.EllipticCurvePublicKey:
    """Read the sender's key, which may leave out the curve, for it is the recipient's.

    RFC 5753 section 3.1.1.
    """
    # A point that is not on the curve is refused by `cryptography`: it would leak the key.
    point = bytes(originator["public_key"])
    return ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point)


def _is_for(rid: Any, cert: x509.Certificate) -> bool:
    """Return whether an identifier is that of a certificate."""
    if rid.name == "issuer_and_serial_number":
        serial = rid.chosen["serial_number"].native == cert.serial_number
        return bool(serial and rid.chosen["issuer"].dump() == cert.issuer.public_bytes())
    try:
        own = cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return False
    if rid.name == "r_key_id":
        return bool(rid.chosen["subject_key_identifier"].native == own)
    return bool(rid.chosen.native == own)
