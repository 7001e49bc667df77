"""Encrypting by PGP/MIME: one message for the recipients that all can see, one for each other.

This file must not know how a back end encrypts.
"""

import os
from collections.abc import Mapping

from netmail import Envelope, Sendable
from netmail.crypto.entity import entity_of, new_boundary
from netmail.crypto.pgp.autocrypt import with_autocrypt
from netmail.crypto.pgp.backend import Backend
from netmail.crypto.pgp.gnupg import GnuPG
from netmail.crypto.pgp.signing import author_of
from netmail.crypto.protection import hidden
from netmail.crypto.recipients import groups, same_address
from netmail.crypto.sealed import SealedMessage, sealed, written


def encrypt(
    message: Sendable,
    gpg_home: str | os.PathLike[str] | None = None,
    *,
    keys: Mapping[str, str] | None = None,
    sign: bool = False,
    signer: str = "",
    passphrase: bytes | str | None = None,
    always_trust: bool = False,
    hide_subject: bool = False,
    legacy_display: bool = False,
    own: str = "",
    autocrypt: bool = False,
    backend: Backend | None = None,
) -> list[SealedMessage]:
    """Encrypt a message for its recipients, and sign it on request.

    Args:
        message: What `send()` takes.
        gpg_home: The folder of gpg's keys; `None` for the user's own.
        keys: The fingerprints of recipients' keys by address; the others are found by address.
        sign: Sign it too; only the recipients can read by which key.
        signer: The address or fingerprint of the signing key; "" for the author's in From.
        passphrase: That of the signing key; `None` where gpg's agent knows it.
        always_trust: Encrypt for keys that no other has certified: gpg finds a key by the address
            that its maker wrote into it.
        hide_subject: Write "[...]" for the subject that everybody can read, and the real one into
            the encrypted part; Keywords and Comments are there only. A message that was signed
            before must have been so with `protect_headers="cipher"`.
        legacy_display: With `hide_subject`, write the subject above the text as well, for programs
            that can decrypt and do not show protected fields; others leave it out again.
        own: A key of the sender's, to read the message that the visible recipients get.
        autocrypt: Send the author's public key in a header field.
        backend: What encrypts, in place of gpg; `gpg_home`, `passphrase` and `always_trust` are
            for gpg only.

    Returns:
        The messages, to be sent one by one: one for the recipients in To and Cc, and one for each
        other, for an encrypted message shows for how many keys it is, and for which.

    Raises:
        KeyUnusable: If a recipient has no key, or one that is expired, revoked or not trusted.
        MessageError: If the message cannot be written.
        UsageError: If it is no message, or gpg is not installed.

    RFC 3156 sections 4, 6.2.
    """
    used = backend or GnuPG(gpg_home, passphrase, always_trust=always_trust)
    envelope = written(message, to_sign=sign)
    entity = entity_of(envelope)
    author = signer or (author_of(entity.outer) if sign else "")
    if autocrypt:
        entity = with_autocrypt(entity, used)
    entity, outer = hidden(entity, hide_subject, legacy_display=legacy_display)
    divided = groups(envelope, entity.outer)
    part = entity.as_bytes()
    known = {same_address(name): key for name, key in (keys or {}).items()}
    messages = []
    # Each message has a key of its own: what one reader learns opens no other message.
    for number, recipients in enumerate(divided):
        readers = [known.get(same_address(each), each) for each in recipients]
        # Only the message that the visible recipients share: it is the one that a reader files.
        readers += [own] if own and number == 0 else []
        octets = used.encrypt(part, readers, author or None)
        path = Envelope(envelope.sender, recipients, b"", envelope.options)
        messages.append(sealed(path, outer + _multipart(octets)))
    return messages


def _multipart(octets: bytes) -> bytes:
    """Write the body.

    RFC 3156 section 4: "Version: 1" in the first part, the text in the second.
    """
    boundary = new_boundary()
    # gpg writes LF; a message has CRLF everywhere.
    armored = b"\r\n".join([*octets.splitlines(), b""])
    lines = [
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
        b'\tboundary="' + boundary + b'"',
        b"",
        b"--" + boundary,
        b"Content-Type: application/pgp-encrypted",
        b"",
        b"Version: 1",
        b"",
        b"--" + boundary,
        b'Content-Type: application/octet-stream; name="encrypted.asc"',
        b'Content-Disposition: inline; filename="encrypted.asc"',
        b"",
        armored + b"--" + boundary + b"--",
        b"",
    ]
    return b"\r\n".join(lines)
