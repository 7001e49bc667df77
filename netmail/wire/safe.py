"""What may leave: values that callers give, and servers' words that may repeat secrets.

This file knows no protocol: only what may never reach a command line, nor an error.
"""

import re
from collections.abc import Iterable

from netmail.errors import UsageError

HIDDEN = "***"
"""What stands for a secret that a server repeats."""

SHORTEST = 4
"""Characters of a secret that is searched for: a shorter one is found in any sentence."""

_FORBIDDEN = re.compile(r"[\r\n\0]")


def check_single_line(value: str, what: str) -> str:
    """Return `value` if it stays on one line.

    Raises:
        UsageError: If it holds CR, LF or NUL, which would begin a command of its own, or a lone
            surrogate, which no encoding can write.
    """
    if not isinstance(value, str):
        raise UsageError(f"{what} must be a str, not {type(value).__name__}")
    if _FORBIDDEN.search(value):
        raise UsageError(f"{what} holds a line end or NUL, which cannot be sent: {value!r:.60}")
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise UsageError(f"{what} holds a lone surrogate, which cannot be sent: {value!r:.60}")
    return value


def strings(values: object, what: str) -> list[str]:
    """Return an iterable of `str` as a list.

    Raises:
        UsageError: If it is none; octets are an iterable too, of ints.
    """
    texts: list[str] = []
    is_many = isinstance(values, Iterable) and not isinstance(values, bytes | bytearray)
    for value in values if is_many else [values]:  # type: ignore[attr-defined]  # is_many says so
        if not isinstance(value, str):
            raise UsageError(f"{what} are a str or an iterable of str, not {value!r:.60}")
        texts.append(value)
    return texts


def redact(words: str, secrets: Iterable[bytes]) -> str:
    """Take out of a server's words what it repeats of ours that is secret."""
    texts = {secret.decode("utf-8", "surrogateescape") for secret in secrets}
    for text in sorted(texts, key=len, reverse=True):
        if len(text) >= SHORTEST:
            words = words.replace(text, HIDDEN)
    return words


def number(value: int, what: str, least: int = 1) -> int:
    """Return `value` if it is a message number or UID: 1 to 4294967295; or a count, from 0.

    Raises:
        UsageError: If it is not.

    RFC 9051 section 9: nz-number.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{what} must be an int, not {type(value).__name__}")
    if not least <= value <= 0xFFFFFFFF:
        raise UsageError(f"{what} must be from {least} to 4294967295, not {value!r:.60}")
    return value
