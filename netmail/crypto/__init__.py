"""Signed and encrypted mail: S/MIME, PGP/MIME, DKIM and ARC, on netmail's public names.

    from netmail.crypto import dkim, smime

    sealed = dkim.sign(message, "2026", "example.org", key)
    transport.send(sealed)

S/MIME and DKIM need the extra: `pip install netmail[crypto]`.
"""

from netmail.crypto.sealed import SealedMessage

__all__ = ["SealedMessage"]
