"""The rest of a call over another connection, for a server that drops the first at PIPELINING.

This file knows when that is safe, and not what the call fetches.

RFC 2449 section 6.6; RFC 1939 section 7.
"""

from collections.abc import Generator

from netmail.errors import ConnectionLost
from netmail.flows.flow import Close, Connect, Errand, Request
from netmail.flows.pop3.commands import uidl
from netmail.flows.pop3.pipelining import Pipeline
from netmail.flows.pop3.session import Pop3Session
from netmail.results.pop3 import UniqueId


def reconnect(
    session: Pop3Session, sending: Pipeline, lost: ConnectionLost
) -> Generator[Request | Errand, None, list[UniqueId]]:
    """Connect again, where a call can continue there with one command at a time.

    Args:
        session: The session.
        sending: The commands that were in flight.
        lost: How the connection was lost.

    Returns:
        The messages of the maildrop, in which those of before have their numbers.

    Raises:
        ConnectionLost: If PIPELINING was not the reason, deletions are lost, or message numbers
            may mean other messages.
        NetmailError: If no connection can be made.
    """
    before = session.messages
    # A connection that was lost for another reason is the caller's to replace; and a session that
    # "terminates for some reason other than a client-issued QUIT command [...] MUST not remove any
    # messages from the maildrop", RFC 1939 section 6: the caller must know.
    if not sending.is_blamed or before.marked or not before.is_known:
        raise lost
    yield Close(lost)
    yield Connect.ANOTHER
    # "After the POP3 server has opened the maildrop, it assigns a message-number to each message",
    # RFC 1939 section 4; unique-ids alone show whether each is what it was.
    entries = yield from uidl(session)
    if not session.messages.continues(before):
        raise ConnectionLost(f"{lost}; the maildrop has changed since")
    # Each connection that takes the place of a lost one begins with numbers that no call may use:
    # these were compared.
    session.messages.numbers_lost = before.numbers_lost
    return entries
