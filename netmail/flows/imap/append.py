"""Messages put into a mailbox: APPEND.

This file knows what APPEND can carry, and not how a message is written.

RFC 9051 section 6.3.12; RFC 4315 section 3 (APPENDUID); RFC 7889 (APPENDLIMIT).
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
from netmail.wire.imap.responses import number64

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
    #
    # C: T1 APPEND "Drafts" (\Draft) "29-Feb-2024 12:30:00 +0000" {310}
    # S: + send it
    # C: From: ...
    # S: T1 OK [APPENDUID 38505 3955] done
    #
    # Synchronizing even with LITERAL+: Dovecot 2.3 that refuses the flags would take the lines of
    # the message for commands.
    literal = Literal(octets_of(message), synchronizing=True)
    return (yield from append_literal(session, mailbox, literal, flags, date))


def append_literal(
    session: ImapSession,
    mailbox: str,
    literal: Literal,
    flags: str | Iterable[str],
    date: datetime | None,
) -> Flow[AppendResult]:
    """Put a message that is written already into a mailbox: APPEND.

    Raises:
        UsageError: If the server has announced that it takes no message of this size.

    RFC 9051 section 6.3.12.
    """
    arguments: list[Argument] = [session.mailbox_argument(mailbox)]
    if (flag_list := encode.flag_list(flags)) != b"()":
        arguments.append(flag_list)
    if date is not None:
        arguments.append(encode.date_time(date))
    arguments.append(_written(session, literal))
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    _require_size(session, len(literal.data))
    responses = yield from session.command("APPEND", *arguments)
    return uidplus.appenduid(responses.code("APPENDUID"))


def _written(session: ImapSession, literal: Literal) -> Argument:
    """Write a message, as the UTF8 data extension where its header needs that."""
    if "UTF8=ACCEPT" in session.enabled and not _header_of(literal.data).isascii():
        # append-data =/ utf8-literal, utf8-literal = "UTF8" SP "(" literal8 ")": "A client that
        # sends a message with UTF-8 headers to the server MUST send them using the "UTF8" data
        # extension", RFC 6855 section 4.
        whole = Literal(literal.data, synchronizing=True, binary=True)
        return (b"UTF8 (", whole, b")")
    return literal


def _header_of(octets: bytes) -> bytes:
    # message = (fields / obs-fields) [CRLF body]: the empty line ends the header.
    return octets.partition(b"\r\n\r\n")[0]


def _require_size(session: ImapSession, size: int) -> None:
    """Refuse a message that is larger than the server takes.

    RFC 7889 section 3.1.
    """
    # "APPENDLIMIT=<number>": the same upper limit for all mailboxes. Without a number it is STATUS
    # that tells, a mailbox at a time.
    limits = (each[12:] for each in session.capabilities if each.startswith("APPENDLIMIT="))
    limit = number64(next(limits, None))
    if limit is not None and size > limit:
        message = f"the message has {size} octets, and the server takes {limit}"
        raise UsageError(f"{message} (APPENDLIMIT)")


def octets_of(message: "Storable") -> bytes:
    """Bring a message to the octets that APPEND takes: CRLF line ends, no NUL."""
    if not isinstance(message, bytes):
        # Its import costs as much as that of the whole client, and many programs append nothing.
        from netmail.mime.outgoing import stored_octets  # noqa: PLC0415

        message = stored_octets(message)
    # "A zero-length message literal argument is an error, and MUST return a NO", RFC 3502 section
    # 6.3.11.
    if not message:
        raise UsageError("append() got an empty message, which a server would not keep")
    # literal = "{" number64 ["+"] "}" CRLF *CHAR8, CHAR8 = %x01-ff
    if b"\0" in message:
        raise UsageError("the message holds NUL, which APPEND cannot carry without BINARY")
    # RFC 5322 section 2.3: CR and LF "MUST NOT appear independently in the body"; a server that
    # takes one for a line end would store another message.
    return dot.crlf(message)
