"""Decrypting S/MIME.

This file must not know how a message is encrypted. There is one error for all that is wrong with
the text: which part of it is wrong would help an attacker to find out the text.
"""

from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from netmail import Mail, Part, parse
from netmail.crypto.entity import is_whole
from netmail.crypto.errors import DecryptionError, KeyUnusable
from netmail.crypto.octets import Readable, canonical, read_octets
from netmail.crypto.results import Decrypted
from netmail.crypto.smime import agreement
from netmail.crypto.smime.ber import joined
from netmail.crypto.smime.certificates import (
    Certificate,
    PrivateKey,
    belong_together,
    certificate,
    private_key,
)
from netmail.crypto.smime.ciphers import KNOWN, Encrypted, decrypted
from netmail.crypto.smime.signers import BROKEN, CmsError, content_info

_TYPES: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_KINDS: Final = ("enveloped_data", "authenticated_enveloped_data")
_REFUSED: Final = "the message cannot be decrypted: it was changed, or is for another key"


def decrypt(
    mail: Readable,
    certificate: Certificate,
    key: PrivateKey,
    password: bytes | str | None = None,
) -> Decrypted:
    """Decrypt a message.

    Args:
        mail: The message as it was received: a `Mail`, an `Envelope`, or octets.
        certificate: The recipient's certificate.
        key: Its private key, as for `sign()`.
        password: What the key's PEM is encrypted with.

    Returns:
        The encrypted part as a document of its own; `verify()` takes it where it is signed.

    Raises:
        DecryptionError: If the message is not encrypted by S/MIME, is for other certificates, or
            was changed. A changed text in CBC mode is not always noticed: see `authenticated`.
        KeyUnusable: If key or certificate cannot be read, or do not belong together.
        MessageError: If the mail was not read from octets.
        UsageError: If it is no message.

    RFC 8551 section 3.3, RFC 5652 section 6, RFC 5083.
    """
    cert, secret = _certificate(certificate), private_key(key, password)
    if not belong_together(cert, secret):
        raise KeyUnusable("the certificate is for another key")
    # What was encrypted is parsed alone, and never put back into this message.
    outer = parse(canonical(read_octets(mail)))
    part = _encrypted_part(outer)
    try:
        kind, data = content_info(part.content, _KINDS)
        name, content = _content(kind, data, cert, secret)
    except CmsError as error:
        raise DecryptionError(f"the message cannot be decrypted: {error}") from error
    except BROKEN as error:
        raise DecryptionError("the message cannot be decrypted: its structure is broken") from error
    # The header of a part begins with the name of a field. Where octets are random, it does not.
    if content is None or not content[:64].partition(b":")[0].replace(b"-", b"").isalnum():
        # The same text for every cause, RFC 3218 section 2.3.
        raise DecryptionError(_REFUSED)
    return Decrypted(canonical(content), outer, name, kind == _KINDS[1], is_whole(part, outer))


_certificate = certificate


def _encrypted_part(mail: Mail) -> Part:
    """Find the first encrypted part, at the root of the message or below it."""
    for part in mail.walk():
        if part.content_type in _TYPES and part.params.get("smime-type") != "signed-data":
            return part
    raise DecryptionError("the message is not encrypted by S/MIME")


def _content(
    kind: str,
    data: Any,
    cert: x509.Certificate,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
) -> tuple[str, bytes | None]:
    """Decrypt the content: the cipher's name, and the octets or `None`.

    Raises:
        CmsError: If it is for other recipients, or the cipher is not known.
    """
    is_authenticated = kind == _KINDS[1]
    inner = data["auth_encrypted_content_info" if is_authenticated else "encrypted_content_info"]
    algorithm = inner["content_encryption_algorithm"]
    name = algorithm["algorithm"].native
    # A cipher of the other kind under this type would leave out the integrity that it promises.
    if name not in KNOWN or is_authenticated == bool(KNOWN[name].block):
        raise CmsError(f"the cipher {str(name)[:40]} is not known")
    found = (
        agreement.message_key(each, cert, key, KNOWN[name].size) for each in data["recipient_infos"]
    )
    # For several certificates of one reader the first that fits decides.
    secret = next((each for each in found if each is not None), None)
    if secret is None:
        raise CmsError("it is for other certificates")
    # RFC 5652 section 6.1: the string may be written in pieces, which asn1crypto does not read
    # where they have the tag of their field; a child that was not read yet is a tuple.
    child = inner.children[2]
    octets = joined(child[4]) if child[1] else child[4]
    tag, associated = b"", b""
    if is_authenticated:
        tag = data["mac"].native
        if data["auth_attrs"]:
            # RFC 5083 section 2.2: with the tag of a SET, and not that of its field.
            associated = b"\x31" + data["auth_attrs"].dump()[1:]
    given = Encrypted(algorithm["parameters"], octets, tag)
    return name, decrypted(name, secret, given, associated)
