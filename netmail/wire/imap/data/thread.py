"""THREAD: messages with the replies to them.

This file knows the grammar of the response, and no command. It uses no recursion: a thread of ten
thousand replies may be as many lists within each other.

RFC 5256 section 4.
"""

import re
from typing import Final

from netmail.results.thread import Thread, ThreadMember
from netmail.wire.imap.data.scalars import unfit
from netmail.wire.imap.responses import DataResponse
from netmail.wire.imap.sequence_set import LARGEST
from netmail.wire.imap.tokenizer import tokens

# thread-list = "(" (thread-members / thread-nested) ")", thread-members = nz-number *(SP nz-number)
# [SP thread-nested], thread-nested = 2*thread-list (RFC 5256 section 5)
_TOKEN: Final = re.compile(rb" *+(?:(?P<uid>[1-9][0-9]{0,9})|(?P<open>\()|(?P<close>\)))")
_EXPECTED: Final = "(2)(3 6 (4 23)(44 7 96))"


def thread_data(response: DataResponse) -> list[Thread]:
    """Read one THREAD response.

    Raises:
        ProtocolError: If it is no lists of numbers.

    RFC 5256 section 5: thread-data.
    """
    # thread-data = "THREAD" [SP 1*thread-list]:
    #
    # * THREAD (2)(3 6 (4 23)(44 7 96))
    #
    # "(2)" is one message by itself; 6 replies to 3; 4 and 44 reply to 6, each with replies of its
    # own.
    text = response.rest
    threads: list[Thread] = []
    members: list[ThreadMember] = []
    # For each list that is open: the message above what follows, how many there are, and whether
    # the list has begun with one.
    above: list[tuple[int | None, int, bool]] = []
    at = 0
    for found in tokens(_TOKEN, text):
        at = found.end()
        if found["open"]:
            # Lists without a message before them are "siblings of a parent that does not match the
            # search criteria (and/or does not exist in the mailbox)".
            parent, depth, has_member = above[-1] if above else (None, 0, True)
            above.append((parent, depth if has_member else depth + 1, False))
        elif not above:
            raise unfit(response, _EXPECTED)
        elif found["close"]:
            above.pop()
            if not above:
                threads.append(Thread(tuple(members)))
                members = []
        else:
            uid = int(found["uid"])
            parent, depth, _ = above[-1]
            members.append(ThreadMember(uid, depth, parent))
            above[-1] = (uid, depth + 1, True)
            if uid > LARGEST:
                raise unfit(response, _EXPECTED)
    if above or text[at:].strip(b" ") or len(response.fragments) > 1:
        raise unfit(response, _EXPECTED)
    return threads
