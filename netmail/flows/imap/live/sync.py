"""What is different in a mailbox since it was looked at last.

This file knows three means to find it, and no grammar.

RFC 7162 sections 3.1.4, 3.2.5 and 3.2.6; RFC 4549 section 4.
"""

from functools import partial
from typing import Final

from netmail.errors import CapabilityError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.extensions.resync import CONDSTORE, QRESYNC, turn_on
from netmail.flows.imap.live.ranges import among
from netmail.flows.imap.live.uid_only import highest
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.search import search
from netmail.flows.imap.select import select_with
from netmail.flows.imap.session import ImapSession
from netmail.results.imap_sync import Changes, Picture, SyncState
from netmail.wire.imap.data.vanished import expunged_resp
from netmail.wire.imap.events import flags_changed

FLAGS: Final = "FLAGS"
MEANS: Final = (QRESYNC, CONDSTORE, FLAGS)
"""From the least that is sent to the most."""


def sync(
    session: ImapSession, mailbox: str | None, state: SyncState | None, means: str | None
) -> Flow[Changes]:
    """Find what is different, by the best means that the server has.

    RFC 7162 section 3.
    """
    wanted = means.upper() if isinstance(means, str) else means
    if wanted is not None and wanted not in MEANS:
        raise UsageError(f"sync() takes {', '.join(MEANS)}, or None for the best")
    if state is not None and not isinstance(state, SyncState):
        raise UsageError("a state is what sync() returned: Changes.state, or SyncState.from_dict()")
    if mailbox:
        session.mailbox_argument(mailbox)
    return _sync(session, mailbox, state or SyncState(), wanted)


def _sync(
    session: ImapSession, mailbox: str | None, state: SyncState, wanted: str | None
) -> Flow[Changes]:
    name = mailbox or session.selected or session.options.mailbox or "INBOX"
    used = yield from _means(session, wanted)
    collected = yield from _select(session, name, state, used)
    opened = session.mailbox
    numbers = opened.numbers if opened else {}
    validity, modseq = numbers.get("UIDVALIDITY", 0), numbers.get("HIGHESTMODSEQ", 0)
    is_reset = not state.uid_validity or state.uid_validity != validity
    old = {} if is_reset else state.flags
    # NOMODSEQ is for "a server that doesn't support the persistent storage of mod-sequences for
    # the mailbox", RFC 7162 section 3.1.2.2: then nothing but a look at everything is left.
    if is_reset or not state.highest_modseq or not modseq or used == FLAGS:
        used = FLAGS
        now = yield from _all(session)
        sent = now
        gone = sorted(old.keys() - now.keys())
    elif used == QRESYNC:
        sent, gone = _flags(session, collected), _vanished(session, collected, old)
    else:
        sent = yield from _since(session, state.highest_modseq)
        gone = sorted(old.keys() - {*(yield from search(session, "ALL", None))})
    new = {uid: flags for uid, flags in sorted(sent.items()) if uid not in old}
    changed = {uid: flags for uid, flags in sorted(sent.items()) if old.get(uid, flags) != flags}
    kept = {uid: flags for uid, flags in old.items() if uid not in {*gone}} if gone else old
    after = SyncState(validity, modseq, dict(sorted({**kept, **sent}.items())))
    return Changes(after, new, changed, tuple(gone), is_reset, used)


def _means(session: ImapSession, wanted: str | None) -> Flow[str]:
    """Choose the means, and turn QRESYNC on for it.

    Raises:
        CapabilityError: If the server has not what is wanted.
    """
    # RFC 7162 section 3.2.3: "the presence of the "QRESYNC" capability implies support for the
    # CONDSTORE IMAP extension even if the "CONDSTORE" capability isn't advertised".
    qresync = session.offers(QRESYNC) and session.offers("ENABLE")
    offered = {FLAGS, *([QRESYNC, CONDSTORE] if qresync else [])}
    if session.offers(CONDSTORE) or session.offers(QRESYNC):
        offered.add(CONDSTORE)
    if wanted is not None and wanted not in offered:
        raise CapabilityError(f"sync() by {wanted} needs it, and the server has it not", wanted)
    used = wanted or next(each for each in MEANS if each in offered)
    if used == QRESYNC and not (yield from turn_on(session)):
        used = CONDSTORE
    return used


def _select(session: ImapSession, name: str, state: SyncState, used: str) -> Flow[Responses]:
    # select-param =/ condstore-param, condstore-param = "CONDSTORE"
    # select-param =/ ("QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] ... ")")
    #
    # C: T1 SELECT "INBOX" (QRESYNC (67890007 20050715194045000))
    # S: * 3 EXISTS
    # S: * OK [UIDVALIDITY 67890007] valid
    # S: * OK [HIGHESTMODSEQ 20050715194045319] highest
    # S: * VANISHED (EARLIER) 41,43:116
    # S: * 49 FETCH (UID 117 FLAGS (\Seen) MODSEQ (20050715194045319))
    # S: T1 OK [READ-WRITE] done
    #
    # It is selected again where it is selected already: UIDVALIDITY and HIGHESTMODSEQ of now count.
    parameter = b"(CONDSTORE)" if used == CONDSTORE else b""
    if used == QRESYNC:
        parameter = b"(CONDSTORE)"
        if state.uid_validity and state.highest_modseq:
            parameter = b"(QRESYNC (%d %d))" % (state.uid_validity, state.highest_modseq)
    _, responses = yield from select_with(session, name, parameter)
    return responses


def _all(session: ImapSession) -> Flow[Picture]:
    """Fetch the flags of all messages."""
    if session.mailbox is not None and not session.mailbox.exists:
        return {}
    every = f"1:{highest(session)}".encode("ascii")
    return _flags(session, (yield from session.command("UID FETCH", every, b"(UID FLAGS)")))


def _since(session: ImapSession, modseq: int) -> Flow[Picture]:
    """Fetch the flags that have changed since a modification sequence.

    RFC 7162 section 3.1.4.1.
    """
    # C: T1 UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE 12345)
    # S: * 1 FETCH (UID 4 MODSEQ (65402) FLAGS (\Seen))
    # S: T1 OK done
    if session.mailbox is not None and not session.mailbox.exists:
        return {}
    every = f"1:{highest(session)}".encode("ascii")
    since = b"(CHANGEDSINCE %d)" % modseq
    return _flags(session, (yield from session.command("UID FETCH", every, b"(UID FLAGS)", since)))


def _flags(session: ImapSession, responses: Responses) -> Picture:
    """Read UIDs and flags of FETCH responses; of two about one message the last counts."""
    read = partial(flags_changed, strict=session.strict)
    found: Picture = {}
    for each in session.read_each(read, responses.named("FETCH")):
        if each is not None and each.uid is not None:
            # \Recent is of a session, and not of a message.
            flags = {flag for flag in each.flags if flag.lower() != r"\recent"}
            found[each.uid] = tuple(sorted(flags))
    return found


def _vanished(session: ImapSession, responses: Responses, old: Picture) -> list[int]:
    """List the messages of the old picture that the server says are gone.

    RFC 7162 section 3.2.10.1.
    """
    # It may name UIDs that the client has never known, and as many as there can be.
    read = session.read_each(expunged_resp, responses.named("VANISHED"))
    return among(sorted(old), read)
