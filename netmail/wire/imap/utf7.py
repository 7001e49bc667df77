"""Mailbox names to and from modified UTF-7.

This file knows no other part of IMAP.

RFC 3501 section 5.1.3: printable ASCII represents itself, "&" is written "&-", everything else is
UTF-16BE in base64 with "," for "/", without padding, between "&" and "-".
"""

import binascii
import re
from typing import Final

from netmail.wire import server_text

# "printable US-ASCII characters, except for "&", represent themselves": 0x20-0x25 and 0x27-0x7e;
# what is not printable ASCII is shifted as one run.
_FOREIGN: Final = re.compile(r"[^\x20-\x7e]+")
# ""&" is used to shift to modified BASE64 and "-" to shift back": "&AOk-", "&-".
_SHIFTED: Final = re.compile(r"&([A-Za-z0-9+,]*)-")


def encode(name: str) -> bytes:
    """Write a mailbox name; `name` holds no lone surrogate."""
    # R&D is R&-D, Entwürfe is Entw&APw-rfe
    if "&" not in name and name.isascii() and name.isprintable():  # nearly every name
        return name.encode("ascii")
    escaped = name.replace("&", "&-")
    return _FOREIGN.sub(_shift, escaped).encode("ascii")


def decode(name: bytes) -> str:
    """Read a mailbox name.

    A server that writes UTF-8 instead, a bare "&", or base64 that could be written otherwise, still
    names a mailbox: such a name is kept as it is, so that no two names look alike.
    """
    if name.isascii():
        text = name.decode("ascii")
        if "&" not in text and text.isprintable():
            return text
        parts = _SHIFTED.split(text)
        # parts alternate: plain, shifted, plain, ..., plain
        parts[1::2] = map(_unshift, parts[1::2])
        shown = "".join(parts)
        # "Modified BASE64 MUST NOT be used to represent any printing US-ASCII character", and null
        # shifts "are not permitted": each name has one form.
        if encode(shown) == name:
            return shown
    return server_text.decode(name)


def is_canonical(name: bytes) -> bool:
    """Tell whether a name is in modified UTF-7, in the one form it has."""
    return name.isascii() and encode(decode(name)) == name


def _shift(found: re.Match[str]) -> str:
    coded = binascii.b2a_base64(found[0].encode("utf-16-be"), newline=False)
    return "&" + coded.decode("ascii").rstrip("=").replace("/", ",") + "-"


def _unshift(coded: str) -> str:
    # "&-" is the ampersand itself.
    if not coded:
        return "&"
    # Modified base64 leaves out the padding; strict_mode refuses bits that are left over.
    try:
        padded = coded.replace(",", "/") + "=" * (-len(coded) % 4)
        return binascii.a2b_base64(padded, strict_mode=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return f"&{coded}-"
