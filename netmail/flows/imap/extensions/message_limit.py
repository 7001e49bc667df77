"""Commands that a server ends before their last message: MESSAGELIMIT.

This file knows which messages are left, and no command.

RFC 9738 section 3.1.
"""

from collections.abc import Iterable, Iterator

from netmail.flows.imap.state import SessionState
from netmail.wire.imap.sequence_set import LARGEST, below, split_set


def each_set(session: SessionState, sets: Iterable[str]) -> Iterator[str]:
    """Yield each set for a command, split to what the server takes, and what it left over.

    RFC 9738 section 3.1.
    """
    # It works from the highest UID down, and names the lowest that it came to:
    #
    # C: T1 UID FETCH 22000:25000 (UID FLAGS)
    # S: T1 OK [MESSAGELIMIT 1000 24001] done
    # C: T2 UID FETCH 22000:24000 (UID FLAGS)
    longest = session.habits.longest_set
    for some in (part for each in sets for part in split_set(each, longest)):
        rest, before = some, LARGEST + 1
        while rest:
            session.forget_limit()
            yield rest
            lowest = session.lowest_processed
            # A server that does not get further would be asked for ever.
            rest = below(rest, lowest) if lowest is not None and lowest < before else ""
            before = lowest or 0
