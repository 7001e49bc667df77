r"""Messages deleted for good: EXPUNGE and UID EXPUNGE.

This file knows when EXPUNGE would delete too much, and not which client flagged a message.

RFC 9051 section 6.4.3; RFC 4315 section 2.1 (UID EXPUNGE).
"""

from netmail.errors import CapabilityError
from netmail.flows.flow import Flow
from netmail.flows.imap.pipelining.together import command_each
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.sequence_set import UidSet, uid_sets


def expunge(session: ImapSession, mailbox: str | None, uids: UidSet | None) -> Flow[bool]:
    r"""Delete what is flagged \Deleted: all by EXPUNGE, or those among `uids` by UID EXPUNGE.

    RFC 9051 section 6.4.3; RFC 4315 section 2.1.
    """
    # command-select = ... / "EXPUNGE" / ..., uid-expunge = "EXPUNGE" SP sequence-set
    #
    # C: T1 UID EXPUNGE 7:8
    # S: * 3 EXPUNGE
    # S: * 3 EXPUNGE
    # S: T1 OK done
    if uids is None:
        yield from ensure_selected(session, mailbox, writing=True)
        yield from session.command("EXPUNGE")
        return True
    sets = uid_sets(uids)
    require_uidplus(session, "expunge() of some UIDs")
    if sets:
        yield from ensure_selected(session, mailbox, writing=True)
    yield from command_each(session, "UID EXPUNGE", sets)
    return True


def require_uidplus(session: ImapSession, call: str) -> None:
    """Refuse a call that needs UID EXPUNGE where the server lacks it.

    Raises:
        CapabilityError: If it does.

    RFC 4315 section 2.1.
    """
    # UID EXPUNGE removes messages "that have both the \Deleted flag set and a UID that is included
    # in the specified sequence set", RFC 9051 section 6.4.9; EXPUNGE takes no set.
    if not session.offers("UIDPLUS"):
        message = (
            f"{call} needs UIDPLUS, which the server lacks: a bare EXPUNGE would also delete "
            r"what others flagged \Deleted; use store() and expunge() if that is meant"
        )
        raise CapabilityError(message, "UIDPLUS")
