"""The text in RTF, and the HTML that Outlook hides in it.

This file knows the controls that change the text; it knows no layout. Groups are counted on a
stack of bounded depth: hostile nesting costs nothing.
"""

import codecs
import re
from typing import NamedTuple

from netmail.mime.content.charset import decode_text
from netmail.mime.content.mapi import code_page

# "\'e9", "\par", "\u8364 ", "{", "}", a line end, or text: RTF 1.9.1 section "RTF Syntax". Each
# letter of a word and each digit of its number belongs to one token only.
_TOKEN = (
    rb"\\'([0-9A-Fa-f]{2})|\\([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?"
    rb"|\\(.)|([{}])|[\r\n\0]+|([^\\{}\r\n\0]+)|\\"
)

# "{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0": MS-OXRTFEX section 2.1.1 asks for it near the start.
_FROM_HTML = rb"\\fromhtml1?(?![0-9A-Za-z])"
_HEAD = 1024
_DEEPEST = 200
"""Groups within each other that have a state of their own; Outlook writes fewer than 20."""

_MARKS = {
    b"par": "\n",
    b"line": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"row": "\n",
    b"tab": "\t",
    b"cell": "\t",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"bullet": "\u2022",
    b"endash": "\u2013",
    b"emdash": "\u2014",
    b"enspace": "\u2002",
    b"emspace": "\u2003",
}
_SYMBOLS = {
    b"~": "\xa0",
    b"-": "\xad",
    b"_": "\u2011",
    b"\t": "\t",
    b"\\": "\\",
    b"{": "{",
    b"}": "}",
    b"\n": "\n",
    b"\r": "\n",
}
# Groups that hold no text of the message.
_HIDDEN = frozenset(
    [
        *(b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"fldinst", b"listtable"),
        *(b"header", b"headerl", b"headerr", b"headerf", b"footer", b"footerl", b"footerr"),
        *(b"footerf", b"listoverridetable", b"themedata", b"datastore", b"filetbl", b"revtbl"),
    ]
)
# \fcharset of the font table: RTF 1.9.1 section "Font Table", as code pages.
_CHARSETS = {
    0: 1252,
    77: 10000,
    128: 932,
    129: 949,
    134: 936,
    136: 950,
    161: 1253,
    162: 1254,
    163: 1258,
    177: 1255,
    178: 1256,
    186: 1257,
    204: 1251,
    222: 874,
    238: 1250,
}


class RtfText(NamedTuple):
    """What was in the RTF.

    Attributes:
        text: The text, or the HTML; its lines end in LF.
        is_html: Whether it is HTML that was encapsulated.
    """

    text: str
    is_html: bool


def read_rtf(rtf: bytes) -> RtfText:
    """Read RTF as text, or take the HTML out of it that it was made of.

    Args:
        rtf: The RTF, decompressed; broken RTF is read as far as it makes sense.

    MS-OXRTFEX section 3.1.4.
    """
    is_html = re.search(_FROM_HTML, rtf[:_HEAD]) is not None
    reader = _Reader(is_html=is_html)
    tokens = re.compile(_TOKEN, re.DOTALL)
    position = 0
    while match := tokens.match(rtf, position):
        position = match.end() + reader.token(match)
    return RtfText(reader.text(), is_html)


class _State(NamedTuple):
    r"""What a group inherits.

    Attributes:
        hidden: Whether the group is no text.
        unshown: Whether it is formatting that only RTF readers show: \htmlrtf.
        fonts: Whether it is the font table.
        label: The charset of its octets.
        fallback: Characters after a \u that repeat it for old readers: \uc.
    """

    hidden: bool = False
    unshown: bool = False
    fonts: bool = False
    label: str = "cp1252"
    fallback: int = 1


