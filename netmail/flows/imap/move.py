r"""Messages moved to another mailbox: UID MOVE, or UID COPY, UID STORE and UID EXPUNGE.

This file knows in which order a move without MOVE loses nothing, and not how UIDs are read.

RFC 6851; RFC 9051 sections 6.4.8 and 6.4.9.
"""

from netmail.flows.flow import Flow
from netmail.flows.imap.copy import transfer
from netmail.flows.imap.expunge import require_uidplus
from netmail.flows.imap.extensions.message_limit import each_set
from netmail.flows.imap.pipelining.together import command_each
from netmail.flows.imap.search import found_uids
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import CopyResult
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.sequence_set import UidSet, is_open, uid_sets


def move(
    session: ImapSession, uids: UidSet, destination: str, mailbox: str | None
) -> Flow[CopyResult]:
    """Move messages to the end of another mailbox: UID MOVE where the server offers it.

    RFC 9051 section 6.4.8.
    """
    # move = "MOVE" SP sequence-set SP mailbox, uid = "UID" SP (copy / move / ...)
    #
    # C: T1 UID MOVE 7:8 "Archive"
    # S: * OK [COPYUID 38505 7:8 31:32] moved
    # S: * 3 EXPUNGE
    # S: * 3 EXPUNGE
    # S: T1 OK done
    sets = uid_sets(uids)
    argument = session.mailbox_argument(destination)  # raises before anything is selected
    has_move = session.offers("MOVE")
    if not has_move:
        require_uidplus(session, "move() without MOVE")
    if sets:
        yield from ensure_selected(session, mailbox, writing=True)
    if has_move:
        return (yield from transfer(session, "UID MOVE", sets, argument))
    # Several commands: none of another call may come between them.
    yield from session.settle()
    if is_open(uids):
        sets = yield from _resolve_open_set(session, sets)
    return (yield from _move_by_copy(session, sets, argument))


def _move_by_copy(session: ImapSession, sets: list[str], destination: Argument) -> Flow[CopyResult]:
    """Copy all, then delete all: a failure leaves messages in both mailboxes, never in none.

    RFC 6851 section 3.3 gives this sequence of commands.
    """
    # "Partial copy MUST NOT be done", RFC 9051 section 6.4.7: a refused UID COPY has copied nothing
    # of its set, and ends the move before anything is deleted.
    result = yield from transfer(session, "UID COPY", sets, destination)
    yield from command_each(session, "UID STORE", sets, b"+FLAGS.SILENT", rb"(\Deleted)")
    # By UID: EXPUNGE alone would also delete what others have flagged.
    yield from command_each(session, "UID EXPUNGE", sets)
    return result


def _resolve_open_set(session: ImapSession, sets: list[str]) -> Flow[list[str]]:
    """Resolve an open-ended set such as "1:*" to the UIDs that exist now.

    Otherwise a message that arrives between COPY and STORE would be deleted without a copy.
    """
    found: list[int] = []
    for some in each_set(session, sets):
        responses = yield from session.command("UID SEARCH", b"UID " + some.encode())
        found += found_uids(session, responses)
    return uid_sets(found)
