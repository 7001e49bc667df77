"""Mailboxes opened with what is known of them: CONDSTORE, QRESYNC.

This file knows the parameters of SELECT, and when QRESYNC must be turned on first; it compares
nothing with what the client keeps.

RFC 7162 sections 3.1.8, 3.2.3 and 3.2.5.
"""

from functools import partial
from typing import Final, TypeAlias

from netmail.errors import CapabilityError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.live.uid_only import numbered
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.select import leave, select_again, select_with
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState, MailboxState, ResyncedMailbox
from netmail.results.vanished import Vanished
from netmail.wire.imap.data.vanished import expunged_resp
from netmail.wire.imap.events import flags_changed
from netmail.wire.imap.sequence_set import UidSet, uid_sets
from netmail.wire.number import number

KnownMailbox: TypeAlias = tuple[int, int] | tuple[int, int, UidSet]
"""UIDVALIDITY, the modification sequence up to which changes are known, and the known UIDs."""

QRESYNC: Final = "QRESYNC"
CONDSTORE: Final = "CONDSTORE"
_LARGEST_MODSEQ: Final = (1 << 63) - 1


def select(
    session: ImapSession, name: str, *, condstore: bool = False, known: KnownMailbox | None = None
) -> Flow[MailboxState | ResyncedMailbox]:
    """Open a mailbox with the parameters that the caller wants: SELECT.

    RFC 7162 sections 3.1.8 and 3.2.5.
    """
    return (yield from _open(session, "SELECT", name, condstore=condstore, known=known))


def examine(
    session: ImapSession, name: str, *, condstore: bool = False, known: KnownMailbox | None = None
) -> Flow[MailboxState | ResyncedMailbox]:
    """Open a mailbox read-only with the parameters that the caller wants: EXAMINE.

    RFC 7162 sections 3.1.8 and 3.2.5.
    """
    return (yield from _open(session, "EXAMINE", name, condstore=condstore, known=known))


def _open(
    session: ImapSession, verb: str, name: str, *, condstore: bool, known: KnownMailbox | None
) -> Flow[MailboxState | ResyncedMailbox]:
    # select-param =/ condstore-param, condstore-param = "CONDSTORE"
    #
    # C: T1 SELECT "INBOX" (CONDSTORE)
    # S: * 172 EXISTS
    # S: * OK [HIGHESTMODSEQ 715194045007] highest
    # S: T1 OK [READ-WRITE] done, CONDSTORE is now enabled
    session.mailbox_argument(name)  # raises for what is no name, before anything is sent
    call = f"{verb.lower()}()"
    if known is not None:
        return (yield from _resync(session, verb, name, _qresync(known), call))
    parameter = b""
    if condstore:
        # RFC 7162 section 3.2: "A server that implements QRESYNC also implements CONDSTORE".
        if not session.offers(QRESYNC):
            session.require(CONDSTORE, f"{call} with condstore")
        parameter = b"(CONDSTORE)"
    state, _ = yield from select_with(session, name, parameter, verb)
    return state


def _resync(
    session: ImapSession, verb: str, name: str, parameter: bytes, call: str
) -> Flow[ResyncedMailbox]:
    # C: T1 SELECT "INBOX" (QRESYNC (67890007 20050715194045000 41,43:211))
    # S: * 3 EXISTS
    # S: * OK [UIDVALIDITY 67890007] valid
    # S: * OK [HIGHESTMODSEQ 20050715194045319] highest
    # S: * VANISHED (EARLIER) 41,43:116
    # S: * 49 FETCH (UID 117 FLAGS (\Seen) MODSEQ (20050715194045319))
    # S: T1 OK [READ-WRITE] done
    #
    # "A server MUST respond with a tagged BAD response if the Quick Resynchronization parameter to
    # the SELECT/EXAMINE command is specified and the client hasn't issued "ENABLE QRESYNC"".
    yield from _require(session, f"{call} with qresync")
    state, responses = yield from select_with(session, name, parameter, verb)
    return ResyncedMailbox(
        **state,
        vanished=_vanished(session, responses),
        changed=[
            numbered(session, each)
            for each in session.read_each(
                partial(flags_changed, strict=session.strict), responses.named("FETCH")
            )
            if each is not None
        ],
    )


def _vanished(session: ImapSession, responses: Responses) -> Vanished:
    """Join what the server says is gone, which it may do in several responses."""
    read = session.read_each(expunged_resp, responses.named("VANISHED"))
    return Vanished(tuple(ends for each in read for ends in each.ranges), earlier=True)


def _qresync(known: KnownMailbox) -> bytes:
    """Write the parameter of QRESYNC.

    Raises:
        UsageError: If `known` is something else.

    RFC 7162 section 7: select-param.
    """
    # select-param =/ ("QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids]
    # [SP seq-match-data] ")"), known-uids = sequence-set ;; "*" is not allowed
    given: object = known
    if not isinstance(given, tuple) or len(known) not in {2, 3}:
        raise UsageError("qresync is a tuple of UIDVALIDITY, a modification sequence, known UIDs")
    validity = number(known[0], "a UIDVALIDITY")
    modseq = number(known[1], "a modification sequence", most=_LARGEST_MODSEQ)
    sets = uid_sets(known[2]) if len(known) == 3 else []
    if "*" in ",".join(sets):
        raise UsageError("the known UIDs of qresync are numbers, without *")
    if len(sets) > 1:
        # More than one command takes: then all between the lowest and the highest, for which the
        # server may name more that are gone. The client knows which of them it had.
        ends = [int(end) for end in ",".join(sets).replace(":", ",").split(",")]
        sets = [f"{min(ends)}:{max(ends)}"]
    values = " ".join([str(validity), str(modseq), *sets])
    return f"(QRESYNC ({values}))".encode()


def ensure_on(session: ImapSession, call: str) -> Flow[None]:
    """Turn QRESYNC on, unless it is, and select the selected mailbox again.

    Raises:
        CapabilityError: If the server has it not.

    RFC 7162 section 3.2.3.
    """
    opened = session.mailbox
    yield from _require(session, call)
    if opened is not None and session.mailbox is None:
        yield from select_again(session, opened.name, examined=opened.examined)


def _require(session: ImapSession, call: str) -> Flow[None]:
    session.require(QRESYNC, call)
    session.require("ENABLE", call)
    if not (yield from turn_on(session)):
        raise CapabilityError(f"{call} needs QRESYNC, which the server does not enable", QRESYNC)


def turn_on(session: ImapSession) -> Flow[bool]:
    """Turn QRESYNC on, unless it is: ENABLE; no mailbox is selected after it.

    Returns:
        Whether it is on.

    RFC 7162 section 3.2.3.
    """
    # C: T1 ENABLE QRESYNC
    # S: * ENABLED QRESYNC
    # S: T1 OK done
    if QRESYNC not in session.enabled:
        # ENABLE is "only valid in the authenticated state", RFC 9051 section 6.3.1.
        if session.state is ImapState.SELECTED:
            yield from leave(session)
        yield from session.command("ENABLE", QRESYNC.encode())
    # iCloud responds OK and enables nothing: its QRESYNC would lose messages.
    return QRESYNC in session.enabled
