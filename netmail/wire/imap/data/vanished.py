"""VANISHED: UIDs of messages that were expunged.

This file knows the grammar of the response; it never lists the UIDs, of which there may be four
thousand million.

RFC 7162 section 3.2.10.
"""

import re
from typing import Final

from netmail.results.vanished import Vanished
from netmail.wire.imap.data.scalars import unfit
from netmail.wire.imap.responses import DataResponse
from netmail.wire.imap.sequence_set import LARGEST

# expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids, known-uids = sequence-set ;; "*" is
# not allowed (RFC 7162 section 7): "VANISHED (EARLIER) 41,43:116".
_VANISHED: Final = re.compile(
    rb"(?P<earlier>\(EARLIER\) ++)?(?P<uids>[1-9][0-9]{0,9}(?:[:,][1-9][0-9]{0,9})*+) *+",
    re.IGNORECASE,
)


def expunged_resp(response: DataResponse) -> Vanished:
    """Read one VANISHED response.

    Raises:
        ProtocolError: If it holds anything but UIDs.

    RFC 7162 section 7: expunged-resp.
    """
    found = _VANISHED.fullmatch(response.rest)
    if found is None or len(response.fragments) > 1:
        raise unfit(response, "(EARLIER) 41,43:116")
    # RFC 7162 section 3.2.10.2: UIDs that are not in the mailbox may be among the EARLIER ones.
    ranges: list[tuple[int, int]] = []
    for item in found["uids"].split(b","):
        ends = [int(end) for end in item.split(b":")]
        if len(ends) > 2 or max(ends) > LARGEST:
            raise unfit(response, "(EARLIER) 41,43:116")
        ranges.append((min(ends), max(ends)))
    return Vanished(tuple(ranges), earlier=found["earlier"] is not None)
