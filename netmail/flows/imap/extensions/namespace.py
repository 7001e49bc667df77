"""Where mailboxes are: NAMESPACE.

This file knows when the server may be asked, and no grammar.

RFC 9051 section 6.3.10; RFC 2342.
"""

from functools import partial

from netmail.errors import ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.results.namespaces import Namespaces
from netmail.wire.imap.data.namespace import namespace_response


def namespace(session: ImapSession) -> Flow[Namespaces]:
    """Ask for the namespaces: NAMESPACE.

    RFC 9051 section 6.3.10.
    """
    # C: T1 NAMESPACE
    # S: * NAMESPACE (("" "/")) NIL NIL
    # S: T1 OK done
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("NAMESPACE", "namespace()")
    responses = yield from session.command("NAMESPACE")
    read = partial(namespace_response, strict=session.strict)
    found = session.read_each(read, responses.named("NAMESPACE"))
    if not found:
        message = "NAMESPACE ended without a NAMESPACE response"
        raise ProtocolError(message, b"", '* NAMESPACE (("" "/")) NIL NIL')
    return found[-1]
