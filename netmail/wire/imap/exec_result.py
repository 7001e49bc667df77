"""What `exec()` of the IMAP clients returns: responses as text, and as values.

This file knows the grammar that all responses share, and no response's meaning: a literal stays
apart from the syntax around it in every form.
"""

import re
from collections.abc import Sequence
from typing import Final, Self, TypeAlias

from netmail.printable import printable
from netmail.wire.imap import responses
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import MAX_NESTING, StatusResponse
from netmail.wire.server_text import decode

ExecValue: TypeAlias = "str | bytes | int | list[ExecValue] | None"
"""A value of a response: an atom or a quoted string, a literal, a number, a list, or NIL."""

# number64 = 1*DIGIT (RFC 9051 section 9); an atom with a zero before other digits is a name.
_NUMBER: Final = re.compile(rb"0|[1-9][0-9]{0,18}")
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\r": r"\r", "\n": r"\n"})


class ExecResult(str):
    r"""All responses to a command: a str, and the same as values.

    In the text each response is one line, and CRLF separates the lines. A literal is written in
    quotes, with \\, \", \r and \n for backslash, quote and line end, so that nothing in it can be
    taken for syntax; other characters that are not shown as themselves are escapes such as \x00.
    Read what a program depends on from `values()` or `literals`, which escape nothing.

    Attributes:
        lines: The lines of the text, the tagged response without its tag as the last.
        literals: The octets of all literals, in their order.

    RFC 9051 sections 4 and 7.
    """

    __slots__ = ("_nesting", "_untagged", "lines", "literals")

    lines: tuple[str, ...]
    literals: tuple[bytes, ...]
    _untagged: Sequence[Fragments]
    _nesting: int

    def __new__(
        cls, untagged: Sequence[Fragments], ending: str = "OK", nesting: int = MAX_NESTING
    ) -> Self:
        """Write responses as text.

        Args:
            untagged: The untagged ones.
            ending: The tagged one, without its tag.
            nesting: How deep lists in them may nest.
        """
        # A list within one response needs no line of its own: only a literal can hold a line end,
        # and it is escaped.
        lines = (*map(_line, untagged), printable(ending))
        made = super().__new__(cls, "\r\n".join(lines))
        made.lines = lines
        made.literals = tuple(literal for fragments in untagged for literal in fragments[1::2])
        made._untagged = untagged
        made._nesting = nesting
        return made

    def __getnewargs__(self) -> tuple[Sequence[Fragments], str, int]:  # type: ignore[override]
        """Return what a copy is made of."""
        return self._untagged, self.lines[-1], self._nesting

    def values(self) -> list[list[ExecValue]]:
        r"""Parse the untagged responses, each to a list of values.

        "* 3 FETCH (UID 7 FLAGS (\\Seen) BODY[] {3}..." is
        `[3, "FETCH", ["UID", 7, "FLAGS", [r"\Seen"], "BODY[]", b"..."]]`. An atom or a quoted
        string is a str, a literal is bytes, NIL is `None`; a number without quotes is an int, even
        if it is a name. A status response is its status, its code or `None`, and its text:
        "* OK [UIDNEXT 5] next" is `["OK", "UIDNEXT 5", "next"]`.

        Raises:
            ProtocolError: If one is no list of values; the connection is in step all the same.
        """
        # On demand: the text alone is what most callers want.
        return [_values(fragments, self._nesting) for fragments in self._untagged]


def ending(tagged: StatusResponse) -> str:
    """Write a tagged response without its tag."""
    # response-tagged = tag SP resp-cond-state CRLF; the tag is netmail's own, and tells nothing.
    code = f"[{_code(tagged)}]" if tagged.code.name else ""
    return " ".join(filter(None, (tagged.status, code, tagged.text)))


def _line(fragments: Fragments) -> str:
    # string = quoted / literal: text and literals alternate. A line end can be in no other place,
    # but a bare CR can, and other characters that str.splitlines() takes for line ends.
    parts = [printable(decode(part)) for part in fragments]
    parts[1::2] = [f'"{_escaped(literal)}"' for literal in fragments[1::2]]
    return "".join(parts)


def _escaped(literal: bytes) -> str:
    # In UTF-8 where it is that; other octets become escapes such as \xff.
    return printable(decode(literal).translate(_ESCAPES))


def _values(fragments: Fragments, nesting: int) -> list[ExecValue]:
    # response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / ...) CRLF
    # resp-text = ["[" resp-text-code "]" SP] text: text for the user is no list of values.
    status = responses.status(fragments[0])
    if status is not None:
        return [status.status, _code(status) or None, status.text]
    whole = [fragments[0].removeprefix(b"* "), *fragments[1:]]
    return responses.tree(whole, nesting, _atom, decode)


def _code(status: StatusResponse) -> str:
    return f"{status.code.name} {status.code.data}".rstrip()


def _atom(atom: bytes) -> str | int | None:
    # A mailbox that is named 2024 is a number here: only the caller knows that it is none.
    if _NUMBER.fullmatch(atom):
        return int(atom)
    # nil = "NIL": as a string it is in quotes.
    return None if atom.upper() == b"NIL" else decode(atom)
