"""What no text of a caller's may hold on its way into a header.

This file must not know what the text is for.
"""

import re

from netmail.errors import MessageError, UsageError

# CR and LF would begin another header line, NUL ends lines in some servers, and a lone surrogate
# is no character: it cannot be encoded, or smuggles an octet.
_FORBIDDEN = re.compile("[\r\n\0\ud800-\udfff]")

_NAMES = {"\r": "CR", "\n": "LF", "\0": "NUL"}


def checked_text(value: object, where: str) -> str:
    """Return the text, or refuse it.

    Args:
        value: The text, any Unicode; other control characters are allowed and get encoded.
        where: What it is for; it is named in errors.

    Raises:
        MessageError: If it holds CR, LF, NUL or a lone surrogate.
        UsageError: If it is no str.
    """
    if not isinstance(value, str):
        raise UsageError(f"{where}: {type(value).__name__} is not str")
    found = _FORBIDDEN.search(value)
    if found:
        name = _NAMES.get(found[0], "a lone surrogate")
        raise MessageError(f"{where}: {name} is not allowed (at character {found.start()})")
    return value
