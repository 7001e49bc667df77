"""The IMAP login: AUTHENTICATE, by a mechanism that the server offers.

This file knows how IMAP carries challenges and responses, and no mechanism: `netmail.flows.sasl`
runs those.
"""

from typing import TYPE_CHECKING

from netmail.flows.flow import Flow
from netmail.flows.imap.responses import Responses, raise_unless_ok
from netmail.flows.sasl import authenticate, reject_skipped_login
from netmail.results.imap import ImapState
from netmail.wire import sasl

if TYPE_CHECKING:
    from netmail.flows.imap.session import ImapSession


def login(session: "ImapSession") -> Flow[str]:
    """Log in with SASL, and learn what the server offers afterwards.

    Returns:
        The mechanism.

    Raises:
        AuthenticationError: If the server refuses the credentials, or offers no mechanism.

    RFC 9051 section 6.2.2.
    """
    # authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64)
    #
    # C: T1 AUTHENTICATE PLAIN
    # S: +
    # C: AGFubgBzZWNyZXQ=
    # S: T1 OK [CAPABILITY IMAP4rev1 UIDPLUS] logged in
    reject_skipped_login(session.options)
    prefix = "AUTH="  # capability = ("AUTH=" auth-type) / atom
    offered = [
        name.removeprefix(prefix) for name in session.capabilities if name.startswith(prefix)
    ]
    before = session.capabilities
    tag = session.next_tag()
    mechanism = yield from authenticate(
        session.options,
        offered,
        tag + b" AUTHENTICATE",
        lambda: _read_challenge(session, tag),
        # RFC 4959 section 3: SASL-IR announces that AUTHENTICATE may carry the initial response.
        initial="SASL-IR" in before,
    )
    session.state = ImapState.AUTHENTICATED
    # A server MAY send a CAPABILITY response code with the OK, RFC 9051 section 6.2.2; without it
    # they must be asked for, because a login changes them.
    if session.capabilities is before:
        yield from session.capability()
    return mechanism


def _read_challenge(session: "ImapSession", tag: bytes) -> Flow[bytes | None]:
    """Read a challenge, or `None` when the login is done.

    RFC 9051 section 9: continue-req = "+" SP (resp-text / base64) CRLF.
    """
    # S: + <challenge>, empty where the mechanism begins with the client
    response = yield from session.read_until_tagged(tag, Responses(), continuation=True)
    if isinstance(response, bytes):
        return sasl.decode(response)
    raise_unless_ok(response, "AUTHENTICATE")
    return None
