"""An authority for mail, and certificates of every kind; each is made once a process.

This file must not know what is tested.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.now(UTC)
ANN, BOB, CAROL = "ann@example.test", "bob@example.test", "carol@example.test"
MAIL = (ExtendedKeyUsageOID.EMAIL_PROTECTION,)
WEB = (ExtendedKeyUsageOID.SERVER_AUTH,)


class Identity:
    """A certificate and its key, as objects and as files have them."""

    def __init__(self, cert, key):
        self.cert = cert
        self.key = key

    @property
    def pem(self):
        """The certificate's PEM."""
        return self.cert.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self):
        """The key's PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


@cache
def new_key(kind, who):
    """A key, another one for each name."""
    del who
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, kind if isinstance(kind, int) else 2048)


def name(text):
    """A name with nothing but a common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@cache
def authority(title="Root", issuer=None, permitted=None, days=(-1000, 1000)):
    """An authority; `permitted` is the only domain for which it may certify."""
    key = new_key("ec", title)
    above = authority(issuer) if issuer else None
    made = begun(title, above, key, days)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = made.add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
    if permitted:
        names = x509.NameConstraints([x509.RFC822Name(permitted)], None)
        made = made.add_extension(names, critical=True)
    return signed(made, key, above)


@cache
def person(address=ANN, kind="rsa", issuer="Root", purposes=MAIL, days=(-100, 100), **options):
    """A certificate for an address."""
    above = authority(issuer) if isinstance(issuer, str) else issuer
    key = new_key(kind, address)
    made = begun(options.get("title", address), above, key, days)
    names = options["names"] if "names" in options else (x509.RFC822Name(address),)
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = made.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    made = made.add_extension(
        options.get("usage") or usage(digital_signature=True, key_encipherment=True), critical=True
    )
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return signed(made, key, above)


def begun(title, above, key, days):
    """The beginning of any certificate."""
    made = x509.CertificateBuilder().subject_name(name(title)).public_key(key.public_key())
    made = made.issuer_name(above.cert.subject if above else name(title))
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(NOW + timedelta(days=days[0]))
    made = made.not_valid_after(NOW + timedelta(days=days[1]))
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return made.add_extension(own, critical=False)


def signed(made, key, above):
    """The certificate, signed by the one above it or by itself."""
    signer = above.key if above else key
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = made.add_extension(issuer, critical=False)
    return Identity(made.sign(signer, hashes.SHA256()), key)


def usage(**given):
    """A key usage of which nothing else is allowed."""
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**dict.fromkeys(every, False) | given)
