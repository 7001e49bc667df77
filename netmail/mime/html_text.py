"""Plain text from HTML, for those who read no HTML.

This file knows tags and blanks; it runs nothing, loads nothing and follows no link. Tags are
counted, not nested: hostile depth costs nothing.
"""

import re
from html.parser import HTMLParser

_HIDDEN = frozenset(["script", "style", "head", "title", "template", "noscript", "svg"])
_PARAGRAPHS = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "dl",
        "table",
        "blockquote",
        "pre",
        "section",
        "article",
        "header",
        "footer",
        "form",
    ]
)
_LINES = frozenset(
    [
        "div",
        "tr",
        "li",
        "dt",
        "dd",
        "br",
        "hr",
        "address",
        "caption",
        "figcaption",
        "fieldset",
        "option",
        "center",
    ]
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_MANY_LINES = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """Make readable plain text of HTML.

    Paragraphs, lists, quotes, table rows and links are kept recognisable: "* " before list
    items, "> " before quoted lines, " <url>" after a link whose text is not its target.

    Args:
        html: The HTML; broken HTML is read as far as it goes.

    Returns:
        The text, lines ended by LF, without blank lines at its ends.
    """
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.text()


class _Writer(HTMLParser):
    """Collects the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line: list[str] = []
        self.hidden = 0
        self.quotes = 0
        self.pre = 0
        self.lists: list[int] = []
        self.links: list[tuple[str, int]] = []

    def text(self) -> str:
        self._end_line()
        text = "\n".join(self.lines).strip("\n")
        return _MANY_LINES.sub("\n\n", text) + ("\n" if text else "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            # A <head> or <title> that is never closed must not hide the body.
            self.hidden += tag not in {"head", "title"}
        self._block(tag)
        if tag == "body":
            self.hidden = 0
        elif tag == "blockquote":
            self.quotes += 1
        elif tag == "pre":
            self.pre += 1
        elif tag == "li":
            self.line.append(self._bullet())
        elif tag in {"ul", "ol"}:
            self.lists.append(0 if tag == "ol" else -1)
        elif tag in {"td", "th"} and self.line:
            self.line.append("\t")
        elif tag == "hr":
            self.line.append("-" * 20)
            self._end_line()
        elif tag == "img":
            self.line.append(next((value or "" for name, value in attrs if name == "alt"), ""))
        elif tag == "a":
            href = next((value or "" for name, value in attrs if name == "href"), "")
            self.links.append((href.strip(), len(self.line)))

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self.hidden = max(self.hidden - (tag not in {"head", "title"}), 0)
        elif tag == "a" and self.links:
            self._end_link(*self.links.pop())
        self._block(tag, opening=False)
        if tag == "blockquote":
            self.quotes = max(self.quotes - 1, 0)
        elif tag == "pre":
            self.pre = max(self.pre - 1, 0)
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()

    def handle_data(self, data: str) -> None:
        if self.hidden or self.lasttag == "title":
            return
        if not self.pre:
            self.line.append(_BLANKS.sub(" ", data))
            return
        first, *rest = data.split("\n")
        self.line.append(first)
        for piece in rest:
            self._end_line()
            self.line.append(piece)

    def _block(self, tag: str, *, opening: bool = True) -> None:
        if tag in _PARAGRAPHS or tag in _LINES:
            nested = tag in {"ul", "ol"} and bool(self.lists)
            self._end_line(forced=tag == "br" and opening)
            if tag in _PARAGRAPHS and not nested and self.lines and self.lines[-1].strip("> "):
                self.lines.append("> " * self.quotes if self.quotes else "")

    def _end_line(self, *, forced: bool = False) -> None:
        text = "".join(self.line)
        self.line = []
        self.links = [(href, 0) for href, _ in self.links]
        text = text if self.pre else text.strip(" ").replace(" \t ", "\t")
        if text or forced or self.pre:
            self.lines.append("> " * self.quotes + text)

    def _bullet(self) -> str:
        if not self.lists:
            return "* "
        indent = "  " * (min(len(self.lists), 10) - 1)
        if self.lists[-1] < 0:
            return f"{indent}* "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1]}. "

    def _end_link(self, href: str, start: int) -> None:
        shown = "".join(self.line[start:]).strip()
        target = href.removeprefix("mailto:")
        if not (target.startswith(("http://", "https://")) or href.startswith("mailto:")):
            return
        if shown.rstrip("/") not in {target.rstrip("/"), target.partition("//")[2].rstrip("/")}:
            self.line.append(f" <{target}>" if shown else f"<{target}>")
