"""Responses that announce what happens in the selected mailbox and in others, as events.

This file knows which response is which event, and no command.

RFC 9051 sections 7.1.5, 7.4.1, 7.5.1 and 7.5.2; RFC 5465 section 5; RFC 5267
section 4.3.
"""

import re
from typing import Final

from netmail.errors import ProtocolError
from netmail.results.imap_events import (
    Bye,
    Exists,
    Expunged,
    FlagsChanged,
    IdleEvent,
    MailboxChanged,
    MailboxStatus,
    MetadataChanged,
    NotificationsEnded,
    SearchUpdated,
)
from netmail.wire.imap import responses
from netmail.wire.imap.data.esearch import esearch_response
from netmail.wire.imap.data.mailbox_info import mailbox_info
from netmail.wire.imap.data.metadata import metadata_response
from netmail.wire.imap.data.response_code import code_value
from netmail.wire.imap.data.vanished import expunged_resp
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.msg_att import msg_att
from netmail.wire.imap.responses import DataResponse, StatusResponse, Value
from netmail.wire.imap.sequence_set import LARGEST
from netmail.wire.imap.status_att import status_att_list
from netmail.wire.server_text import decode

# response-data = "*" SP (resp-cond-bye / mailbox-data / message-data / ...): only these kinds, and
# in a line of bounded length before the kind; resp-text-code =/ "NOTIFICATIONOVERFLOW" (RFC 5465
# section 8) in an untagged OK, "NOUPDATE" SP quoted (RFC 5267 section 5) in an untagged NO.
_KIND: Final = re.compile(
    rb"\* (?:[0-9]{1,10} (?:EXISTS|EXPUNGE|FETCH)|VANISHED|BYE|STATUS|LIST|METADATA|ESEARCH"
    rb"|OK \[NOTIFICATIONOVERFLOW\]|NO \[NOUPDATE)(?: |\Z)",
    re.IGNORECASE,
)


def event(
    fragments: Fragments,
    nesting: int = responses.MAX_NESTING,
    *,
    strict: bool,
    utf8: bool = False,
) -> IdleEvent | None:
    """Read an untagged response as an event; `None` if it is none.

    Raises:
        ProtocolError: If it has the name of an event, and another form.

    RFC 9051 section 7; RFC 5465 section 5.
    """
    # * 23 EXISTS
    # * 44 EXPUNGE
    # * 14 FETCH (FLAGS (\Seen))
    # * VANISHED 300:310
    # * BYE Autologout
    # * STATUS misc (UIDNEXT 999 MESSAGES 554)
    # * LIST () "/" "NewMailbox" ("OLDNAME" ("OldMailbox"))
    # * METADATA "INBOX" /shared/comment
    # * OK [NOTIFICATIONOVERFLOW] too many mailboxes
    # * ESEARCH (TAG "B01") UID ADDTO (0 32768:32769)
    # * NO [NOUPDATE "B02"] Too many contexts
    if not _KIND.match(fragments[0]):
        return None
    if (status := responses.status(fragments[0])) is not None:
        return _of_status(status)
    data = responses.data(fragments, nesting, utf8=utf8)
    if data is None:
        return None
    if data.name == "VANISHED":
        return expunged_resp(data)
    if data.name in {"STATUS", "LIST", "METADATA"}:
        return _of_mailbox(data, strict=strict)
    if data.name == "ESEARCH":
        found = esearch_response(data, strict=strict)
        # One without changes is the result of a search.
        return SearchUpdated(found.tag, found.changes) if found.changes else None
    if data.number is None or data.number > LARGEST:
        raise ProtocolError("an event has no number", data.fragments[0], f"* n {data.name}")
    if data.name == "EXISTS":
        return Exists(data.number)
    if data.name == "EXPUNGE":
        return Expunged(None, data.number)
    return flags_changed(data, strict=strict)


def _of_status(status: StatusResponse) -> IdleEvent:
    if status.status == "BYE":
        return Bye(status.text)
    if status.code.name == "NOUPDATE":
        return SearchUpdated(str(code_value(status.code) or ""), is_over=True)
    return NotificationsEnded(status.text)


def _of_mailbox(data: DataResponse, *, strict: bool) -> IdleEvent:
    """Read an event of a mailbox that need not be selected.

    RFC 5465 sections 5.1 to 5.7.
    """
    if data.name == "STATUS":
        return MailboxStatus(*status_att_list(data, strict=strict))
    if data.name == "LIST":
        return MailboxChanged(mailbox_info(data, strict=strict)[0])
    name, entries = metadata_response(data, strict=strict)
    return MetadataChanged(name, tuple(entries))


def flags_changed(data: DataResponse, *, strict: bool) -> FlagsChanged | None:
    """Read the flags of a FETCH response; `None` if it has none.

    RFC 9051 section 7.5.2.
    """
    # msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")", with UID and MODSEQ where
    # an extension is on: "* 5 FETCH (UID 9 MODSEQ (65) FLAGS (\Seen))", RFC 7162 section 3.1.
    items = msg_att(data, strict=strict)
    flags = items.get("FLAGS")
    if not isinstance(flags, list):
        return None
    modseq = items.get("MODSEQ")
    return FlagsChanged(
        uid=_number(items.get("UID")),
        flags=tuple([decode(flag) for flag in flags if isinstance(flag, bytes)]),
        sequence=data.number,
        modseq=_number(modseq[0] if isinstance(modseq, list) and modseq else None),
    )


def _number(value: Value) -> int | None:
    return responses.number64(decode(value)) if isinstance(value, bytes) else None
