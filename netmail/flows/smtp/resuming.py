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
    # the rest of it, which `exec()` sends, must not begin on another connection. What xclient()
    # has said of the client is over too.
    if session.transaction_open or session.is_proxied:
        return None
    return _nothing


def _nothing() -> Flow[None]:
    yield from ()
