"""Text in a server's line: octets to str and back, without loss.

This file must not know a protocol.
"""


def decode(data: bytes) -> str:
    """Decode text that a server sent.

    It should be UTF-8 (RFC 9051 section 9: resp-text; RFC 6856 section 2.1), and old servers send
    Latin-1. An octet that is not UTF-8 becomes a lone surrogate, which `encode()` restores.
    """
    # Not "replace" or "ignore": a capability, a flag or a mailbox name must go back to the server
    # as it came.
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the octets that `decode()` made `text` of."""
    return text.encode("utf-8", "surrogateescape")
