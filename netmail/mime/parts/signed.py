"""Signed messages: which octets are signed, and where the signature is.

This file recognises; it verifies nothing.
"""

from dataclasses import dataclass

from netmail.mime.parts.part import Part


@dataclass(frozen=True, slots=True)
class SignedParts:
    """A multipart/signed taken apart.

    Attributes:
        octets: What is signed, exactly, with CRLF line ends as RFC 1847 section 2.1 wants.
        content: The signed part.
        signature: The signature, its transfer encoding undone.
        protocol: The signature's media type, such as "application/pgp-signature".
        micalg: The digest, such as "pgp-sha256"; "" if not said.

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
    """
    for part in root.walk():
        if part.content_type == "multipart/signed" and len(part.children) >= 2:
            content, signature = part.children[:2]
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
