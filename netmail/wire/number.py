"""The numbers in commands: message numbers, UIDs and counts, as callers give them.

This file must not know which command they are for.
"""

from typing import Final

from netmail.errors import UsageError

LARGEST: Final = 0xFFFFFFFF
"""The largest message number or UID (RFC 9051 section 9: nz-number); POP3 names no largest one."""


def number(value: int, what: str, least: int = 1, most: int = LARGEST) -> int:
    """Return a message number or UID, or a count, after checking it.

    Args:
        value: What the caller gave.
        what: What it is, such as "a UID"; the error's sentence begins with it.
        least: The smallest one allowed: 1, or 0 for a count.
        most: The largest one allowed.

    Raises:
        UsageError: If it is no int, or not from `least` to `most`.

    RFC 9051 section 9: nz-number; RFC 1939 section 4: message-number.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{what} must be an int, not {type(value).__name__}")
    if not least <= value <= most:
        # int's own limit on decimal digits would raise a ValueError that is not netmail's.
        shown = value if value.bit_length() <= 64 else "a larger one"
        raise UsageError(f"{what} must be from {least} to {most}, not {shown}")
    return value
