"""POP3 conversations, RFC 1939.

This file knows the order of commands and what a session remembers; how a line is read stands in
`netmail.wire.pop3`.
"""

import builtins
from collections.abc import Callable
from typing import Final, TypeVar

from netmail.errors import (
    CapabilityError,
    ProtocolError,
    UsageError,
)
from netmail.flows.flow import PEEK, Flow, Handshake, Send, connection_lost, receive
from netmail.flows.pop3.login import log_in
from netmail.flows.sasl import require_ours, require_tls
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.text import check_text
from netmail.wire import dot, pop3
from netmail.wire.number import number
from netmail.wire.pop3 import ScanListing, Stat, UniqueId
from netmail.wire.reader import Reader

Entry = TypeVar("Entry", ScanListing, UniqueId)

_LISTS: Final = frozenset({"RETR", "TOP", "CAPA"})
"""Commands whose positive reply goes on to a line with a dot; LIST and UIDL only alone."""

_LOGIN: Final = "the options username, password and auth"
_INSTEAD: Final = {
    "QUIT": "quit()",
    "STLS": "the option tls",
    "AUTH": _LOGIN,
    "USER": _LOGIN,
    "PASS": _LOGIN,
    "APOP": _LOGIN,
}
"""Commands after which the session is another one, or none, and what to use."""


class Pop3Flows:
    """One session's conversations and what it remembers.

    Attributes:
        reader: What has arrived.
        capabilities: What CAPA said, capability to arguments.
    """

    def __init__(self, options: Options, limits: ServerLimits | None = None) -> None:
        self.reader = Reader(limits)
        self.capabilities: dict[str, tuple[str, ...]] = {}
        self._options = options
        self._asked_after_login = False

    def clone(self) -> "Pop3Flows":
        """Make another of the same kind, for a connection of its own."""
        return Pop3Flows(self._options, self.reader.limits)

    # -- beginning and end -------------------------------------------------------------------

    def open(self, handshake: Handshake) -> Flow[None]:
        """Take what the dial told; log in where libcurl did not."""
        self._asked_after_login = False
        answers = handshake.responses_to(b"CAPA")
        offered = answers[1:-1] if answers[:1] and answers[0].upper().startswith(b"+OK") else []
        self.capabilities = pop3.capabilities(offered)
        require_tls(self._options, handshake)
        if not self._options.needs_login or handshake.client_sent(b"PASS", b"APOP", b"AUTH"):
            return
        require_ours(self._options)
        yield from log_in(self._options, self.capabilities, handshake.greeting, self.reader)

    def quit(self) -> Flow[None]:
        """QUIT: end the session and delete what is marked."""
        yield from self._command("QUIT")

    # -- commands ----------------------------------------------------------------------------

    def stat(self) -> Flow[Stat]:
        """STAT."""
        return pop3.stat((yield from self._command("STAT")))

    def list(self, uid: int | None = None) -> Flow[builtins.list[ScanListing]]:
        """LIST, of all messages or of one."""
        return (yield from self._table("LIST", uid, pop3.listing))

    def uid_list(self, uid: int | None = None) -> Flow[builtins.list[UniqueId]]:
        """UIDL, of all messages or of one."""
        return (yield from self._table("UIDL", uid, pop3.unique_id))

    def retr(self, uid: int) -> Flow[bytes]:
        """RETR."""
        return (yield from self._body(f"RETR {number(uid, 'a message number')}"))

    def top(self, uid: int, count: int = 0) -> Flow[bytes]:
        """TOP."""
        which = number(uid, "a message number")
        lines = number(count, "a count of lines", least=0)
        yield from self._require("TOP")
        return (yield from self._body(f"TOP {which} {lines}"))

    def dele(self, uid: int) -> Flow[None]:
        """DELE."""
        yield from self._command(f"DELE {number(uid, 'a message number')}")

    def noop(self) -> Flow[None]:
        """NOOP."""
        yield from self._command("NOOP")

    def rset(self) -> Flow[None]:
        """RSET."""
        yield from self._command("RSET")

    def capa(self) -> Flow[dict[str, tuple[str, ...]]]:
        """CAPA."""
        body = yield from self._body("CAPA")
        self.capabilities = pop3.capabilities(body.splitlines())
        return self.capabilities

    def exec(self, command: str, path: str | None = None, no_transfer: bool = False) -> Flow[str]:
        """Send a command as it stands."""
        line = check_text(command, "the command")
        if path is not None:
            line = f"{line} {check_text(path, 'the path')}"
        line = line.strip()
        words = line.upper().split()
        if not words:
            raise UsageError("exec() needs a command")
        if words[0] in _INSTEAD:
            raise UsageError(f"exec() cannot say {words[0]}: use {_INSTEAD[words[0]]}")
        goes_on = words[0] in _LISTS or (words[0] in {"LIST", "UIDL"} and len(words) == 1)
        text = yield from self._command(line)
        if not goes_on:
            return text
        # Read in any case: what is left over would be taken for the next answer.
        body = yield from receive(self.reader, self.reader.dot_terminated)
        return text if no_transfer else f"{text}\r\n{pop3.text(dot.unstuff(body))}"

    # -- one command and its reply -----------------------------------------------------------

    def _command(self, line: str) -> Flow[str]:
        """Send one line; return the text of its +OK."""
        yield from self._check_silence()
        yield Send(line.encode() + b"\r\n")
        reply = yield from receive(self.reader, self.reader.line)
        return pop3.status(reply, line.partition(" ")[0].upper())

    def _body(self, line: str) -> Flow[bytes]:
        yield from self._command(line)
        return dot.unstuff((yield from receive(self.reader, self.reader.dot_terminated)))

    def _table(
        self, verb: str, uid: int | None, read: Callable[[bytes], Entry]
    ) -> Flow[builtins.list[Entry]]:
        if uid is None:
            lines = (yield from self._body(verb)).splitlines()
            if len(lines) > self.reader.limits.responses:
                limit = self.reader.limits.responses
                message = f"a list of more than {limit} entries; raise limits.responses if meant"
                raise ProtocolError(message, lines[-1])
            return [read(line) for line in lines]
        words = yield from self._command(f"{verb} {number(uid, 'a message number')}")
        line = words.encode("utf-8", "surrogateescape")
        entry = read(line)
        if entry["uid"] != uid:
            raise ProtocolError(f"{verb}'s reply is for another message", line, str(uid))
        return [entry]

    def _check_silence(self) -> Flow[None]:
        """Refuse what came unasked: it could be taken for the next answer."""
        yield PEEK
        if self.reader.available:
            line = self.reader.line() or self.reader.peek()
            if not line.upper().startswith(b"-ERR"):
                raise ProtocolError("the server spoke unasked", line, "silence")
            # Servers say why they close, such as "-ERR Disconnected for inactivity."
            self.reader.closing_text, self.reader.eof = pop3.text(line), True
        if self.reader.eof:
            raise connection_lost(self.reader)

    def _require(self, capability: str) -> Flow[None]:
        """Make sure that the server offers `capability`; some tell of it only after the login."""
        if not self.capabilities or capability in self.capabilities:
            return
        if not self._asked_after_login:
            self._asked_after_login = True
            yield from self.capa()
        if capability not in self.capabilities:
            raise CapabilityError(f"the server does not offer {capability}", capability)
