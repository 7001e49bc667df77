"""Messages fetched one by one, each handed over as soon as it has come: UID FETCH.

This file knows which extension an item needs, and no grammar.

RFC 9051 section 6.4.5.
"""

import re
from collections.abc import Callable
from typing import Final, Literal, overload

from netmail.errors import CapabilityError, UsageError
from netmail.flows.flow import StreamingFlow
from netmail.flows.imap.extensions.message_limit import each_set
from netmail.flows.imap.extensions.resync import ensure_on
from netmail.flows.imap.fetching.streaming import reading_of, stream
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.results.vanished import Vanished
from netmail.wire.imap import responses
from netmail.wire.imap.data.vanished import expunged_resp
from netmail.wire.imap.fetch_data import fetched_messages
from netmail.wire.imap.fetch_items import FetchItems, fetch_items
from netmail.wire.imap.fetched_message import FetchedMessage
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.sequence_set import UidSet, uid_sets

_NEEDS: Final = {
    "BINARY": ("BINARY",),
    "MODSEQ": ("CONDSTORE", "QRESYNC"),
    "PREVIEW": ("PREVIEW",),
    "SAVEDATE": ("SAVEDATE",),
    "EMAILID": ("OBJECTID",),
    "THREADID": ("OBJECTID",),
    "X-GM-LABELS": ("X-GM-EXT-1",),
    "X-GM-MSGID": ("X-GM-EXT-1",),
    "X-GM-THRID": ("X-GM-EXT-1",),
}
"""The extensions, one of which a server must offer for an item."""
_REV2: Final = frozenset({"BINARY"})
"""What IMAP4rev2 contains of these: RFC 9051 appendix E."""
# fetch-att = "BINARY" [".PEEK"] section-binary [partial] / "PREVIEW" [SP "(" ... ")"] / ...: the
# first atom without its suffix is the extension's.
_NAME: Final = re.compile(r"[A-Z0-9-]+", re.IGNORECASE)
_VANISHED: Final = b" VANISHED"


@overload
def fetch_many(
    session: ImapSession,
    uids: UidSet,
    items: FetchItems,
    mailbox: str | None,
    changed_since: int | None = None,
    *,
    vanished: Literal[False] = False,
) -> StreamingFlow[FetchedMessage]: ...


@overload
def fetch_many(
    session: ImapSession,
    uids: UidSet,
    items: FetchItems,
    mailbox: str | None,
    changed_since: int | None = None,
    *,
    vanished: bool,
) -> StreamingFlow[FetchedMessage | Vanished]: ...


def fetch_many(
    session: ImapSession,
    uids: UidSet,
    items: FetchItems,
    mailbox: str | None,
    changed_since: int | None = None,
    *,
    vanished: bool = False,
) -> StreamingFlow[FetchedMessage] | StreamingFlow[FetchedMessage | Vanished]:
    """Fetch items of messages: UID FETCH.

    What is wrong with the arguments is raised here, and not when the first message is asked for.

    RFC 9051 section 6.4.5.
    """
    sets, names = uid_sets(uids), fetch_items(items)
    if mailbox:
        session.mailbox_argument(mailbox)
    modifier = _modifier(changed_since, vanished=vanished)
    return _fetch_many(session, sets, names, mailbox, modifier)


def _modifier(changed_since: int | None, *, vanished: bool) -> bytes:
    """Write the modifier of a FETCH for what has changed; empty for none.

    Raises:
        UsageError: If it is no modification sequence.

    RFC 7162 sections 3.1.4.1 and 3.2.6.
    """
    # fetch-modifier =/ chgsince-fetch-mod / rexpunges-fetch-mod, rexpunges-fetch-mod = "VANISHED"
    # chgsince-fetch-mod = "CHANGEDSINCE" SP mod-sequence-value
    value: object = changed_since
    if value is None:
        # "The VANISHED UID FETCH modifier MUST only be specified together with the CHANGEDSINCE
        # UID FETCH modifier."
        if vanished:
            raise UsageError("vanished needs changed_since: the messages that are gone since then")
        return b""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 63:
        raise UsageError("changed_since is a modification sequence, an int from 1 on")
    return b"(CHANGEDSINCE %d%b)" % (value, _VANISHED if vanished else b"")


