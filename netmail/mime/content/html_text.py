"""Plain text from HTML.

This file knows what tags mean for a reader; it runs no script, loads nothing and follows no
link. Tags are counted, not nested: hostile depth costs nothing.
"""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

from netmail.mime.content.html_tokens import Tag, html_tokens

_HIDDEN = frozenset(["script", "style", "title", "template", "noscript", "svg", "textarea"])
_PARAGRAPHS = frozenset(
    [
        *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote"),
        *("pre", "section", "article", "header", "footer", "form"),
    ]
)
_LINES = frozenset(
    [
        *("div", "tr", "li", "dt", "dd", "br", "hr", "address", "caption", "figcaption"),
        *("fieldset", "option", "center"),
    ]
)
# ASCII whitespace (WHATWG Infra), of which HTML shows a single space.
_SPACES = re.compile(r"[ \t\r\n\f]+")

# "</td></tr></table></td></tr></table>": nested tables of newsletters leave many empty lines.
_MANY_LINES = re.compile(r"\n{3,}")
_DEEPEST = 10
"""Quote marks and indents that are written; a reader cannot count more."""


def html_to_text(html: str) -> str:
    """Make readable plain text of HTML.

    Paragraphs, lists, quotes, table rows and links stay recognisable: "* " before list
    items, "> " before quoted lines, " <url>" after a link whose text is not its target.

    Args:
        html: The HTML; broken HTML is read as far as it makes sense.

    Returns:
        The text, lines ended by LF, without empty lines at its ends.
    """
    writer = _Writer()
    for token in html_tokens(html):
        if isinstance(token, str):
            writer.write(token)
        elif token.closing:
            writer.close(token.name)
        else:
            writer.open(token)
    return writer.text()


class _Writer:
    """The text written so far, and which elements are open."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.hidden = 0
        self.quotes = 0
        self.pre = 0
        self.lists: list[int] = []
        self.link: tuple[str, int] | None = None

    def text(self) -> str:
        self._end_line()
        text = "\n".join(self.lines).strip("\n")
        return _MANY_LINES.sub("\n\n", text) + ("\n" if text else "")

    def open(self, tag: Tag) -> None:
        name = tag.name
        if name in _HIDDEN:
            self.hidden += 1
        self._block(name)
        act = self._ACTIONS.get(name)
        if act is not None:
            act(self, tag)

    def close(self, name: str) -> None:
        if name in _HIDDEN:
            self.hidden = max(self.hidden - 1, 0)
        elif name == "a":
            self._end_link()
        if name == "blockquote":
            # The quote's last line is still marked, the empty line after it is not.
            self._end_line()
            self.quotes = max(self.quotes - 1, 0)
        self._block(name, opening=False)
        if name == "pre":
            self.pre = max(self.pre - 1, 0)
        elif name in {"ul", "ol"} and self.lists:
            self.lists.pop()

    def _body(self, _: Tag) -> None:
        # A head whose <title> or <style> was never closed must not hide the text.
        self.hidden = 0

    def _quote(self, _: Tag) -> None:
        self.quotes += 1

    def _preformatted(self, _: Tag) -> None:
        self.pre += 1

    def _item(self, _: Tag) -> None:
        self.line.append(self._bullet())

    def _list(self, tag: Tag) -> None:
        self.lists.append(0 if tag.name == "ol" else -1)

    def _cell(self, _: Tag) -> None:
        if self.line:
            self.line.append("\t")

    def _rule(self, _: Tag) -> None:
        self.line.append("-" * 20)
        self._end_line()

    def _image(self, tag: Tag) -> None:
        self.line.append(tag.attribute("alt"))

    def _anchor(self, tag: Tag) -> None:
        self.link = (tag.attribute("href").strip(), len(self.line))

    _ACTIONS: ClassVar[Mapping[str, Callable[["_Writer", Tag], None]]] = {
        "body": _body,
        "blockquote": _quote,
        "pre": _preformatted,
        "li": _item,
        "ul": _list,
        "ol": _list,
        "td": _cell,
        "th": _cell,
        "hr": _rule,
        "img": _image,
        "a": _anchor,
    }

    def write(self, data: str) -> None:
        if self.hidden:
            return
        if not self.pre:
            self.line.append(_SPACES.sub(" ", data))
            return
        first, *rest = data.split("\n")
        self.line.append(first)
        for piece in rest:
            self._end_line()
            self.line.append(piece)

    def _block(self, name: str, *, opening: bool = True) -> None:
        if name not in _PARAGRAPHS and name not in _LINES:
            return
        nested = name in {"ul", "ol"} and bool(self.lists)
        self._end_line(forced=name == "br" and opening)
        if name in _PARAGRAPHS and not nested and self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._marks().rstrip())

    def _end_line(self, *, forced: bool = False) -> None:
        text = "".join(self.line)
        self.line = []
        if self.link is not None:
            self.link = (self.link[0], 0)
        text = text if self.pre else _single_spaces(text)
        if text or forced or self.pre:
            self.lines.append(self._marks() + text)

    def _marks(self) -> str:
        return "> " * min(self.quotes, _DEEPEST)

    def _bullet(self) -> str:
        if not self.lists:
            return "* "
        indent = "  " * (min(len(self.lists), _DEEPEST) - 1)
        if self.lists[-1] < 0:
            return f"{indent}* "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1]}. "

    def _end_link(self) -> None:
        if self.link is None:
            return
        href, start = self.link
        self.link = None
        shown = "".join(self.line[start:]).strip()
        target = href.removeprefix("mailto:")
        if not (target.startswith(("http://", "https://")) or href.startswith("mailto:")):
            return
        if shown.rstrip("/") not in {target.rstrip("/"), target.partition("//")[2].rstrip("/")}:
            self.line.append(f" <{target}>" if shown else f"<{target}>")


def _single_spaces(text: str) -> str:
    """Join spaces that met across tags; the indents of lists and the tabs of tables stay."""
    bullet = len(text) - len(text.lstrip(" ")) if text.lstrip().startswith("* ") else 0
    body = "\t".join(" ".join(cell.split()) for cell in text.split("\t"))
    return " " * bullet + body