class _Reader:
    """The text read so far, and the state of the open groups."""

    def __init__(self, *, is_html: bool) -> None:
        self.is_html = is_html
        self.pieces: list[str] = []
        self.octets = bytearray()
        self.state = _State()
        self.outer: list[_State] = []
        self.too_deep = 0
        self.starred = False
        self.skip = 0
        self.default = "cp1252"
        self.font = -1
        self.charsets: dict[int, str] = {}

    def text(self) -> str:
        self._flush()
        # \u gives halves of pairs; a half alone is no character.
        return (
            "".join(self.pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        )

    def token(self, match: "re.Match[bytes]") -> int:
        """Take a token; return how many octets of binary data follow it."""
        octet, word, number, symbol, brace, text = match.groups()
        if text is not None:
            self._write(text)
        elif brace is not None:
            self._brace(brace)
        elif octet is not None:
            self._write(bytes.fromhex(octet.decode()))
        elif word is not None:
            return self._word(word, number)
        elif symbol == b"*":
            self.starred = True
        elif symbol in _SYMBOLS:
            self._show(_SYMBOLS[symbol])
        return 0

    def _brace(self, brace: bytes) -> None:
        self.skip = 0
        self.starred = False
        if brace == b"{":
            if len(self.outer) < _DEEPEST:
                self.outer.append(self.state)
            else:
                self.too_deep += 1
        elif self.too_deep:
            self.too_deep -= 1
        elif self.outer:
            self._become(self.outer.pop())

    def _become(self, state: _State) -> None:
        if state.label != self.state.label:
            self._flush()
        self.state = state

    def _word(self, word: bytes, digits: bytes | None) -> int:
        number = int(digits) if digits is not None else 1
        starred, self.starred = self.starred, False
        if word == b"bin":
            return max(number, 0) if digits is not None else 0
        if word == b"htmltag" and starred and self.is_html:
            # Beside text, tags are shown also where the formatting is not.
            self._become(self.state._replace(hidden=False, unshown=False))
        elif starred or word in _HIDDEN:
            self._become(self.state._replace(hidden=True))
        elif word in _MARKS:
            self._show(_MARKS[word])
        elif word == b"u":
            self._unicode(number)
        else:
            self._format(word, number, given=digits is not None)
        return 0

    def _unicode(self, number: int) -> None:
        self.skip = 0
        self._show(chr(number & 0xFFFF))
        self.skip = self.state.fallback

    def _format(self, word: bytes, number: int, *, given: bool) -> None:
        if word == b"htmlrtf":
            self._become(self.state._replace(unshown=number != 0))
        elif word == b"uc":
            self._become(self.state._replace(fallback=min(max(number, 0), 100)))
        elif word == b"fonttbl":
            self._become(self.state._replace(fonts=True))
        elif word == b"ansicpg" and given:
            self.default = _label(number)
            self._become(self.state._replace(label=self.default))
        elif word == b"f" and self.state.fonts:
            self.font = number
        elif word == b"f":
            self._become(self.state._replace(label=self.charsets.get(number, self.default)))
        elif word == b"plain":
            self._become(self.state._replace(label=self.default))
        elif word == b"fcharset" and self.state.fonts and number in _CHARSETS:
            self.charsets[self.font] = _label(_CHARSETS[number])

    def _write(self, octets: bytes) -> None:
        self.starred = False
        if self.skip:
            skipped = min(self.skip, len(octets))
            self.skip -= skipped
            octets = octets[skipped:]
        if not (self.state.hidden or self.state.unshown or self.state.fonts):
            self.octets += octets

    def _show(self, text: str) -> None:
        self.starred = False
        if self.skip:
            self.skip -= 1
        elif not (self.state.hidden or self.state.unshown or self.state.fonts):
            self._flush()
            self.pieces.append(text)

    def _flush(self) -> None:
        if self.octets:
            octets = bytes(self.octets)
            self.octets.clear()
            self.pieces.append(
                octets.decode() if octets.isascii() else decode_text(octets, self.state.label)
            )


def _label(number: int) -> str:
    """Return the charset of a code page; Windows' Western one for those that are not known."""
    label = "mac-roman" if number == 10000 else code_page(number)
    try:
        codecs.lookup(label)
    except LookupError:
        return "cp1252"
    return label
