"""Different items of each of several messages: one UID FETCH for each, in flight together.

This file knows that no two of the commands are about one message, and no grammar.

RFC 9051 sections 5.5 and 6.4.5.
"""

from collections.abc import Mapping

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.fetching.fetch_many import require_extensions
from netmail.flows.imap.fetching.streaming import reading_of
from netmail.flows.imap.pipelining.call import Call
from netmail.flows.imap.pipelining.scheduler import Scheduler
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.fetch_data import fetched_messages
from netmail.wire.imap.fetch_items import FetchItems, fetch_items
from netmail.wire.imap.fetched_message import FetchedMessage
from netmail.wire.number import number


def fetch_each(
    session: ImapSession, items: Mapping[int, FetchItems], mailbox: str | None
) -> Flow[dict[int, FetchedMessage]]:
    """Fetch the items that are named for each message: UID FETCH.

    Raises:
        UsageError: If `items` is no mapping, or a UID or an item is wrong.
        CapabilityError: If the server has not the extension that is needed.
        ImapError: If the server refuses one; the others were fetched in vain.

    RFC 9051 section 6.4.5.
    """
    # C: T1 UID FETCH 7 (UID BODY.PEEK[]<9000.4096>)
    # C: T2 UID FETCH 8 (UID BODY.PEEK[]<700.4096>)
    # S: * 3 FETCH (UID 7 BODY[]<9000> {310}
    # S: ...)
    # S: T1 OK done
    if not isinstance(items, Mapping):
        raise UsageError(f"fetch_each() takes a mapping from UID to items, not {items!r:.60}")
    wanted = {number(uid, "a UID"): fetch_items(each) for uid, each in items.items()}
    if not wanted:
        return {}
    for names in wanted.values():
        require_extensions(session, names)
    yield from ensure_selected(session, mailbox)
    # Each FETCH response has a UID, and each UID is in one command only, so that no response can
    # be another command's: RFC 9051 section 5.5 has no ambiguity to forbid.
    calls = {uid: Call(_fetch_one(session, uid, names)) for uid, names in wanted.items()}
    yield from Scheduler(session, calls.values()).run()
    found = {uid: call.pending.result() for uid, call in calls.items()}
    return {uid: message for uid, message in found.items() if message is not None}


def _fetch_one(session: ImapSession, uid: int, items: list[str]) -> Flow[FetchedMessage | None]:
    argument = f"({' '.join(items)})".encode("ascii")
    responses = yield from session.command("UID FETCH", b"%d" % uid, argument)
    messages, broken = fetched_messages(responses.untagged, reading_of(session))
    for fragments in broken:
        session.keep_unparsed(fragments, "FETCH data with a UID")
    # "A non-existent unique identifier is ignored without any error message generated", RFC 9051
    # section 6.4.9. Where flags change meanwhile, they come in a response of their own.
    return next((message for message in messages if message.uid == uid), None)
