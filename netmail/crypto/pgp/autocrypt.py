"""Autocrypt: a public key in a header field, from which programs learn the keys of authors.

This file must not know how keys are kept.

Autocrypt Level 1, version 1.1.
"""

import base64
import binascii
from dataclasses import dataclass, field, replace

from netmail import Mail, parse
from netmail.crypto.entity import Entity
from netmail.crypto.pgp.backend import Backend
from netmail.crypto.recipients import same_address

_COLUMNS = 72
_LARGEST = 10_240
"""Larger fields are not read: the specification asks for small keys."""


@dataclass(frozen=True, slots=True)
class AutocryptKey:
    """The key in a message.

    Attributes:
        address: The author.
        key: The public key, in OpenPGP's binary form.
        prefers_encryption: Whether the author asks for encrypted replies.
    """

    address: str
    key: bytes = field(repr=False)
    prefers_encryption: bool = False


def with_autocrypt(entity: Entity, backend: Backend) -> Entity:
    """Add the author's key to a message.

    Raises:
        KeyUnusable: If the author has no key.
    """
    # Autocrypt 1.1 section 2.1: the address must be that of From.
    [author, *_] = [each.address for each in parse(entity.outer + b"\r\n").from_]
    digits = base64.b64encode(backend.export(author)).decode("ascii")
    lines = [digits[at : at + _COLUMNS] for at in range(0, len(digits), _COLUMNS)]
    head = f"Autocrypt: addr={author}; prefer-encrypt=mutual; keydata="
    text = "\r\n ".join([head, *lines]) + "\r\n"
    return replace(entity, outer=entity.outer + text.encode("utf-8"))


def autocrypt_key(mail: Mail) -> AutocryptKey | None:
    """Return the author's key that a message brings.

    It proves nothing about the author: a key that is used so must be confirmed by other means.

    Args:
        mail: A message that was read.

    Returns:
        The key; `None` if there is none, if From has several authors or another address, if there
        are several fields, or if the field has something critical that is not known.
    """
    # Autocrypt 1.1 section 2.3: of several fields none is valid.
    fields = mail.headers.get_all("autocrypt") or []
    if len(mail.from_) != 1 or len(fields) != 1 or len(fields[0]) > _LARGEST:
        return None
    found = dict(_attribute(each) for each in fields[0].split(";") if each.strip())
    # Attributes whose name begins with an underscore may be ignored, all others may not.
    unknown = {name for name in found if name[:1] != "_"} - {"addr", "prefer-encrypt", "keydata"}
    address = found.get("addr", "")
    if unknown or same_address(address.lower()) != same_address(mail.from_[0].address.lower()):
        return None
    try:
        key = base64.b64decode("".join(found.get("keydata", "").split()), validate=True)
    except binascii.Error:
        return None
    return AutocryptKey(address, key, found.get("prefer-encrypt") == "mutual") if key else None


def _attribute(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()
