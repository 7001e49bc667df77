"""Extensions that a client must ask for: ENABLE.

This file knows when they may be turned on, and no grammar; what they change is where it is read:
names in UTF-8 (UTF8=ACCEPT, IMAP4rev2) in the session, UIDFETCH (UIDONLY) among the responses.

RFC 9051 section 6.3.1; RFC 5161; RFC 6855 section 3; RFC 9586 section 3.
"""

from collections.abc import Iterable
from typing import Final

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.wire.imap import encode
from netmail.wire.imap.data.names import enable_data

# A server that speaks nothing but UTF-8 says "UTF8=ONLY". For it "ENABLE UTF8=ACCEPT" is "always
# used -- never "ENABLE UTF8=ONLY"", RFC 6855 section 6.
_ONLY: Final = "UTF8=ONLY"


def enable(session: ImapSession, extensions: str | Iterable[str]) -> Flow[list[str]]:
    """Turn extensions on: ENABLE.

    RFC 9051 section 6.3.1.
    """
    # C: T1 ENABLE CONDSTORE
    # S: * ENABLED CONDSTORE
    # S: T1 OK done
    names = [
        encode.atom(name, "an extension").upper()
        for name in encode.split_at_spaces(extensions, "extensions")
    ]
    if not names:
        raise UsageError("enable() needs the name of an extension, such as CONDSTORE")
    # "The ENABLE command is only valid in the authenticated state, before any mailbox is selected",
    # RFC 9051 section 6.3.1.
    session.require_state(ImapState.AUTHENTICATED)
    session.require("ENABLE", "enable()")
    for name in names:
        if name != b"UTF8=ACCEPT" or _ONLY not in session.capabilities:
            session.require(name.decode("ascii"), "enable()")
    was_utf8 = session.is_utf8
    responses = yield from session.command("ENABLE", *names)
    # From here on the server writes mailbox names in UTF-8, RFC 6855 section 3: how it wrote names
    # before does not hold.
    if session.is_utf8 != was_utf8:
        session.server_names.clear()
    found = session.read_each(enable_data, responses.named("ENABLED"), "* ENABLED names")
    # "The ENABLED response is sent even if no extensions were enabled", RFC 9051 section 6.3.1.
    return sorted(frozenset[str]().union(*found))
