"""Cut IMAP's stream into whole responses: lines and the literals within them.

This file knows where a response ends, and nothing of what it says: so literal octets can never be
taken for protocol, and a response that says nonsense does not cost the next one.
"""

import re
from typing import TypeAlias

from netmail.errors import ProtocolError
from netmail.wire.reader import Reader

Fragments: TypeAlias = list[bytes]
"""A response: text, literal, text, literal, ..., text; without line ends and literal lengths."""

FRAGMENT_COST = 64
"""Octets that each literal counts beside its own: a million empty ones fill memory too."""

# literal = "{" number64 ["+"] "}" CRLF *CHAR8; literal8 has a "~" before it (RFC 3516).
_LITERAL = re.compile(rb"~?\{([0-9]{1,20})\+?\}\Z")
# A response with one literal and ")" behind it, as FETCH brings them by the ten thousand.
_ONE_LITERAL = re.compile(rb'(\* [0-9]{1,10} FETCH [^\r\n{}"~]{0,200}+)\{([0-9]{1,6})\}\r\n')
_CLOSED = b")\r\n"
_LONGEST = len("~{18446744073709551615+}")
# StatusResponse responses end in text for people, in which "{5}" is no literal.
_STATUS = re.compile(rb"(?:[^ ]+ (?:OK|NO|BAD|BYE|PREAUTH)(?: |\Z)|\+)", re.IGNORECASE)


class Fragmentizer:
    """Take whole responses out of a reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.reset()

    def reset(self) -> None:
        """Forget a response that has begun: a new connection begins."""
        self._fragments: Fragments = []
        self._missing = -1  # octets of the literal that is being read, -1 for none
        self._size = 0

    def next(self) -> Fragments | None:
        """Take one response; `None` if it is not whole yet.

        Raises:
            ProtocolError: If a line, a literal or the response is larger than its limit.
        """
        reader = self._reader
        if not self._fragments and (framed := reader.line_with_literal(_ONE_LITERAL, _CLOSED)):
            return [*framed, b")"]
        while True:
            if self._missing >= 0:
                literal = reader.exactly(self._missing)
                if literal is None:
                    return None
                self._fragments.append(literal)
                self._missing = -1
            line = reader.line()
            if line is None:
                return None
            self._fragments.append(line)
            if line.endswith(b"}") and (found := _find_literal(line)) and self._may_hold_one():
                self._fragments[-1] = line[: found.start()]
                self._begin_literal(int(found[1]), len(line))
                continue
            whole, self._fragments, self._size = self._fragments, [], 0
            return whole

    def _may_hold_one(self) -> bool:
        return not _STATUS.match(self._fragments[0])

    def _begin_literal(self, size: int, line: int) -> None:
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


def _find_literal(line: bytes) -> re.Match[bytes] | None:
    """Find the length of a literal at the end of a line, without a search through all of it."""
    return _LITERAL.search(line, max(0, len(line) - _LONGEST))
