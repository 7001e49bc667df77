"""Decrypting PGP/MIME, what Exchange makes of it, and texts that are encrypted within a text.

This file must not know how a back end decrypts.
"""

import os
from collections.abc import Iterable
from typing import Final, NamedTuple

from netmail import Mail, Part, parse
from netmail.crypto.entity import is_whole
from netmail.crypto.errors import DecryptionError
from netmail.crypto.octets import Readable, canonical, read_octets
from netmail.crypto.pgp.backend import Backend
from netmail.crypto.pgp.gnupg import GnuPG
from netmail.crypto.pgp.verifying import judged, text_part
from netmail.crypto.results import Decrypted

_BEGIN: Final = b"-----BEGIN PGP MESSAGE-----"
_END: Final = b"-----END PGP MESSAGE-----"


class _Found(NamedTuple):
    """An encrypted part.

    Attributes:
        octets: What is encrypted.
        covers_all: Whether it is the whole message.
        text: The text that it is within; `None` for PGP/MIME.
    """

    octets: bytes
    covers_all: bool
    text: Part | None = None


def decrypt(
    mail: Readable,
    gpg_home: str | os.PathLike[str] | None = None,
    *,
    passphrase: bytes | str | None = None,
    trust: Iterable[str] | None = None,
    backend: Backend | None = None,
) -> Decrypted:
    """Decrypt a message.

    Args:
        mail: The message as it was received: a `Mail`, an `Envelope`, or octets.
        gpg_home: The folder of gpg's keys; `None` for the user's own.
        passphrase: That of the private key; `None` where gpg's agent knows it.
        trust: The fingerprints of the keys whose signatures are trusted; `None` for those that
            gpg's own database trusts.
        backend: What decrypts, in place of gpg; the other arguments are for gpg only.

    Returns:
        The encrypted part as a document of its own, with the signature that was made together
        with the encryption, if there is one. Nothing is returned before it is known to be
        unchanged.

    Raises:
        DecryptionError: If the message is not encrypted by PGP, is for other keys, was changed, or
            was encrypted without a protection against changes, as programs did before 2003.
        MessageError: If the mail was not read from octets.
        UsageError: If it is no message, or gpg is not installed.

    RFC 3156 sections 4, 6.
    """
    used = backend or GnuPG(gpg_home, passphrase, trust=trust)
    outer = parse(canonical(read_octets(mail)))
    found = _encrypted(outer)
    opened = used.decrypt(found.octets)
    # Some programs encrypt LF; what is read after this expects CRLF.
    content = canonical(opened.content)
    if found.text is not None:
        content = text_part(found.text, content)
    signature = None
    if opened.signatures:
        signature = judged(opened.signatures, content, outer, covers_all=found.covers_all)
    return Decrypted(content, outer, opened.algorithm, True, found.covers_all, signature)


def _encrypted(mail: Mail) -> _Found:
    """Find the encrypted part.

    Raises:
        DecryptionError: If there is none.
    """
    for part in mail.walk():
        parts = part.children
        kinds = [each.content_type for each in parts]
        # RFC 3156 section 4. Exchange writes multipart/mixed with an empty text before the two
        # parts; nothing else may be in it, or it is not the whole message.
        if "application/pgp-encrypted" in kinds:
            place = kinds.index("application/pgp-encrypted") + 1
            if place < len(parts) and kinds[place] == "application/octet-stream":
                # The version part, the text part, and whatever is beside them.
                rest = [*parts[: place - 1], *parts[place + 1 :]]
                is_alone = not any(each.content.strip() for each in rest)
                return _Found(parts[place].content, is_whole(part, mail) and is_alone)
        # Programs without PGP/MIME write so; of the text around it nothing was encrypted.
        if part.content_type == "text/plain" and _BEGIN in part.content:
            text = part.content.strip()
            octets = text[text.index(_BEGIN) :]
            octets = octets[: octets.find(_END) + len(_END)] if _END in octets else octets
            return _Found(octets, is_whole(part, mail) and octets == text, part)
    raise DecryptionError("the message is not encrypted by PGP")
