"""RFC 2047 encoded words: text outside ASCII, written into headers.

This file must not know which header it writes for, nor how encoded words are read.
"""

import binascii

WORD_LIMIT = 75
"""Octets of one encoded word, RFC 2047 section 2."""

_FRAME = len("=?utf-8?q??=")

# Characters that need no escape in a phrase, the strictest place   RFC 2047 section 5 (3)
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
_Q = tuple(
    chr(octet) if octet in _PLAIN else "_" if octet == 0x20 else f"={octet:02X}"
    for octet in range(256)
)
_UNQUOTED = _PLAIN + b" "


def encoded_words(text: str, first: int = WORD_LIMIT) -> list[str]:
    """Write text as encoded words in UTF-8, each at most 75 octets long.

    A word is cut between characters only, since readers may decode each one alone. The encoding
    is Q for texts that are mostly ASCII, B for others.

    Args:
        text: Any text but the empty one, without lone surrogates.
        first: Columns left for the first word; if they are too few, it begins a line of its own.

    RFC 2047 section 2, section 5.
    """
    octets = text.encode()
    escaped = len(octets.translate(None, _UNQUOTED))
    # With a third escaped the lengths are about the same, and Q is readable undecoded.
    use_q = 3 * escaped <= len(octets)
    room = min(first, WORD_LIMIT) - _FRAME
    if room < 16:
        room = WORD_LIMIT - _FRAME
    return _q_words(text, room) if use_q else _b_words(octets, room)


def _q_words(text: str, room: int) -> list[str]:
    words: list[str] = []
    word: list[str] = []
    used = 0
    for character in text:
        piece = "".join([_Q[octet] for octet in character.encode()])
        if used + len(piece) > room:
            words.append(f"=?utf-8?q?{''.join(word)}?=")
            word, used, room = [], 0, WORD_LIMIT - _FRAME
        word.append(piece)
        used += len(piece)
    words.append(f"=?utf-8?q?{''.join(word)}?=")
    return words


def _b_words(octets: bytes, room: int) -> list[str]:
    words, start = [], 0
    while start < len(octets):
        end = start + room // 4 * 3
        # 10xxxxxx is an octet inside a character.
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        piece = binascii.b2a_base64(octets[start:end], newline=False).decode("ascii")
        words.append(f"=?utf-8?b?{piece}?=")
        start, room = end, WORD_LIMIT - _FRAME
    return words
