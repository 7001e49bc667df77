"""Relative URLs in HTML, which lead nowhere from a mail: refused, or made absolute.

This file must not know where the HTML comes from. All but such URLs stays as it is, character by
character.
"""

import re
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from netmail import MessageError

_URLS: Final = {"href", "src", "background", "action", "formaction", "poster", "srcset"}
# An attribute with its value, in double quotes, single quotes, or none. It begins after a space, a
# quote or a slash: within a name the search would take quadratic time.
_ATTRIBUTE: Final = re.compile(
    r"""(?<![^\s"'/])(?P<name>[^\s"'<>/=]++)\s*+=\s*+(?P<value>"[^"]*+"|'[^']*+'|[^\s"'>]++)"""
)


def absolute_urls(html: str, base_url: str | None) -> str:
    """Return the HTML with absolute URLs.

    Args:
        html: The HTML. Fragments such as "#top", "cid:" and every other scheme are left alone.
        base_url: What relative URLs are relative to; `None` to refuse them.

    Raises:
        MessageError: If a URL is relative, and there is no `base_url`.
    """
    # Only the values of such attributes are replaced: a page that is parsed and written again would
    # lose what mail programs need, such as conditional comments and CSS that no parser knows.
    found = _StartTags()
    found.feed(html)
    found.close()
    starts = [0]
    starts += [end + 1 for end, character in enumerate(html) if character == "\n"]
    pieces, done = [], 0
    for line, column, tag in found.tags:
        begin = starts[line - 1] + column
        pieces += [html[done:begin], _ATTRIBUTE.sub(lambda one: _absolute(one, base_url), tag)]
        done = begin + len(tag)
    return "".join([*pieces, html[done:]])


class _StartTags(HTMLParser):
    """Finds the tags with URLs, not those within comments, scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.tags: list[tuple[int, int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        if any(name in _URLS for name, _ in attrs):
            self.tags.append((*self.getpos(), self.get_starttag_text() or ""))


def _absolute(attribute: re.Match[str], base_url: str | None) -> str:
    name = attribute["name"]
    if name.lower() not in _URLS:
        return attribute[0]
    written = attribute["value"]
    # Entities in the value are read before it is joined, and written again after it.
    quoted = written[0] in "\"'"
    value = unescape(written[1:-1] if quoted else written)
    made = _candidates(value, base_url) if name.lower() == "srcset" else _joined(value, base_url)
    return attribute[0] if made == value else f'{name}="{escape(made)}"'


def _candidates(value: str, base_url: str | None) -> str:
    """Join each URL of a list of images with their widths."""
    # A data: URL may have commas, which would be taken for the end of an entry.
    if "data:" in value:
        return value
    entries = [entry.strip().partition(" ") for entry in value.split(",")]
    joined = [f"{_joined(url, base_url)}{space}{width}" for url, space, width in entries]
    return value if joined == ["".join(entry) for entry in entries] else ", ".join(joined)


def _joined(value: str, base_url: str | None) -> str:
    url = value.strip()
    try:
        is_relative = not url.startswith("#") and not urlsplit(url).scheme
    except ValueError:
        return value  # no URL at all: nothing to be joined with
    if not is_relative:
        return value
    if base_url is None:
        raise MessageError(f"the URL {url[:80]!r} is relative: give an absolute one, or base_url")
    return urljoin(base_url, url)
