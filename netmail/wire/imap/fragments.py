"""The stream cut into whole responses: lines, and the literals within them.

This file knows where a response ends, and not what it means. So the octets of a literal can never
be taken for protocol, and a response that makes no sense does not cost the next one.

The usual FETCH has a fast path through three files, because it comes by the ten thousand.
`_USUAL_FETCH` here says which responses it is tried for, `Reader.line_with_literal()` takes the
text, the one literal and the ")" from the buffer at once, and `msg_att.usual_bodies()` reads UID
and BODY[] with one more expression. Each gives up on anything unusual, which the slow path
(`Reader.line()`, `Reader.exactly()`, `msg_att.msg_att()`) then reads from its beginning. The tests
`test_fragments.test_fast_path_agrees` and `test_msg_att.test_fast_path_agrees` hold the fast path
to the slow one.
"""

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from netmail.errors import ProtocolError
from netmail.wire.imap import quirks
from netmail.wire.reader import Reader

Fragments: TypeAlias = list[bytes]
"""A response: text, literal, text, literal, ..., text; without line ends and literal lengths."""

FRAGMENT_COST: Final = 64
"""Octets that each literal counts beside its own: a million empty ones fill the memory too."""

# literal = "{" number64 ["+"] "}" CRLF *CHAR8, and literal8 = "~{" number64 "}" CRLF *OCTET
# (RFC 9051 section 9). No server may send "+", and none is known to; it costs nothing to accept.
_LITERAL: Final = re.compile(rb"~?\{([0-9]{1,20})\+?\}\Z")
_LONGEST_LITERAL: Final = len("~{18446744073709551615+}")
# message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att)), with one literal, which ")" ends:
# "* 23 FETCH (UID 447 BODY[] {4286}" CRLF, 4286 octets, ")" CRLF.
_USUAL_FETCH: Final = re.compile(rb'(\* [0-9]{1,10} FETCH [^\r\n{}"~]{0,200}+)\{([0-9]{1,6})\}\r\n')
_USUAL_END: Final = b")\r\n"
# The same, or a response without a literal, which a "}" at the end of the line would announce. The
# 4,000 octets hold most ENVELOPEs and BODYSTRUCTUREs; what is longer, and arrives in pieces, is not
# matched again and again.
_FETCH_LINE: Final = re.compile(
    rb"(\* [0-9]{1,10} FETCH [^\r\n{]{0,4000}+)"
    rb"(?:(?<!~)\{([0-9]{1,6})\}\r\n|([^\r\n]{0,4000}+)(?<!\})\r\n)"
)
# message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att)): a list, so that a literal in it is
# never the end of the response.
# RFC 9586 section 4 has UIDFETCH for FETCH.
_FETCH: Final = re.compile(rb"\* [0-9]{1,10} (?:UID)?FETCH \(", re.IGNORECASE)
_AFTER_LITERAL: Final = (b")", b" ", b"\t", b"(")
# resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text, continue-req = "+" SP (resp-text / base64):
# they end in text for the user, in which "{5}" is no literal, as in "* OK read {5}".
_TEXT_RESPONSE: Final = re.compile(
    rb"(?:[^ ]+ (?:OK|NO|BAD|BYE|PREAUTH)(?: |\Z)|\+)", re.IGNORECASE
)


