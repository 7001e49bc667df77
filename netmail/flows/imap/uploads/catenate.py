"""Messages put together on the server, of new text and of what it has already: CATENATE.

This file knows how the parts are written, and not what they become together.

RFC 4469.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.flows.imap.uploads.append import append_options
from netmail.flows.imap.uploads.message_literal import text_literal
from netmail.results.imap import AppendResult, ImapState
from netmail.wire.imap import encode, uidplus
from netmail.wire.imap.encode import Literal
from netmail.wire.imap.message_url import MessageUrl

if TYPE_CHECKING:
    from netmail.mime.stored import Storable

MessageParts: TypeAlias = "Iterable[Storable | MessageUrl]"
"""What a message is put together of, in its order."""


def append_catenated(
    session: ImapSession,
    mailbox: str,
    parts: MessageParts,
    flags: str | Iterable[str],
    date: datetime | None,
) -> Flow[AppendResult]:
    """Put a message into a mailbox that the server puts together: APPEND with CATENATE.

    RFC 4469 section 3.
    """
    # append-data =/ "CATENATE" SP "(" cat-part *(SP cat-part) ")"
    #
    # C: T1 APPEND "Drafts" (\Draft) CATENATE (URL "/Drafts/;UID=20/;SECTION=HEADER" TEXT {42}
    # S: + go ahead
    # C: ... URL "/Drafts/;UID=20/;SECTION=1")
    # S: T1 OK [APPENDUID 385759045 21] done
    options = append_options(session, mailbox, flags, date)
    written = _parts(parts)
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("CATENATE", "append_catenated()")
    responses = yield from session.command("APPEND", *options, b"CATENATE", written)
    return uidplus.appenduid(responses.code("APPENDUID"))


def _parts(parts: MessageParts) -> tuple[bytes | Literal, ...]:
    """Write the parts in parentheses.

    Raises:
        UsageError: If there is none, or one is nothing of a message.
    """
    given: object = parts
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise UsageError(f"messages are an iterable of their parts, not {type(parts).__name__}")
    written: list[bytes | Literal] = []
    for part in parts:
        before = b" " if written else b"("
        # cat-part = text-literal / url, url = "URL" SP astring, text-literal = "TEXT" SP literal
        if isinstance(part, MessageUrl):
            written += (before + b"URL ", encode.string(str(part).encode()))
        else:
            written += (before + b"TEXT ", text_literal(part))
    if not written:
        raise UsageError("append_catenated() got no parts")
    return (*written, b")")
