"""Messages copied to another mailbox: UID COPY.

This file knows how the results of several commands are joined, and not how one is read.

RFC 9051 sections 6.4.7 and 6.4.9; RFC 4315 section 3 (COPYUID).
"""

from netmail.flows.flow import Flow
from netmail.flows.imap.pipelining.together import command_each
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import CopyResult
from netmail.wire.imap import uidplus
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.sequence_set import UidSet, uid_sets


def copy(
    session: ImapSession, uids: UidSet, destination: str, mailbox: str | None
) -> Flow[CopyResult]:
    """Copy messages to the end of another mailbox: UID COPY.

    RFC 9051 section 6.4.7.
    """
    # copy = "COPY" SP sequence-set SP mailbox, uid = "UID" SP (copy / ...)
    #
    # C: T1 UID COPY 7:8,12 "Archive"
    # S: T1 OK [COPYUID 38505 7:8,12 31:33] done
    sets = uid_sets(uids)
    argument = session.mailbox_argument(destination)  # raises before anything is selected
    if sets:
        yield from ensure_selected(session, mailbox)
    return (yield from transfer(session, "UID COPY", sets, argument))


def transfer(
    session: ImapSession, verb: str, sets: list[str], destination: Argument
) -> Flow[CopyResult]:
    """Send UID COPY or UID MOVE for each set, and join the results.

    RFC 6851 section 4.3: COPYUID comes in an untagged OK for MOVE, in the tagged one for COPY.
    """
    validity = 0
    source: list[int] = []
    copies: list[int] = []
    for responses in (yield from command_each(session, verb, sets, destination)):
        # A server without UIDPLUS sends no COPYUID, and one with it MAY leave it out where the
        # destination's UIDs do not last (UIDNOTSTICKY).
        codes = (responses.tagged.code, *responses.codes)
        for data in dict.fromkeys(code.data for code in codes if code.name == "COPYUID"):
            part = uidplus.copyuid(data, strict=session.strict)
            if part is not None:
                # All sets go to one mailbox, so its UIDVALIDITY is the same each time.
                validity = part.uidvalidity
                source += part.source
                copies += part.destination
    return CopyResult(validity, tuple(source), tuple(copies))
