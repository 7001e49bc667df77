"""DKIM and ARC: signatures of domains, over the octets that are sent.

It needs the extra: `pip install netmail[crypto]`.

RFC 6376, RFC 8301, RFC 8463, RFC 8617.
"""

from netmail.crypto import extra  # noqa: F401 -- an error that names what is missing
from netmail.crypto.dkim.arc import seal, verify_chain, verify_chain_async
from netmail.crypto.dkim.keys import PrivateKey
from netmail.crypto.dkim.results import ArcResult, ArcStatus, DkimResult, DkimStatus
from netmail.crypto.dkim.signing import sign
from netmail.crypto.dkim.verifying import AsyncResolver, Resolver, verify, verify_async

__all__ = [
    "ArcResult",
    "ArcStatus",
    "AsyncResolver",
    "DkimResult",
    "DkimStatus",
    "PrivateKey",
    "Resolver",
    "seal",
    "sign",
    "verify",
    "verify_async",
    "verify_chain",
    "verify_chain_async",
]
