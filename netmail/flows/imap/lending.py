"""A session that several users have in turn: is it alive, and is it as after its login.

This file must not know a pool, nor how long a session was idle.

RFC 9051 section 3.
"""

from typing import Final

from netmail.flows.flow import Flow
from netmail.flows.imap.select import leave
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState

UNNOTICED: Final = frozenset({"CONDSTORE", "QRESYNC"})
"""Extensions that change nothing for the next user, for netmail reads VANISHED as EXPUNGE."""


def restore(session: ImapSession) -> Flow[bool]:
    """Bring the session into the state that it had after its login, as far as that can be done.

    Returns:
        Whether it is in that state; if not, only a new connection is.

    RFC 9051 sections 3.3 and 6.4.2.
    """
    # C: T1 UNSELECT
    # S: T1 OK done
    #
    # UNAUTHENTICATE may have been followed by the login of another user.
    if session.options is not session.given or not session.is_authenticated:
        return False
    # No command turns off what ENABLE has turned on, RFC 9051 section 6.3.1. NOTIFY has changed
    # what the server sends at any time, and NOTIFY NONE is not what was before it. The language
    # before LANGUAGE may have been the user's own, which has no name.
    changed = session.notified is not None or session.language is not None
    if session.enabled - UNNOTICED or changed:
        return False
    if session.state is ImapState.SELECTED:
        yield from leave(session)
    _forget_user(session)
    return True


def _forget_user(session: ImapSession) -> None:
    """Forget what one user of the session has seen: the next one has no part in it."""
    session.alerts, session.unparsed = [], []
    session.uidvalidities = {}
    session.lowest_processed = session.lost_mailbox = None
    session.keeps_results = False
