"""A message put in the place of another: UID REPLACE, or APPEND, UID STORE and UID EXPUNGE.

This file knows in which order a replacement without REPLACE loses nothing.

RFC 8508.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from netmail.errors import CapabilityError, StateError, UsageError
from netmail.flows.file_target import OnProgress, check_progress
from netmail.flows.flow import Flow
from netmail.flows.imap.search import found_uids
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.flows.imap.uploads.append import append_literal, append_options
from netmail.flows.imap.uploads.message_literal import Sending, message_literal
from netmail.results.imap import AppendResult
from netmail.wire.imap import uidplus

if TYPE_CHECKING:
    from netmail.mime.stored import Storable


def replace(
    session: ImapSession,
    uid: int,
    message: "Storable",
    destination: str | None,
    flags: str | Iterable[str],
    *,
    date: datetime | None = None,
    mailbox: str | None = None,
    progress: OnProgress | None = None,
) -> Flow[AppendResult]:
    """Put a message in the place of another: UID REPLACE where the server offers it.

    RFC 8508 section 3.4.
    """
    # uid =/ "UID" SP replace, replace = "REPLACE" SP seq-number SP mailbox append-message
    #
    # C: T1 UID REPLACE 2000 "Drafts" (\Seen \Draft) {350}
    # S: + send it
    # C: From: ...
    # S: * OK [APPENDUID 1 2001] replacement ready
    # S: * 5 EXISTS
    # S: * 4 EXPUNGE
    # S: T1 OK done
    check_progress(progress)
    number = _uid(uid)
    # All raise before anything is sent; INBOX is in the place of a mailbox that is not known yet.
    session.mailbox_argument("INBOX" if mailbox is None else mailbox)
    append_options(session, "INBOX" if destination is None else destination, flags, date)
    literal = message_literal(session, message, Sending(progress=progress))
    has_replace = "REPLACE" in session.capabilities
    if not (has_replace or session.offers("UIDPLUS")):
        message_text = "replace() needs REPLACE, or UIDPLUS to delete the old message alone"
        raise CapabilityError(f"{message_text}, and the server lacks both", "REPLACE")
    yield from ensure_selected(session, mailbox, writing=True)
    if destination is None:
        destination = session.selected or "INBOX"
    options = append_options(session, destination, flags, date)
    if not has_replace:
        result = yield from _instead(session, number, append_literal(session, options, literal))
    else:
        responses = yield from session.command("UID REPLACE", number, *options, literal.argument)
        # "The APPENDUID response code [...] is sent in an untagged OK response", before the message
        # that was replaced is expunged: RFC 8508 section 3.3.
        result = uidplus.appenduid(responses.code("APPENDUID"))
    literal.report(progress)
    return result


def _instead(session: ImapSession, number: bytes, append: Flow[AppendResult]) -> Flow[AppendResult]:
    r"""Add the new message, then delete the old: a failure leaves both, never none.

    RFC 8508 section 2 gives this sequence of commands.
    """
    # A message that is gone must not come back as another one, as REPLACE refuses it too.
    responses = yield from session.command("UID SEARCH", b"UID " + number)
    if not found_uids(session, responses):
        raise StateError(f"there is no message {number.decode()}; nothing was put in its place")
    result = yield from append
    yield from session.command("UID STORE", number, b"+FLAGS.SILENT", rb"(\Deleted)")
    # By UID: EXPUNGE alone would also delete what others have flagged.
    yield from session.command("UID EXPUNGE", number)
    return result


def _uid(uid: object) -> bytes:
    # nz-number = digit-nz *DIGIT ; 0 < n < 4,294,967,296
    if type(uid) is not int or not 0 < uid < 1 << 32:
        raise UsageError(f"replace() takes the UID of one message, not {uid!r:.60}")
    return b"%d" % uid
