"""The server's certificate, as libcurl reports it: what a login binds itself to.

This file must not know a mechanism, nor judge a certificate: libcurl verifies it.
"""

import base64
import re
from collections.abc import Sequence
from typing import Final

import pycurl

# OpenSSL's names of signature algorithms: sha256WithRSAEncryption, ecdsa-with-SHA384, sha1WithRSA.
_HASH: Final = re.compile(rb"md5|sha-?(?:1|224|256|384|512)(?![0-9])", re.IGNORECASE)


def server_end_point(handle: pycurl.Curl) -> bytes:
    """Return the channel binding "tls-server-end-point" of a connection.

    It is a hash of the server's certificate: one in the middle that shows another certificate to
    the client cannot pass the login on. Empty without TLS, and for a certificate whose signature
    names no hash, such as Ed25519's.

    RFC 5929 section 4.1.
    """
    chain: Sequence[Sequence[tuple[bytes, bytes]]] = handle.getinfo_raw(pycurl.INFO_CERTINFO)
    if not chain:
        return b""
    fields = {name.lower(): value for name, value in chain[0]}  # the server's own is the first
    found = _HASH.search(fields.get(b"signature algorithm", b""))
    body = b"".join(
        line for line in fields.get(b"cert", b"").splitlines() if not line.startswith(b"-----")
    )
    if not found or not body:
        return b""
    import hashlib  # noqa: PLC0415 -- OpenSSL's bindings; connections without TLS do without

    name = found[0].decode().lower().replace("-", "")
    # "if the certificate's signatureAlgorithm uses a single hash function, and that hash function
    # is either MD5 [...] or SHA-1 [...], then use SHA-256"
    digest = "sha256" if name in {"md5", "sha1"} else name
    return hashlib.new(digest, base64.b64decode(body)).digest()
