"""Bearer tokens in SASL: what a client of XOAUTH2 or OAUTHBEARER sends, read by a server.

This file must not know a protocol, nor which tokens are valid.
"""

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from types import MappingProxyType

ERROR = b'{"status":"401","schemes":"bearer","scope":"mail"}'
"""The challenge that precedes a refusal (RFC 7628 section 3.2.2); the client replies to it."""

SEPARATOR = "\1"
"""RFC 7628 section 3.1, kvsep."""

Login = tuple[str, str]


class NotOauth(ValueError):
    """The octets are not what a client of the mechanism sends."""


def decoded(text: str) -> bytes:
    """Decode a response in base64; what is none becomes empty, which no mechanism takes."""
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def xoauth2(response: bytes) -> Login:
    """Read the initial response of XOAUTH2: "user=NAME^Aauth=Bearer TOKEN^A^A".

    Returns:
        The user's name and the token.

    Raises:
        NotOauth: If it is something else.
    """
    fields = _fields(response.decode("utf-8", "replace").split(SEPARATOR))
    return fields.get("user", ""), _token(fields)


def oauthbearer(response: bytes) -> Login:
    """Read the initial response of OAUTHBEARER: "n,a=NAME,^Aauth=Bearer TOKEN^A^A".

    Returns:
        The user's name and the token.

    Raises:
        NotOauth: If it is something else.

    RFC 7628 section 3.1.
    """
    header, *pairs = response.decode("utf-8", "replace").split(SEPARATOR)
    binding, _, identity = header.partition(",")
    # RFC 7628 section 3.1, gs2-header: "n", "y" or "p=...", a comma, the
    # authorization identity, a comma.
    if binding not in {"n", "y"} or not identity.endswith(","):
        raise NotOauth("no GS2 header")
    name = identity[:-1].removeprefix("a=").replace("=2C", ",").replace("=3D", "=")
    return name, _token(_fields(pairs))


MECHANISMS: Mapping[str, Callable[[bytes], Login]] = MappingProxyType(
    {"XOAUTH2": xoauth2, "OAUTHBEARER": oauthbearer}
)
"""What reads each mechanism's initial response."""


def _fields(pairs: list[str]) -> dict[str, str]:
    return {key: value for key, equals, value in (pair.partition("=") for pair in pairs) if equals}


def _token(fields: Mapping[str, str]) -> str:
    scheme, _, token = fields.get("auth", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotOauth("no bearer token")
    return token