class Fragmentizer:
    """Takes whole responses out of a reader.

    Attributes:
        hold: Tells of a response that has arrived up to a literal whether the literal is handed
            over in pieces, and not kept: in the response it is empty then. `None` keeps all.
        held_size: Octets of the last literal that was handed over.
    """

    def __init__(self, reader: Reader, *, strict: bool = False) -> None:
        self._reader = reader
        self._strict = strict
        self.reset()

    def reset(self) -> None:
        """Forget a response of which only the beginning has arrived: a new connection begins."""
        self.hold: Callable[[Fragments], bool] | None = None
        self.held_size = 0
        self._pieces: list[bytes] = []
        self._holds = False
        self._fragments: Fragments = []
        self._missing = -1  # octets of the literal that is being read, -1 for none
        self._gap = False  # whether an empty line followed a literal of FETCH
        self._size = 0

    def fetches(self) -> list[Fragments]:
        """Take the FETCH responses of the usual form that have arrived; none is no error.

        RFC 9051 section 7.5.2.
        """
        if self._fragments or self._missing >= 0 or not self._reader.available:
            return []
        return [*map(list, self._reader.lines_with_literals(_FETCH_LINE, _USUAL_END))]

    def next(self) -> Fragments | None:
        """Take one response; `None` if it has not arrived as a whole.

        Raises:
            ProtocolError: If a line, a literal or the response is larger than its limit.

        RFC 9051 sections 2.2.2 and 4.3.
        """
        reader = self._reader
        if self._missing < 0 and not reader.available:
            return None
        if not self._fragments and (usual := reader.line_with_literal(_USUAL_FETCH, _USUAL_END)):
            return [*usual, b")"]
        # "The protocol receiver [...] is reading either a line or a sequence of octets with a known
        # count followed by a line", RFC 9051 section 2.2.
        while True:
            if self._missing >= 0:
                in_pieces = self._holds
                literal = self._hold_piece() if in_pieces else reader.exactly(self._missing)
                if literal is None:
                    return None
                self._fragments.append(literal)
                self._missing, self._holds = -1, False
            if self._gap:
                if not reader.available:
                    return None
                if not self._close_gap():
                    return self._take()
            line = reader.line()
            if line is None:
                return None
            self._fragments.append(line)
            if len(self._fragments) > 1 and not line.startswith(_AFTER_LITERAL) and self._fetches():
                self._check_gap(line)
                continue
            # The length that ends a line announces a literal, after which the line continues.
            if line.endswith(b"}") and (found := _find_literal(line)) and self._may_hold_literal():
                self._fragments[-1] = line[: found.start()]
                self._begin_literal(int(found[1]), len(line))
                continue
            return self._take()

    def pieces(self) -> list[bytes]:
        """Take what has arrived of the literal that is handed over."""
        taken, self._pieces = self._pieces, []
        return taken

    def _hold_piece(self) -> bytes | None:
        """Take what has arrived of the literal; b"" at its end, `None` before it."""
        # Only what is in the buffer: octets that are handed over never become one block.
        while self._missing and (piece := self._reader.some(self._missing)) is not None:
            self._missing -= len(piece)
            self._pieces.append(piece)
        return None if self._missing else b""

    def _take(self) -> Fragments:
        whole, self._fragments, self._size = self._fragments, [], 0
        return whole

    def _fetches(self) -> bool:
        return _FETCH.match(self._fragments[0]) is not None

    def _check_gap(self, line: bytes) -> None:
        # What follows a literal in FETCH is SP and the next item, or ")". Anything else is the rest
        # of the literal, of which netmail cannot find the end, except for one line end.
        if line:
            message = "a literal is longer than the server counted"
            raise ProtocolError(message, line, 'SP or ")" after the literal')
        self._gap = True

    def _close_gap(self) -> bool:
        """Give a literal the line end that its length left out, if the response continues."""
        self._gap = False
        if not self._reader.peek().startswith(_AFTER_LITERAL):
            return False
        quirks.tolerate(quirks.SHORT_LITERAL, self._reader.peek(), strict=self._strict)
        self._fragments.pop()
        self._fragments[-1] += b"\r\n"
        return True

    def _may_hold_literal(self) -> bool:
        return not _TEXT_RESPONSE.match(self._fragments[0])

    def _begin_literal(self, size: int, line: int) -> None:
        # An announced size costs no memory; what has arrived of a response does.
        limits = self._reader.limits
        self._size += size + line + FRAGMENT_COST
        for name, limit, got in (
            ("literal", limits.literal, size),
            ("response", limits.response, self._size),
        ):
            if got > limit:
                message = f"a {name} of {got} octets, over {limit}; raise limits.{name} if meant"
                raise ProtocolError(message, self._fragments[-1])
        self._missing = size
        self._holds = self.hold is not None and self.hold(self._fragments)
        if self._holds:
            # The total is known before the first octet: literal = "{" number64 ["+"] "}" CRLF ...
            self.held_size = size


def _find_literal(line: bytes) -> re.Match[bytes] | None:
    """Find the length of a literal at the end of a line, without a search through all of it."""
    return _LITERAL.search(line, max(0, len(line) - _LONGEST_LITERAL))
