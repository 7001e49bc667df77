"""Values that callers give, before they become part of a command.

This file knows what may never reach a command line, whatever the protocol.
"""

import re

from netmail.errors import UsageError

_FORBIDDEN = re.compile(r"[\r\n\0]")


def one_line(value: str, what: str) -> str:
    """Return `value` if it stays on one line.

    Raises:
        UsageError: If it holds CR, LF or NUL, which would begin a command of its own, or a lone
            surrogate, which no encoding can write.
    """
    if not isinstance(value, str):
        raise UsageError(f"{what} must be a str, not {type(value).__name__}")
    if _FORBIDDEN.search(value):
        raise UsageError(f"{what} holds a line end or NUL, which cannot be sent: {value!r}")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise UsageError(f"{what} holds a lone surrogate, which cannot be sent: {value!r}")
    return value


def number(value: int, what: str) -> int:
    """Return `value` if it is a message number or UID: 1 to 4294967295.

    Raises:
        UsageError: If it is not.

    RFC 9051 section 9: nz-number.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{what} must be an int, not {type(value).__name__}")
    if not 1 <= value <= 0xFFFFFFFF:
        raise UsageError(f"{what} must be from 1 to 4294967295, not {value}")
    return value
