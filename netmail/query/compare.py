"""How texts compare in a query: without case, by NFC and small letters.

This file knows texts, and neither fields nor messages.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from unicodedata import normalize


def fold(text: str) -> str:
    """Return the form in which two texts compare.

    `str.casefold()` would make "straße" hold "strasse", which no server finds.
    """
    return normalize("NFC", text).lower()


def is_like(text: str, pattern: str) -> bool:
    r"""Tell whether a whole text fits a pattern of SQL, without case.

    "%" is any text, "_" any character, and a backslash makes the next character ordinary.
    """
    folded = fold(text)
    first, *others = _compiled(pattern)
    found = first[0].match(folded)
    if not others:
        return found is not None and found.end() == len(folded)
    # Each piece at its first place, and never back: the time is the text's length times the
    # pattern's, whatever the pattern.
    at = found.end() if found else -1
    for piece, _ in others[:-1]:
        found = piece.search(folded, at) if at >= 0 else None
        at = found.end() if found else -1
    last, length = others[-1]
    begin = len(folded) - length
    return 0 <= at <= begin and last.match(folded, begin) is not None


def ordinary(pattern: str) -> list[str]:
    """Return the texts of a pattern that are found as they are written."""
    texts = [""]
    for kind, text in _tokens(pattern):
        if kind:
            texts.append("")
        else:
            texts[-1] += text
    return [text for text in texts if text]


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield ("%", "") and ("_", ""), and ("", text) for what is ordinary."""
    left = iter(pattern)
    for each in left:
        if each == "\\":
            yield "", next(left, "\\")
        elif each in "%_":
            yield each, ""
        else:
            yield "", each


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> tuple[tuple[re.Pattern[str], int], ...]:
    """Compile what is between the "%", each piece with its length."""
    pieces: list[list[tuple[str, str]]] = [[]]
    # A letter and its accent are one character after NFC: they are folded together.
    for kind, run in groupby(_tokens(pattern), itemgetter(0)):
        if not kind:
            pieces[-1].append(("", "".join([text for _, text in run])))
        elif kind == "_":
            pieces[-1] += run
        else:
            pieces += [[] for _ in run]
    return tuple(_piece(piece) for piece in pieces)


def _piece(tokens: list[tuple[str, str]]) -> tuple[re.Pattern[str], int]:
    texts = [fold(text) for _, text in tokens]
    written = [re.escape(text) if text else "." for text in texts]
    return re.compile("".join(written), re.DOTALL), sum(len(text) or 1 for text in texts)
