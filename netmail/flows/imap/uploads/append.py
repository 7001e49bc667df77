"""Messages put into a mailbox: APPEND.

This file knows the command, and not how a message is written.

RFC 9051 section 6.3.12; RFC 4315 section 3 (APPENDUID); RFC 7889 (APPENDLIMIT).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from netmail.flows.file_target import OnProgress, check_progress
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.flows.imap.uploads.message_literal import MessageLiteral, Sending, message_literal
from netmail.results.imap import AppendResult, ImapState
from netmail.wire.imap import encode, uidplus
from netmail.wire.imap.encode import Argument

if TYPE_CHECKING:
    from netmail.mime.stored import Storable


def append(
    session: ImapSession,
    mailbox: str,
    message: "Storable",
    flags: str | Iterable[str],
    date: datetime | None,
    *,
    progress: OnProgress | None = None,
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
    check_progress(progress)
    options = append_options(session, mailbox, flags, date)
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    # Synchronizing even with LITERAL+: Dovecot 2.3 that refuses the flags would take the lines of
    # the message for commands.
    literal = message_literal(session, message, Sending(progress=progress))
    result = yield from append_literal(session, options, literal)
    literal.report(progress)
    return result


def append_options(
    session: ImapSession, mailbox: str, flags: str | Iterable[str], date: datetime | None
) -> list[Argument]:
    """Write what comes before the message: the mailbox, flags and the internal date.

    Raises:
        UsageError: If one of them is wrong.

    RFC 9051 section 9: append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal.
    """
    options: list[Argument] = [session.mailbox_argument(mailbox)]
    if (flag_list := encode.flag_list(flags)) != b"()":
        options.append(flag_list)
    if date is not None:
        options.append(encode.date_time(date))
    return options


def append_literal(
    session: ImapSession, options: list[Argument], literal: MessageLiteral
) -> Flow[AppendResult]:
    """Put a message that is measured already into a mailbox: APPEND.

    RFC 9051 section 6.3.12.
    """
    responses = yield from session.command("APPEND", *options, literal.argument)
    return uidplus.appenduid(responses.code("APPENDUID"))
