"""Mailbox names in modified UTF-7, both ways.

This file knows no other part of IMAP.

RFC 3501 section 5.1.3: printable ASCII stands for itself, "&" is written "&-", everything else is
UTF-16BE in base64 with "," for "/", without padding, between "&" and "-".
"""

import binascii
import re

_FOREIGN = re.compile(r"[^\x20-\x7e]+")
_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-")


def encode(name: str) -> bytes:
    """Write a mailbox name; `name` holds no lone surrogate."""
    escaped = name.replace("&", "&-")
    return _FOREIGN.sub(_shift, escaped).encode("ascii")


def decode(name: bytes) -> str:
    """Read a mailbox name.

    A server that writes UTF-8 instead, or broken UTF-7, still names a mailbox: what does not
    decode stands for itself, so that the name can be shown.
    """
    if b"&" not in name:
        return name.decode("utf-8", "surrogateescape")
    parts = _SHIFTED.split(name)
    decoded = [part.decode("utf-8", "surrogateescape") for part in parts[::2]]
    shifted = [_unshift(part) for part in parts[1::2]]
    # parts alternate: plain, shifted, plain, ..., plain
    return decoded[0] + "".join(s + p for s, p in zip(shifted, decoded[1:], strict=True))


def _shift(found: re.Match[str]) -> str:
    coded = binascii.b2a_base64(found[0].encode("utf-16-be"), newline=False)
    return "&" + coded.decode("ascii").rstrip("=").replace("/", ",") + "-"


def _unshift(coded: bytes) -> str:
    if not coded:
        return "&"
    try:
        padded = coded.replace(b",", b"/") + b"=" * (-len(coded) % 4)
        return binascii.a2b_base64(padded, strict_mode=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return f"&{coded.decode('ascii')}-"
