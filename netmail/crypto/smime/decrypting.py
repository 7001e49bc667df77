"""Decrypting S/MIME.

This file must not know how a message is encrypted. There is one error for all that is wrong with
the text: which part of it is wrong would help an attacker to find out the text.
"""

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from netmail import Mail, Part, parse
from netmail.crypto.entity import is_whole
from netmail.crypto.errors import DecryptionError, KeyUnusable
from netmail.crypto.octets import Readable, canonical, read_octets
from netmail.crypto.results import Decrypted
from netmail.crypto.smime import agreement
from netmail.crypto.smime.ber import (
    CONTEXT_0,
    CONTEXT_1,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    SIMPLE_0,
)
from netmail.crypto.smime.certificates import (
    Certificate,
    PrivateKey,
    belong_together,
    certificate,
    private_key,
)
from netmail.crypto.smime.ciphers import KNOWN, decrypted
from netmail.crypto.smime.der import Fields, Value, algorithm, dotted, octet_string
from netmail.crypto.smime.identifiers import (
    AUTH_ENVELOPED_DATA,
    CIPHERS,
    ENVELOPED_DATA,
    SIGNED_DATA,
)
from netmail.crypto.smime.signers import BROKEN, CmsError, content_info, kind_of

_TYPES: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
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
    outer = parse(read_octets(mail))
    part, octets = _encrypted_part(outer)
    try:
        kind, data = content_info(octets, ENVELOPED_DATA, AUTH_ENVELOPED_DATA)
        name, content = _content(kind, data, cert, secret)
    except CmsError as error:
        raise DecryptionError(f"the message cannot be decrypted: {error}") from error
    except BROKEN as error:
        raise DecryptionError("the message cannot be decrypted: its structure is broken") from error
    # The header of a part begins with the name of a field. Where octets are random, it does not.
    if content is None or not content[:64].partition(b":")[0].replace(b"-", b"").isalnum():
        # The same text for every cause, RFC 3218 section 2.3.
        raise DecryptionError(_REFUSED)
    whole = is_whole(part, outer)
    return Decrypted(canonical(content), outer, name, kind == AUTH_ENVELOPED_DATA, whole)


_certificate = certificate


def _encrypted_part(mail: Mail) -> tuple[Part, bytes]:
    """Find the first encrypted part, at the root of the message or below it, and its octets.

    RFC 8551 section 3.2.2: smime-type is a hint only.
    """
    for part in mail.walk():
        if part.content_type in _TYPES:
            octets = part.content
            kind, said = kind_of(octets), part.params.get("smime-type", "").lower()
            # What is broken is reported, unless it was to be something else.
            is_broken = kind != SIGNED_DATA and said != "signed-data"
            if kind in {ENVELOPED_DATA, AUTH_ENVELOPED_DATA} or is_broken:
                return part, octets
    raise DecryptionError("the message is not encrypted by S/MIME")


def _content(
    kind: bytes,
    data: Value,
    cert: x509.Certificate,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
) -> tuple[str, bytes | None]:
    """Decrypt the content: the cipher's name, and the octets or `None`.

    Raises:
        CmsError: If it is for other recipients, or the cipher is not known.
    """
    fields = Fields(data)
    fields.take(INTEGER)
    # RFC 5652 section 6.1: what the sender adds for its own key; no cipher here needs it.
    fields.optional(CONTEXT_0)
    infos, inner = fields.take(SET), Fields(fields.take(SEQUENCE))
    inner.take(OBJECT_IDENTIFIER)
    cipher, parameters = algorithm(inner.take(SEQUENCE))
    name = CIPHERS.get(cipher, "")
    is_authenticated = kind == AUTH_ENVELOPED_DATA
    # A cipher of the other kind under this type would leave out the integrity that it promises.
    if not name or is_authenticated == bool(KNOWN[name].block):
        raise CmsError(f"the cipher {dotted(cipher)[:40]} is not known")
    size = KNOWN[name].size
    found = (agreement.message_key(each, cert, key, size) for each in infos.members())
    # For several certificates of one reader the first that fits decides.
    secret = next((each for each in found if each is not None), None)
    if secret is None:
        raise CmsError("it is for other certificates")
    # RFC 5652 section 6.1: the string may be written in pieces.
    text = octet_string(inner.take(SIMPLE_0, CONTEXT_0))
    tag, associated = b"", b""
    if is_authenticated:
        attributes = fields.optional(CONTEXT_1)
        if attributes is not None:
            # RFC 5083 section 2.2: with the tag of a SET, and not that of its field.
            associated = bytes([SET]) + attributes.whole[1:]
        tag = fields.take(OCTET_STRING).content
    return name, decrypted(name, secret, parameters, text, tag=tag, associated=associated)
