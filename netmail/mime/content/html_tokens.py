"""HTML cut into tags and text, in one pass.

This file knows where a tag begins and ends, not what it means. The standard library's html.parser
is not used: it is quadratic on "<a <a <a". A tag ends at its ">" and contains no "<", so no two
attempts to read one look at the same characters.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

# tag = "<" ["/"] name *attribute ">"               WHATWG HTML sections 13.1.2.1 and 13.1.2.2
# A quote that is never closed counts as text, as browsers take it.
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/<>]*+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+)>")
# Everything up to a "<" that begins a tag, a comment or a declaration: "1 < 2" is text.
_TEXT = re.compile(r"(?:[^<]++|<(?!/?[A-Za-z]|[!?]))++")
# attribute = name [ "=" (DQUOTE value DQUOTE / "'" value "'" / value) ]      section 13.1.2.3
_ATTRIBUTE = re.compile(r"([^\s=\"'/]++)\s*+(?:=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"']++)))?+")
# "<p <b>x": a tag that another one begins inside; Word and old newsletters write it.
_BROKEN = re.compile(r"</?[A-Za-z][^<>]*+>?")
_RAW = frozenset(["script", "style", "title", "textarea", "noframes"])
"""Elements that contain no tag but their own end: raw text and RCDATA, section 13.1.2."""

# "</script" and then no letter: raw text ends there, WHATWG HTML section 13.1.2.6.
_RAW_END = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in sorted(_RAW)}
_TAG_TEXT = 4096
"""Characters of a tag whose attributes are read."""


class Tag(NamedTuple):
    """A tag.

    Attributes:
        name: In lower case.
        closing: Whether it is an end tag.
        raw: Its attributes, unread.
    """

    name: str
    closing: bool
    raw: str

    def attribute(self, wanted: str) -> str:
        """Read one attribute, entities decoded; "" if it is missing."""
        for name, double, single, bare in _ATTRIBUTE.findall(self.raw[:_TAG_TEXT]):
            if name.lower() == wanted:
                return unescape(double or single or bare)
        return ""


def html_tokens(html: str) -> Iterator[Tag | str]:
    """Cut HTML into tags and texts with their entities decoded.

    Comments, declarations, the content of scripts and style sheets, and what cannot be a tag
    are left out.
    """
    position = 0
    open_ended: set[str] = set()
    while position < len(html):
        text = _TEXT.match(html, position)
        if text is not None:
            yield unescape(text[0])
            position = text.end()
            continue
        tag = _TAG.match(html, position)
        if tag is not None:
            name = tag[2].lower()
            yield Tag(name, closing=bool(tag[1]), raw=tag[3])
            position = tag.end()
            if name in _RAW and not tag[1]:
                end = None if name in open_ended else _RAW_END[name].search(html, position)
                if end is None:
                    # An element that is never closed must not hide the text. Its end is searched
                    # once only, else "<title>" a thousand times would cost a million.
                    open_ended.add(name)
                    yield Tag(name, closing=True, raw="")
                else:
                    position = end.start()
            continue
        position = _after_other(html, position)


def _after_other(html: str, start: int) -> int:
    """Return the position after a comment, a declaration, or a tag without an end."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 4)
        return end + 3 if end >= 0 else len(html)
    if html[start + 1 : start + 2] in ("!", "?"):
        end = html.find(">", start)
        return end + 1 if end >= 0 else len(html)
    broken = _BROKEN.match(html, start)
    return broken.end() if broken is not None else start + 1
