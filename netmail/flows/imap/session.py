"""One IMAP session: a command, its responses, and what the server says unasked.

This file knows tags, literals and status; it knows no command but those that begin and end a
session. The families of commands stand in the files beside it.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from netmail.errors import (
    AuthenticationError,
    ConnectionLost,
    ImapError,
    Phase,
    ProtocolError,
    StateError,
    TlsError,
)
from netmail.flows.flow import PEEK, RECEIVE, Dialled, Flow, Send, lost
from netmail.flows.login import authenticate
from netmail.options import TLS_CONTROL, Options
from netmail.wire import imap_encode, imap_parse, sasl
from netmail.wire.imap_encode import Argument
from netmail.wire.imap_parse import Data, RawResponse, Status
from netmail.wire.imap_split import Pieces, Splitter
from netmail.wire.limits import ReplyLimits
from netmail.wire.reader import Reader

T = TypeVar("T")

KEPT: Final = 100
"""Alerts and responses not understood that are kept for the caller to look at."""


class State(StrEnum):
    """Where a session is, RFC 9051 section 3."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


@dataclass(slots=True)
class Mailbox:
    """The selected mailbox, kept up to date by what the server says unasked."""

    name: str
    examined: bool = False  # opened by EXAMINE; a change needs SELECT first
    read_only: bool = False
    exists: int = 0
    recent: int = 0
    flags: list[str] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Answer:
    """Everything that came in reply to one command.

    Attributes:
        done: The tagged response.
        data: The untagged responses with data, in their order.
        codes: The untagged status responses that carry a code.
    """

    done: Status
    data: list[Data]
    codes: list[imap_parse.Code]

    def named(self, *names: str) -> list[Data]:
        """List the untagged responses of these names."""
        return [response for response in self.data if response.name in names]

    def code(self, name: str) -> str | None:
        """Find a response code's data, in the tagged response or in an untagged one."""
        codes = (self.done.code, *self.codes)
        return next((code.data for code in codes if code.name == name), None)


