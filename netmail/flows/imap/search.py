"""Messages found: UID SEARCH.

This file knows neither a search key nor how UIDs are written.

RFC 9051 sections 6.4.4 and 6.4.9; RFC 4731 (ESEARCH) is read where a server responds with it.
"""

from typing import Final

from netmail.errors import CapabilityError, ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.responses import name
from netmail.wire.imap.search import search_results
from netmail.wire.imap.search_program import Program, SearchQuery, search_program

_OFFERED_BY: Final = {
    # RFC 9051 appendix E: IMAP4rev2 contains SEARCHRES. RFC 7162 section 3.2.3: QRESYNC
    # contains CONDSTORE.
    "SEARCHRES": {"SEARCHRES", "IMAP4REV2"},
    "CONDSTORE": {"CONDSTORE", "QRESYNC"},
}
"""Where a server may offer an extension without its own name."""


def search(session: ImapSession, query: SearchQuery | None, mailbox: str | None) -> Flow[list[int]]:
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
    program = search_program("" if query is None else query)
    yield from ensure_selected(session, mailbox)
    # NEW is "RECENT UNSEEN" (RFC 3501), and IMAP4rev2 has neither NEW nor RECENT: RFC 9051
    # appendix E.
    if session.is_rev2 and (query is None or query == ""):
        program = search_program("UNSEEN")
    require_keys(session, program)
    # search-return-opts = SP "RETURN" SP "(" [search-return-opt ...] ")"; the response to it names
    # its command, so that several searches may be in flight together.
    correlated = [b"RETURN (ALL)"] if session.queue and session.offers("ESEARCH") else []
    responses = yield from session.command("UID SEARCH", *correlated, *arguments(session, program))
    return found_uids(session, responses)


def require_keys(session: ImapSession, program: Program) -> None:
    """Refuse a query that has a key of an extension that the server does not offer.

    Raises:
        CapabilityError: If it has one; what a text names is left to the server.
    """
    # Clients "MUST NOT" use a key of an extension that is not offered: most servers respond with
    # BAD, and some find nothing.
    for capability in program.capabilities:
        if not (session.capabilities & _OFFERED_BY.get(capability, {capability})):
            message = f"the server has no {capability}, which a key of the query needs"
            raise CapabilityError(message, capability)


def arguments(session: ImapSession, program: Program) -> list[Argument]:
    """Write the arguments of SEARCH, with a charset only where the server needs one.

    RFC 9051 section 6.4.4.
    """
    # Once UTF8=ACCEPT is enabled, a client "MUST NOT issue a "SEARCH" command that contains a
    # charset specification", RFC 6855 section 3; in IMAP4rev2 UTF-8 is the charset of all strings.
    return program.arguments(with_charset=not session.is_utf8)


def found_uids(session: ImapSession, responses: Responses) -> list[int]:
    """Read the UIDs that the responses to UID SEARCH hold.

    Raises:
        ProtocolError: If there are none that can be read.
    """
    found = responses.named("SEARCH", "ESEARCH")
    if not found:
        _require_readable(responses)
    return search_results(found, strict=session.strict and not session.is_rev2)


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
