"""What known servers need of a client beyond the grammar, and how each is recognised.

This file is data: which server, by its greeting or a capability, and what netmail sends it
otherwise. `quirks` has what netmail accepts from servers. The option `strict` turns all of it off.
"""

import re
from typing import Final, NamedTuple

from netmail.wire.imap.sequence_set import MAX_SET


class ServerHabits(NamedTuple):
    """What netmail does for one kind of server.

    Attributes:
        name: The server.
        needs_id: Whether it refuses SELECT to a client that has not sent ID.
        longest_set: Octets of a set of UIDs in one command.
        why: What it does otherwise.
    """

    name: str = "any"
    needs_id: bool = False
    longest_set: int = MAX_SET
    why: str = ""


ANY: Final = ServerHabits()
"""A server of which nothing is known."""

# S: * OK Coremail System IMap Server Ready(163com[10774b260cc7a37d26d71b52404dcf5c])
NETEASE: Final = ServerHabits(
    "NetEase (163.com, 126.com, yeah.net, 188.com)",
    needs_id=True,
    why='SELECT is refused: "Unsafe Login. Please contact kefu@188.com for help"',
)
# S: * OK [CAPABILITY IMAP4rev1 ID XYMHIGHESTMODSEQ] IMAP4rev1 imapgate-1.8.4_01.20595 imap413
YAHOO: Final = ServerHabits(
    "Yahoo, AOL", longest_set=1_000, why="the connection is closed at a longer command"
)
# S: * OK [CAPABILITY IMAP4REV1] localhost IMAP4rev1 2007f.404 at Sat, 1 Jan 2022 00:00:00 +0000
UW: Final = ServerHabits(
    "UW IMAP, Panda IMAP", longest_set=1_000, why="a longer command is refused"
)

# greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF: the text that each puts after its OK.
_GREETINGS: Final = (
    (re.compile(rb"\bCoremail\b"), NETEASE),
    (re.compile(rb"\bimapgate-"), YAHOO),
    (re.compile(rb"\bIMAP4rev1 20[0-9]{2}[a-z]?\.[0-9]+ at |\bPanda IMAP"), UW),
)
_CAPABILITIES: Final = {"XYMHIGHESTMODSEQ": YAHOO}


def habits_of(greeting: bytes, capabilities: frozenset[str]) -> ServerHabits:
    """Recognise a server.

    Args:
        greeting: Its first line.
        capabilities: What it offers, in upper case.
    """
    for name, habits in _CAPABILITIES.items():
        if name in capabilities:
            return habits
    for pattern, habits in _GREETINGS:
        if pattern.search(greeting):
            return habits
    return ANY
