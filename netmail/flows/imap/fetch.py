"""Messages fetched: UID FETCH.

This file knows what a missing message means for one UID and for a set, and no grammar.

RFC 9051 sections 6.4.5 and 6.4.9.
"""

from functools import partial
from typing import Final

from netmail.errors import ImapError, ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.imap.extensions.message_limit import each_set
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap import msg_att
from netmail.wire.imap.sequence_set import UidSet, named, uid_sets

MAX_SHOWN: Final = 10
"""UIDs that an error names."""


def fetch(
    session: ImapSession, uids: UidSet, mailbox: str | None
) -> Flow[bytes | dict[int, bytes]]:
    """Fetch whole messages: UID FETCH; their flags stay as they are.

    RFC 9051 section 6.4.5.
    """
    sets = uid_sets(uids)
    if not sets:
        return {}
    yield from ensure_selected(session, mailbox)
    bodies: dict[int, bytes | None] = {}
    for some in each_set(session, sets):
        bodies |= yield from _fetch_bodies(session, some)
    found = _contents(session, bodies)
    if not isinstance(uids, int):
        return found
    # "A non-existent unique identifier is ignored without any error message generated", RFC 9051
    # section 6.4.9; a set leaves it out, one UID has no other result to return.
    if uids not in found:
        where = session.selected or "the mailbox"
        text = f"there is no message with UID {uids} in {where}"
        raise ImapError("UID FETCH", text, "NO", "NONEXISTENT")
    return found[uids]


def _contents(session: ImapSession, bodies: dict[int, bytes | None]) -> dict[int, bytes]:
    """Check that all messages that exist have content.

    Raises:
        ImapError: If the server has none of a message: neither an empty nor a missing one.
    """
    # NIL "represents the non-existence of a particular data item", RFC 9051 section 4.5: of the
    # content, while the response shows that the message exists.
    absent = [uid for uid, content in bodies.items() if content is None]
    if absent:
        where = session.selected or "the mailbox"
        shown = ", ".join(map(str, absent[:MAX_SHOWN])) + (" ..." if absent[MAX_SHOWN:] else "")
        text = f"the server has no content of UID {shown} in {where}, although the message exists"
        raise ImapError("UID FETCH", text, "NO", "UNAVAILABLE")
    return {uid: content for uid, content in bodies.items() if content is not None}


def _fetch_bodies(session: ImapSession, uids: str) -> Flow[dict[int, bytes | None]]:
    # fetch = "FETCH" SP sequence-set SP ("(" fetch-att *(SP fetch-att) ")" / ...)
    #
    # C: T1 UID FETCH 7:8 (UID BODY.PEEK[])
    # S: * 3 FETCH (UID 7 BODY[] {310}
    # S: ...)
    # S: T1 OK done
    #
    # BODY.PEEK is the form "that does not implicitly set the \Seen flag", RFC 9051 section 6.4.5.
    responses = yield from session.command("UID FETCH", uids.encode(), b"(UID BODY.PEEK[])")
    usual, responses.untagged = msg_att.usual_bodies(responses.untagged)
    bodies: dict[int, bytes | None] = {}
    unparsed = session.unparsed
    read = partial(msg_att.uid_and_body, strict=session.strict)
    others = session.read_each(read, responses.named("FETCH"))
    if not usual and not others and session.unparsed is not unparsed:
        # A message that cannot be read is not one that does not exist.
        raw = session.unparsed[-1]
        raise ProtocolError("no FETCH response could be read", raw.data, raw.reason)
    bodies.update(usual)
    for uid, content in filter(None, others):
        if content is not None or uid not in bodies:
            bodies[uid] = content
    # imap4d responds to UIDs that do not exist with other messages.
    asked = named([uids], bodies)
    return {uid: content for uid, content in bodies.items() if uid in asked}
