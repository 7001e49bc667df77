"""Messages' flags changed: UID STORE.

This file knows the items of STORE, and no flag.

RFC 9051 sections 6.4.6 and 6.4.9.
"""

from collections.abc import Iterable
from typing import Final

from netmail.errors import ImapError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.extensions.message_limit import each_set
from netmail.flows.imap.pipelining.together import command_each
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap import encode
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.sequence_set import UidSet, expand, uid_sets

STORE_ITEMS: Final = frozenset(
    {"FLAGS", "+FLAGS", "-FLAGS", "FLAGS.SILENT", "+FLAGS.SILENT", "-FLAGS.SILENT"}
)
"""RFC 9051 section 9: store-att-flags."""


MODIFIED: Final = "MODIFIED"
"""The response code of messages that have changed: RFC 7162 section 3.1.3."""

LABELS: Final = "X-GM-LABELS"
"""Gmail's item for labels, which are set, added and removed as flags are."""


def store(
    session: ImapSession,
    uids: UidSet,
    item: str,
    flags: str | Iterable[str],
    mailbox: str | None,
    *,
    unchanged_since: int | None = None,
) -> Flow[bool | tuple[int, ...]]:
    """Replace, add or remove flags, or labels of Gmail: UID STORE.

    Returns:
        True; with `unchanged_since`, the UIDs of the messages that have changed since, whose flags
        are as they were.

    RFC 9051 section 6.4.6; RFC 7162 section 3.1.3.
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
    since = [] if unchanged_since is None else [_modifier(session, unchanged_since)]
    sets = uid_sets(uids)
    if sets:
        yield from ensure_selected(session, mailbox, writing=True)
    if unchanged_since is None:
        yield from command_each(session, "UID STORE", sets, name.encode(), written)
        return True
    failed: list[int] = []
    for some in each_set(session, sets):
        arguments = [some.encode(), *since, name.encode(), written]
        failed += yield from _store(session, arguments)
    return tuple(sorted(failed))


def _modifier(session: ImapSession, unchanged_since: int) -> bytes:
    """Write the condition of a conditional STORE.

    Raises:
        CapabilityError: If the server does not count changes.
        UsageError: If it is no modification sequence.

    RFC 7162 section 3.1.3.
    """
    # store-modifier =/ "UNCHANGEDSINCE" SP mod-sequence-valzer
    value: object = unchanged_since
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise UsageError("unchanged_since is a modification sequence, an int from 0 on")
    if not session.offers("QRESYNC"):
        session.require("CONDSTORE", "store(unchanged_since=...)")
    return b"(UNCHANGEDSINCE %d)" % value


def _store(session: ImapSession, arguments: list[Argument]) -> Flow[tuple[int, ...]]:
    """Send one command; return the UIDs that the condition has kept from being changed."""
    # C: T1 UID STORE 5:9 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\Deleted)
    # S: * 5 FETCH (UID 5 MODSEQ (12121230047))
    # S: T1 OK [MODIFIED 7,9] Conditional STORE failed
    #
    # If some fail, "the server MUST return in the tagged response a MODIFIED response code", RFC
    # 7162 section 3.1.3; it comes with OK or with NO.
    collected = Responses(nesting=session.reader.limits.nesting)
    try:
        yield from session.command("UID STORE", *arguments, collected=collected)
    except ImapError as refusal:
        if refusal.code != MODIFIED:
            raise
    return expand(collected.code(MODIFIED) or "") or ()
