"""Signing by DKIM.

This file must not know keys' formats, nor how a message is sent.
"""

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from netmail import Sendable, UsageError
from netmail.crypto.dkim.canonical import CanonicalBody, Canonicalization, canonical_field
from netmail.crypto.dkim.keys import PrivateKey, algorithm_of, private_key, signature_of
from netmail.crypto.dkim.tags import folded_tags, folded_value, is_name
from netmail.crypto.octets import Field, octets_of
from netmail.crypto.sealed import SealedMessage, with_fields, written
from netmail.crypto.times import moment_of

# RFC 6376 section 5.4.1: fields that matter to a reader, and those that describe the content.
SIGNED: Final = frozenset(
    b"from sender reply-to to cc subject date message-id in-reply-to references mime-version "
    b"content-type content-transfer-encoding content-id content-description resent-from "
    b"resent-sender resent-to resent-cc resent-date resent-message-id list-id list-help "
    b"list-unsubscribe list-unsubscribe-post list-subscribe list-post list-owner list-archive "
    b"autocrypt".split()
)
"""The names of the fields that are signed."""


def sign(
    message: Sendable,
    selector: str,
    domain: str,
    key: PrivateKey,
    *,
    password: bytes | str | None = None,
    canonicalization: str = "relaxed/relaxed",
    identity: str = "",
    lifetime: timedelta | None = None,
    fields: Iterable[str] | None = None,
    at: datetime | None = None,
) -> SealedMessage:
    """Sign a message for a domain; a message may get several signatures, one after the other.

    From is signed once more than it is there, so that no other can be added. The tag `l=` is never
    written: text that is appended breaks the signature.

    Args:
        message: What `send()` takes. A large `Message` is read piece by piece.
        selector: The name of the key: the public one is at SELECTOR._domainkey.DOMAIN in the DNS.
        domain: The domain.
        key: The private key, RSA (rsa-sha256) or Ed25519 (ed25519-sha256): an object of
            `cryptography`, or PEM, which is read once: the keys that were read last stay in
            memory.
        password: What the PEM is encrypted with.
        canonicalization: The forms of header and body, "simple" or "relaxed" each.
        identity: The address or "@subdomain" for which the domain signs; "" for all of it.
        lifetime: How long the signature is valid; `None` for always.
        fields: Names of the fields that are signed; by default all that matter to readers. From is
            always one.
        at: The time of signing; `None` for now.

    Returns:
        The message with its envelope; to be sent or stored as it is.

    Raises:
        KeyUnusable: If the key cannot be read, or is too small.
        MessageError: If the message cannot be written, or has no From.
        UsageError: If an argument is not allowed.

    RFC 6376 section 5, RFC 8463.
    """
    # Everything is checked before the body is read, which may take seconds.
    form = Canonicalization.parsed(canonicalization)
    if form is None:
        raise UsageError(f"canonicalization: {canonicalization!r} is not like 'relaxed/simple'")
    now, signer = moment_of(at), private_key(key, password)
    envelope = written(message)
    octets = octets_of(envelope.content or b"", is_canonical=True)
    # The body is read once for both digests: files may be large, or on a slow disk.
    digest, whole = body_digests(octets.body(), form.body)
    wanted = SIGNED if fields is None else {name.lower().encode() for name in fields} | {b"from"}
    signed = signed_fields(octets.fields(), wanted)
    names = [field.name.decode("ascii") for field in signed]
    tags = [
        ("v", "1"),
        ("a", algorithm_of(signer)),
        ("c", str(form)),
        ("d", checked_name(domain)),
        ("s", checked_name(selector)),
        *([("i", _identity(identity, domain))] if identity else []),
        ("t", str(int(now.timestamp()))),
        *([("x", str(_end(now, lifetime)))] if lifetime is not None else []),
        # RFC 6376 section 5.4: "the field name MAY be included in the list more times than it
        # occurs in the message", so that another From breaks the signature.
        # From once more than it is there: with "from:from" there is no place for a second one.
        ("h", ":".join([*names, "from"])),
        ("bh", base64.b64encode(digest).decode("ascii")),
    ]
    head = folded_tags("DKIM-Signature", tags)
    # RFC 6376 section 3.7: the signature covers its own field, in which b= is still empty.
    field = Field(b"dkim-signature", head + b"\r\n")
    signature = signature_of(signer, header_digest([*signed, field], form.header))
    return with_fields(envelope, head + folded_value(signature) + b"\r\n", whole)


def _end(now: datetime, lifetime: timedelta) -> int:
    """Return until when a signature is valid.

    RFC 6376 section 3.5: "The value of the "x=" tag MUST be greater than the value of the "t=" tag
    if both are present."
    """
    try:
        if lifetime >= timedelta(seconds=1):
            return int((now + lifetime).timestamp())
    except OverflowError:
        pass
    raise UsageError(f"lifetime: {lifetime} is no time that a signature can be valid")


def body_digests(pieces: Iterable[bytes], form: str) -> tuple[bytes, bytes]:
    """Return SHA-256 of a body in a canonical form, and as it is."""
    canonical, whole = sha256(), sha256()

    def seen() -> Iterable[bytes]:
        for piece in pieces:
            whole.update(piece)
            yield piece

    CanonicalBody(form, canonical.update).feed(seen())
    return canonical.digest(), whole.digest()


def header_digest(signed: Iterable[Field], form: str) -> bytes:
    """Return SHA-256 of fields; the last one is the signature's own, with an empty `b=`.

    RFC 6376 section 3.7: it has no CRLF at its end.
    """
    fields = b"".join([canonical_field(field, form) for field in signed])
    return sha256(fields.removesuffix(b"\r\n")).digest()


def signed_fields(fields: list[Field], wanted: Iterable[bytes]) -> list[Field]:
    """Return the fields to be signed, in the order in which `h=` names them.

    Raises:
        UsageError: If there is no From.

    RFC 6376 section 5.4.2: of several fields of one name the last one is signed first.
    """
    names = frozenset(wanted)
    # A relay adds fields of the same name above the others, so the signed ones are at the bottom.
    found = [field for field in reversed(fields) if field.name in names]
    if not any(field.name == b"from" for field in found):
        raise UsageError("DKIM signs From, which the message does not have")
    return found


def checked_name(name: str) -> str:
    """Check a name of the DNS, and return it.

    RFC 6376 section 3.5: internationalized names are written as A-labels.
    """
    if not is_name(name):
        raise UsageError(
            f"{name!r} is no domain or selector in ASCII, such as xn--bcher-kva.example"
        )
    return name


def _identity(identity: str, domain: str) -> str:
    """Check that an identity is within the domain.

    RFC 6376 section 3.5: its domain "MUST be the same as, or a subdomain of, the value of the d=".
    """
    local, at, host = identity.rpartition("@")
    inside = f".{host}".lower().endswith(f".{domain}".lower())
    if not at or not inside or not f"{local}{host}".isascii() or set(identity) & set(" ;\r\n\t"):
        raise UsageError(f"identity: {identity!r} is no address within {domain}")
    return identity
