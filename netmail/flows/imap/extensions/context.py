"""The end of reports on what a search finds: CANCELUPDATE.

This file knows the command, and neither how a search asks for reports nor what they say.

RFC 5267 section 4.3.5.
"""

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.results.search_result import SearchResult
from netmail.wire.imap import encode


def cancel_update(session: ImapSession, result: SearchResult) -> Flow[bool]:
    """Ask for no more reports on a search: CANCELUPDATE.

    RFC 5267 section 4.3.5.
    """
    # command-select =/ "CANCELUPDATE" 1*(SP quoted): a tag each
    #
    # C: T2 CANCELUPDATE "T1"
    # S: T2 OK done
    given: object = result
    if not isinstance(given, SearchResult) or not given.is_updated:
        raise UsageError('cancel_update() needs the result of a search with result="update"')
    tag = encode.atom(result.tag, "the tag of a search")
    session.require_state(ImapState.SELECTED)
    yield from session.command("CANCELUPDATE", b'"' + tag + b'"')
    return True
