"""Certificates for the servers: a good one, and one for each thing that can be wrong with it.

This file knows no server. Keys are elliptic, because generating RSA keys takes most of a second.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = ("localhost",)
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "::1")
"""The addresses that the good certificate, the self-signed and the expired one speak for."""
OTHER_HOST = "elsewhere.example.test"
KEY_PASSWORD = "key password"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as PEM files.

    Attributes:
        certificate: The certificate's file.
        key: The key's file, not encrypted.
    """

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """All certificates of a test session.

    Attributes:
        ca_file: The authority that signed all but `self_signed`; what a client is to trust.
        server: Good for localhost, 127.0.0.1, 127.0.0.2, 127.0.0.3 and ::1.
        self_signed: For the same names, signed by nobody else.
        expired: For the same names, signed by the authority, not valid since yesterday.
        other_host: Signed by the authority, for `elsewhere.example.test` only.
        client: For a client, its common name is "alice".
        client_key_encrypted: The client's key again, under `client_key_password`.
        client_key_password: The password of `client_key_encrypted`.
    """

    ca_file: Path
    server: Pair
    self_signed: Pair
    expired: Pair
    other_host: Pair
    client: Pair
    client_key_encrypted: Path
    client_key_password: str

    @classmethod
    def generate(cls, folder: Path) -> "Certificates":
        """Write an authority and its certificates into the folder."""
        authority = _Authority(folder)
        client = authority.issue("client", "alice", ExtendedKeyUsageOID.CLIENT_AUTH)
        return cls(
            ca_file=authority.file,
            server=authority.issue("server", "localhost"),
            self_signed=authority.issue("self_signed", "localhost", itself=True),
            expired=authority.issue("expired", "localhost", expired=True),
            other_host=authority.issue("other_host", OTHER_HOST),
            client=client,
            client_key_encrypted=_encrypt(client.key, folder / "client_encrypted.key"),
            client_key_password=KEY_PASSWORD,
        )


class _Authority:
    """Signs certificates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("netmail test authority")
        key_usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        # Python 3.13 and OpenSSL's strict mode want to know which key is whose.
        key_id = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        certificate = (
            _builder(self._name, self._name, self._key.public_key(), expired=False)
            .add_extension(key_id, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(key_usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        name: str,
        host: str,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
        *,
        itself: bool = False,
        expired: bool = False,
    ) -> Pair:
        """Write a certificate and its key; `itself` has it sign itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(host)
        issuer, signer = (subject, key) if itself else (self._name, self._key)
        signer_id = x509.SubjectKeyIdentifier.from_public_key(signer.public_key())
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer_id)
        certificate = (
            _builder(subject, issuer, key.public_key(), expired=expired)
            .add_extension(issuer_key, critical=False)
            .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(signer, hashes.SHA256())
        )
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        # Some servers refuse a key that others may read, and read it while they are still root.
        pair.key.chmod(0o600)
        return pair


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _names(host: str) -> list[x509.GeneralName]:
    if host not in HOSTS:
        return [x509.DNSName(host)]
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
    return [x509.DNSName(host), *addresses]


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    *,
    expired: bool,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    end = now - DAY if expired else now + 30 * DAY
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 10 * DAY)
        .not_valid_after(end)
    )


def _encrypt(key: Path, target: Path) -> Path:
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    target.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(KEY_PASSWORD.encode()),
        )
    )
    return target