def _fetch_many(
    session: ImapSession, sets: list[str], items: list[str], mailbox: str | None, modifier: bytes
) -> StreamingFlow[FetchedMessage | Vanished]:
    # fetch = "FETCH" SP sequence-set SP ("(" fetch-att *(SP fetch-att) ")" / ...)
    #
    # C: T1 UID FETCH 7:8 (UID FLAGS)
    # S: * 3 FETCH (UID 7 FLAGS (\Seen))
    # S: T1 OK done
    #
    # Nothing is sorted here, for that would need all messages at once. A second set is sent when
    # the responses to the first are read: one command of the largest length has 8,000 octets.
    # With CHANGEDSINCE the server sends MODSEQ as well, and only messages that have changed.
    require_extensions(session, ["MODSEQ", *items] if modifier else items)
    if not sets:
        return
    # "A client making use of QRESYNC MUST issue "ENABLE QRESYNC" once it is authenticated", RFC
    # 7162 section 3.2.3.
    also = b"VANISHED" if _VANISHED in modifier else b""
    if also:
        yield from ensure_on(session, "fetch_many() with vanished")
    yield from ensure_selected(session, mailbox)

    reading = reading_of(session)
    only_flags = {"UID", "FLAGS", "MODSEQ"}.issuperset(map(str.upper, items))

    def read(batch: list[Fragments]) -> list[FetchedMessage]:
        messages, broken = fetched_messages(batch, reading, only_flags=only_flags)
        for fragments in broken:
            session.keep_unparsed(fragments, "FETCH data with a UID")
        return messages

    def read_all(batch: list[Fragments]) -> list[FetchedMessage | Vanished]:
        return _in_order(session, batch, read) if also else [*read(batch)]

    argument = f"({' '.join(items)})".encode("ascii")
    for some in each_set(session, sets):
        arguments = [some.encode(), argument, *([modifier] if modifier else [])]
        yield from stream(session, "UID FETCH", *arguments, read=read_all, also=also)


def _in_order(
    session: ImapSession,
    batch: list[Fragments],
    read: Callable[[list[Fragments]], list[FetchedMessage]],
) -> list[FetchedMessage | Vanished]:
    """Read messages, and VANISHED between them, in the order that the server has sent them.

    RFC 7162 section 3.2.10.
    """
    # C: T1 UID FETCH 300:500 (UID FLAGS) (CHANGEDSINCE 12345 VANISHED)
    # S: * VANISHED (EARLIER) 300:310,405,411
    # S: * 1 FETCH (UID 404 MODSEQ (65402) FLAGS (\Seen))
    # S: T1 OK done
    #
    # One without EARLIER may come between: its messages are gone just now.
    values: list[FetchedMessage | Vanished] = []
    between: list[Fragments] = []
    for fragments in batch:
        if not _is_vanished(fragments):
            between.append(fragments)
        elif (data := responses.data(fragments)) is not None:
            values += read(between)
            values += session.read_each(expunged_resp, [data])
            between = []
    values += read(between)
    return values


def _is_vanished(fragments: Fragments) -> bool:
    return fragments[0][:10].upper() == b"* VANISHED"


def require_extensions(session: ImapSession, items: list[str]) -> None:
    """Check that the server knows the items.

    Raises:
        CapabilityError: If it does not offer the extension of one.
    """
    for item in items:
        found = _NAME.match(item)
        needed = _NEEDS.get(found[0].upper(), ()) if found else ()
        included = "IMAP4REV2" in session.capabilities and _REV2.issuperset(needed)
        if needed and not included and session.capabilities.isdisjoint(needed):
            raise CapabilityError(f"the server has no {needed[0]}, and so no {item}", needed[0])
