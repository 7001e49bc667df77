"""Many responses of one kind, within the limits: what the session learns takes linear time.

`test_linear` reads one response of any size; here each is short, and changes the session's state.
"""

import time

import pytest

from netmail.flows.imap.live.idle import Events
from support.imap_sessions import selected
from support.timing import FACTOR, untraced

COUNT = 10_000
SECONDS = 2.0
"""For so many lines; in proportion they take a tenth of it."""
NOTICED = 0.3
"""What is faster is not measured again."""

LINES = [
    "* ENABLED X%d",
    "* ENABLED X%d Y%d Z%d",
    "* CAPABILITY X%d",
    "* OK [CAPABILITY X%d] x",
    "* OK [ALERT] %d",
    "* OK [X%d] x",
    "* OK [UIDNEXT %d] x",
    "* OK [UIDVALIDITY %d] x",
    "* OK [HIGHESTMODSEQ %d] x",
    "* OK [PERMANENTFLAGS (x%d)] x",
    "* FLAGS (x%d)",
    "* %d EXISTS",
    "* %d RECENT",
    "* %d EXPUNGE",
    "* VANISHED %d",
    "* VANISHED (EARLIER) %d",
    "* %d FETCH (FLAGS (x%d))",
    "* %d FETCH (UID %d FLAGS (x))",
    "* %d FETCH (BODY[] {1}\r\nx)",
    '* LIST () "/" x%d',
    "* STATUS x%d (MESSAGES 1)",
    "* SEARCH %d",
    "* SORT %d",
    "* THREAD (%d)",
    '* ESEARCH (TAG "x%d") UID ALL 1',
    "* METADATA x (/private/x%d a)",
    "* ACL INBOX x%d lr",
    "* X%d",
    "* ? %d",
]


def seconds(line, count):
    """Return how much of the processor so many lines take."""
    session = selected()
    session.listener = Events(session).note
    marks = line.count("%d")
    lines = "".join(f"{line % ((number,) * marks)}\r\n" for number in range(1, count + 1))
    session.reader.feed(lines.encode("ascii"))
    with untraced():
        begun = time.process_time()
        session.process_unsolicited()
        return time.process_time() - begun


@pytest.mark.parametrize("line", LINES)
def test_lines(line):
    """Twice as many lines take twice as long, and none is slow."""
    # Other programs disturb a clock, but not five times in a row.
    for _ in range(5):
        took = seconds(line, COUNT)
        if took < NOTICED:
            return
        twice = seconds(line, 2 * COUNT)
        if took < SECONDS * FACTOR and twice < 3 * took:
            return
    raise AssertionError(f"{took:.2f} s, {twice:.2f} s for twice as many")
