"""Signed messages: the exact signed octets, and the signature.

This file finds them; it must not verify anything, which needs keys.
"""

from dataclasses import dataclass

from netmail.mime.parts.part import Part


@dataclass(frozen=True, slots=True)
class SignedParts:
    """A multipart/signed taken apart.

    Attributes:
        octets: The exact signed octets, with CRLF line ends.
        content: The signed part.
        signature: The signature, its transfer encoding undone.
        protocol: The signature's media type, such as "application/pgp-signature".
        micalg: The digest, such as "pgp-sha256"; "" if it is missing.

    RFC 1847 section 2.1.
    """

    octets: bytes
    content: Part
    signature: bytes
    protocol: str
    micalg: str


def signed_parts(root: Part) -> SignedParts | None:
    """Take the first multipart/signed of a message apart.

    Args:
        root: The message's root part.

    Returns:
        Its parts; `None` if there is none with a content and a signature.

    RFC 1847 section 2.1.
    """
    for part in root.walk():
        if part.content_type == "multipart/signed" and len(part.children) >= 2:
            content, signature = part.children[:2]
            # The canonical form is signed, with CRLF; mbox files and Unix mailers store LF.
            octets = content.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            params = part.params
            return SignedParts(
                octets,
                content,
                signature.content,
                params.get("protocol", signature.content_type).lower(),
                params.get("micalg", "").lower(),
            )
    return None
