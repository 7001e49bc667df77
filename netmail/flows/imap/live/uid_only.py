"""Messages without sequence numbers: what UIDONLY changes for a mailbox that is followed.

This file knows what may not be sent then and what does not come, and no command.

RFC 9586 section 3.
"""

from dataclasses import replace

from netmail.flows.imap.session import ImapSession
from netmail.results.imap_events import FlagsChanged
from netmail.wire.imap.sequence_set import LARGEST


def highest(session: ImapSession) -> str:
    """Return what is written for the end of a range of UIDs.

    RFC 9586 section 3.
    """
    # "Once the UIDONLY extension is enabled [...], the client MUST NOT use message sequence numbers
    # (including the special marker "*") in any arguments to IMAP commands".
    return str(LARGEST) if "UIDONLY" in session.enabled else "*"


def numbered(session: ImapSession, change: FlagsChanged) -> FlagsChanged:
    """Leave out a sequence number where there is none.

    RFC 9586 section 3.6.
    """
    # "All changes to flags (and other dynamic message attributes) are returned using UIDFETCH
    # responses instead of FETCH responses": the number before it is the UID.
    return replace(change, sequence=None) if "UIDONLY" in session.enabled else change
