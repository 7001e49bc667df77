"""What an IMAP server tells, asked or not, and what a session remembers of it.

This file knows no command: it takes in one response at a time.
"""

import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from netmail.errors import ProtocolError, StateError
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.wire.imap import encode, quirks, responses
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.fragments import Fragmentizer, Fragments
from netmail.wire.imap.responses import DataResponse, RawResponse, ResponseCode, StatusResponse
from netmail.wire.imap.sequence_set import LARGEST
from netmail.wire.reader import Reader

KEPT: Final = 100
"""Alerts and responses not understood that are kept for the caller to look at."""

SHOWN: Final = 1_000
"""Characters of an alert that are kept."""


class State(StrEnum):
    """Where a session is, RFC 9051 section 3."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


@dataclass(slots=True)
class Mailbox:
    """The selected mailbox, kept up to date by what the server says unasked.

    Attributes:
        name: Its name; `None` when a mailbox above it was renamed, and it with that.
        examined: Whether EXAMINE opened it, so that nothing may be changed.
        exists: How many messages it holds; `None` until the server has told.
        recent: How many of them are new to this session.
        flags: The flags that messages in it can have.
    """

    name: str | None
    examined: bool = False
    exists: int | None = None
    recent: int = 0
    flags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """Everything that came in reply to one command.

    Attributes:
        done: The tagged response.
        heard: All untagged responses, in their order.
        codes: The codes of the untagged status responses.
        nesting: How deep lists in the responses may nest.
    """

    done: StatusResponse = field(
        default_factory=lambda: StatusResponse(b"", "", ResponseCode(), "")
    )
    heard: list[Fragments] = field(default_factory=list)
    codes: list[ResponseCode] = field(default_factory=list)
    nesting: int = responses.MAX_NESTING

    def named(self, *names: str) -> list[DataResponse]:
        """List the untagged responses of these names, read as far as all have it in common."""
        read = (responses.data(pieces, self.nesting) for pieces in self.heard)
        return [response for response in read if response is not None and response.name in names]

    def code(self, name: str) -> str | None:
        """Find a response code's data, in the tagged response or in an untagged one."""
        codes = (self.done.code, *self.codes)
        return next((code.data for code in codes if code.name == name), None)


