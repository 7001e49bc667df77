"""What verifying and decrypting find, by S/MIME and by PGP alike.

This file must not know how either is done.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from netmail import Mail, parse
from netmail.crypto.legacy_display import without_display
from netmail.crypto.octets import header_of
from netmail.crypto.protected import ProtectedHeaders, payload_of, protected_headers

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of a message, verified: the octets, the signer and the author each by itself.

    Attributes:
        intact: Whether the octets are those that were signed.
        trusted: Whether the signer's certificate or key is trusted; see `revocation_checked`.
        address_matches: Whether the certificate or key is that of the author in From.
        covers_all: Whether the whole message is signed, and not a part of it.
        weak: Whether a digest or a key is too weak to prove anything.
        reasons: Why it is not valid, the gravest first; empty if it is.
        signer: The signer's address, or name where the certificate has no address.
        fingerprint: SHA-256 of the certificate, or the fingerprint of the PGP key.
        digest: The digest that was signed, such as "sha256".
        signed_at: When it was signed, as the signer says.
        chain: The certificates from the signer's to the trusted one; empty if it is not trusted,
            and for PGP.
        content: The signed octets, a part with a header of its own; b"" if there are none.
        protected: The fields that were signed with it; `None` if none were.
        others: Further signatures of the same octets.
        revocation_checked: Whether it is known that certificate or key was not revoked. PGP knows
            it as far as the keys at hand say. S/MIME never does: no list of revoked certificates is
            looked up, which you can do for those of `chain`.
    """

    intact: bool = False
    trusted: bool = False
    address_matches: bool = False
    covers_all: bool = False
    weak: bool = False
    reasons: tuple[str, ...] = ()
    signer: str = ""
    fingerprint: str = ""
    digest: str = ""
    signed_at: datetime | None = None
    chain: "tuple[Certificate, ...]" = field(default=(), repr=False)
    content: bytes = field(default=b"", repr=False)
    protected: ProtectedHeaders | None = field(default=None, repr=False)
    others: "tuple[Signature, ...]" = ()
    revocation_checked: bool = False

    @property
    def valid(self) -> bool:
        """Whether all holds: the author has signed it, as a trusted authority or key says."""
        # Each reason alone is enough for a no; nothing can be right by default.
        holds = self.intact and self.trusted and self.address_matches and self.covers_all
        return holds and not self.weak and not self.reasons

    @property
    def mail(self) -> Mail:
        """The signed part as a message of its own; only what is in it was signed.

        Protected fields that are written above its text too, for older programs, are left out.

        RFC 9788 section 4.5.3.
        """
        return parse(without_display(self.content))

    def __bool__(self) -> bool:
        return self.valid


@dataclass(frozen=True, slots=True)
class Decrypted:
    """What was encrypted: a document of its own, never joined with what was around it.

    Attributes:
        content: The decrypted octets, a part with a header of its own.
        outer: The message that they were encrypted in.
        algorithm: The cipher, such as "aes256_cbc".
        authenticated: Whether a change on the path would have been noticed. AES in CBC mode
            cannot; then only a signature inside shows that the text is unchanged.
        covers_all: Whether the whole message was encrypted. If not, what is around it may be an
            attacker's, and shows the text to them where it is displayed together (EFAIL).
        signature: The signature that was made together with the encryption, as PGP does; S/MIME
            has it within: see `verify()`.
    """

    content: bytes = field(repr=False)
    outer: Mail = field(repr=False)
    algorithm: str = ""
    authenticated: bool = False
    covers_all: bool = True
    signature: Signature | None = None

    @property
    def mail(self) -> Mail:
        """The decrypted part as a message of its own.

        Protected fields that are written above its text too, for older programs, are left out. Of
        a part that is signed, see the `mail` of what `verify()` returns.

        RFC 9788 section 4.5.3.
        """
        return parse(without_display(self.content))

    @property
    def protected(self) -> ProtectedHeaders | None:
        """The fields that were encrypted with it; `None` if none were.

        Within an opaque signature of S/MIME they are those of what `verify()` returns.

        RFC 9788 section 4.2.
        """
        return protected_headers(self.content, self.outer, encrypted=True)

    @property
    def subject(self) -> str:
        """The subject: the protected one if there is one, else that of the outer message.

        RFC 9788 section 4.2.
        """
        payload = payload_of(self.content)
        # The fields are with what was signed; older programs have them above the signature.
        for header in (payload.raw_headers if payload else b"", header_of(self.content)):
            mail = parse(header)
            if "subject" in mail.headers:
                return mail.subject
        return self.outer.subject
