"""DKIM and ARC: signatures of domains, over the octets that are sent.

Signing and verifying need the extra: `pip install netmail[crypto]`.

RFC 6376, RFC 8301, RFC 8463, RFC 8617.
"""

from typing import TYPE_CHECKING

from netmail.crypto.extra import loaded

if TYPE_CHECKING:
    from netmail.crypto.dkim.keys import PrivateKey
    from netmail.crypto.dkim.results import DkimResult, DkimStatus
    from netmail.crypto.dkim.signing import sign
    from netmail.crypto.dkim.verifying import AsyncResolver, Resolver, verify, verify_async

__all__ = [
    "AsyncResolver",
    "DkimResult",
    "DkimStatus",
    "PrivateKey",
    "Resolver",
    "sign",
    "verify",
    "verify_async",
]

_HOMES = {
    "keys": "PrivateKey",
    "results": "DkimResult DkimStatus",
    "signing": "sign",
    "verifying": "AsyncResolver Resolver verify verify_async",
}


def __getattr__(name: str) -> object:
    return loaded(__name__, _HOMES, name)
