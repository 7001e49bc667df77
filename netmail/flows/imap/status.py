"""The numbers of a mailbox that is not selected: STATUS.

This file knows which of several responses to take, and not how one is read.

RFC 9051 section 6.3.11.
"""

from collections.abc import Iterable
from functools import partial

from netmail.errors import ProtocolError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.select import same_mailbox
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.wire.imap import encode, quirks
from netmail.wire.imap.status_att import StatusValue, status_att_list
from netmail.wire.server_text import encode as encode_text

ALL_ITEMS = "MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN"
"""The items of RFC 3501, which every server knows; RFC 9051 has DELETED and SIZE for RECENT."""


def status(
    session: ImapSession, name: str, items: str | Iterable[str]
) -> Flow[dict[str, StatusValue]]:
    """Count a mailbox's messages: STATUS.

    RFC 9051 section 6.3.11.
    """
    # status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
    #
    # C: T1 STATUS "Archive" (MESSAGES UNSEEN)
    # S: * STATUS Archive (MESSAGES 231 UNSEEN 4)
    # S: T1 OK done
    atoms = status_items(items)
    # RFC 9051 appendix E: the item RECENT is "removed" in IMAP4rev2.
    if items == ALL_ITEMS and session.is_rev2:
        atoms.remove(b"RECENT")
    if not atoms:
        raise UsageError("status() needs at least one of MESSAGES RECENT UIDNEXT UIDVALIDITY")
    mailbox = session.mailbox_argument(name)
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    argument = b"(" + b" ".join(atoms) + b")"
    responses = yield from session.command("STATUS", mailbox, argument, about=name)
    read = partial(status_att_list, strict=session.strict)
    return _pick_status(session, name, session.read_each(read, responses.named("STATUS")))


def status_items(items: str | Iterable[str]) -> list[bytes]:
    """Write the names of STATUS items, such as MESSAGES.

    Raises:
        UsageError: If one is no atom.
    """
    names = encode.split_at_spaces(items, "STATUS items")
    return [encode.atom(item, "a STATUS item").upper() for item in names]


def _pick_status(
    session: ImapSession, name: str, received: list[tuple[str, dict[str, StatusValue]]]
) -> dict[str, StatusValue]:
    """Pick the numbers of the mailbox that was asked for."""
    # "The client MUST be prepared to accept any response at all times", RFC 9051 section 7: STATUS
    # of another mailbox, and the numbers of one in several responses.
    matching = [numbers for other, numbers in received if same_mailbox(other, name)]
    if not matching and len(received) == 1:
        other, numbers = received[0]
        quirks.tolerate(quirks.OTHER_NAME, encode_text(other), strict=session.strict)
        return numbers
    if not matching:
        raise ProtocolError("STATUS ended without a STATUS response", b"", "* STATUS name (...)")
    return {item: number for numbers in matching for item, number in numbers.items()}
