"""Encrypting by S/MIME: one message for the recipients that all can see, one for each other.

This file must not know how a message is decrypted.
"""

import os
from collections.abc import Iterable, Mapping

from cryptography import x509

from netmail import Envelope, Sendable, UsageError
from netmail.crypto.entity import base64_lines, entity_of
from netmail.crypto.errors import KeyUnusable
from netmail.crypto.protection import hidden
from netmail.crypto.recipients import groups, missing, same_address
from netmail.crypto.sealed import SealedMessage, sealed, written
from netmail.crypto.smime.agreement import AGREED, recipient_info
from netmail.crypto.smime.ber import (
    CONTEXT_0,
    OCTET_STRING,
    SEQUENCE,
    SET,
    SIMPLE_0,
    around,
    integer,
    tlv,
)
from netmail.crypto.smime.certificates import (
    Certificate,
    Certificates,
    certificate,
    certificates,
    check_current,
    facts_of,
)
from netmail.crypto.smime.ciphers import KNOWN, Cipher, encrypted
from netmail.crypto.smime.identifiers import (
    AUTH_ENVELOPED_DATA,
    CIPHER_OF,
    DATA,
    ENVELOPED_DATA,
    algorithm_identifier,
    identifier,
)

_DATA = identifier(DATA)
_HEAD = (
    b'Content-Type: application/pkcs7-mime; smime-type=%s; name="smime.p7m"\r\n'
    b"Content-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="smime.p7m"\r\n\r\n'
)


def encrypt(
    message: Sendable,
    certificates: Certificates | Mapping[str, Certificate],
    *,
    cipher: Cipher = "aes256-cbc",
    oaep: bool = False,
    hide_subject: bool = False,
    legacy_display: bool = False,
    own: Certificate | None = None,
) -> list[SealedMessage]:
    """Encrypt a message for its recipients; to sign it too, give what `sign()` returned.

    Args:
        message: What `send()` takes.
        certificates: The recipients' certificates: each is found by the addresses in it, or by its
            key in a dictionary.
        cipher: AES in CBC mode is read everywhere; in GCM mode receivers notice changes, but older
            programs cannot read it.
        oaep: Encrypt for RSA keys by OAEP, which older programs cannot read, and not by PKCS #1
            v1.5.
        hide_subject: Write "[...]" for the subject that everybody can read, and the real one into
            the encrypted part; Keywords and Comments are there only. A message that was signed
            must have been so with `protect_headers="cipher"`.
        legacy_display: With `hide_subject`, write the subject above the text as well, for programs
            that can decrypt and do not show protected fields; others leave it out again.
        own: A certificate of the sender's, to read the message that the visible recipients get.

    Returns:
        The messages, to be sent one by one: one for the recipients in To and Cc, and one for each
        other, for an encrypted message shows for how many keys it is.

    Raises:
        KeyUnusable: If a recipient has no certificate, or one that has expired or is not usable.
        MessageError: If the message cannot be written.
        UsageError: If it is no message, or an argument is not allowed.

    RFC 8551 section 3.3, RFC 5652 section 6, RFC 5083.
    """
    name = str(cipher).replace("-", "_")
    if name not in KNOWN or not name.startswith(("aes128", "aes256")):
        raise UsageError(f"cipher: {cipher!r} is not like 'aes256-cbc'")
    known = _by_address(certificates)
    envelope = written(message, to_sign=True)
    # The lines of what is encrypted are no matter of the servers.
    entity = entity_of(envelope, is_hidden=True)
    entity, outer = hidden(entity, hide_subject, legacy_display=legacy_display)
    divided = groups(envelope, entity.outer)
    # All or nothing: a message for some recipients only would look as if all had it.
    if without := missing(envelope.recipients, known):
        raise KeyUnusable(f"there is no certificate for {', '.join(without)}")
    part = entity.as_bytes()
    sealed_messages = []
    for number, recipients in enumerate(divided):
        # Two addresses may share a certificate, which gets the key once.
        readers = [known[same_address(each)] for each in recipients]
        if own is not None and number == 0:
            readers.append(certificate(own))
        kind, octets = enveloped(part, dict.fromkeys(readers), name, oaep=oaep)
        # The header is the same for all: only the envelope and the keys are different.
        path = Envelope(envelope.sender, recipients, b"", envelope.options)
        sealed_messages.append(sealed(path, outer + _HEAD % kind + base64_lines(octets)))
    return sealed_messages


def _by_address(
    given: Certificates | Mapping[str, Certificate],
) -> dict[tuple[str, str], x509.Certificate]:
    """Find the certificate of each address; those that are not current are refused."""
    found: dict[tuple[str, str], x509.Certificate] = {}
    if isinstance(given, Mapping):
        found = {same_address(name): certificate(each) for name, each in given.items()}
    else:
        for cert in certificates(given):
            found |= {same_address(address): cert for address in facts_of(cert).addresses}
    for cert in found.values():
        check_current(cert)
    return found


def enveloped(
    content: bytes, readers: Iterable[x509.Certificate], name: str, *, oaep: bool
) -> tuple[bytes, bytes]:
    """Make an EnvelopedData or, for GCM, an AuthEnvelopedData.

    Returns:
        The value of smime-type, and DER.

    RFC 5652 section 6.1, RFC 5083 section 2.1.
    """
    key = os.urandom(KNOWN[name].size)
    # X.690 section 11.6: the members of a SET are in the order of their octets.
    infos = sorted(recipient_info(each, key, oaep=oaep) for each in readers)
    made = encrypted(name, key, content)
    cipher = algorithm_identifier(CIPHER_OF[name], made.parameters)
    inner = around(SEQUENCE, [_DATA, cipher, *around(SIMPLE_0, made.pieces)])
    if made.tag:
        # RFC 5083 section 2.1: "The syntax version number ... MUST be set to 0."
        fields = [integer(0), tlv(SET, *infos), *inner, tlv(OCTET_STRING, made.tag)]
        kind, title = AUTH_ENVELOPED_DATA, b"authEnveloped-data"
    else:
        # RFC 5652 section 6.1: version 2 where a recipient is no key transport.
        agreed = any(each[0] == AGREED for each in infos)
        fields = [integer(2 if agreed else 0), tlv(SET, *infos), *inner]
        kind, title = ENVELOPED_DATA, b"enveloped-data"
    data = around(CONTEXT_0, around(SEQUENCE, fields))
    return title, b"".join(around(SEQUENCE, [identifier(kind), *data]))
