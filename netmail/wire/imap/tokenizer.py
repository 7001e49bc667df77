"""Text cut into tokens by one regular expression.

This file knows no grammar: callers bring the expression, and judge what no token begins with.
"""

import re
from collections.abc import Iterator
from typing import AnyStr


def tokens(pattern: re.Pattern[AnyStr], text: AnyStr) -> Iterator[re.Match[AnyStr]]:
    """Match `pattern` again and again, each time where the last match ended, until it fails.

    The end of the last match tells whether the whole text was matched.
    """
    # Undocumented, but what `re.Scanner` is made of; 15 % faster than a loop of match(text, at).
    # finditer() would search for the next token after garbage, in time that grows as a square.
    scanner = pattern.scanner(text)  # type: ignore[attr-defined]  # not in typeshed
    return iter(scanner.match, None)