class ImapNews:
    """What a session remembers.

    Attributes:
        reader: What has arrived.
        options: What the connection was made with.
        strict: Whether tolerances for known servers are off.
        capabilities: What the server offers, in upper case.
        state: Where the session is.
        mailbox: The selected mailbox, or `None`.
        alerts: What the server asked to be shown to people, newest last.
        unparsed: Responses that were not understood, newest last; the connection is in step.
        names: Mailbox names that the server writes in its own way, as it writes them.
        validities: The UIDVALIDITY of each mailbox that was selected, where the server told it.
    """

    def __init__(self, options: Options, limits: ServerLimits | None = None, tag: str = "") -> None:
        self.reader = Reader(limits)
        self.options = options
        self.strict = options.strict
        self.alerts: list[str] = []
        self.unparsed: list[RawResponse] = []
        self._splitter = Fragmentizer(self.reader)
        self._fixed_tag = tag
        self._forget()

    def _forget(self) -> None:
        """Begin anew: nothing that one connection told is true of the next."""
        self.capabilities: frozenset[str] = frozenset()
        self.state = State.NOT_AUTHENTICATED
        self.mailbox: Mailbox | None = None
        self.names: dict[str, bytes] = {}
        self.validities: dict[str, int] = {}
        self._splitter.reset()
        # Unlike libcurl's A001; unknown to whoever would slip an answer in before we ask.
        self._tag = (self._fixed_tag or "n" + os.urandom(3).hex()).encode("ascii")
        self._count = 0
        self._heard = 0

    @property
    def is_authenticated(self) -> bool:
        """Whether the login is done."""
        return self.state in {State.AUTHENTICATED, State.SELECTED}

    @property
    def selected(self) -> str | None:
        """The selected mailbox's name."""
        return self.mailbox.name if self.mailbox else None

    def offers(self, capability: str) -> bool:
        """Tell whether the server has one of the extensions that IMAP4rev2 has within itself."""
        return capability in self.capabilities or "IMAP4REV2" in self.capabilities

    def require_state(self, *states: State) -> None:
        """Refuse a call that does not fit the session.

        Raises:
            StateError: If the session is in none of `states`.
        """
        if self.state not in states:
            needed = " or ".join(states)
            advice = _ADVICE.get(states[0], "")
            raise StateError(f"the session is {self.state}; this needs it {needed}{advice}")

    def mailbox_argument(self, name: str) -> Argument:
        """Write a mailbox name as the server did, else in modified UTF-7.

        Raises:
            UsageError: If it is empty or holds a line end, NUL or lone surrogate.
        """
        written = self.names.get(str(name))
        return encode.mailbox(name) if written is None else encode.astring(written)

    def _hear(self, pieces: Fragments, answer: Answer) -> None:
        """Sort one untagged response, and note what it tells of the session."""
        self._heard += 1
        answer.heard.append(pieces)
        name = responses.name(pieces[0])
        if name == b"FETCH":
            return  # the most frequent by far, and no news that is kept
        word = name.decode("ascii").upper() if name else ""
        if word in _STATUSES and (told := responses.status(pieces[0])) is not None:
            self._note_status(told, answer)
        elif not word or word in _STATUSES:
            self._keep_raw(pieces, "an untagged response")
        elif word in _NEWS and (response := responses.data(pieces)) is not None:
            self._note_data(response)

    def _note_status(self, told: StatusResponse, answer: Answer) -> None:
        self._note_code(told)
        if told.code.name:
            if len(answer.codes) < self.reader.limits.lines:
                answer.codes.append(told.code)
            if not told.text:
                quirks.tolerate(quirks.NO_TEXT, told.code.name.encode(), strict=self.strict)
        if told.status == "BYE":
            self.reader.closing_text = told.text[:SHOWN] or "BYE"

    def _note_code(self, told: StatusResponse) -> None:
        if told.code.name == "CAPABILITY":
            self.capabilities = frozenset(told.code.data.upper().split())
        elif told.code.name == "ALERT":
            self.alerts = [*self.alerts[-KEPT + 1 :], told.text[:SHOWN]]

    def _note_data(self, response: DataResponse) -> None:
        mailbox, number = self.mailbox, response.number
        if response.name == "CAPABILITY":
            self.capabilities = frozenset(responses.text(response.rest).upper().split())
        elif mailbox is None:
            return
        elif response.name == "FLAGS":
            mailbox.flags = responses.text(response.rest.strip(b" ()")).split()
        elif number is None or number > LARGEST:
            self._keep_raw(response.pieces, "a number before its name")
        elif response.name == "EXISTS":
            mailbox.exists = number
        elif response.name == "RECENT":
            mailbox.recent = number
        elif mailbox.exists:
            mailbox.exists -= 1

    def _note_line(self, line: bytes) -> None:
        """Find capabilities in a line of the dial, as data or as a response code."""
        told = responses.status(line)
        if told is not None:
            self._note_code(told)
        elif (response := responses.data([line])) is not None and response.name in _NEWS:
            self._note_data(response)

    def _out_of_step(self, pieces: Fragments) -> None:
        """Judge a line that is neither untagged, nor ours, nor a request to go on.

        Only as the very first may it be the rest of a line whose beginning went to libcurl.
        """
        self._heard += 1
        if self._heard > 1:
            message = "the server answers what was not asked"
            raise ProtocolError(message, pieces[0], "an untagged response or our tag")
        quirks.tolerate(quirks.CUT_FIRST_LINE, pieces[0], strict=self.strict)
        self._keep_raw(pieces, "the rest of a line")

    def _keep_raw(self, pieces: Fragments, reason: str) -> None:
        quirks.tolerate(quirks.NOT_UNDERSTOOD, pieces[0], strict=self.strict)
        kept = responses.raw(pieces, reason)
        self.unparsed = [*self.unparsed[-KEPT + 1 :], kept]


_ADVICE: Final = {
    State.SELECTED: ": select() a mailbox first",
    State.AUTHENTICATED: ": pass username and password",
}
_STATUSES: Final = frozenset({"OK", "NO", "BAD", "BYE", "PREAUTH"})
_NEWS: Final = frozenset({"CAPABILITY", "FLAGS", "EXISTS", "RECENT", "EXPUNGE"})
