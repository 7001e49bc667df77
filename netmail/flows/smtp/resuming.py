"""A new connection in place of one that was lost: what an SMTP session cannot take along.

This file must not know a connection, nor when it is lost.

RFC 5321 section 3.8.
"""

from collections.abc import Callable

from netmail.flows.flow import Flow
from netmail.flows.smtp.session import SmtpSession


def resumption(session: SmtpSession) -> Callable[[], Flow[None]] | None:
    """Return what brings a new session into the state of this one, which has lost its connection.

    Returns:
        What makes the conversation; `None` if a new session cannot be as this one was.

    RFC 5321 section 3.8.
    """
    # The server is to act "as if a "pending" transaction has been aborted", RFC 5321 section 3.8:
    # the rest of it, which `exec()` sends, must not begin on another connection.
    if session.transaction_open:
        return None
    # The server took this client for another one, and may have allowed it more or less. Only the
    # caller of xclient() knows whether that is still meant.
    if session.is_proxied:
        return None
    return _nothing


def _nothing() -> Flow[None]:
    # EHLO and the login, which every session begins with, are all that there is.
    yield from ()
