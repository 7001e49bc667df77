"""Messages put into a mailbox: APPEND.

This file knows the order of the arguments, and what APPEND cannot carry.

RFC 9051 section 6.3.12; RFC 4315 section 3 (APPENDUID).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import AppendResult, ImapState
from netmail.wire import dot
from netmail.wire.imap import encode, uidplus
from netmail.wire.imap.encode import Argument, Literal

if TYPE_CHECKING:
    from netmail.mime.outgoing import Storable


def append(
    session: ImapSession,
    mailbox: str,
    message: "Storable",
    flags: str | Iterable[str],
    date: datetime | None,
) -> Flow[AppendResult]:
    """Put a message into a mailbox: APPEND.

    RFC 9051 section 6.3.12.
    """
    # append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal
    arguments: list[Argument] = [session.mailbox_argument(mailbox)]
    if (flag_list := encode.flag_list(flags)) != b"()":
        arguments.append(flag_list)
    if date is not None:
        arguments.append(encode.date_time(date))
    arguments.append(Literal(_octets(message), synchronizing=True))
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    responses = yield from session.command("APPEND", *arguments)
    return uidplus.appenduid(responses.code("APPENDUID"))


def _octets(message: "Storable") -> bytes:
    """Bring a message to the octets that APPEND takes: CRLF line ends, no NUL."""
    if not isinstance(message, bytes):
        # Its import costs as much as that of the whole client, and many programs append nothing.
        from netmail.mime.outgoing import stored_octets  # noqa: PLC0415

        message = stored_octets(message)
    if not message:
        raise UsageError("append() got an empty message, which a server would not keep")
    # literal = "{" number64 ["+"] "}" CRLF *CHAR8, CHAR8 = %x01-ff
    if b"\0" in message:
        raise UsageError("the message holds NUL, which APPEND cannot carry without BINARY")
    return dot.crlf(message)
