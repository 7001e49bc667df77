"""Extensions that a client must ask for: ENABLE.

This file knows which of them the session can read the consequences of, and no grammar.

RFC 9051 section 6.3.1; RFC 5161.
"""

from collections.abc import Iterable
from typing import Final

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.wire.imap import encode
from netmail.wire.imap.data.names import enable_data

REFUSED: Final = frozenset({"IMAP4REV2", "UTF8=ACCEPT", "UTF8=ONLY", "UIDONLY"})
"""What changes how names are written or messages are numbered, in a session that has begun with the
other form."""


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
    for name in names:
        if name.decode("ascii") in REFUSED:
            message = f"enable() does not take {name.decode('ascii')}: it changes how the session"
            raise UsageError(f"{message} must write names or number messages")
    # "the client only use the ENABLE command [...] in the authenticated state": in RFC 5161 it is
    # not valid once a mailbox has been selected.
    session.require_state(ImapState.AUTHENTICATED)
    session.require("ENABLE", "enable()")
    for name in names:
        session.require(name.decode("ascii"), "enable()")
    responses = yield from session.command("ENABLE", *names)
    found = session.read_each(enable_data, responses.named("ENABLED"))
    # "it is OK for the ENABLED response to list no extension": those that are on already.
    return sorted(frozenset[str]().union(*found))
