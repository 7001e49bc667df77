"""Encrypted parts, and whether each is a message of its own.

This file knows media types; it must not decrypt, which needs keys.

RFC 9787 sections 4, 6.
"""

from typing import Final

from netmail.mime.parts.part import Part

_PKCS7: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
# RFC 8551 section 3.2.2; RFC 5652 section 6 and RFC 5083, as DER and BER write their names.
_ENVELOPED: Final = frozenset({"enveloped-data", "authenveloped-data"})
_IDENTIFIERS: Final = (
    bytes.fromhex("06092a864886f70d010703"),
    bytes.fromhex("060b2a864886f70d0109100117"),
)
_WITHIN: Final = 32
"""Octets in which a CMS structure names what it is: before it are a tag and a length."""

_SIGNATURES: Final = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
    }
)
_ARMOR: Final = b"-----BEGIN PGP MESSAGE-----"
_ARMOR_END: Final = b"-----END PGP MESSAGE-----"


def is_encrypted(part: Part) -> bool:
    """Return whether a part's media type says that it is encrypted.

    RFC 3156 section 4, RFC 8551 section 3.2.2.
    """
    kind = part.content_type
    if kind in _PKCS7:
        # The parameter is optional: without it the part may be signed only.
        return part.params.get("smime-type", "").lower() in {"", *_ENVELOPED}
    return kind == "multipart/encrypted"


def is_errant(part: Part, content: bytes) -> bool:
    """Return whether a part, or a text in it, is encrypted and is not the whole of its message.

    Where such a part is decrypted and shown together with its neighbours, these can send the text
    to an attacker (EFAIL).

    Args:
        part: The part.
        content: Its content, decoded; b"" for a multipart.

    RFC 9787 sections 4.5, 6.2.2.
    """
    kind = part.content_type
    if kind == "text/plain":
        return _has_armor(content) and not (_is_whole(part) and _is_armored(content))
    if kind in _PKCS7:
        return _is_enveloped(part, content) and not _is_whole(part)
    if kind == "application/pgp-encrypted":
        # Exchange writes multipart/mixed in place of the multipart that it belongs into.
        parent = part.parent
        return parent is None or parent.content_type != "multipart/encrypted"
    if kind == "multipart/encrypted":
        # RFC 1847 section 2.2: "exactly two" parts; a third one is beside the encrypted one.
        return len(part.node.children) > 2 or not _is_whole(part)
    return False


def _is_whole(part: Part) -> bool:
    """Return whether a part is its message, or is all that a signature in its message is about.

    RFC 9787 section 6.3: a forwarded message has layers of its own; they are not errant.
    """
    parent = part.parent
    # RFC 2634 section 1.1: a message may be signed, encrypted, and signed again.
    while parent is not None and _is_signed(parent, part):
        part, parent = parent, parent.parent
    return parent is None or parent.node.message


def _is_signed(multipart: Part, content: Part) -> bool:
    """Return whether a multipart adds nothing to a part but its signature.

    RFC 1847 section 2.1.
    """
    # The nodes are counted first: a list of very many views would be made for each of them.
    if multipart.content_type != "multipart/signed" or len(multipart.node.children) != 2:
        return False
    return content.node.number == 1 and multipart.children[1].content_type in _SIGNATURES


def _is_enveloped(part: Part, content: bytes) -> bool:
    # The parameter may be missing, and may lie: readers decide by the content.
    named = part.params.get("smime-type", "").lower() in _ENVELOPED
    return named or any(each in content[:_WITHIN] for each in _IDENTIFIERS)


def _has_armor(content: bytes) -> bool:
    # RFC 9580 section 6.2.1: the line begins with its dashes; what a reply quotes does not.
    return content.startswith(_ARMOR) or b"\n" + _ARMOR in content


def _is_armored(content: bytes) -> bool:
    """Return whether a text is one encrypted text and nothing else."""
    text = content.strip()
    is_alone = b"\n" + _ARMOR not in text
    return text.startswith(_ARMOR) and text.endswith(_ARMOR_END) and is_alone
