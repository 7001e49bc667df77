"""Verifying S/MIME: the octets, the chain and the author, each judged by itself.

This file must not know how signatures are calculated.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from cryptography import x509

from netmail import Mail, Part, parse
from netmail.crypto.entity import is_whole
from netmail.crypto.octets import Readable, canonical, header_of, read_octets
from netmail.crypto.protected import protected_headers
from netmail.crypto.recipients import authors_of, same_address
from netmail.crypto.results import Decrypted, Signature
from netmail.crypto.smime import chain
from netmail.crypto.smime.certificates import Certificates, certificates, facts_of
from netmail.crypto.smime.der import Value
from netmail.crypto.smime.identifiers import AUTH_ENVELOPED_DATA, ENVELOPED_DATA, SIGNED_DATA
from netmail.crypto.smime.signers import (
    STRONG,
    CmsError,
    SignedData,
    SignerFound,
    check_signer,
    kind_of,
    signed_data,
)
from netmail.crypto.times import moment_of

OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
DETACHED = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})


class _Found(NamedTuple):
    """A signature in a message, and what it is for.

    Attributes:
        signature: The SignedData.
        content: The signed octets; `None` where they are in the SignedData.
        covers_all: Whether it is the whole message.
    """

    signature: bytes
    content: bytes | None
    covers_all: bool


def verify(
    mail: Readable | Decrypted,
    trust: Certificates,
    at: datetime | None = None,
) -> Signature:
    """Verify the signature of a message.

    Args:
        mail: The message as it was received: a `Mail`, an `Envelope`, or octets; or what
            `decrypt()` returned, whose author is that of the outer message.
        trust: The certificates of the authorities that are trusted; those of the web are no
            authorities for mail, and are never the default.
        at: The time at which the certificates must be valid; `None` for now. The time that the
            signer names proves nothing.

    Returns:
        What was found, with all reasons. Of several signatures the best one, with the `others`.
        Whether a certificate was revoked is not looked up.

    Raises:
        KeyUnusable: If a certificate in `trust` cannot be read.
        MessageError: If the mail was not read from octets.
        UsageError: If it is no message, or `at` has no time zone.

    RFC 8551 section 3.5, RFC 8550.
    """
    # Before the message: a file that cannot be read is the caller's error, and no reason.
    roots, moment = certificates(trust), moment_of(at)
    whole = parse(canonical(mail.content if isinstance(mail, Decrypted) else read_octets(mail)))
    outer = mail.outer if isinstance(mail, Decrypted) else whole
    found = _signature_in(whole)
    if found is None:
        return Signature(reasons=("the message is not signed by S/MIME",))
    try:
        data = signed_data(found.signature)
    except CmsError as error:
        return Signature(reasons=(f"the signature cannot be read: {error}",))
    content = found.content if found.content is not None else data.content
    if content is None:
        return Signature(reasons=("the signature has no text",))
    if not data.infos:
        return Signature(reasons=("there is no signature in it",), content=content)
    judged = _Judge(data, content, roots, moment, outer)
    # What is whole within an encrypted part is a part only, if that one was not the whole message.
    covers_all = found.covers_all and (not isinstance(mail, Decrypted) or mail.covers_all)
    results = [judged.signature(info, covers_all) for info in data.infos]
    # A reader needs one result: the best one, since a signature that is added takes nothing away.
    results.sort(key=lambda each: (not each.valid, len(each.reasons)))
    best, *others = results
    return replace(best, others=tuple(others)) if others else best


def _signature_in(mail: Mail) -> _Found | None:
    """Find the first signature, at the root of the message or below it.

    What is around a signed part may be anybody's, and is shown beside it.
    """
    for part in mail.walk():
        if part.content_type == "multipart/signed" and len(part.children) > 1:
            content, signature = part.children[:2]
            if signature.content_type in DETACHED:
                return _Found(
                    signature.content, content.raw, is_whole(part, mail) and _is_last(part)
                )
        elif part.content_type in OPAQUE and _may_be_signed(part, octets := part.content):
            return _Found(octets, None, is_whole(part, mail))
    return None


def _may_be_signed(part: Part, octets: bytes) -> bool:
    """Return whether a part is signed, or broken where its header says that it is signed.

    RFC 8551 section 3.2.2: smime-type is a hint only.
    """
    kind, said = kind_of(octets), part.params.get("smime-type", "").lower()
    is_hinted = said not in {"enveloped-data", "authenveloped-data"}
    return kind == SIGNED_DATA or (is_hinted and kind not in {ENVELOPED_DATA, AUTH_ENVELOPED_DATA})


def _is_last(part: Part) -> bool:
    """Return whether nothing follows the signature that a reader could be shown."""
    return len(part.children) == 2


class _Judge:
    """What the signatures of a message have in common while they are judged."""

    def __init__(
        self,
        data: SignedData,
        content: bytes,
        roots: list[x509.Certificate],
        at: datetime,
        outer: Mail,
    ) -> None:
        self._data = data
        self._content = content
        self._roots = roots
        self._at = at
        self._authors = authors_of(outer)
        # The header of the part is enough: the text may be large. Most have no From.
        header = header_of(content)
        self._signed_authors = authors_of(parse(header)) if b"from" in header.lower() else []
        self._protected = protected_headers(content, outer)

    def signature(self, info: Value, covers_all: bool) -> Signature:
        """Judge one signature."""
        found = check_signer(info, self._data, self._content)
        known = Signature(
            intact=not found.reason,
            covers_all=covers_all,
            digest=found.digest,
            signed_at=found.signed_at,
            content=self._content,
            protected=self._protected,
            reasons=(found.reason,) if found.reason else (),
        )
        if found.digest and found.digest not in STRONG:
            text = f"the digest {found.digest} is too weak"
            known = replace(known, weak=True, reasons=(*known.reasons, text))
        if not covers_all:
            known = replace(known, reasons=(*known.reasons, "only a part of it is signed"))
        return known if found.cert is None else self._by(found.cert, found, known)

    def _by(self, cert: x509.Certificate, found: SignerFound, known: Signature) -> Signature:
        """Judge the signer."""
        reasons = [*known.reasons]
        path, reason = chain.path(cert, self._data.certificates, self._roots, self._at)
        # The time that the signer names proves nothing, and yet a reader wants to know it.
        if reason and found.signed_at is not None and "has expired" in reason:
            was, _ = chain.path(cert, self._data.certificates, self._roots, found.signed_at)
            reason += "; it was valid when the text was signed, as the signer says" if was else ""
        facts = facts_of(cert)
        matches = self._matches(facts.addresses)
        reasons += [text for text in (reason, facts.purpose) if text]
        if facts.is_small:
            reasons.append("the key of the certificate is too small")
        if not matches:
            reasons.append("the certificate is not that of the author in From")
        # RFC 9788 section 4.4: of two authors the reader must not be shown the one that is not
        # signed.
        if self._signed_authors and not _same(self._signed_authors, self._authors):
            matches = False
            reasons.append("From differs from the author that was signed")
        return replace(
            known,
            trusted=not (reason or facts.purpose),
            weak=known.weak or facts.is_small,
            address_matches=matches,
            reasons=tuple(reasons),
            signer=facts.name,
            fingerprint=facts.fingerprint,
            chain=path if not facts.purpose else (),
        )

    def _matches(self, addresses: Iterable[str]) -> bool:
        """Return whether the addresses of the certificate are those of all authors.

        RFC 8550 section 3: "Receiving agents MUST check that the address in the From or Sender
        header of a mail message matches an Internet mail address in the signer's certificate".
        """
        # All authors, not one of them: a stranger beside the signer must not pass for an author.
        named = {same_address(each) for each in addresses}
        authors = {same_address(each) for each in self._authors}
        return bool(authors) and authors <= named


def _same(one: list[str], other: list[str]) -> bool:
    return {same_address(each) for each in one} == {same_address(each) for each in other}
