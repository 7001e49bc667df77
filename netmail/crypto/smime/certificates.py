"""Certificates and private keys: read from files, and what a certificate says.

This file must not know messages.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from netmail import UsageError
from netmail.crypto.errors import KeyUnusable
from netmail.crypto.octets import octets_of_text
from netmail.crypto.private_keys import pem_key
from netmail.crypto.smime.ber import CONTEXT_0, INTEGER, SEQUENCE, tlv
from netmail.crypto.smime.der import Fields, Value, value_at

Certificate: TypeAlias = x509.Certificate | bytes | str
"""A certificate: an object of `cryptography`, or PEM, or DER."""

Certificates: TypeAlias = Certificate | Iterable[Certificate]
"""Certificates: one or several; a file in PEM may hold more than one."""

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | bytes | str
"""A private key: an object of `cryptography`, or PEM."""

LEAST_BITS: Final = 2048
"""RFC 8551 section 4.2: smaller RSA keys are not to be trusted any more."""

MOST: Final = 256
"""How many certificates are kept that were read or written last."""

# id-on-SmtpUTF8Mailbox                                             RFC 9598 section 3
_SMTP_UTF8 = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")


def certificate(source: Certificate) -> x509.Certificate:
    """Load a certificate; of several in PEM the first one.

    Raises:
        KeyUnusable: If it cannot be read.
        UsageError: If it is no certificate.
    """
    return _all_in(source)[0]


def certificates(source: Certificates) -> list[x509.Certificate]:
    """Load certificates.

    Raises:
        KeyUnusable: If one cannot be read.
        UsageError: If one is no certificate.
    """
    if isinstance(source, x509.Certificate | bytes | str):
        return _all_in(source)
    return [cert for each in source for cert in _all_in(each)]


def _all_in(source: Certificate) -> list[x509.Certificate]:
    if isinstance(source, x509.Certificate):
        return [source]
    if not isinstance(source, bytes | str):
        raise UsageError(f"{type(source).__name__} is no certificate; give PEM, DER or an object")
    octets = octets_of_text(source)
    try:
        if b"-----BEGIN" in octets:
            return x509.load_pem_x509_certificates(octets)
        # DER is never a text: it is the name of a file, which is not opened.
        if isinstance(source, str):
            raise KeyUnusable("the certificate cannot be read: give what is in the file")
        return [x509.load_der_x509_certificate(octets)]
    except ValueError as error:
        raise KeyUnusable(f"the certificate cannot be read: {error}") from error


def private_key(
    source: PrivateKey, password: bytes | str | None = None
) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """Load a private key.

    Raises:
        KeyUnusable: If it cannot be read, or is of another kind.
    """
    found = pem_key(source, password) if isinstance(source, bytes | str) else source
    if not isinstance(found, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise KeyUnusable("S/MIME takes an RSA key or one of an elliptic curve")
    return found


def belong_together(
    cert: x509.Certificate, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
) -> bool:
    """Return whether a certificate is for a key."""
    return cert.public_key() == key.public_key()


def check_current(cert: x509.Certificate) -> None:
    """Refuse a certificate that receivers will not accept.

    Raises:
        KeyUnusable: If it has expired, or is not valid yet.
    """
    now = datetime.now(UTC)
    # An expired certificate makes every receiver warn of the message.
    if cert.not_valid_after_utc < now:
        raise KeyUnusable(f"the certificate has expired on {cert.not_valid_after_utc:%Y-%m-%d}")
    if cert.not_valid_before_utc > now:
        raise KeyUnusable(f"the certificate is valid from {cert.not_valid_before_utc:%Y-%m-%d} on")


def addresses_of(cert: x509.Certificate) -> tuple[str, ...]:
    """Return the addresses that a certificate is for.

    RFC 8550 section 3: those of the subject's alternative names, and the subject's only if there
    are none.
    """
    found: list[str] = []
    try:
        names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        names = None
    if names is not None:
        found += names.get_values_for_type(x509.RFC822Name)
        # RFC 9598 section 3: only addresses outside ASCII are written so.
        for other in names.get_values_for_type(x509.OtherName):
            # A UTF8String: its tag 12, and a length that one octet tells for any address.
            if other.type_id == _SMTP_UTF8 and other.value[:1] == b"\x0c":
                found.append(other.value[2:].decode("utf-8", "replace"))
    # RFC 8550 section 3: "emailAddress" in the subject is obsolete, and old certificates have it.
    if not found:
        subject = cert.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
        found += [str(each.value) for each in subject]
    return tuple(found)


def name_of(cert: x509.Certificate) -> str:
    """Return how a certificate is shown: its first address, else its name."""
    addresses = addresses_of(cert)
    common = cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if addresses:
        return addresses[0]
    return str(common[0].value) if common else cert.subject.rfc4514_string()


def signs_mail(cert: x509.Certificate) -> str:
    """Return why a certificate is not for signing mail; "" if it is.

    RFC 8550 section 4.4.2, section 4.4.4.
    """
    try:
        usage = cert.extensions.get_extension_for_class(x509.KeyUsage).value
        # RFC 8550 section 4.4.2: one of the two bits must be set where the extension is there.
        if not (usage.digital_signature or usage.content_commitment):
            return "the certificate is not for signing"
    except x509.ExtensionNotFound:
        pass
    try:
        purposes = cert.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return ""
    # RFC 8550 section 4.4.4: without the extension every purpose is allowed.
    mail = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    return "" if mail.intersection(purposes) else "the certificate is not for mail"


@lru_cache(maxsize=MOST)
def issuer_and_serial(cert: x509.Certificate) -> bytes:
    """Write the issuer and the serial number of a certificate, as it has them.

    RFC 5652 section 10.2.4.
    """
    octets = cert.tbs_certificate_bytes
    fields = Fields(value_at(octets, 0, len(octets)))
    # RFC 5280 section 4.1: [0] version, serialNumber, signature, issuer.
    fields.optional(CONTEXT_0)
    serial = fields.take(INTEGER).whole
    fields.take(SEQUENCE)
    return tlv(SEQUENCE, fields.take(SEQUENCE).whole, serial)


def is_of(cert: x509.Certificate, named: Value) -> bool:
    """Return whether a value is the issuer and the serial number of a certificate.

    RFC 5652 section 10.2.4.
    """
    return named.whole == issuer_and_serial(cert)


def key_identifier(cert: x509.Certificate) -> bytes | None:
    """Return the name that a certificate gives to its key; `None` if it has none.

    RFC 5280 section 4.2.1.2.
    """
    try:
        found = cert.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return found.value.digest


class Facts(NamedTuple):
    """What a certificate says, as a signature's result shows it.

    Attributes:
        addresses: The addresses that it is for.
        name: How it is shown.
        purpose: Why it is not for signing mail; "" if it is.
        is_small: Whether its key is too small.
        fingerprint: SHA-256 of it.
    """

    addresses: tuple[str, ...]
    name: str
    purpose: str
    is_small: bool
    fingerprint: str


@lru_cache(maxsize=MOST)
def facts_of(cert: x509.Certificate) -> Facts:
    """Return what a certificate says; a signer mostly signs more than one message."""
    fingerprint = cert.fingerprint(SHA256()).hex()
    return Facts(addresses_of(cert), name_of(cert), signs_mail(cert), is_small(cert), fingerprint)


def is_small(cert: x509.Certificate) -> bool:
    """Return whether the key is too small."""
    key = cert.public_key()
    return isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_BITS
