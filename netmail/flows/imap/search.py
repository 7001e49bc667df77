"""Messages found: UID SEARCH.

This file knows neither a search key nor how UIDs are written.

RFC 9051 sections 6.4.4 and 6.4.9; RFC 4731 (ESEARCH) is read where a server responds with it.
"""

from netmail.flows.flow import Flow
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.search import search_program, search_results


def search(session: ImapSession, query: str | None, mailbox: str | None) -> Flow[list[int]]:
    """Find messages: UID SEARCH; an empty query means NEW.

    RFC 9051 section 6.4.4.
    """
    # search = "SEARCH" [search-return-opts] SP search-program
    #
    # C: T1 UID SEARCH UNSEEN FROM ann
    # S: * SEARCH 7 8 12
    # S: T1 OK done
    #
    # A server of IMAP4rev2 alone sends ESEARCH instead: * ESEARCH (TAG "T1") UID ALL 7:8,12
    arguments = search_program(query or "")
    yield from ensure_selected(session, mailbox)
    responses = yield from session.command("UID SEARCH", *arguments)
    return search_results(responses.named("SEARCH", "ESEARCH"), strict=session.strict)
