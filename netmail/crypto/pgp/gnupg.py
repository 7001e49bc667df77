"""GnuPG as a back end: it has the users' keys, agents, smartcards and trust.

This file must not know messages.
"""

import os
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from netmail.crypto.errors import DecryptionError, KeyUnusable
from netmail.crypto.pgp.backend import CheckedSignature, OpenedOctets, SignedOctets
from netmail.crypto.pgp.program import Gpg, Ran
from netmail.crypto.pgp.status import DIGESTS, is_opened, refused_key, signatures, unopened

MOST_SIGNATURES: Final = 16
"""Each other key costs a run of gpg."""
LIMIT: Final = 1 << 28
"""Octets that a message may unpack to."""

# name-addr or addr-spec at the end of a user ID                    RFC 9580 section 5.11
_ADDRESS: Final = re.compile(r"<([^<>\s]+@[^<>\s]+)>$|^([^<>\s]+@[^<>\s]+)$")
# "\x3a" in what gpg lists is a colon: "Ann \x3cann@example.test\x3e"
_ESCAPED: Final = re.compile(r"\\x([0-9a-f]{2})")
# A fingerprint                                                     RFC 9580 section 5.5.4
_FINGERPRINT: Final = re.compile(r"(?:0x)?([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})!?")
_UNUSABLE: Final = frozenset("rin")
"""The validity of user IDs that are revoked, or not to be trusted."""
_CERTIFIED: Final = frozenset("fu")
"""That of user IDs which gpg's database trusts; one of them makes gpg trust the key."""


