"""The items of one FETCH response by name, each parsed when it is asked for.

This file knows where an item ends, and of its value only the form. The usual response, of which a
literal is at most the end, is cut by one expression; any other is parsed as a whole.
`test_items.test_cut_agrees` holds the first to the second.
"""

import re
from functools import cache
from typing import Final

from netmail.errors import ProtocolError
from netmail.wire.imap import responses
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.msg_att import msg_att
from netmail.wire.imap.responses import Value

# quoted = DQUOTE *QUOTED-CHAR DQUOTE; an atom or a number is of any octets but those that begin
# something else. No tab: parsed as a whole it is a space.
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# The same where nothing is escaped, which takes two thirds of the time.
_PLAIN: Final = rb'"[^"]*+"'
_ATOM: Final = rb'[^ \t()"]++'
DEPTH: Final = 6
"""Lists within each other that one expression takes: a BODYSTRUCTURE of a letter with pictures in
two languages has five. Each more makes the expression longer."""


def _nested(string: bytes, depth: int) -> bytes:
    """Write the expression of a parenthesized list; it knows the end of each list and no more."""
    # Each repetition is possessive: where a list does not end, no other split of it is tried. What
    # is between strings is taken in one step, not by one more branch.
    inner = rb"\([^()\"]*+(?:" + string + rb"[^()\"]*+)*+\)"
    for _ in range(depth - 1):
        inner = rb"\([^()\"]*+(?:(?:" + string + rb"|" + inner + rb")[^()\"]*+)*+\)"
    return inner


# msg-att-static = "BODY" section ["<" number ">"] SP nstring / "BINARY" section-binary SP ... /
# "RFC822.SIZE" SP number64 / ... (RFC 9051 section 9): only in a section may a name hold spaces and
# parentheses, as in BODY[HEADER.FIELDS (To)]<0>.
_NAME: Final = (
    rb"(?:(?:BODY|BINARY(?:\.SIZE)?)\[[^]\"]{0,1000}+\](?:<[0-9]{1,20}+>)?"
    rb"|[A-Za-z][A-Za-z0-9.-]*+)"
)


@cache
def _items_pattern(string: bytes) -> re.Pattern[bytes]:
    # msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
    # (RFC 9051 section 9): a name, SP, and a value; then SP and another name, or the end. Where no
    # item is, the last group takes all that is left, so that nothing is searched through.
    return re.compile(
        rb"(%b) (%b|%b|%b)(?: (?!\))|(?=\)))|(.+)" % (_NAME, _ATOM, string, _nested(string, DEPTH)),
        re.DOTALL | re.IGNORECASE,
    )


_NAMES: Final = {
    name.encode(): name
    for name in ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE")
}
"""The names of most items, as most servers write them."""
# message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att)): up to the first item. An nz-number
# is at most 4,294,967,295, and of UIDFETCH it is the UID, which is for the grammar.
_HEAD: Final = re.compile(rb"\* [1-9][0-9]{0,9} FETCH \(", re.IGNORECASE)
# The name of the item whose value is a literal: "BODY[] " before its octets.
_LAST: Final = re.compile(rb"(%b) " % _NAME, re.IGNORECASE)


class Items:
    """The items of one response.

    Args:
        fragments: The response.
        nesting: How deep lists may nest.
        strict: Whether tolerances for known servers are off.

    Raises:
        ProtocolError: If it is no list of names and values.
    """

    __slots__ = ("_fragments", "_literal", "_nesting", "_texts", "_values")

    def __init__(self, fragments: Fragments, nesting: int, *, strict: bool) -> None:
        self._fragments = fragments
        self._nesting = nesting
        self._literal = ""
        self._values: dict[str, Value] = {}
        self._texts = self._cut()
        if self._texts is None:
            data = responses.data(fragments, nesting)
            if data is None:
                raise ProtocolError("FETCH data has no name", fragments[0])
            self._values = msg_att(data, strict=strict)

    @property
    def names(self) -> list[str]:
        """The names, in upper case and in the server's order."""
        return list(self._values if self._texts is None else self._texts)

    def __contains__(self, name: str) -> bool:
        return name in (self._values if self._texts is None else self._texts)

    def text(self, name: str) -> bytes | None:
        """Return an item's value as it was sent; `None` if it was not cut out, or is a literal."""
        return None if self._texts is None or name == self._literal else self._texts.get(name)

    def value(self, name: str) -> Value:
        """Parse the value of an item.

        Raises:
            ProtocolError: If it cannot be parsed.
        """
        if self._texts is None:
            return self._values[name]
        if name == self._literal:
            return self._fragments[1]
        text = self._texts[name]
        # Atoms and numbers mean themselves, but NIL; a quoted string does without a backslash.
        if text[0] not in b'("':
            return None if len(text) == 3 and text.upper() == b"NIL" else text
        if text[0] == 34 and b"\\" not in text:
            return text[1:-1]
        return responses.values([text], self._nesting)[0]

    def _cut(self) -> dict[str, bytes] | None:
        """Cut a response into its items; `None` if it has another form."""
        # A response is cut where nothing but its form is in question; any doubt, such as a literal
        # in the middle or a number 0, is for the grammar, which has the reasons and the tolerances.
        fragments = self._fragments
        head = _HEAD.match(fragments[0])
        usual = len(fragments) == 1 or (len(fragments) == 3 and fragments[2] == b")")
        if not usual or head is None:
            return None
        # Flags come first, and have backslashes; strings seldom have one.
        is_plain = fragments[0].rfind(b"\\") < fragments[0].find(b'"')
        pattern = _items_pattern(_PLAIN if is_plain else _STRING)
        cut = pattern.findall(fragments[0], head.end())
        # What is left is the ")" of the whole, or the name of the item that the literal belongs to.
        left = cut.pop()[2] if cut else b""
        found = {_NAMES.get(name) or name.decode("ascii").upper(): value for name, value, _ in cut}
        if len(fragments) == 1:
            return found if found and left == b")" else None
        if (last := _LAST.fullmatch(left)) is None:
            return None
        self._literal = last[1].decode("ascii").upper()
        found[self._literal] = b""
        return found
