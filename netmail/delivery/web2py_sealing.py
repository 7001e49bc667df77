"""What web2py's settings ask for before a message is sent: signed, encrypted, signed by the domain.

This file must not know how messages are sent. Whatever fails here raises: a message that was to be
encrypted never leaves in clear.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from netmail import AddressInput, Message, Sendable, UsageError
from netmail.crypto.errors import KeyUnusable
from netmail.delivery.mail_settings import CertificateFile, MailSettings


def check_cipher(settings: MailSettings) -> None:
    """Refuse settings of the cipher that can never be obeyed.

    Raises:
        UsageError: If it is unknown, does nothing, or lacks a key or a certificate.
    """
    if not settings.cipher_type:
        return
    if settings.cipher_type not in _CIPHERS:
        raise UsageError(f"settings.cipher_type is 'x509' or 'gpg', not {settings.cipher_type!r}")
    if not (settings.sign or settings.encrypt):
        raise UsageError(f"cipher_type is {settings.cipher_type!r}, but sign and encrypt are False")
    if settings.cipher_type == "gpg":
        return
    if settings.sign and not settings.x509_sign_keyfile:
        raise UsageError("settings.x509_sign_keyfile has no value; it is needed to sign")
    if settings.encrypt and not settings.x509_crypt_certfiles:
        raise UsageError("settings.x509_crypt_certfiles has no value; it is needed to encrypt")


def sealed(message: Message, settings: MailSettings, author: AddressInput) -> list[Sendable]:
    """Sign and encrypt a message as the settings say.

    Args:
        message: The message.
        settings: The settings; `check_cipher()` has accepted them.
        author: The author, for the domain's signature.

    Returns:
        The messages to send. An encrypted one is several: one for To and Cc, one for each Bcc.

    Raises:
        NetmailError: If a key or certificate is missing, or cannot be used.
        UsageError: If the extra or the program for it is not installed.
    """
    made: list[Sendable] = [message]
    if settings.cipher_type:
        made = _CIPHERS[settings.cipher_type](message, settings)
    if settings.dkim is None:
        return made
    from netmail.crypto import dkim  # noqa: PLC0415 -- it needs an extra

    # Not the envelope's: that may be the null reverse-path, and DMARC compares with From.
    domain = Message(author).envelope.sender.rpartition("@")[2]
    # Last of all: the domain signs what is sent.
    return [dkim.sign(each, settings.dkim.selector, domain, settings.dkim.key) for each in made]


def _x509(message: Message, settings: MailSettings) -> list[Sendable]:
    from netmail.crypto import smime  # noqa: PLC0415 -- it needs an extra

    signed: Sendable = message
    # web2py's order: what is signed is read by the recipients only, if it is encrypted too.
    if settings.sign and settings.x509_sign_keyfile:
        key = settings.x509_sign_keyfile
        signed = smime.sign(
            message,
            # web2py takes a file that has both.
            _octets(settings.x509_sign_certfile or key),
            _octets(key),
            settings.sign_passphrase,
            _certificates(settings.x509_sign_chainfile or ()),
            nocerts=settings.x509_nocerts,
        )
    if not settings.encrypt:
        return [signed]
    given = settings.x509_crypt_certfiles or ()
    if isinstance(given, Mapping):
        named = {name: _octets(each) for name, each in given.items()}
        return [*smime.encrypt(signed, named)]
    return [*smime.encrypt(signed, _certificates(given))]


def _gpg(message: Message, settings: MailSettings) -> list[Sendable]:
    from netmail.crypto import pgp  # noqa: PLC0415 -- programs without encryption do not pay for it

    home, passphrase = settings.gpg_home or None, settings.sign_passphrase
    if not settings.encrypt:
        return [pgp.sign(message, home, passphrase=passphrase)]
    # web2py encrypts for any key of that address. Here gpg must trust it: a key that a stranger
    # made for Ann's address would read her mail.
    return [*pgp.encrypt(message, home, sign=settings.sign, passphrase=passphrase)]


_CIPHERS: Final = {"x509": _x509, "gpg": _gpg}


def _certificates(given: CertificateFile | Iterable[CertificateFile]) -> list[bytes]:
    """Return what one file or several hold; a PEM file may have more than one certificate."""
    if isinstance(given, str | bytes | os.PathLike):
        return [_octets(given)]
    return [_octets(each) for each in given]


def _octets(given: CertificateFile) -> bytes:
    """Return what a setting names: a file, or the content itself.

    Raises:
        KeyUnusable: If the file cannot be read.
    """
    if isinstance(given, bytes):
        return given
    if isinstance(given, str) and "-----BEGIN" in given:
        return given.encode()
    try:
        return Path(given).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise KeyUnusable(f"{os.fspath(given)}: {reason}") from error
