"""Messages put into a mailbox: APPEND.

This file knows what APPEND can carry, and not how a message is written.

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
    #
    # C: T1 APPEND "Drafts" (\Draft) "29-Feb-2024 12:30:00 +0000" {310}
    # S: + send it
    # C: From: ...
    # S: T1 OK [APPENDUID 38505 3955] done
    arguments: list[Argument] = [session.mailbox_argument(mailbox)]
    if (flag_list := encode.flag_list(flags)) != b"()":
        arguments.append(flag_list)
    if date is not None:
        arguments.append(encode.date_time(date))
    # Synchronizing even with LITERAL+: Dovecot 2.3 that refuses the flags would take the lines of
    # the message for commands.
    octets = _octets(message)
    if "UTF8=ACCEPT" in session.enabled and not _header_of(octets).isascii():
        # append-data =/ "UTF8" SP "(" literal8 ")": "the client MUST use the UTF8 data extension"
        # for "a message with header fields that contain UTF-8", RFC 6855 section 4.
        whole = Literal(octets, synchronizing=True, binary=True)
        arguments.append((b"UTF8 (", whole, b")"))
    else:
        arguments.append(Literal(octets, synchronizing=True))
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    responses = yield from session.command("APPEND", *arguments)
    return uidplus.appenduid(responses.code("APPENDUID"))


def _header_of(octets: bytes) -> bytes:
    # message = (fields / obs-fields) [CRLF body]: the empty line ends the header.
    return octets.partition(b"\r\n\r\n")[0]


def _octets(message: "Storable") -> bytes:
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
