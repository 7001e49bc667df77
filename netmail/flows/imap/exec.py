"""Commands as they stand.

This file knows which commands would leave the session in a state that netmail does not follow.
"""

import re
from typing import Final

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.select import SelectFlows
from netmail.text import check_text
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import StatusResponse, text

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
    "IDLE": "noop() to hear news",
    "COMPRESS": "no compression",
    "UNAUTHENTICATE": "connect()",
    "DELETE": "delete()",
    "RENAME": "rename()",
    "ENABLE": "what works without it: it changes how the server answers",
    "NOTIFY": "noop() to hear news",
}

_VERB: Final = re.compile(r"(?:UID )?[A-Za-z0-9_.=-]+", re.IGNORECASE)
_LITERAL: Final = re.compile(r"\{[0-9]+\+?\}\s*\Z")


class RawFlows(SelectFlows):
    """Any command."""

    def exec(self, command: str, path: str | None) -> Flow[str]:
        """Send a command as it stands."""
        line = check_text(command, "the command")
        verb, _, rest = line.strip(" \t").partition(" ")
        if verb.upper() == "UID":
            second, _, rest = rest.lstrip(" ").partition(" ")
            verb = f"{verb} {second}"
        if not _VERB.fullmatch(verb):
            raise UsageError(f"exec() needs a command, a blank, and its arguments, not {verb!r}")
        if verb.upper() in INSTEAD:
            instead = INSTEAD[verb.upper()]
            raise UsageError(f"{verb} by exec() would leave netmail out of step; use {instead}")
        if _LITERAL.search(line):
            raise UsageError("exec() sends one line and no literals; write the string in quotes")
        if path:
            yield from self.enter(path)
        rest = rest.strip(" ")
        answer = yield from self.command(verb, *([rest.encode()] if rest else []))
        return "\r\n".join([*map(_line, answer.heard), _ending(answer.done)])


def _line(response: Fragments) -> str:
    return text(b"".join(response))


def _ending(done: StatusResponse) -> str:
    code = f"[{done.code.name} {done.code.data}".rstrip() + "]" if done.code.name else ""
    return " ".join(filter(None, (done.status, code, done.text)))
