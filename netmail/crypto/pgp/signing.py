"""Signing by PGP/MIME.

This file must not know how a back end makes a signature.
"""

import os
from collections.abc import Iterator
from hashlib import sha256

from netmail import Sendable, parse
from netmail.crypto.entity import entity_of, multipart_signed
from netmail.crypto.errors import KeyUnusable
from netmail.crypto.pgp.autocrypt import with_autocrypt
from netmail.crypto.pgp.backend import Backend
from netmail.crypto.pgp.gnupg import GnuPG
from netmail.crypto.pgp.verifying import STRONG
from netmail.crypto.protection import Protection, with_protection
from netmail.crypto.sealed import SealedMessage, written

_SIGNATURE = b'Content-Type: application/pgp-signature; name="signature.asc"\r\n\r\n'


def sign(
    message: Sendable,
    gpg_home: str | os.PathLike[str] | None = None,
    *,
    signer: str = "",
    passphrase: bytes | str | None = None,
    protect_headers: Protection = "",
    legacy_display: bool = False,
    autocrypt: bool = False,
    backend: Backend | None = None,
) -> SealedMessage:
    """Sign a message.

    Texts are encoded so that servers have no reason to change them. A large `Message` is read piece
    by piece.

    Args:
        message: What `send()` takes.
        gpg_home: The folder of gpg's keys; `None` for the user's own.
        signer: The address or fingerprint of the signing key; "" for the author's in From.
        passphrase: That of the key; `None` where gpg's agent knows it.
        protect_headers: "clear" to sign From, To, Subject and the other fields too, as copies in
            the signed part; "cipher" the same for a message that is encrypted next; "" not to.
        legacy_display: With "cipher", write the subject above the text as well, for programs that
            can decrypt and do not show protected fields; others leave it out again. All of the
            message is in memory then.
        autocrypt: Send the author's public key in a header field, for programs that learn keys so.
        backend: What signs, in place of gpg; `gpg_home` and `passphrase` are for gpg only.

    Returns:
        The message with its envelope; to be sent or stored as it is.

    Raises:
        KeyUnusable: If there is no such key, it cannot be used, or its digest is weak.
        MessageError: If the message cannot be written.
        UsageError: If it is no message, or gpg is not installed.

    RFC 3156 section 5.
    """
    used = backend or GnuPG(gpg_home, passphrase)
    envelope = written(message, to_sign=True)
    entity = entity_of(envelope)
    author = signer or author_of(entity.outer)
    if autocrypt:
        entity = with_autocrypt(entity, used)
    if protect_headers or legacy_display:
        entity = with_protection(entity, protect_headers, legacy_display=legacy_display)
    digest = sha256()

    def seen() -> Iterator[bytes]:
        for piece in entity.chunks():
            digest.update(piece)
            yield piece

    made = used.sign(seen(), author)
    # Old keys and old versions of gpg choose SHA-1, which receivers refuse.
    if made.digest not in STRONG:
        raise KeyUnusable(f"{author}: the key signs with {made.digest or 'a digest'}, too weak")
    # gpg writes LF; a message has CRLF everywhere.
    armored = b"\r\n".join(made.signature.splitlines())
    # RFC 3156 section 5: "pgp-<hash-identifier>".
    name = made.digest.encode("ascii")
    parameters = b'protocol="application/pgp-signature"; micalg="pgp-' + name + b'"'
    return multipart_signed(envelope, entity, digest.digest(), parameters, _SIGNATURE + armored)


def author_of(header: bytes) -> str:
    """Return the address of the author.

    Raises:
        KeyUnusable: If there is none.
    """
    authors = parse(header + b"\r\n").from_
    if not authors:
        raise KeyUnusable("the message has no author whose key could sign it")
    return authors[0].address
