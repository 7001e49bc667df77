"""Selecting a mailbox and leaving it: SELECT, EXAMINE, CHECK, CLOSE, UNSELECT.

This file knows when a call must select a mailbox first, and nothing of the messages in it.

RFC 9051 sections 6.3.2, 6.3.3, 6.4.1 and 6.4.2; RFC 3501 section 6.4.1 (CHECK).
"""

from netmail.errors import CapabilityError, ImapError, ProtocolError, StateError
from netmail.flows.flow import Flow
from netmail.flows.imap.open_mailbox import OpenMailbox
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState, MailboxState
from netmail.wire.imap import quirks
from netmail.wire.imap.responses import number64
from netmail.wire.server_text import encode


def select(session: ImapSession, name: str) -> Flow[MailboxState]:
    """Open a mailbox: SELECT.

    RFC 9051 section 6.3.2.
    """
    return (yield from _select(session, "SELECT", name))


def select_with(
    session: ImapSession, name: str, parameter: bytes, verb: str = "SELECT"
) -> Flow[tuple[MailboxState, Responses]]:
    """Open a mailbox with parameters of an extension, and return what the server sends as well.

    RFC 7162 section 7: select-param.
    """
    collected = Responses(nesting=session.reader.limits.nesting, fetches=True)
    state = yield from _select(session, verb, name, parameter, collected)
    return state, collected


def examine(session: ImapSession, name: str) -> Flow[MailboxState]:
    """Open a mailbox read-only: EXAMINE.

    RFC 9051 section 6.3.3.
    """
    return (yield from _select(session, "EXAMINE", name))


def check(session: ImapSession) -> Flow[bool]:
    """Ask for a checkpoint of the selected mailbox: CHECK.

    RFC 3501 section 6.4.1; RFC 9051 has NOOP instead, and servers still accept CHECK.
    """
    # C: T1 CHECK
    # S: T1 OK done
    session.require_state(ImapState.SELECTED)
    # RFC 9051 appendix E: CHECK is "removed" in IMAP4rev2, for NOOP does the same.
    yield from session.command("NOOP" if session.is_rev2 else "CHECK")
    return True


def close(session: ImapSession) -> Flow[bool]:
    r"""Delete what is flagged \Deleted, and leave the selected mailbox: CLOSE.

    RFC 9051 section 6.4.1.
    """
    # C: T1 CLOSE
    # S: T1 OK done
    #
    # "No untagged EXPUNGE responses are sent": the messages are gone with the mailbox.
    session.require_state(ImapState.SELECTED)
    yield from session.command("CLOSE")
    session.deselect()
    return True


def unselect(session: ImapSession) -> Flow[bool]:
    """Leave the selected mailbox and delete nothing: UNSELECT.

    RFC 9051 section 6.4.2; RFC 3691.
    """
    # C: T1 UNSELECT
    # S: T1 OK done
    session.require_state(ImapState.SELECTED)
    if not session.offers("UNSELECT"):
        message = "the server has no UNSELECT; close() leaves the mailbox, and expunges it"
        raise CapabilityError(message, "UNSELECT")
    yield from session.command("UNSELECT")
    session.deselect()
    return True


def leave(session: ImapSession) -> Flow[None]:
    """Leave the selected mailbox, and delete nothing, whatever the server offers.

    RFC 3691 section 1.
    """
    # C: T1 EXAMINE "x"
    # S: * 3 EXISTS
    # S: T1 OK [READ-ONLY] done
    # C: T2 CLOSE
    # S: T2 OK done
    if session.offers("UNSELECT"):
        yield from unselect(session)
        return
    # Without UNSELECT: "reselecting the same mailbox with EXAMINE command followed by a CLOSE
    # command", RFC 3691 section 1, for CLOSE deletes nothing if the mailbox "is selected by an
    # EXAMINE command", RFC 9051 section 6.4.1.
    if session.mailbox is not None and not session.mailbox.examined:
        yield from examine(session, session.mailbox.name)
    yield from close(session)


def ensure_selected(
    session: ImapSession, mailbox: str | None, *, writing: bool = False
) -> Flow[None]:
    """Select the mailbox that a call is about, unless it is selected already.

    Args:
        session: The session.
        mailbox: Its name; `None` for the selected one, else the options' mailbox, else INBOX.
        writing: Whether the call changes messages in it.

    Raises:
        StateError: If EXAMINE opened it and the call would change it, or if its UIDs have lost
            their meaning since it was selected last.
        UsageError: If the name is not a mailbox's.
    """
    if mailbox:
        session.mailbox_argument(mailbox)  # raises for what is no name, before it is compared
    elif session.mailbox is None and session.lost_mailbox is not None:
        # The caller's selected mailbox, and not another one by default.
        yield from select_lost(session)
    selected = session.mailbox
    if selected is None or (mailbox and not same_mailbox(selected.name, mailbox)):
        yield from select_again(session, mailbox or session.options.mailbox or "INBOX")
    elif writing and selected.examined:
        message = "examine() opened the mailbox, and nothing in it may change: select() it"
        raise StateError(f"{message} ({selected.name})")


def same_mailbox(one: str, other: str) -> bool:
    """Tell whether two names are one mailbox's: INBOX is the same in any case.

    RFC 9051 section 5.1.
    """
    return one == other or one.upper() == other.upper() == "INBOX"


