"""Text that another side wrote, as it is shown: without what a terminal or a log would obey.

This file must not know where the text is from, nor where it is shown.
"""

from typing import Final

_KEPT_SPACES: Final = frozenset("\t\u00a0\u3000")
"""Spaces that `str.isprintable()` takes for none: they move nothing but the next character."""


def printable(text: str, *, lines: bool = False) -> str:
    r"""Return `text` with each character escaped that is not shown as itself.

    These are control characters (C0, DEL and C1, so ESC too), line and paragraph separators,
    bidirectional controls and other format characters, and lone surrogates, which no strict
    terminal can write. An octet that `server_text.decode()` could not read is shown as `\xff`.
    A second call changes nothing.

    Args:
        text: The text.
        lines: Whether a line feed stays as it is.
    """
    if text.isprintable():
        return text
    kept = _KEPT_SPACES | {"\n"} if lines else _KEPT_SPACES
    return text.translate(_Shown(kept))


class _Shown(dict[int, int | str]):
    """How each character is shown; a table of one text, which is looked at once a character."""

    def __init__(self, kept: frozenset[str]) -> None:
        self._kept = kept

    def __missing__(self, code: int) -> int | str:
        character = chr(code)
        is_shown = character.isprintable() or character in self._kept
        self[code] = shown = code if is_shown else _escape(code)
        return shown


def _escape(code: int) -> str:
    # "surrogateescape" puts an octet above 127 at U+DC00 and the octet: PEP 383.
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
