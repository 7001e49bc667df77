"""Sequoia as a back end: quick and strict, without a program, a folder of keys or an agent.

This file must not know messages. It needs the package pysequoia.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from netmail import Secret, UsageError
from netmail.crypto.errors import DecryptionError, KeyUnusable
from netmail.crypto.pgp.backend import CheckedSignature, OpenedOctets, SignedOctets

if TYPE_CHECKING:
    import pysequoia

# What pysequoia raises for everything that is not as it should be.
_BROKEN = (RuntimeError, ValueError, TypeError, OSError)
# What pysequoia raises for a text that was compressed, where certificates were given.
_COMPRESSED = "Unexpected message structure"
_MOST: Final = 16
"""Signatures that are verified: each reads all of the text."""


class Sequoia:
    """The keys that are given, and no others; each of them is trusted.

    Args:
        certificates: Public keys, armored or not.
        secret: The private key that signs and decrypts; `None` for neither.
        passphrase: That of the private key.

    Raises:
        KeyUnusable: If a key cannot be read.
        UsageError: If pysequoia is not installed.
    """

    def __init__(
        self,
        certificates: Iterable[bytes] = (),
        secret: bytes | None = None,
        passphrase: str | None = None,
    ) -> None:
        try:
            import pysequoia  # noqa: PLC0415 -- gpg needs none of it
        except ImportError as missing:
            raise UsageError("pysequoia is missing: pip install pysequoia") from missing
        self._library = pysequoia
        self._passphrase = None if passphrase is None else Secret(passphrase)
        try:
            self._secret = None if secret is None else pysequoia.Tsk.from_bytes(secret)
            certs = [pysequoia.Cert.from_bytes(each) for each in certificates]
        except _BROKEN as error:
            raise KeyUnusable(f"a key cannot be read: {_line(error)}") from error
        if self._secret is not None:
            # The owner of the private key can read and verify what it has signed.
            certs.append(self._secret.extract_certificate())
        self._certs = {each.fingerprint.upper(): each for each in certs}
        # A signature names the key that made it, which may be another than the primary one.
        self._keys = {name: each for each in certs for name in self._key_names(each)}

    def _revealed(self) -> str | None:
        return None if self._passphrase is None else self._passphrase.reveal()

    def sign(self, pieces: Iterable[bytes], signer: str) -> SignedOctets:
        """Make a detached signature; the octets are in memory meanwhile.

        Raises:
            KeyUnusable: If there is no private key of this name, or its passphrase is wrong.
        """
        mode = self._library.SignatureMode.DETACHED
        try:
            made = self._library.sign(self._signer(signer), b"".join(pieces), mode=mode)
        except _BROKEN as error:
            raise KeyUnusable(
                f"{signer}: the private key cannot be used: {_line(error)}"
            ) from error
        return SignedOctets(made, _digest(self._library.Sig.from_bytes(made)))

    def encrypt(self, octets: bytes, recipients: Sequence[str], signer: str | None) -> bytes:
        """Encrypt, and sign if there is a signer.

        Raises:
            KeyUnusable: If a recipient or the signer has no key that can be used.
        """
        # All are found before anything is encrypted: none of them is left out.
        readers = [self._current(each) for each in recipients]
        try:
            own = None if signer is None else self._signer(signer)
            return self._library.encrypt(octets, readers, own)
        except _BROKEN as error:
            raise KeyUnusable(f"a key cannot be used: {_line(error)}") from error

    def decrypt(self, octets: bytes) -> OpenedOctets:
        """Decrypt; Sequoia refuses itself what was changed, or has no integrity.

        Raises:
            DecryptionError: If it is for other keys, or was changed, or has no integrity.
        """
        if self._secret is None:
            raise DecryptionError("the message cannot be decrypted: there is no private key")
        try:
            own = self._secret.decryptor(self._revealed())
            issuers: list[str] = []
            opened, reason = self._opened(octets, own, issuers)
        except _BROKEN as error:
            raise DecryptionError(f"the message cannot be decrypted: {_line(error)}") from error
        signatures = self._within(opened.valid_sigs, issuers, reason)
        return OpenedOctets(opened.bytes or b"", "", signatures)

    def _opened(
        self, octets: bytes, own: "pysequoia.PyDecryptor", issuers: list[str]
    ) -> "tuple[pysequoia.Decrypted, str]":
        """Decrypt, and verify if that can be done; the keys of the signatures are added."""

        def known(identifiers: Sequence[str]) -> "list[pysequoia.Cert]":
            issuers.extend(identifiers)
            return [*self._certs.values()]

        try:
            return self._library.decrypt(octets, own, known), ""
        except _BROKEN as error:
            # With certificates pysequoia decrypts what has a good signature, and without them all.
            reason = "it cannot be verified: the text was compressed"
            is_compressed = _COMPRESSED in str(error)
            return self._library.decrypt(octets, own), reason if is_compressed else ""

    def verify(self, octets: bytes, signature: bytes) -> tuple[CheckedSignature, ...]:
        """Verify detached signatures."""
        return tuple([self._detached(octets, each) for each in self._read(signature)])

    def verify_clear(self, octets: bytes) -> OpenedOctets:
        """Verify a text that is signed in clear."""
        issuers: list[str] = []

        def known(identifiers: Sequence[str]) -> "list[pysequoia.Cert]":
            issuers.extend(identifiers)
            return [*self._certs.values()]

        try:
            found = self._library.verify(bytes=octets, store=known)
        except _BROKEN:
            return OpenedOctets(b"", "", self._within([], issuers))
        return OpenedOctets(found.bytes or b"", "", self._within(found.valid_sigs, issuers))

    def export(self, key: str) -> bytes:
        """Return a public key.

        Raises:
            KeyUnusable: If there is none.
        """
        return bytes(self._cert(key))

    def _read(self, signature: bytes) -> "list[pysequoia.Sig]":
        """Read the signatures; what cannot be read is none."""
        try:
            pile = self._library.packet.PacketPile.from_bytes(signature)
        except _BROKEN:
            return []
        found = []
        for packet in pile:
            # RFC 9580 section 10.4: a detached signature is one packet, or a sequence of them.
            with suppress(*_BROKEN):
                found.append(self._library.Sig.from_bytes(bytes(packet)))
        return found[:_MOST]

    def _detached(self, octets: bytes, given: "pysequoia.Sig") -> CheckedSignature:
        digest = _digest(given)
        try:
            found = self._library.verify(bytes=octets, store=self._known, signature=given)
        except _BROKEN:
            # Sequoia does not say why: it hands over nothing that is not right.
            issuer = given.issuer_fingerprint or given.issuer_key_id or ""
            return CheckedSignature(self._refusal(issuer), digest=digest, signed_at=given.created)
        return replace(self._good(found.valid_sigs[0]), digest=digest, signed_at=given.created)

    def _within(
        self, found: Iterable[object], issuers: Sequence[str], reason: str = ""
    ) -> tuple[CheckedSignature, ...]:
        """Return what is known of signatures that come with their text.

        Args:
            found: Those that are right.
            issuers: The keys of all.
            reason: Why the others are not; "" for what their keys say.
        """
        checked = {str(getattr(each, "signing_key", "")): self._good(each) for each in found}
        others = [each for each in dict.fromkeys(issuers) if each not in checked]
        refused = [CheckedSignature(reason or self._refusal(each)) for each in others[:_MOST]]
        return (*checked.values(), *refused)

    def _good(self, found: object) -> CheckedSignature:
        # Only certificates that were given can have verified it.
        fingerprint = str(getattr(found, "certificate", "")).upper()
        # Sequoia's own policy refuses SHA-1 and MD5: a signature that is right is strong.
        return CheckedSignature(
            "",
            intact=True,
            fingerprint=fingerprint,
            trusted=True,
            addresses=_addresses(self._certs[fingerprint]),
        )

    def _refusal(self, issuer: str) -> str:
        """Return why a signature is not right."""
        cert = self._keys.get(issuer.upper())
        if cert is None:
            return "the key of the signer is not known"
        return _over(cert) or "the text has changed, or the signature is broken"

    def _key_names(self, cert: "pysequoia.Cert") -> list[str]:
        """Return the fingerprints and identifiers of all keys of a certificate."""
        packets = [*self._library.packet.PacketPile.from_bytes(bytes(cert))]
        names = [name for each in packets for name in (each.fingerprint, each.key_id)]
        return [name.upper() for name in names if name]

    def _known(self, identifiers: "Sequence[str]") -> "list[pysequoia.Cert]":
        """Return the certificates; more than asked for are allowed."""
        del identifiers
        return [*self._certs.values()]

    def _signer(self, name: str) -> "pysequoia.PySigner":
        """Return what signs: the private key, where it is that of the signer."""
        if self._secret is None:
            raise KeyUnusable(f"{name}: there is no private key")
        # A signature under the name of another would be right, and would prove the wrong thing.
        if self._cert(name).fingerprint != self._secret.extract_certificate().fingerprint:
            raise KeyUnusable(f"{name}: the private key is another's")
        return self._secret.signer(self._revealed())

    def _current(self, name: str) -> "pysequoia.Cert":
        """Find a certificate to encrypt for."""
        found = self._cert(name)
        # pysequoia looks at the keys in it only, and encrypts for it without an error.
        if reason := _over(found):
            raise KeyUnusable(f"{name}: {reason}")
        return found

    def _cert(self, name: str) -> "pysequoia.Cert":
        """Find a certificate by a whole address or fingerprint."""
        # A fingerprint is compared whole; short identifiers can be forged.
        found = self._certs.get(name.replace(" ", "").upper())
        for each in self._certs.values():
            if found is None and name.lower() in map(str.lower, _addresses(each)):
                found = each
        if found is None:
            raise KeyUnusable(f"{name}: there is no key")
        return found


def _digest(signature: "pysequoia.Sig") -> str:
    """Return the name of a signature's digest."""
    # "HashAlgorithm.SHA512" is sha512 in micalg.
    name = str(signature.hash_algorithm).rpartition(".")[2].lower()
    return name.replace("-", "").replace("sha3_", "sha3-")


def _over(cert: "pysequoia.Cert") -> str:
    """Return why a certificate is not used any more; "" if it is."""
    if cert.is_revoked:
        return "the key was revoked"
    is_expired = cert.expiration is not None and cert.expiration < datetime.now(UTC)
    return "the key has expired" if is_expired else ""


def _line(error: Exception) -> str:
    # After the first line comes a trace of the library's own functions.
    return str(error).partition("\n")[0]


def _addresses(cert: "pysequoia.Cert") -> tuple[str, ...]:
    """Return the addresses in the user IDs of a certificate."""
    # "Ann <ann@example.org>", or the address alone.
    names = [str(each).rpartition("<")[2].rstrip(">") for each in cert.user_ids]
    return tuple(each for each in names if "@" in each)