class GnuPG:
    """The program gpg, with a folder of keys.

    Its configuration files are not read. An agent that it starts stays until `gpgconf --kill`.

    Args:
        home: The folder of keys; `None` for the user's own.
        passphrase: That of the private keys; it is passed in a pipe. `None` where an agent knows
            it, or where it is empty.
        trust: The fingerprints of the keys that are trusted; `None` for those that gpg's own
            database trusts.
        always_trust: Encrypt for keys that no other key has certified, too.
        program: The program.
        timeout: Seconds that a run may take.
    """

    def __init__(
        self,
        home: str | os.PathLike[str] | None = None,
        passphrase: bytes | str | None = None,
        *,
        trust: Iterable[str] | None = None,
        always_trust: bool = False,
        program: str = "gpg",
        timeout: float = 120.0,
    ) -> None:
        self._gpg = Gpg(home, passphrase, program, limit=LIMIT, timeout=timeout)
        self._trust = None if trust is None else {_bare(each) for each in trust}
        self._always = ["--trust-model=always"] if always_trust else []

    def sign(self, pieces: Iterable[bytes], signer: str) -> SignedOctets:
        """Make a detached signature.

        Raises:
            KeyUnusable: If there is no such key, or its passphrase is wrong.
        """
        ran = self._gpg.run(
            *("--armor", "--detach-sign", "--local-user", _name(signer)), pieces=pieces
        )
        created = next((each for each in ran.status if each.keyword == "SIG_CREATED"), None)
        # SIG_CREATED <type> <algorithm> <digest> <class> <time> <fingerprint>
        # The exit status says nothing certain: only this line does.
        if created is None or len(created.arguments) < 6:
            raise KeyUnusable(_refusal(ran, f"{signer}: the private key cannot be used"))
        return SignedOctets(ran.output, DIGESTS.get(created.arguments[2], ""))

    def encrypt(self, octets: bytes, recipients: Sequence[str], signer: str | None) -> bytes:
        """Encrypt, and sign if there is a signer.

        Raises:
            KeyUnusable: If a recipient or the signer has no key that can be used.
        """
        readers = [each for name in recipients for each in ("--recipient", _name(name))]
        sign = [] if signer is None else ["--sign", "--local-user", _name(signer)]
        ran = self._gpg.run("--armor", *self._always, *sign, "--encrypt", *readers, pieces=[octets])
        words = {each.keyword for each in ran.status}
        refused = refused_key(ran.status)
        # gpg encrypts for the others if one key is refused: half of a message is none.
        if refused or "END_ENCRYPTION" not in words or (sign and "SIG_CREATED" not in words):
            # Without a passphrase gpg ends before it encrypts, and says no more than that.
            unsigned = signer and "BEGIN_SIGNING" in words and "BEGIN_ENCRYPTION" not in words
            name = f"{signer}: the private key" if unsigned else "a key"
            raise KeyUnusable(refused or f"{name} cannot be used")
        return ran.output

    def decrypt(self, octets: bytes) -> OpenedOctets:
        """Decrypt; nothing is returned before gpg says that it is unchanged.

        Raises:
            DecryptionError: If it is for other keys, or was changed, or has no integrity.
        """
        ran = self._gpg.run("--decrypt", pieces=[octets])
        words = {each.keyword for each in ran.status}
        # gpg has written the text already, changed or not.
        if not is_opened(ran.status):
            if "NO_SECKEY" in words and "DECRYPTION_INFO" not in words:
                raise DecryptionError("the message cannot be decrypted: it is for other keys")
            raise DecryptionError(f"the message cannot be decrypted: {unopened(ran.status)}")
        info = next((each for each in ran.status if each.keyword == "DECRYPTION_INFO"), None)
        cipher = info.arguments[1] if info and len(info.arguments) > 1 else ""
        return OpenedOctets(ran.output, _CIPHERS.get(cipher, cipher), self._checked(ran))

    def verify(self, octets: bytes, signature: bytes) -> tuple[CheckedSignature, ...]:
        """Verify detached signatures."""
        ran = self._gpg.run("--verify", "{signature}", "-", pieces=[octets], signature=signature)
        return self._checked(ran)

    def verify_clear(self, octets: bytes) -> OpenedOctets:
        """Verify a text that is signed in clear."""
        ran = self._gpg.run("--decrypt", pieces=[octets])
        return OpenedOctets(ran.output, "", self._checked(ran))

    def export(self, key: str) -> bytes:
        """Return a public key with what is needed to encrypt for it.

        Raises:
            KeyUnusable: If there is none.
        """
        ran = self._gpg.run("--export-options=export-minimal", "--export", _name(key))
        if not ran.output:
            raise KeyUnusable(f"{key}: there is no key")
        return ran.output

    def _checked(self, ran: Ran) -> tuple[CheckedSignature, ...]:
        found = []
        for each in islice(signatures(ran.status), MOST_SIGNATURES):
            # gpg names the key only where the signature is that of the octets.
            known = bool(each.fingerprint)
            trusted = each.trusted if self._trust is None else each.fingerprint in self._trust
            found.append(
                CheckedSignature(
                    each.reason,
                    known,
                    each.fingerprint,
                    each.digest,
                    each.signed_at,
                    trusted,
                    self._addresses(each.fingerprint, trusted=trusted) if known else (),
                )
            )
        return tuple(found)

    def _addresses(self, fingerprint: str, *, trusted: bool) -> tuple[str, ...]:
        """Return the addresses of a key whose user IDs are valid."""
        # The owner of a key that was certified for one address can write any other into it. Where
        # the caller trusts the key itself, all its addresses are as good.
        certified = trusted and self._trust is None
        # By the fingerprint, so that no other key of this address is listed.
        ran = self._gpg.run("--with-colons", "--fixed-list-mode", "--list-keys", fingerprint)
        found = []
        for line in ran.output.decode("utf-8", "replace").splitlines():
            fields = line.split(":")
            # The text of a user ID is its maker's; only trust makes it true.
            if fields[0] != "uid" or len(fields) <= 9:
                continue
            if fields[1] in _CERTIFIED if certified else fields[1] not in _UNUSABLE:
                name = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), fields[9])
                if address := _ADDRESS.search(name):
                    found.append(address[1] or address[2])
        return tuple(found)


# RFC 9580 section 9.3: the identifiers of ciphers.
_CIPHERS: Final = {"2": "3DES", "7": "AES128", "8": "AES192", "9": "AES256", "10": "Twofish"}


def _name(key: str) -> str:
    """Write how gpg finds a key: an address is compared whole, never a part of a name."""
    return key if _FINGERPRINT.fullmatch(key) else f"<{key}>"


def _bare(fingerprint: str) -> str:
    return fingerprint.replace(" ", "").removeprefix("0x").upper()


def _refusal(ran: Ran, otherwise: str) -> str:
    return refused_key(ran.status) or otherwise
