"""Address fields in all the forms that mailers write: one pass over the value, token by token.

This file knows how a value is cut into mailboxes and groups; `mailbox.py` knows what one
mailbox means. Depth is counted, nothing recurses, and no character is read twice.
"""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

from netmail.address import Address, Group
from netmail.limits import MessageLimits
from netmail.mime.defects import DefectHandler, DefectKind
from netmail.mime.fields.comments import comment_end
from netmail.mime.fields.mailbox import COMMENT, LITERAL, QUOTED, TEXT, Token, mailbox, phrase

# One step: an encoded word, a run of text without separators, or one separator. The encoded word
# comes first: in "=?utf-8?q?Doe,_J?=", of a mailer that encodes too little, the comma separates
# nothing.
_TOKEN = re.compile(
    r"(=\?[^?\s]{1,80}\?[BbQq]\?[^?\s\"<>@]*+\?=)|((?:[^\"(<>,;:\[=]|=(?!\?))++)|.", re.DOTALL
)

# quoted-string = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS] RFC 5322 section 3.2.4
# qcontent      = qtext / quoted-pair
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)

# domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS] RFC 5322 section 3.4.1
# dtext          = %d33-90 / %d94-126 / obs-dtext;  without the spaces, that mail never has there
_LITERAL = re.compile(r"\[[^\[\]\s\\]*\]")

# obs-angle-addr  = [CFWS] "<" obs-route addr-spec ">" [CFWS] RFC 5322 section 4.4
# obs-route       = obs-domain-list ":"
# obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])
# "<@relay,@other:user@host>": a route begins with "@".
_ROUTE = re.compile(r"\s*@")


# group      = display-name ":" [group-list] ";" [CFWS]       RFC 5322 section 3.4
# group-list = mailbox-list / CFWS / obs-group-list
# A colon begins a group and a semicolon ends it; `_colon()` and `_semicolon()` know what else they
# may mean.


class AddressScanner:
    """The state of one pass over a value.

    Args:
        text: An unfolded header value.
        position: Where to begin: what is before it has been read.
        elements: The mailboxes and groups found so far; more are appended.
        limits: Most addresses, deepest comments and groups.
        report: Called with BAD_ADDRESS and TOO_MANY_ADDRESSES.
    """

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
        # The group that is open, how many are nested in each other, and its members.
        self.group = ""
        self.depth = 0
        self.members: list[Address] = []
        # The mailbox that is being read.
        self.tokens: list[Token] = []
        self.in_angle = False
        self.in_route = False
        # Whether it has an "@" outside quotes; asking its tokens at each colon would be quadratic.
        self.has_at = False
        # A quote that nothing closes is searched once: no later one is closed either.
        self.open_quote = False
        # Whether the last mailbox was a bare phrase, which may be the first half of a name.
        self.bare_phrase = False

    def run(self) -> None:
        """Read everything up to the end or to the limit."""
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
        if char in self._OPENERS and match.lastindex is None:
            self._OPENERS[char](self)
            return
        self.position = match.end()
        act = self._SEPARATORS.get(char)
        if act is None:
            self.tokens.append((TEXT, char))
            self.has_at = self.has_at or "@" in char
        else:
            act(self)

    def _quoted(self) -> None:
        match = None if self.open_quote else _QUOTED.match(self.text, self.position)
        if match is None:
            # '"Ann <a@b.example>': an open quote is dropped, and the name extends to the address.
            # This is quirk open-quote.
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
        """Keep one comment's text; nested ones are part of it.

        RFC 5322 section 3.2.2. The text may be the name: "user@example.org (Name)".
        """
        end = comment_end(self.text, self.position, self.limits.comment_depth)
        if end < 0:
            # Never closed, or too deep: its end cannot be known, so the rest is no address.
            self.tokens.append((TEXT, self.text[self.position :]))
            self.position = len(self.text)
            return
        self.tokens.append((COMMENT, self.text[self.position + 1 : end - 1]))
        self.position = end

    def _open_angle(self) -> None:
        # "<<a@b.example>>" is doubled by mailers that quote a quoted address: each is kept.
        self.tokens.append((TEXT, "<"))
        self.in_angle = True
        # The commas of a route separate no mailboxes.
        self.in_route = _ROUTE.match(self.text, self.position) is not None

    def _close_angle(self) -> None:
        self.tokens.append((TEXT, ">"))
        self.in_angle = self.in_route = False

    def _comma(self) -> None:
        if self.in_route:
            self.tokens.append((TEXT, ","))
        else:
            self._finish()

    def _colon(self) -> None:
        # "user@host:8025" and "<a:b@c>" are no groups; RFC 5322 nests none, some mailers do.
        if self.in_angle or self.depth >= self.limits.group_depth or self.has_at:
            self.tokens.append((TEXT, ":"))
            self.in_route = False
            return
        name = phrase(self.tokens)
        self.tokens = []
        self.bare_phrase = False
        # "mailto:a@b.example": a URL pasted into the field of a web form.
        if name.lower() == "mailto":
            return
        if not self.depth:
            self.group = name
        self.depth += 1

    def _semicolon(self) -> None:
        # "<Undisclosed-Recipient:@x;>": a group in angle brackets is one entry without an address.
        if self.in_angle and self.text.startswith(">", self.position):
            self.tokens.append((TEXT, ";"))
            return
        # Outside a group it separates mailboxes, as in the address fields of Outlook: quirk
        # semicolon-list.
        self._finish()
        if self.depth:
            self.depth -= 1
            if not self.depth:
                self._end_group()

    def _end_group(self) -> None:
        # Members of nested groups belong to the outermost one, of which the name is kept.
        self.elements.append(Group(self.group, tuple(self.members)))
        self.depth, self.group, self.members = 0, "", []

    def _finish(self) -> None:
        """End the mailbox: make an address of its tokens."""
        tokens, self.tokens = self.tokens, []
        self.in_angle = self.in_route = self.has_at = False
        address = mailbox(tokens, self.report)
        if address is None:
            return
        bare = not any(text == "<" for _, text in tokens)
        if self.bare_phrase and not bare and address.name:
            # "Doe, John <j@example.org>" without its quotes, as older mailers write it: quirk
            # unquoted-comma.
            address = Address(f"{self._take_bare_phrase()}, {address.name}", address.address)
        # '"Last, First" (none), "Kevin" <k@x>': a phrase in quotes is whole.
        quoted = any(kind == QUOTED for kind, _ in tokens)
        self.bare_phrase = bare and not quoted and "@" not in address.address
        if self.depth:
            self.members.append(address)
        else:
            self.elements.append(address)
        self.left -= 1

    def _take_bare_phrase(self) -> str:
        """Take back the phrase that was kept as a mailbox of its own."""
        last = self.members.pop() if self.depth else self.elements.pop()
        return last.name or (last.address if isinstance(last, Address) else "")

    _OPENERS: ClassVar[Mapping[str, Callable[["AddressScanner"], None]]] = {
        '"': _quoted,
        "(": _comment,
        "[": _literal,
    }
    _SEPARATORS: ClassVar[Mapping[str, Callable[["AddressScanner"], None]]] = {
        "<": _open_angle,
        ">": _close_angle,
        ",": _comma,
        ":": _colon,
        ";": _semicolon,
    }
