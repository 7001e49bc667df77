"""Commands as they stand.

This file knows which commands would leave the session in a state that netmail does not follow.
"""

import re
from typing import Final

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.select import SelectFlows
from netmail.wire.imap_parse import Data, Status, text
from netmail.wire.safe import one_line

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
}

_LITERAL = re.compile(r"\{[0-9]+\+?\}\s*\Z")


class RawFlows(SelectFlows):
    """Any command."""

    def exec(self, command: str, path: str | None) -> Flow[str]:
        """Send a command as it stands."""
        line = one_line(command, "the command").strip()
        verb = line.partition(" ")[0].upper()
        if not verb:
            raise UsageError("exec() needs a command")
        if verb in INSTEAD:
            message = f"{verb} by exec() would leave netmail out of step; use {INSTEAD[verb]}"
            raise UsageError(message)
        if _LITERAL.search(line):
            raise UsageError("exec() sends one line and no literals; write the string in quotes")
        if path:
            yield from self.enter(path)
        answer = yield from self.command(line)
        told = [_line(response) for response in answer.data]
        return "\r\n".join([*told, _ending(answer.done)])


def _line(response: Data) -> str:
    return text(b"".join(response.pieces))


def _ending(done: Status) -> str:
    code = f"[{done.code.name} {done.code.data}".rstrip() + "]" if done.code.name else ""
    return " ".join(filter(None, (done.status, code, done.text)))
