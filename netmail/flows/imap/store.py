"""Messages' flags changed: UID STORE.

This file knows the items of STORE, and no flag.

RFC 9051 sections 6.4.6 and 6.4.9.
"""

from collections.abc import Iterable
from typing import Final

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.extensions.message_limit import each_set
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap import encode
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.sequence_set import UidSet, uid_sets

STORE_ITEMS: Final = frozenset(
    {"FLAGS", "+FLAGS", "-FLAGS", "FLAGS.SILENT", "+FLAGS.SILENT", "-FLAGS.SILENT"}
)
"""RFC 9051 section 9: store-att-flags."""


LABELS: Final = "X-GM-LABELS"
"""Gmail's item for labels, which are set, added and removed as flags are."""


def store(
    session: ImapSession, uids: UidSet, item: str, flags: str | Iterable[str], mailbox: str | None
) -> Flow[bool]:
    """Replace, add or remove flags, or labels of Gmail: UID STORE.

    RFC 9051 section 6.4.6.
    """
    # store = "STORE" SP sequence-set SP store-att-flags
    #
    # C: T1 UID STORE 7:8 +FLAGS (\Seen)
    # S: * 3 FETCH (UID 7 FLAGS (\Seen))
    # S: * 4 FETCH (UID 8 FLAGS (\Seen))
    # S: T1 OK done
    #
    # ".SILENT" after the item's name "prevents the untagged FETCH".
    name = str(item).upper()
    # C: T1 UID STORE 7 +X-GM-LABELS ("Muy Importante" \Starred)
    if name.replace(LABELS, "FLAGS") not in STORE_ITEMS:
        raise UsageError(f"store() takes FLAGS, +FLAGS or -FLAGS (.SILENT), not {item!r}")
    has_labels = LABELS in name
    written: Argument = encode.label_list(flags) if has_labels else encode.flag_list(flags)
    if has_labels:
        session.require("X-GM-EXT-1", f"store() of {LABELS}")
    sets = uid_sets(uids)
    if sets:
        yield from ensure_selected(session, mailbox, writing=True)
    for some in each_set(session, sets):
        yield from session.command("UID STORE", some.encode(), name.encode(), written)
    return True
