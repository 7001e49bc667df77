"""The bodies of a message: which parts are its text, which its HTML, which are attached.

This file knows RFC 8621 section 4.1.4, done with a list instead of recursion; it knows no
encoding. Two rules nest: of an alternative only one form is shown, and of a related part only the
root is text.
"""

from collections.abc import Iterable

from netmail.limits import MessageLimits
from netmail.mime.parts.part import Part


class Bodies:
    """Parts by their role; a part may be in several lists.

    Attributes:
        text: What is shown to a reader of plain text: textBody.
        html: What is shown to a reader of HTML: htmlBody.
        attachments: Everything else.
    """

    __slots__ = ("attachments", "html", "text")

    def __init__(self) -> None:
        self.text: list[Part] = []
        self.html: list[Part] = []
        self.attachments: list[Part] = []


class _Level:
    """One multipart whose parts are being sorted."""

    __slots__ = (
        *("alternative", "htmls", "parts", "subtype"),
        *("takes_html", "takes_text", "texts"),
    )

    def __init__(self, parts: list[Part], subtype: str, outer: "_Level | None") -> None:
        self.parts = enumerate(parts)
        self.subtype = subtype
        # Whether it is, or is inside, a multipart/alternative.
        self.alternative: bool = subtype == "alternative" or (
            outer is not None and outer.alternative
        )
        # The forms of that alternative to which its parts may belong.
        self.takes_text: bool = outer is None or outer.takes_text
        self.takes_html: bool = outer is None or outer.takes_html
        # How many texts there were before it.
        self.texts = 0
        self.htmls = 0


def sort_bodies(root: Part) -> Bodies:
    """Sort a message's parts.

    Args:
        root: The message's root part; nested messages in it are not opened.

    RFC 8621 section 4.1.4.
    """
    bodies = Bodies()
    if not root.is_multipart:
        _sort_leaf(bodies, root, _Level([], "mixed", None), 0)
        return bodies
    levels = [_level(root, None, bodies)]
    while levels:
        level = levels[-1]
        following = next(level.parts, None)
        if following is None:
            levels.pop()
            _fill_in(bodies, level)
            continue
        number, part = following
        if part.is_multipart:
            levels.append(_level(part, level, bodies))
        else:
            _sort_leaf(bodies, part, level, number)
    return bodies


def _level(part: Part, outer: _Level | None, bodies: Bodies) -> _Level:
    subtype = part.content_type.partition("/")[2]
    level = _Level(_in_order(part, subtype), subtype, outer)
    level.texts, level.htmls = len(bodies.text), len(bodies.html)
    return level


def _in_order(part: Part, subtype: str) -> list[Part]:
    """Return the parts in their order; of a related part the root named by "start" first.

    RFC 2387 section 3.2.
    """
    children = part.children
    start = part.params.get("start", "").strip("<> ") if subtype == "related" else ""
    if not start:
        return children
    return sorted(children, key=lambda child: child.content_id != start)


def _sort_leaf(bodies: Bodies, part: Part, level: _Level, number: int) -> None:
    kind = part.content_type
    if kind.startswith("multipart/") and not part.node.opaque:
        return
    media = kind.startswith(("image/", "audio/", "video/"))
    if not _is_inline(part, kind, media=media, level=level, number=number):
        bodies.attachments.append(part)
        return
    if level.subtype == "alternative":
        target = {"text/plain": bodies.text, "text/html": bodies.html}.get(kind, bodies.attachments)
        target.append(part)
        return
    if level.alternative:
        # Text beside HTML in one branch of an alternative: after the first of them, the branch
        # belongs to one form only.
        level.takes_html = level.takes_html and kind != "text/plain"
        level.takes_text = level.takes_text and kind != "text/html"
    if level.takes_text:
        bodies.text.append(part)
    if level.takes_html:
        bodies.html.append(part)
    if media and not (level.takes_text and level.takes_html):
        bodies.attachments.append(part)


def _is_inline(part: Part, kind: str, *, media: bool, level: _Level, number: int) -> bool:
    if part.disposition == "attachment" or not (media or kind in {"text/plain", "text/html"}):
        return False
    if number == 0:
        return True
    return level.subtype != "related" and (media or not part.filename)


def _fill_in(bodies: Bodies, level: _Level) -> None:
    """Show the only form of an alternative to readers of both."""
    if level.subtype != "alternative":
        return
    texts, htmls = bodies.text[level.texts :], bodies.html[level.htmls :]
    if not texts and htmls:
        bodies.text += htmls
    elif texts and not htmls:
        bodies.html += texts


def split_text(part: Part, limits: MessageLimits) -> str:
    """Return the text of a part without the uuencoded files in it.

    Args:
        part: A text part.
        limits: How much may be unpacked.
    """
    if part.content_type != "text/plain" or b"begin " not in part.content:
        return part.text
    from netmail.mime.content.uuencode import find_files  # noqa: PLC0415 - few messages need it

    content = part.content
    kept: list[bytes] = []
    position = 0
    for file in find_files(content, limits.expanded):
        kept.append(content[position : file.start])
        position = file.end
    return part.decode_text(b"".join([*kept, content[position:]])) if position else part.text


def join_texts(pieces: Iterable[str]) -> str:
    """Join texts; each begins on a line of its own."""
    result: list[str] = []
    for piece in pieces:
        if result and not result[-1].endswith("\n"):
            result.append("\n")
        if piece:
            result.append(piece)
    return "".join(result)
