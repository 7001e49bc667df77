"""Messages fetched: UID FETCH.

This file knows what a missing message means for one UID and for a set, and no grammar.

RFC 9051 sections 6.4.5 and 6.4.9.
"""

from functools import partial

from netmail.errors import ImapError, ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap import msg_att
from netmail.wire.imap.sequence_set import UidSet, uid_sets


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
    bodies: dict[int, bytes] = {}
    for some in sets:
        bodies |= yield from _fetch_bodies(session, some)
    if not isinstance(uids, int):
        return bodies
    # "A non-existent unique identifier is ignored without any error message generated", RFC 9051
    # section 6.4.9; a set leaves it out, one UID has no other result to return.
    if uids not in bodies:
        where = session.selected or "the mailbox"
        text = f"there is no message with UID {uids} in {where}"
        raise ImapError("UID FETCH", text, "NO", "NONEXISTENT")
    return bodies[uids]


def _fetch_bodies(session: ImapSession, uids: str) -> Flow[dict[int, bytes]]:
    # fetch = "FETCH" SP sequence-set SP ("(" fetch-att *(SP fetch-att) ")" / ...)
    #
    # C: T1 UID FETCH 7:8 (UID BODY.PEEK[])
    # S: * 3 FETCH (UID 7 BODY[] {310}
    # S: ...)
    # S: T1 OK done
    #
    # BODY.PEEK is the form "that does not implicitly set the \Seen flag", RFC 9051 section 6.4.5.
    responses = yield from session.command("UID FETCH", uids.encode(), b"(UID BODY.PEEK[])")
    bodies, responses.untagged = msg_att.usual_bodies(responses.untagged)
    unparsed = session.unparsed
    read = partial(msg_att.uid_and_body, strict=session.strict)
    others = session.read_each(read, responses.named("FETCH"))
    if not bodies and not others and session.unparsed is not unparsed:
        # A message that cannot be read is not one that does not exist.
        raw = session.unparsed[-1]
        raise ProtocolError("no FETCH response could be read", raw.data, raw.reason)
    bodies.update(item for item in others if item is not None)
    return bodies
