"""Any command as it is written: for what netmail has no method for.

This file knows which commands would change the session without netmail's knowledge, and not what
any other command means.
"""

import re
from typing import Final

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.select import ensure_selected
from netmail.flows.imap.session import ImapSession
from netmail.text import check_text
from netmail.wire.imap.exec_result import ExecResult, ending

INSTEAD: Final = {
    "SELECT": "select()",
    "EXAMINE": "examine()",
    "CLOSE": "close()",
    "UNSELECT": "unselect()",
    "LOGOUT": "quit()",
    "APPEND": "append()",
    "LOGIN": "the options username and password",
    "AUTHENTICATE": "the options username, password and auth",
    "STARTTLS": "the option tls",
    "IDLE": "idle()",
    "COMPRESS": "compress()",
    "UNAUTHENTICATE": "unauthenticate()",
    "DELETE": "delete()",
    "RENAME": "rename()",
    "ENABLE": "what works without it: it changes how the server responds",
    "NOTIFY": "notify()",
}
"""Commands that change the session's state or how responses are written, and what to use."""

# command = tag SP (command-any / ...) CRLF, where uid = "UID" SP (copy / move / fetch / ...)
_VERB: Final = re.compile(r"(?:UID )?[A-Za-z0-9_.=-]+", re.IGNORECASE)
# literal = "{" number64 ["+"] "}" CRLF *CHAR8: the octets would be taken for the next command.
_LITERAL: Final = re.compile(r"\{[0-9]+\+?\}\s*\Z")


def exec(session: ImapSession, command: str, mailbox: str | None) -> Flow[ExecResult]:
    """Send a command as it is written, and return all its responses.

    RFC 9051 section 2.2.
    """
    # command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF
    #
    # C: T1 NAMESPACE
    # S: * NAMESPACE (("" "/")) NIL NIL
    # S: T1 OK done
    line = check_text(command, "the command")
    # Only SP ends a verb here: a tab stays in it, and no verb holds one.
    verb, _, rest = line.strip(" \t").partition(" ")
    # uid = "UID" SP (copy / move / fetch / search / store / uid-expunge): the two are its name.
    if verb.upper() == "UID":
        second, _, rest = rest.lstrip(" ").partition(" ")
        verb = f"{verb} {second}"
    if not _VERB.fullmatch(verb):
        # Its first atom alone: the rest may be a secret.
        shown = re.split(r"[^A-Za-z0-9]", verb, maxsplit=1)[0]
        raise UsageError(f"exec() needs a command, a space, and its arguments, not {shown!r}...")
    if verb.upper() in INSTEAD:
        instead = INSTEAD[verb.upper()]
        raise UsageError(f"{verb} by exec() would leave netmail out of step; use {instead}")
    # After a literal's length "the client MUST wait to receive a command continuation request",
    # RFC 9051 section 4.3, and nothing would follow it here.
    if _LITERAL.search(line):
        raise UsageError("exec() sends one line and no literals; write the string in quotes")
    if mailbox:
        yield from ensure_selected(session, mailbox)
    rest = rest.strip(" ")
    responses = yield from session.command(verb, *([rest.encode()] if rest else []), fetches=True)
    return ExecResult(responses.untagged, ending(responses.tagged), responses.nesting)
