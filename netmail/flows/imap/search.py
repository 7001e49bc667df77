"""Messages found: UID SEARCH.

This file knows neither a search key nor how UIDs are written.

RFC 9051 sections 6.4.4 and 6.4.9; RFC 4731 (ESEARCH) is read where a server responds with it.
"""

from netmail.errors import ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.responses import name
from netmail.wire.imap.search import search_program, search_results


def search(session: ImapSession, query: str | None, mailbox: str | None) -> Flow[list[int]]:
    """Find messages: UID SEARCH; an empty query means NEW.

    RFC 9051 section 6.4.4.
    """
    # search = "SEARCH" [search-return-opts] SP search-program
    #
    # C: T1 UID SEARCH UNSEEN FROM "ann"
    # S: * SEARCH 7 8 12
    # S: T1 OK done
    #
    # A server of IMAP4rev2 alone sends ESEARCH instead: * ESEARCH (TAG "T1") UID ALL 7:8,12
    arguments = search_program(query or "")
    yield from ensure_selected(session, mailbox)
    responses = yield from session.command("UID SEARCH", *arguments)
    return found_uids(session, responses)


def found_uids(session: ImapSession, responses: Responses) -> list[int]:
    """Read the UIDs that the responses to UID SEARCH hold.

    Raises:
        ProtocolError: If there are none that can be read.
    """
    found = responses.named("SEARCH", "ESEARCH")
    if not found:
        _require_readable(responses)
    return search_results(found, strict=session.strict)


def _require_readable(responses: Responses) -> None:
    """Check that the response to a search is missing, and not just unreadable.

    Raises:
        ProtocolError: If one came that has no name, or nearly the right one.
    """
    # Old servers send none where nothing was found; "* SEARCH\t7 8" is another thing.
    for fragments in responses.untagged:
        named = name(fragments[0])
        if named is None or b"SEARCH" in named.upper():
            raise ProtocolError("no SEARCH response could be read", fragments[0], "* SEARCH 7 8")