class ImapSession:
    """What all IMAP conversations share.

    Attributes:
        reader: What has arrived.
        capabilities: What the server offers, in upper case.
        state: Where the session is.
        mailbox: The selected mailbox, or `None`.
        alerts: What the server asked to be shown to people, newest last.
        unparsed: Responses that were not understood, newest last; the connection is in step.
    """

    def __init__(self, options: Options, limits: ReplyLimits | None = None, tag: str = "") -> None:
        self.reader = Reader(limits)
        self.options = options
        self.alerts: list[str] = []
        self.unparsed: list[RawResponse] = []
        self._splitter = Splitter(self.reader)
        self._fixed_tag = tag
        self._forget()

    def _forget(self) -> None:
        self.capabilities: frozenset[str] = frozenset()
        self.state = State.NOT_AUTHENTICATED
        self.mailbox: Mailbox | None = None
        self._splitter.reset()
        # Unlike libcurl's A001; unknown to whoever would slip an answer in before we ask.
        self._tag = (self._fixed_tag or "n" + os.urandom(3).hex()).encode("ascii")
        self._count = 0
        self._heard = 0

    # -- beginning and end -------------------------------------------------------------------

    def open(self, dialled: Dialled) -> Flow[None]:
        """Take what the dial told; log in where libcurl did not."""
        self._forget()
        if not dialled.encrypted and self.options.tls >= TLS_CONTROL:
            raise TlsError("TLS was asked for, and the session is in clear", phase=Phase.TLS)
        logged_in = dialled.said(b"AUTHENTICATE", b"LOGIN")
        told = dialled.answers(b"AUTHENTICATE") + dialled.answers(b"LOGIN")
        if not logged_in:
            told = dialled.answers(b"CAPABILITY") or [dialled.greeting]
        for line in told:
            self._note_capabilities(line)
        if not self.capabilities:
            yield from self.capability()
        greeted = imap_parse.status(dialled.greeting)
        if logged_in or (greeted and greeted.status == "PREAUTH"):
            self.state = State.AUTHENTICATED
        elif self.options.needs_login:
            yield from self._login()

    def quit(self) -> Flow[None]:
        """LOGOUT; a server that hangs up at once has said enough."""
        try:
            yield from self.command("LOGOUT")
        except ConnectionLost:
            pass
        finally:
            self.state = State.LOGOUT
            self.mailbox = None

    def noop(self) -> Flow[bool]:
        """NOOP."""
        yield from self.command("NOOP")
        return True

    def capability(self) -> Flow[list[str]]:
        """CAPABILITY."""
        yield from self.command("CAPABILITY")
        return sorted(self.capabilities)

    def _login(self) -> Flow[None]:
        if not self.options.auth:
            text = "credentials were given, but the server offers no login that libcurl knows"
            raise AuthenticationError("login", text)
        offers = [name[5:] for name in self.capabilities if name.startswith("AUTH=")]
        initial = "SASL-IR" in self.capabilities
        before = self.capabilities
        tag = self._next_tag()
        yield from authenticate(
            self.options,
            offers,
            tag + b" AUTHENTICATE",
            lambda: self._login_answer(tag),
            initial=initial,
        )
        self.state = State.AUTHENTICATED
        if self.capabilities is before:
            yield from self.capability()

    def _login_answer(self, tag: bytes) -> Flow[bytes | None]:
        found = yield from self._until(tag, [], [])
        if isinstance(found, bytes):
            return sasl.decode(found)
        _raise_unless_ok(found, "AUTHENTICATE")
        return None

    @property
    def is_authenticated(self) -> bool:
        """Whether the login is done."""
        return self.state in {State.AUTHENTICATED, State.SELECTED}

    @property
    def selected(self) -> str | None:
        """The selected mailbox's name."""
        return self.mailbox.name if self.mailbox else None

    # -- one command -------------------------------------------------------------------------

    def command(self, name: str, *arguments: Argument) -> Flow[Answer]:
        """Send a command and read everything up to its tagged response.

        Raises:
            ImapError: If the server says NO or BAD.
            ConnectionLost: If it ends the connection.
            ProtocolError: If it breaks the grammar.
        """
        yield from self._hear_what_came()
        tag = self._next_tag()
        data: list[Data] = []
        codes: list[imap_parse.Code] = []
        pieces = imap_encode.encode(tag, name.encode(), arguments, self.capabilities)
        yield Send(next(pieces))
        done: Status | bytes = b""
        for piece in pieces:
            done = yield from self._until(tag, data, codes)
            if isinstance(done, Status):
                break  # refused before the literal
            yield Send(piece)
        while not isinstance(done, Status):
            done = yield from self._until(tag, data, codes)
        _raise_unless_ok(done, name.partition(" ")[0] if name[:3] != "UID" else name)
        return Answer(done, data, codes)

    def read(self, read: Callable[[Data], T], responses: Sequence[Data]) -> list[T]:
        """Read responses; those that cannot be read are kept in `unparsed`."""
        found: list[T] = []
        for response in responses:
            try:
                found.append(read(response))
            except ProtocolError as error:
                self._keep_raw(response.pieces, str(error))
        return found

    def require_state(self, *states: State) -> None:
        """Refuse a call that does not fit the session.

        Raises:
            StateError: If the session is in none of `states`.
        """
        if self.state not in states:
            raise StateError(f"the session is {self.state}; this needs it {' or '.join(states)}")

    def _next_tag(self) -> bytes:
        self._count += 1
        return self._tag + b"%d" % self._count

    def _hear_what_came(self) -> Flow[None]:
        """Take in what the server has said unasked: news of the mailbox, or a goodbye."""
        yield PEEK
        while (pieces := self._splitter.next()) is not None:
            if not pieces[0].startswith(b"* "):
                self._out_of_step(pieces)
            self._hear(pieces, [], [])
        if self.reader.ended:
            raise lost(self.reader)

    def _until(
        self, tag: bytes, data: list[Data], codes: list[imap_parse.Code]
    ) -> Flow[Status | bytes]:
        """Read responses up to the tagged one, or to a request to go on (its text)."""
        limit = self.reader.limits.responses
        while True:
            pieces = self._splitter.next()
            if pieces is None:
                if self.reader.ended:
                    raise lost(self.reader)
                yield RECEIVE
                continue
            head = pieces[0]
            if head.startswith(b"* "):
                self._hear(pieces, data, codes)
                if len(data) > limit:
                    message = f"over {limit} responses to one command; raise limits.responses"
                    raise ProtocolError(message, head)
            elif head.startswith(b"+"):
                return head[1:].strip()
            elif head.startswith(tag + b" ") and (done := imap_parse.status(head)):
                self._note_code(done)
                return done
            else:
                self._out_of_step(pieces)

    def _out_of_step(self, pieces: Pieces) -> None:
        """Judge a line that is neither untagged, nor ours, nor a request to go on.

        Only as the very first may it be the rest of a line whose beginning went to libcurl.
        """
        self._heard += 1
        if self._heard > 1 or self.options.strict:
            message = "the server answers what was not asked"
            raise ProtocolError(message, pieces[0], "an untagged response or our tag")
        self._keep_raw(pieces, "the rest of a line")

    def _hear(self, pieces: Pieces, data: list[Data], codes: list[imap_parse.Code]) -> None:
        """Sort one untagged response, and note what it tells of the session."""
        self._heard += 1
        if (told := imap_parse.status(pieces[0])) is not None:
            self._note_code(told)
            if told.code.name:
                codes.append(told.code)
            if told.status == "BYE":
                self.reader.farewell = told.text or "BYE"
        elif (response := imap_parse.data(pieces)) is not None:
            self._note_data(response)
            data.append(response)
        else:
            self._keep_raw(pieces, "an untagged response")

    def _note_code(self, told: Status) -> None:
        if told.code.name == "CAPABILITY":
            self.capabilities = frozenset(told.code.data.upper().split())
        elif told.code.name == "ALERT":
            self.alerts = [*self.alerts[-KEPT + 1 :], told.text]
        elif self.mailbox is not None and told.code.name:
            self.mailbox.codes[told.code.name] = told.code.data

    def _note_data(self, response: Data) -> None:
        mailbox, number = self.mailbox, response.number
        if response.name == "CAPABILITY":
            self.capabilities = frozenset(imap_parse.text(response.rest).upper().split())
        elif mailbox is None:
            return
        elif response.name == "EXISTS" and number is not None:
            mailbox.exists = number
        elif response.name == "EXPUNGE" and number is not None:
            mailbox.exists = max(0, mailbox.exists - 1)
        elif response.name == "RECENT" and number is not None:
            mailbox.recent = number
        elif response.name == "FLAGS":
            mailbox.flags = imap_parse.text(response.rest.strip(b" ()")).split()

    def _note_capabilities(self, line: bytes) -> None:
        """Find capabilities in a line of the dial, as data or as a response code."""
        told = imap_parse.status(line)
        if told is not None:
            self._note_code(told)
        elif (response := imap_parse.data([line])) is not None:
            self._note_data(response)

    def _keep_raw(self, pieces: Pieces, reason: str) -> None:
        if self.options.strict:
            raise ProtocolError("a response that is not understood", pieces[0], reason)
        kept = imap_parse.raw(pieces, reason)
        self.unparsed = [*self.unparsed[-KEPT + 1 :], kept]


def _raise_unless_ok(done: Status, command: str) -> None:
    if done.status == "OK":
        return
    if done.status not in {"NO", "BAD"}:
        raise ProtocolError("a tagged response is neither OK, NO nor BAD", done.status.encode())
    raise ImapError(command, done.text, done.status, done.code.name)
