"""Addresses read from a header field, in whatever shape they come.

This file knows how a field is cut into elements and groups; `mailbox.py` knows what one
element means. One pass, depth is counted, nothing recurses.
"""

import re

from netmail.address import Address, Group
from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.defects import DefectHandler, DefectKind, ignore
from netmail.mime.fields.encoded_words import decode_encoded_words
from netmail.mime.fields.mailbox import COMMENT, LITERAL, QUOTED, TEXT, Token, mailbox, phrase

_ELEMENT = re.compile(
    r"[ \t,]*+(?:\"([^\"\\\0]*)\"[ \t]*+|([^\"<>()\[\]\\,;:@\0]*+))"
    r"(?:<([^\s<>()\[\]\\,;:@\"\0]++@[^\s<>()\[\]\\,;:@\"\0]++)>[ \t]*+)(?:,|\Z)"
    r"|[ \t,]*+([^\s<>()\[\]\\,;:@\"\0]++@[^\s<>()\[\]\\,;:@\"\0]++)[ \t]*+(?:,|\Z)"
)
"""One ordinary mailbox and its comma; anything else is read token by token."""

_TOKEN = re.compile(
    r"(=\?[^?\s]{1,80}\?[BbQq]\?[^?\s\"<>@]*+\?=)|((?:[^\"(<>,;:\[=]|=(?!\?))++)|.", re.DOTALL
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_LITERAL = re.compile(r"\[[^\[\]\s\\]*\]")
_ROUTE = re.compile(r"\s*@")
_PAREN = re.compile(r"[()\\]")


def address_list(
    text: str, limits: MessageLimits = DEFAULT_LIMITS, *, report: DefectHandler = ignore
) -> list[Address | Group]:
    """Read mailboxes and groups.

    Args:
        text: An unfolded header value, encoded words not decoded.
        limits: Longest value, most addresses, deepest nesting.
        report: Told of elements that are no address, and of limits.

    Returns:
        `Address` and `Group` values in order. Text that is no address gives an `Address`
        with a name and the empty address; an empty value gives nothing.

    RFC 5322 section 3.4.
    """
    if len(text) > limits.header_value:
        report(DefectKind.VALUE_TOO_LONG)
        # A cut must not make a shorter address: the last, cut element goes.
        text = text[: limits.header_value].rpartition(",")[0]
    elements: list[Address | Group] = []
    position = 0
    while (match := _ELEMENT.match(text, position)) is not None:
        if len(elements) >= limits.addresses:
            break
        quoted, name, angle, bare = match.groups()
        if bare:
            elements.append(Address("", bare))
        else:
            text_name = quoted if name is None else name
            if "=?" in text_name:
                text_name = decode_encoded_words(text_name)
            elements.append(Address(" ".join(text_name.split()), angle))
        position = match.end()
    if position < len(text):
        _Scan(text, position, elements, limits, report).run()
    return elements


class _Scan:
    """The state of one pass over a value."""

    def __init__(
        self,
        text: str,
        position: int,
        elements: list[Address | Group],
        limits: MessageLimits,
        report: DefectHandler,
    ) -> None:
        self.text = text
        self.position = position
        self.elements = elements
        self.limits = limits
        self.report = report
        self.left = limits.addresses - len(elements)
        self.depth = 0
        self.group = ""
        self.members: list[Address] = []
        self.tokens: list[Token] = []
        self.in_angle = False
        self.route = False
        # Whether the element has an "@" outside quotes; asking its tokens at each colon costs.
        self.has_at = False
        # A quote that nothing closes is found once: no later one is closed either.
        self.open_quote = False
        # Whether the last element was a bare phrase, which may be the first half of a name.
        self.loose = False

    def run(self) -> None:
        while self.position < len(self.text):
            if self.left <= 0:
                self.report(DefectKind.TOO_MANY_ADDRESSES)
                break
            self._step()
        else:
            self._finish()
        if self.depth:
            self._end_group()

    def _step(self) -> None:
        """Take one token."""
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            self.position = len(self.text)
            return
        char = match[0]
        if char in _OPENERS and match.lastindex is None:
            _OPENERS[char](self)
            return
        self.position = match.end()
        act = _SEPARATORS.get(char)
        if act is None:
            self.tokens.append((TEXT, char))
            self.has_at = self.has_at or "@" in char
        else:
            act(self)

    def _quoted(self) -> None:
        match = None if self.open_quote else _QUOTED.match(self.text, self.position)
        if match is None:
            # An open quote is dropped: what follows is the name, up to the address.
            self.report(DefectKind.BAD_ADDRESS)
            self.open_quote = True
            self.position += 1
            return
        self.tokens.append((QUOTED, match[1]))
        self.position = match.end()

    def _literal(self) -> None:
        match = _LITERAL.match(self.text, self.position)
        self.tokens.append((LITERAL, match[0]) if match else (TEXT, "["))
        self.position = match.end() if match else self.position + 1

    def _comment(self) -> None:
        """Keep one comment's text; nested ones are part of it."""
        depth = 0
        paren = _PAREN.search(self.text, self.position)
        while paren is not None and depth <= self.limits.comment_depth:
            end = paren.end() + (paren[0] == "\\")
            depth += (paren[0] == "(") - (paren[0] == ")")
            if depth == 0:
                self.tokens.append((COMMENT, self.text[self.position + 1 : paren.start()]))
                self.position = end
                return
            paren = _PAREN.search(self.text, end)
        # Never closed, or too deep: where it ends is anybody's guess, so the rest is no address.
        self.tokens.append((TEXT, self.text[self.position :]))
        self.position = len(self.text)

    def _open_angle(self) -> None:
        self.tokens.append((TEXT, "<"))
        self.in_angle = True
        # "<@relay,@other:user@host>": its commas divide nothing.
        self.route = _ROUTE.match(self.text, self.position) is not None

    def _close_angle(self) -> None:
        self.tokens.append((TEXT, ">"))
        self.in_angle = self.route = False

    def _comma(self) -> None:
        if self.route:
            self.tokens.append((TEXT, ","))
        else:
            self._finish()

    def _colon(self) -> None:
        if self.in_angle or self.depth >= self.limits.group_depth or self.has_at:
            self.tokens.append((TEXT, ":"))
            self.route = False
            return
        name = phrase(self.tokens)
        self.tokens = []
        self.loose = False
        if name.lower() == "mailto":
            return
        if not self.depth:
            self.group = name
        self.depth += 1

    def _semicolon(self) -> None:
        self._finish()
        if self.depth:
            self.depth -= 1
            if not self.depth:
                self._end_group()

    def _end_group(self) -> None:
        self.elements.append(Group(self.group, tuple(self.members)))
        self.depth, self.group, self.members = 0, "", []

    def _finish(self) -> None:
        """End the element: make an address of its tokens."""
        tokens, self.tokens = self.tokens, []
        self.in_angle = self.route = self.has_at = False
        address = mailbox(tokens, self.report)
        if address is None:
            return
        bare = not any(text == "<" for _, text in tokens)
        if self.loose and not bare and address.name:
            # "Doe, John <j@example.org>" without its quotes, as older mailers write it.
            address = Address(f"{self._take_loose()}, {address.name}", address.address)
        self.loose = bare and "@" not in address.address
        if self.depth:
            self.members.append(address)
        else:
            self.elements.append(address)
        self.left -= 1

    def _take_loose(self) -> str:
        """Take back the phrase that was kept as an element of its own."""
        last = self.members.pop() if self.depth else self.elements.pop()
        return last.name or (last.address if isinstance(last, Address) else "")


_OPENERS = {'"': _Scan._quoted, "(": _Scan._comment, "[": _Scan._literal}  # noqa: SLF001 - a dispatch table of the class above
_SEPARATORS = {
    "<": _Scan._open_angle,  # noqa: SLF001 - as above
    ">": _Scan._close_angle,  # noqa: SLF001 - as above
    ",": _Scan._comma,  # noqa: SLF001 - as above
    ":": _Scan._colon,  # noqa: SLF001 - as above
    ";": _Scan._semicolon,  # noqa: SLF001 - as above
}
