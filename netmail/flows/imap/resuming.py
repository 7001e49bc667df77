"""A new connection in place of one that was lost: brought into the same state.

This file knows what a session is, and neither a connection nor when it is lost.

RFC 9051 section 3.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from netmail.errors import CapabilityError, ImapError, StateError
from netmail.flows.flow import Flow
from netmail.flows.imap.compress import compress
from netmail.flows.imap.extensions.enable import enable
from netmail.flows.imap.extensions.language import language
from netmail.flows.imap.live.notify import set_groups
from netmail.flows.imap.open_mailbox import LostMailbox
from netmail.flows.imap.select import select_lost
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.wire.imap.encode import Argument


class _Lost(NamedTuple):
    """What the session of a lost connection had.

    Attributes:
        mailbox: The selected mailbox, or one that could not be selected again; `None` for none.
        enabled: The extensions that ENABLE had turned on.
        language: The language that LANGUAGE had chosen; `None` for the server's own.
        notified: The event groups of NOTIFY; `None` if it was not used.
        compressed: Whether the connection was compressed.
        uidvalidities: The UIDVALIDITY of each mailbox.
        server_names: Names as the server writes them.
    """

    mailbox: LostMailbox | None
    enabled: frozenset[str]
    language: str | None
    notified: tuple[Argument, ...] | None
    compressed: bool
    uidvalidities: dict[str, int]
    server_names: dict[str, bytes]


def resumption(session: ImapSession) -> Callable[[], Flow[None]] | None:
    """Return what brings a new session into the state of this one, which has lost its connection.

    Returns:
        What makes the conversation; `None` if a new session cannot be as this one was.

    RFC 9051 section 3.
    """
    # UNAUTHENTICATE may have been followed by the login of another user, RFC 8437 section 3; the
    # next connection logs in as the options say.
    if session.options is not session.given:
        return None
    # "A saved result [...] is reset to the empty sequence" by SELECT, RFC 5182 section 2.1: "$"
    # would silently name no message.
    if session.keeps_results:
        return None
    mailbox = session.lost_mailbox
    if session.mailbox is not None and session.state is ImapState.SELECTED:
        mailbox = LostMailbox(session.mailbox.name, session.mailbox.examined)
    lost = _Lost(
        mailbox,
        session.enabled,
        session.language,
        session.notified,
        session.compressed,
        dict(session.uidvalidities),
        dict(session.server_names),
    )
    return partial(_resume, session, lost)


def _resume(session: ImapSession, lost: _Lost) -> Flow[None]:
    # C: T1 LANGUAGE "de"
    # S: * LANGUAGE (de)
    # S: T1 OK erledigt
    # C: T2 ENABLE UTF8=ACCEPT
    # S: * ENABLED UTF8=ACCEPT
    # S: T2 OK done
    # C: T3 SELECT "Archive"
    # S: * 172 EXISTS
    # S: * OK [UIDVALIDITY 3857529045] valid
    # S: T3 OK [READ-WRITE] done
    #
    # Texts alone are in the language: where it is gone, every call works without.
    if lost.language is not None:
        with suppress(ImapError, CapabilityError):
            yield from language(session, lost.language)
    # ENABLE comes first: it is "only valid in the authenticated state, before any mailbox is
    # selected", RFC 9051 section 6.3.1.
    if lost.enabled:
        yield from enable(session, sorted(lost.enabled))
    if lost.enabled - session.enabled:
        names = " ".join(sorted(lost.enabled - session.enabled))
        raise StateError(f"the new connection lacks what enable() had turned on: {names}")
    session.uidvalidities, session.server_names = lost.uidvalidities, lost.server_names
    if lost.compressed:
        yield from compress(session)
    if lost.notified is not None:
        yield from set_groups(session, lost.notified, status=False)
    session.lost_mailbox = lost.mailbox
    if lost.mailbox is not None:
        # Only the calls that need the mailbox fail where it is gone or its UIDs have changed: each
        # tries to select it, and has the error.
        with suppress(ImapError, StateError):
            yield from select_lost(session)
