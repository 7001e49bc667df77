"""Sequoia as a back end: quick and strict, without a program, a folder of keys or an agent.

This file must not know messages. It needs the package pysequoia.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from netmail import Secret, UsageError
from netmail.crypto.errors import DecryptionError, KeyUnusable
from netmail.crypto.pgp.backend import CheckedSignature, OpenedOctets, SignedOctets

if TYPE_CHECKING:
    import pysequoia

# What pysequoia raises for everything that is not as it should be.
_BROKEN = (RuntimeError, ValueError, TypeError, OSError)
# What pysequoia raises for a text without a signature, where certificates were given.
_UNSIGNED = "Unexpected message structure"
_WRONG = "the text has changed, the signature is broken, or its key is not known"


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
        return SignedOctets(made, self._digest(made))

    def encrypt(self, octets: bytes, recipients: Sequence[str], signer: str | None) -> bytes:
        """Encrypt, and sign if there is a signer.

        Raises:
            KeyUnusable: If a recipient or the signer has no key that can be used.
        """
        # All are found before anything is encrypted: none of them is left out.
        readers = [self._cert(each) for each in recipients]
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
            opened = self._library.decrypt(octets, own)
        except _BROKEN as error:
            raise DecryptionError(f"the message cannot be decrypted: {_line(error)}") from error
        return OpenedOctets(opened.bytes or b"", "", self._signatures(octets, self._secret))

    def _signatures(self, octets: bytes, secret: "pysequoia.Tsk") -> tuple[CheckedSignature, ...]:
        """Return the signatures within an encrypted text.

        With certificates pysequoia decrypts signed texts only, and without them all.
        """
        own = secret.decryptor(self._revealed())
        try:
            found = self._library.decrypt(octets, own, self._known)
        except _BROKEN as error:
            is_unsigned = _UNSIGNED in str(error)
            return () if is_unsigned else (CheckedSignature(_WRONG),)
        return self._checked(found.valid_sigs)

    def verify(self, octets: bytes, signature: bytes) -> tuple[CheckedSignature, ...]:
        """Verify a detached signature."""
        try:
            # What cannot be read is no signature, and that is the reason a reader is given.
            given = self._library.Sig.from_bytes(signature)
        except _BROKEN:
            return ()
        return self._verified(
            lambda: self._library.verify(bytes=octets, store=self._known, signature=given),
            self._digest(signature),
        ).signatures

    def verify_clear(self, octets: bytes) -> OpenedOctets:
        """Verify a text that is signed in clear."""
        return self._verified(lambda: self._library.verify(bytes=octets, store=self._known), "")

    def export(self, key: str) -> bytes:
        """Return a public key.

        Raises:
            KeyUnusable: If there is none.
        """
        return bytes(self._cert(key))

    def _verified(self, check: "Callable[[], pysequoia.Decrypted]", digest: str) -> OpenedOctets:
        try:
            found = check()
        except _BROKEN:
            # Sequoia does not say which: it hands over nothing that is not right.
            return OpenedOctets(b"", "", (CheckedSignature(_WRONG),))
        return OpenedOctets(found.bytes or b"", "", self._checked(found.valid_sigs, digest))

    def _checked(self, found: "Iterable[object]", digest: str = "") -> tuple[CheckedSignature, ...]:
        checked = []
        for each in found:
            # Only certificates that were given can have verified it.
            fingerprint = str(getattr(each, "certificate", "")).upper()
            cert = self._certs[fingerprint]
            # Sequoia's own policy refuses SHA-1 and MD5: a signature that is right is strong.
            checked.append(
                CheckedSignature(
                    "",
                    intact=True,
                    fingerprint=fingerprint,
                    digest=digest,
                    trusted=True,
                    addresses=_addresses(cert),
                )
            )
        return tuple(checked)

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

    def _digest(self, signature: bytes) -> str:
        """Return the name of a signature's digest."""
        try:
            name = str(self._library.Sig.from_bytes(signature).hash_algorithm)
        except _BROKEN:
            return ""
        # "HashAlgorithm.SHA512" is sha512 in micalg.
        return name.rpartition(".")[2].lower().replace("-", "").replace("sha3_", "sha3-")


def _line(error: Exception) -> str:
    # After the first line comes a trace of the library's own functions.
    return str(error).partition("\n")[0]


def _addresses(cert: "pysequoia.Cert") -> tuple[str, ...]:
    """Return the addresses in the user IDs of a certificate."""
    # "Ann <ann@example.org>", or the address alone.
    names = [str(each).rpartition("<")[2].rstrip(">") for each in cert.user_ids]
    return tuple(each for each in names if "@" in each)
