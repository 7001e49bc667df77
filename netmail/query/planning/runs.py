"""Texts that a message surely has in a header if a comparison holds: what a server can look for.

This file knows how servers read headers, and no expression.
"""

import re
from typing import Final
from unicodedata import normalize

MOST: Final = 3
"""Runs that are asked for: more of them find hardly fewer messages."""

LEAST: Final = 3
"""Letters of a run: shorter ones are in no full-text index, and in nearly every message."""

# Servers differ in spaces, folds and quotes: "Hello  again", 'say \\"hi\\"'. All that is printed in
# ASCII and is none of these is found as it is written.
_OF_TEXT: Final = re.compile(r"[!#-\[\]-~]+")
# RFC 5322 section 3.2.3: atext. Around "@", "." and "<" the obsolete syntax has spaces and
# comments, and servers write addresses again before they compare: "ann (Ann) @ example.org".
_OF_ADDRESSES: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
# The Kelvin sign is "k" after NFC, and a capital I with a dot has an "i" among its small letters:
# only servers that decompose find them so.
_UNSAFE: Final = re.compile("[kKiI]+")


def runs(text: str, *, structured: bool, decomposes: bool) -> list[str]:
    """Return the longest pieces of a text that each server finds where the text is.

    Args:
        text: What the field holds.
        structured: Whether the field is of addresses or identifiers.
        decomposes: Whether the server finds "k" in a Kelvin sign.
    """
    found = (_OF_ADDRESSES if structured else _OF_TEXT).findall(normalize("NFC", text))
    if not decomposes:
        found = [piece for run in found for piece in _UNSAFE.split(run)]
    long = {run for run in found if len(run) >= LEAST}
    return sorted(long, key=lambda run: (-len(run), run))[:MOST]
