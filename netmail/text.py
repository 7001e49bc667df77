"""The one check of text that a caller gives, before it reaches a command, a header or an option.

This file must not know what the text is for, and no protocol.
"""

import re
from collections.abc import Iterable
from typing import Final, TypeVar

from netmail.errors import NetmailError, UsageError

T = TypeVar("T")

# CR and LF would begin another command or header field. NUL ends the line in some servers. A lone
# surrogate is no character: UTF-8 cannot encode it, and "surrogateescape" would write any octet.
_FORBIDDEN: Final = re.compile("[\r\n\0\ud800-\udfff]")

# What a server may take for the end of a verb beside SP: each control character and each space.
_SEPARATORS: Final = re.compile(r"[\x00-\x20\x7f-\xa0\s]+")

_NAMES: Final = {"\r": "CR", "\n": "LF", "\0": "NUL"}


def check_text(value: object, what: str, error: type[NetmailError] = UsageError) -> str:
    """Return a text that fits into one line.

    Other control characters pass: some values are encoded, and stricter rules are the caller's.

    Args:
        value: The text, any Unicode.
        what: What it is, such as "the subject"; the error's sentence begins with it.
        error: The class to raise for a text that holds a forbidden character.

    Raises:
        UsageError: If it is no str.
        error: If it holds CR, LF, NUL or a lone surrogate. The sentence does not repeat the text,
            which may be a password.
    """
    if not isinstance(value, str):
        raise UsageError(f"{what} must be a str, not {type(value).__name__}")
    found = _FORBIDDEN.search(value)
    if found:
        name = _NAMES.get(found[0], "a lone surrogate")
        raise error(f"{what} must not hold {name} (at character {found.start()})")
    return value


def strings(values: object, what: str) -> list[str]:
    """Return a str, or an iterable of str, as a list.

    Args:
        values: What the caller gave.
        what: What they are, in the plural, such as "recipients".

    Raises:
        UsageError: If it is neither. Octets are refused, though they are an iterable: of int.
    """
    if isinstance(values, str):
        return [values]
    texts: list[str] = []
    is_many = isinstance(values, Iterable) and not isinstance(values, bytes | bytearray)
    for value in values if is_many else [values]:  # type: ignore[attr-defined]  # is_many says so
        if not isinstance(value, str):
            raise UsageError(f"{what} are a str or an iterable of str, not {value!r:.60}")
        texts.append(value)
    return texts


def split_verb(line: str) -> tuple[str, str]:
    r"""Return the verb of a command, and the rest of it: `"AUTH\tPLAIN x"` has the verb AUTH.

    A verb ends at any space or control character, whatever the grammar asks for: a server may be
    lenient, and a command that is refused must not pass in another form.
    """
    begin = found.end() if (found := _SEPARATORS.match(line)) else 0
    verb, *rest = _SEPARATORS.split(line[begin:], maxsplit=1)
    return verb, "".join(rest)


def members(values: Iterable[T]) -> list[T]:
    """Return what a caller's iterable yields.

    It is iterated here and not in the grammar, so that its exceptions are seen to be the caller's.
    """
    return list(values)
