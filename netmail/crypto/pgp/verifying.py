"""Verifying PGP/MIME, and texts that are signed in clear.

This file must not know how a back end verifies a signature.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from netmail import Mail, Part, parse
from netmail.crypto.entity import is_whole
from netmail.crypto.octets import Readable, canonical, read_octets
from netmail.crypto.pgp.backend import Backend, CheckedSignature
from netmail.crypto.pgp.gnupg import GnuPG
from netmail.crypto.protected import protected_headers
from netmail.crypto.recipients import authors_of, same_address
from netmail.crypto.results import Decrypted, Signature

STRONG: Final = frozenset({"sha224", "sha256", "sha384", "sha512", "sha3-256", "sha3-512"})
CLEAR: Final = b"-----BEGIN PGP SIGNED MESSAGE-----"
_CLEAR_END: Final = b"-----END PGP SIGNATURE-----"
_UNSIGNED: Final = "the message is not signed by PGP"


def verify(
    mail: Readable | Decrypted,
    gpg_home: str | os.PathLike[str] | None = None,
    *,
    trust: Iterable[str] | None = None,
    backend: Backend | None = None,
) -> Signature:
    """Verify the signature of a message.

    Args:
        mail: The message as it was received: a `Mail`, an `Envelope`, or octets; or what
            `decrypt()` returned, which has the signatures made together with the encryption.
        gpg_home: The folder of gpg's keys; `None` for the user's own.
        trust: The fingerprints of the keys that are trusted; `None` for those that gpg's own
            database trusts.
        backend: What verifies, in place of gpg; `gpg_home` and `trust` are for gpg only.

    Returns:
        What was found, with all reasons. Of several signatures the best one, with the `others`.

    Raises:
        MessageError: If the mail was not read from octets.
        UsageError: If it is no message, or gpg is not installed.

    RFC 3156 section 5.
    """
    if isinstance(mail, Decrypted) and mail.signature is not None and mail.signature.valid:
        return mail.signature
    used = backend or GnuPG(gpg_home, trust=trust)
    whole = parse(canonical(mail.content if isinstance(mail, Decrypted) else read_octets(mail)))
    outer = mail.outer if isinstance(mail, Decrypted) else whole
    covered = not isinstance(mail, Decrypted) or mail.covers_all
    for part in whole.walk():
        is_root = covered and is_whole(part, whole)
        if part.content_type == "multipart/signed" and len(part.children) > 1:
            # RFC 3156 section 5: the first part is signed, with its header, and the second is
            # the signature.
            content, signature = part.children[:2]
            if signature.content_type == "application/pgp-signature":
                # The octets as they were received, with CRLF; the parts are never written again.
                checked = used.verify(content.raw, signature.content)
                covers_all = is_root and len(part.children) == 2
                return judged(checked, content.raw, outer, covers_all=covers_all)
        elif part.content_type == "text/plain" and CLEAR in part.content:
            return _clear(part, outer, used, is_root=is_root)
    # The signature of a text that was encrypted with it, and is not right.
    made_with_it = mail.signature if isinstance(mail, Decrypted) else None
    return made_with_it or Signature(reasons=(_UNSIGNED,))


def _clear(part: Part, outer: Mail, backend: Backend, *, is_root: bool) -> Signature:
    """Verify a text that is signed in clear; what was signed is what the back end returns."""
    octets = canonical(part.content)
    text = octets.strip()
    # Dashes at the beginning of lines are escaped in this form: only gpg knows the signed text.
    opened = backend.verify_clear(text)
    covers_all = is_root and text.startswith(CLEAR) and text.endswith(_CLEAR_END)
    # More than one text in one part: only the back end knows which one it has verified.
    covers_all = covers_all and text.count(CLEAR) == 1
    content = text_part(part, canonical(opened.content))
    return judged(opened.signatures, content, outer, covers_all=covers_all)


def text_part(part: Part, text: bytes) -> bytes:
    """Write the header of a text that was within an old form of PGP."""
    charset = part.charset or "utf-8"
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head.encode("ascii", "replace") + text


def judged(
    checked: Iterable[CheckedSignature], content: bytes, outer: Mail, *, covers_all: bool
) -> Signature:
    """Judge signatures of the same octets.

    Args:
        checked: What the back end has found.
        content: The octets.
        outer: The message with the author.
        covers_all: Whether they are the whole message.
    """
    found = [_judged(each, content, outer, covers_all) for each in checked]
    if not found:
        return Signature(reasons=("there is no signature that can be read",), content=content)
    found.sort(key=lambda each: (not each.valid, len(each.reasons)))
    return replace(found[0], others=tuple(found[1:]))


def _judged(each: CheckedSignature, content: bytes, outer: Mail, covers_all: bool) -> Signature:
    authors = {same_address(author.lower()) for author in authors_of(outer)}
    matches = bool(authors) and authors <= {same_address(name.lower()) for name in each.addresses}
    weak = bool(each.digest) and each.digest not in STRONG
    reasons = [each.reason] if each.reason else []
    if weak:
        reasons.append(f"the digest {each.digest} is too weak")
    if each.intact and not each.trusted:
        reasons.append("the key is not trusted")
    if each.intact and not matches:
        reasons.append("the key is not that of the author in From")
    if not covers_all:
        reasons.append("only a part of it is signed")
    # RFC 9788 section 4.4: the author that was signed must be the one that is shown.
    inner = {same_address(author.lower()) for author in authors_of(parse(content))}
    if inner and inner != authors:
        matches = False
        reasons.append("From differs from the author that was signed")
    return Signature(
        intact=each.intact,
        trusted=each.trusted and each.intact,
        address_matches=matches,
        covers_all=covers_all,
        weak=weak,
        reasons=tuple(reasons),
        signer=each.addresses[0] if each.addresses else each.fingerprint,
        fingerprint=each.fingerprint,
        digest=each.digest,
        signed_at=each.signed_at,
        content=content,
        protected=protected_headers(content, outer),
        # Back ends refuse revoked keys, as far as their keys say.
        revocation_checked=each.intact,
    )