def select_again(session: ImapSession, name: str, *, examined: bool = False) -> Flow[None]:
    """Select a mailbox that the caller did not select just now: its UIDs must still be valid.

    Args:
        session: The session.
        name: The mailbox.
        examined: Whether it is to be opened by EXAMINE.

    Raises:
        StateError: If its UIDs have lost their meaning since it was selected last.
    """
    known = session.uidvalidities.get(name)
    yield from _select(session, "EXAMINE" if examined else "SELECT", name)
    require_same_uids(session, name, known)


def require_same_uids(session: ImapSession, name: str, known: int | None) -> None:
    """Check that a mailbox that was selected just now has the UIDs that it had.

    Args:
        session: The session.
        name: The mailbox.
        known: Its UIDVALIDITY before; `None` if it was never selected.

    Raises:
        StateError: If they have lost their meaning; the mailbox is not selected then.
    """
    validity = session.uidvalidities.get(name)
    # RFC 9051 section 2.3.1.1: with another UIDVALIDITY, UIDs name other messages.
    if known is not None and validity not in {known, None}:
        # The old value stays, so that every call ends here until select() returns the new one.
        session.uidvalidities[name] = known
        session.deselect()
        message = f"the UIDs of {name} have changed (UIDVALIDITY {known} is now {validity})"
        raise StateError(f"{message}: select() it and search again")


def select_lost(session: ImapSession) -> Flow[None]:
    """Select the mailbox that was selected on the connection that was lost.

    Raises:
        ImapError: If the server refuses; each later call without a mailbox tries it again.
        StateError: If its UIDs have lost their meaning, until `select()` is called.
    """
    lost = session.lost_mailbox
    if lost is None:
        return
    try:
        yield from select_again(session, lost.name, examined=lost.examined)
    except (ImapError, StateError):
        session.lost_mailbox = lost
        raise


def _select(
    session: ImapSession,
    verb: str,
    name: str,
    parameter: bytes = b"",
    collected: Responses | None = None,
) -> Flow[MailboxState]:
    # select = "SELECT" SP mailbox, examine = "EXAMINE" SP mailbox
    #
    # C: T1 SELECT "INBOX"
    # S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
    # S: * 172 EXISTS
    # S: * OK [UIDVALIDITY 3857529045] valid
    # S: * OK [UIDNEXT 4392] next
    # S: * OK [PERMANENTFLAGS (\Deleted \Seen \*)] limited
    # S: T1 OK [READ-WRITE] done
    argument = session.mailbox_argument(name)
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    # What is unsolicited up to here is about the mailbox selected so far, not about the next.
    yield from session.settle()
    # RFC 9051 section 6.3.2: SELECT deselects "before attempting the new selection", so that no
    # mailbox is selected after a refusal.
    session.deselect()
    mailbox = session.mailbox = OpenMailbox(name, examined=verb == "EXAMINE")
    try:
        arguments = [argument, parameter] if parameter else [argument]
        responses = yield from session.command(verb, *arguments, collected=collected)
    except BaseException:
        session.mailbox = None
        raise
    return opened(session, mailbox, responses)


def opened(session: ImapSession, mailbox: OpenMailbox, responses: Responses) -> MailboxState:
    """Note that a mailbox is selected, by the responses to SELECT or EXAMINE."""
    session.state = ImapState.SELECTED
    session.lost_mailbox, session.keeps_results = None, False
    state = _mailbox_state(session, mailbox, responses)
    if state["uidvalidity"] is not None:
        session.uidvalidities[mailbox.name] = state["uidvalidity"]
    return state


def _mailbox_state(
    session: ImapSession, mailbox: OpenMailbox, responses: Responses
) -> MailboxState:
    """Put together what the server has sent of a mailbox."""
    # "REQUIRED untagged responses: FLAGS, EXISTS, LIST"; servers of IMAP4rev1 send no LIST, and
    # without FLAGS there are just none to show.
    if mailbox.exists is None:
        raise ProtocolError("a mailbox was selected without EXISTS", b"", "* n EXISTS")
    return MailboxState(
        name=mailbox.name,
        exists=mailbox.exists,
        recent=mailbox.recent,
        flags=list(mailbox.flags),
        permanent_flags=list(mailbox.permanent_flags),
        uidvalidity=_number(session, responses, "UIDVALIDITY"),
        uidnext=_number(session, responses, "UIDNEXT"),
        unseen=_number(session, responses, "UNSEEN"),
        highestmodseq=_number(session, responses, "HIGHESTMODSEQ"),
        # "MAILBOXID" SP "(" objectid ")", RFC 8474 section 7
        mailboxid=(responses.code("MAILBOXID") or "").strip("()") or None,
        # "The server MUST prefix the text of the tagged OK response to SELECT with the [READ-ONLY]
        # response code"; EXAMINE is read-only whatever the code.
        read_only=mailbox.examined or responses.tagged.code.name == "READ-ONLY",
    )


def _number(session: ImapSession, responses: Responses, code: str) -> int | None:
    data = responses.code(code)
    # Zoho sends HIGHESTMODSEQ -1 for a mailbox without modification sequences.
    if data is not None and data.startswith("-"):
        quirks.tolerate(quirks.NEGATIVE_NUMBER, encode(data), strict=session.strict)
    return number64(data)
