"""Certificates for the servers: a good one, and one for each thing that can be wrong with it.

This file must not know any server.
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

NAMES = ("localhost", "127.0.0.1", "127.0.0.2", "127.0.0.3", "::1", "xn--bcher-kva.example")
"""What the good certificate, the self-signed and the expired one are for."""
OTHER_HOST = "elsewhere.example.test"
KEY_PASSWORD = "key password"
LONG_AGO = dt.datetime(2001, 1, 1)  # noqa: DTZ001 -- trustme takes UTC without a zone


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
        server: Good for localhost, 127.0.0.1, 127.0.0.2, 127.0.0.3, ::1 and bücher.example.
        self_signed: For the same names, signed with its own key.
        expired: For the same names, signed by the authority, not valid since 2001.
        other_host: Signed by the authority, for `elsewhere.example.test` only.
        ending: Good for the same names as `server`, for less than ten days more.
        client: For a client, its common name is "alice".
        client_key_encrypted: The client's key again, under `client_key_password`.
        client_key_password: The password of `client_key_encrypted`.
    """

    ca_file: Path
    server: Pair
    self_signed: Pair
    expired: Pair
    other_host: Pair
    ending: Pair
    client: Pair
    client_key_encrypted: Path
    client_key_password: str

    @classmethod
    def generate(cls, folder: Path) -> "Certificates":
        """Write an authority and its certificates into the folder."""
        authority = trustme.CA()
        server = authority.issue_cert(*NAMES)
        client = authority.issue_cert("alice@example.test", common_name="alice")
        expired = authority.issue_cert(*NAMES, not_after=LONG_AGO)
        soon = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(days=10)
        ending = authority.issue_cert(*NAMES, not_after=soon)
        return cls(
            ca_file=_write(folder / "ca.pem", authority.cert_pem.bytes()),
            server=_pair(folder / "server", server),
            self_signed=_pair(folder / "self_signed", server, _signed_by_itself(server)),
            expired=_pair(folder / "expired", expired),
            other_host=_pair(folder / "other_host", authority.issue_cert(OTHER_HOST)),
            ending=_pair(folder / "ending", ending),
            client=_pair(folder / "client", client),
            client_key_encrypted=_write(folder / "client_encrypted.key", _encrypted(client)),
            client_key_password=KEY_PASSWORD,
        )


def _pair(path: Path, leaf: trustme.LeafCert, certificate: bytes | None = None) -> Pair:
    pem = leaf.cert_chain_pems[0].bytes() if certificate is None else certificate
    return Pair(
        _write(path.with_suffix(".pem"), pem),
        _write(path.with_suffix(".key"), leaf.private_key_pem.bytes()),
    )


def _write(path: Path, pem: bytes) -> Path:
    # Some servers refuse a key that others may read, and read it while they are still root.
    path.touch(mode=0o600)
    path.write_bytes(pem)
    return path


def _signed_by_itself(leaf: trustme.LeafCert) -> bytes:
    """Write a certificate for the same names and key that no authority signed."""
    key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    model = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    names = model.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return (
        x509.CertificateBuilder()
        .subject_name(model.subject)
        .issuer_name(model.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(model.not_valid_before_utc)
        .not_valid_after(model.not_valid_after_utc)
        .add_extension(names.value, critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def _encrypted(leaf: trustme.LeafCert) -> bytes:
    key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(KEY_PASSWORD.encode()),
    )
