"""One connection used for several accounts: UNAUTHENTICATE, and the login after it.

This file knows what of a session ends with its login, and no mechanism.

RFC 8437.
"""

from netmail.errors import StateError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.login import login
from netmail.flows.imap.session import ImapSession
from netmail.options.options import MailProtocol, parse_options
from netmail.results.imap import ImapState
from netmail.secret import Secret


def unauthenticate(session: ImapSession) -> Flow[bool]:
    """Leave the account, and keep the connection: UNAUTHENTICATE.

    RFC 8437 section 3.
    """
    # C: T1 UNAUTHENTICATE
    # S: T1 OK now in the state not authenticated
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("UNAUTHENTICATE", "unauthenticate()")
    if session.compressed:
        message = "unauthenticate() does not work over a compressed connection: connect() makes one"
        raise StateError(message)
    yield from session.command("UNAUTHENTICATE")
    # "If a mailbox was selected, the mailbox ceases to be selected, but no expunge event is
    # generated", RFC 8437 section 3, and what ENABLE turned on is off again, section 4.1.
    session.forget_account()
    # "Servers MAY choose to advertise the UNAUTHENTICATE capability only after authentication has
    # completed": the capabilities of the account do not hold.
    yield from session.capability()
    return True


def authenticate(session: ImapSession, username: str, password: str | Secret) -> Flow[bool]:
    """Log in, where UNAUTHENTICATE has ended the login before: AUTHENTICATE, or LOGIN.

    RFC 9051 sections 6.2.2 and 6.2.3; RFC 8437 section 3.
    """
    given: tuple[object, object] = (username, password)
    if not isinstance(given[0], str) or not isinstance(given[1], str | Secret):
        raise UsageError("authenticate() takes a username and a password, each a str")
    session.require_state(ImapState.NOT_AUTHENTICATED)
    session.options = parse_options(
        MailProtocol.IMAP, session.options, username=username, password=password
    )
    yield from login(session)
    return True
