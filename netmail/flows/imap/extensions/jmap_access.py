"""Where the same mail is offered by JMAP: GETJMAPACCESS.

This file knows when the server may be asked, and nothing of JMAP.

RFC 9698 section 4.
"""

from netmail.errors import ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.wire.imap.data.names import jmapaccess_data


def jmap_access(session: ImapSession) -> Flow[str]:
    """Ask for the URL of the JMAP session: GETJMAPACCESS.

    RFC 9698 section 4.
    """
    # C: T1 GETJMAPACCESS
    # S: * JMAPACCESS "https://example.com/.well-known/jmap"
    # S: T1 OK done
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("JMAPACCESS", "jmap_access()")
    responses = yield from session.command("GETJMAPACCESS")
    found = session.read_each(jmapaccess_data, responses.named("JMAPACCESS"))
    if not found:
        message = "GETJMAPACCESS ended without a JMAPACCESS response"
        raise ProtocolError(message, b"", '* JMAPACCESS "https://..."')
    return found[-1]
