"""The state of an IMAP session, updated from solicited and unsolicited responses.

This file knows no command and sends nothing: it takes in one response at a time.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from netmail.errors import CapabilityError, ProtocolError, StateError
from netmail.flows.flow import connection_lost
from netmail.flows.handshake import Handshake
from netmail.flows.imap.open_mailbox import OpenMailbox
from netmail.flows.imap.responses import Responses
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.printable import printable
from netmail.results.imap import ImapState, RawResponse
from netmail.results.imap_mailbox import SelectedMailbox
from netmail.results.response_code import MessageLimit, Progress
from netmail.wire.imap import encode, quirks, responses, utf7
from netmail.wire.imap.data.capability import is_offered, names
from netmail.wire.imap.data.response_code import code_value
from netmail.wire.imap.data.vanished import expunged_resp
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.fragments import Fragmentizer, Fragments
from netmail.wire.imap.msg_att import as_fetch
from netmail.wire.imap.responses import DataResponse, StatusResponse
from netmail.wire.imap.sequence_set import LARGEST
from netmail.wire.imap.server_habits import ANY
from netmail.wire.reader import Reader
from netmail.wire.server_text import decode
from netmail.wire.server_text import encode as encode_text

T = TypeVar("T")

MAX_KEPT: Final = 100
"""How many alerts, and how many responses that were not understood, are kept for the caller."""

MAX_TEXT: Final = 1_000
"""Characters of an alert or a closing text that are kept."""


class SessionState:
    """What a session remembers between its commands.

    Attributes:
        reader: The receive buffer.
        options: What the connection was made with, or the last login on it.
        given: What the session was made with.
        strict: Whether tolerances for known servers are off.
        capabilities: What the server offers, in upper case.
        state: The state of the session.
        mailbox: The selected mailbox, or `None`.
        compressed: Whether the connection is compressed.
        handshake: How the connection was made, without the lines.
        habits: What the server is known to need.
        alerts: Texts that the server wants shown to the user, the newest last.
        on_alert: Called with each of them as it comes; `None` for no call.
        on_progress: The same with how much of a long command is done, and of how much.
        lowest_processed: The UID down to which the server has worked on the last command's messages
            (MESSAGELIMIT); `None` for all of them.
        redact: Takes the secrets of the connection out of a text.
        listener: Called with each untagged response as it comes, but not with what a command has
            asked for; `None` for no call.
        notified: The event groups that NOTIFY has asked for; `None` if it was not used, `()` where
            the server reports nothing.
        enabled: The extensions that ENABLE has turned on, in upper case.
        language: The language that LANGUAGE has chosen; `None` for the server's own.
        unparsed: Responses that were not understood, the newest last; the connection is in step.
        server_names: Mailbox names that the server does not write in modified UTF-7, as it writes
            them.
        uidvalidities: The UIDVALIDITY of each mailbox that was selected, where the server sent it.
    """

    def __init__(self, options: Options, limits: ServerLimits | None = None, tag: str = "") -> None:
        self.reader = Reader(limits)
        self.given = options
        self.strict = options.strict
        self.alerts: list[str] = []
        self.on_alert: Callable[[str], None] | None = None
        self.on_progress: Callable[[int | None, int | None], None] | None = None
        self.lowest_processed: int | None = None
        self.redact: Callable[[str], str] = str
        self.unparsed: list[RawResponse] = []
        self.listener: Callable[[Fragments], None] | None = None
        self._fragmentizer = Fragmentizer(self.reader, strict=options.strict)
        self._fixed_tag = tag
        self._reset()

    def _reset(self) -> None:
        """Forget what the last connection's server sent: nothing of it holds for the next."""
        self.options = self.given
        self.capabilities: frozenset[str] = frozenset()
        self.compressed = False
        self.handshake = Handshake((), encrypted=False)
        self.habits = ANY
        self.forget_account()
        self._fragmentizer.reset()
        # Random, unlike libcurl's A001: an attacker that injects a tagged response before the
        # command is sent cannot know the tag.
        self._tag = (self._fixed_tag or "n" + os.urandom(3).hex()).encode("ascii")
        self._commands = 0
        self._responses = 0

    def forget_account(self) -> None:
        """Forget what belongs to a login: it has not begun, or is over.

        RFC 8437 section 3.
        """
        self.state = ImapState.NOT_AUTHENTICATED
        self.mailbox: OpenMailbox | None = None
        self.enabled: frozenset[str] = frozenset()
        self.language: str | None = None
        self.notified: tuple[Argument, ...] | None = None
        self.server_names: dict[str, bytes] = {}
        self.uidvalidities: dict[str, int] = {}

    @property
    def is_authenticated(self) -> bool:
        """Whether the login is done."""
        return self.state in {ImapState.AUTHENTICATED, ImapState.SELECTED}

    @property
    def selected(self) -> str | None:
        """The selected mailbox's name."""
        return self.mailbox.name if self.mailbox else None

    def mailbox_snapshot(self) -> SelectedMailbox | None:
        """Return the selected mailbox as a value; `None` if there is none."""
        return self.mailbox.snapshot() if self.mailbox else None

    def offers(self, capability: str) -> bool:
        """Tell whether the server offers an extension, by name or as part of IMAP4rev2.

        RFC 9051 section 6.1.1 and appendix E.
        """
        return is_offered(capability, self.capabilities)

    @property
    def is_rev2(self) -> bool:
        """Whether the session is one of IMAP4rev2: by ENABLE, or with a server of nothing else.

        RFC 9051 section 6.3.1 and appendix A.
        """
        # "a client that wants to use IMAP4rev2 with a server that advertises both [...] MUST issue
        # an "ENABLE IMAP4rev2" command".
        only = "IMAP4REV2" in self.capabilities and "IMAP4REV1" not in self.capabilities
        return only or "IMAP4REV2" in self.enabled

    @property
    def is_utf8(self) -> bool:
        """Whether mailbox names and quoted strings are in UTF-8.

        RFC 6855 section 3; RFC 9051 section 5.1.
        """
        return self.is_rev2 or "UTF8=ACCEPT" in self.enabled

    def remember_name(self, name: str, written: bytes) -> None:
        """Keep the form of a name that a server writes otherwise than netmail would.

        RFC 3501 section 5.1.3; RFC 6855 section 3.
        """
        # Encoded again, such a name would be another one: it goes back as it came.
        usual = written == name.encode() if self.is_utf8 else utf7.is_canonical(written)
        if not usual:
            self.server_names[name] = written

    def require(self, capability: str, call: str) -> None:
        """Refuse a call that needs an extension which the server lacks.

        Args:
            capability: The extension, in upper case.
            call: What needs it, such as "get_quota()".

        Raises:
            CapabilityError: If it does.
        """
        if not self.offers(capability):
            message = f"{call} needs {capability}, which the server does not offer"
            raise CapabilityError(message, capability)

    def require_state(self, *states: ImapState) -> None:
        """Refuse a call that does not fit the session's state.

        Raises:
            StateError: If the session is in none of `states`.

        RFC 9051 section 3.
        """
        # "It is a protocol error for the client to attempt a command while the connection is in an
        # inappropriate state", and servers respond to it with BAD or NO and their own reasons.
        if self.state not in states:
            needed = " or ".join(states)
            advice = _ADVICE.get(states[0], "")
            raise StateError(f"the session is {self.state}; this needs it {needed}{advice}")

    def next_tag(self) -> bytes:
        """Make the tag of the next command.

        RFC 9051 section 2.2.1: the client generates a different tag for each command.
        """
        self._commands += 1
        return self._tag + b"%d" % self._commands

    def forget_limit(self) -> None:
        """Forget how far the server has come with the last command, RFC 9738 section 3.1."""
        self.lowest_processed = None

    def deselect(self) -> None:
        """Note that no mailbox is selected any more."""
        self.mailbox = None
        self.state = ImapState.AUTHENTICATED

    def mailbox_argument(self, name: str) -> Argument:
        """Write a mailbox name as the server did, else in UTF-8 or modified UTF-7.

        Raises:
            UsageError: If it is empty or holds a line end, NUL or lone surrogate.
        """
        # A name that LIST returned in UTF-8, or in another form, must be sent back in that form.
        written = self.server_names.get(str(name))
        if written is not None:
            return encode.string(written, utf8=self.is_utf8)
        return encode.mailbox(name, utf8=self.is_utf8)

    def read_each(
        self,
        read: Callable[[DataResponse], T],
        received: Iterable[DataResponse],
        expected: str = "",
    ) -> list[T]:
        """Read responses; those that cannot be read are kept in `unparsed`.

        Raises:
            ProtocolError: If one cannot be read and the session is strict; if none can, where
                `expected` shows one.
        """
        values: list[T] = []
        broken: DataResponse | None = None
        for response in received:
            try:
                values.append(read(response))
            except ProtocolError as error:
                if self.strict:
                    raise
                self.keep_unparsed(response.fragments, str(error))
                broken = response
        if expected and broken is not None and not values:
            # That does not mean that there is nothing.
            raise ProtocolError(f"no {broken.name} response could be read", broken.rest, expected)
        return values

    # -- responses -----------------------------------------------------------------------------

    def _handle_untagged(self, fragments: Fragments, collected: Responses) -> None:
        """Collect one untagged response, and update the session from it."""
        # response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / message-data /
        # capability-data / enable-data) CRLF
        self._responses += 1
        name = responses.name(fragments[0])
        if name == b"UIDFETCH":
            fragments, name = as_fetch(fragments), b"FETCH"
        if self.listener is not None and not collected.solicits(name):
            self.listener(fragments)
        if name == b"FETCH" and not collected.fetches:
            return
        # Handed over while they come, the others are of use to the session alone.
        is_wanted = name in {b"FETCH", collected.also} or not collected.streams
        if is_wanted:
            collected.untagged.append(fragments)
        if name == b"FETCH":
            return  # by far the most frequent, and no part of the session's state
        kind = name.decode("ascii").upper() if name else ""
        if kind in _STATUSES and (status := responses.status(fragments[0])) is not None:
            self._update_from_status(status, collected)
        elif not kind and (code := responses.bare_code(fragments[0])) is not None:
            quirks.tolerate(quirks.BARE_CODE, fragments[0], strict=self.strict)
            self._update_from_status(code, collected)
        elif not kind or kind in _STATUSES:
            self.keep_unparsed(fragments, "an untagged response")
        elif kind in _UPDATES and (response := responses.data(fragments)) is not None:
            self._update_from_data(response)

    def _handle_unexpected(self, fragments: Fragments) -> None:
        """Judge a response that is no untagged one, has not our tag, and requests nothing."""
        self._responses += 1
        if self._responses > 1:
            message = "the server responds to a command that was not sent"
            raise ProtocolError(message, fragments[0], "an untagged response or our tag")
        # Only the very first may be the rest of a line whose beginning libcurl has consumed.
        quirks.tolerate(quirks.CUT_FIRST_LINE, fragments[0], strict=self.strict)
        self.keep_unparsed(fragments, "the rest of a line")

    def _update_from_status(self, status: StatusResponse, collected: Responses) -> None:
        # * OK [UIDNEXT 4392] Predicted next UID
        # * BYE Autologout; idle for too long
        self._update_from_code(status)
        if status.code.name:
            if len(collected.codes) < self.reader.limits.lines:
                collected.codes.append(status.code)
            if not status.text and status.status:
                quirks.tolerate(quirks.NO_TEXT, encode_text(status.code.name), strict=self.strict)
        # "The server is about to close the connection", RFC 9051 section 7.1.5; the text is the
        # reason that the error gives.
        if status.status == "BYE":
            self._close_after(status)

    def _close_after(self, bye: StatusResponse) -> None:
        """Keep the reason that BYE gives.

        Raises:
            ConnectionLost: If BYE came before: an endless row of them would prolong the wait.
        """
        if self.reader.closing_text:
            raise connection_lost(self.reader)
        self.reader.closing_text = bye.text[:MAX_TEXT] or "BYE"

    def _update_from_code(self, status: StatusResponse) -> None:
        # Client implementations MUST ignore response codes that they do not recognize.
        if status.code.name == "CAPABILITY":
            self.capabilities = names(status.code.data)
        elif status.code.name == "ALERT":
            # RFC 9051 section 7.1: the text MUST be presented to the user. A server may repeat in
            # it what it was sent, a token of a callable too.
            text = self.redact(status.text)[:MAX_TEXT]
            self.alerts = [*self.alerts[-MAX_KEPT + 1 :], printable(text)]
            if self.on_alert is not None:
                self.on_alert(text)
        # "The client MAY disregard progress notifications entirely", RFC 9585 section 4.
        elif status.code.name == "INPROGRESS":
            value = code_value(status.code)
            if isinstance(value, Progress) and self.on_progress is not None:
                self.on_progress(value.done, value.goal)
        elif status.code.name == "MESSAGELIMIT":
            limit = code_value(status.code)
            self.lowest_processed = limit.uid if isinstance(limit, MessageLimit) else None
        # The server is to "behave as if a NOTIFY NONE command had just been received", RFC 5465
        # section 5.8; a tagged NO with this code refuses a NOTIFY, and leaves the one before.
        elif status.code.name == "NOTIFICATIONOVERFLOW" and status.status == "OK":
            self.notified = ()
        # * OK [HIGHESTMODSEQ 715194045007]
        # All others are about the selected mailbox, or about one command.
        elif self.mailbox is not None:
            self.mailbox.on_code(status.code)

    def _update_from_data(self, response: DataResponse) -> None:
        # * CAPABILITY IMAP4rev1 MOVE
        # * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        # * 23 EXISTS
        mailbox = self.mailbox
        if response.name == "CAPABILITY":
            self.capabilities = names(decode(response.rest))
        # * ENABLED CONDSTORE QRESYNC
        # What an earlier ENABLE has turned on need not be named again: they add up, to a limit.
        elif response.name == "ENABLED" and len(self.enabled) < self.reader.limits.lines:
            self.enabled |= frozenset(decode(response.rest).upper().split())
        elif mailbox is None:  # of a mailbox that is being left, or of none at all
            return
        elif response.name == "FLAGS":
            mailbox.flags = decode(response.rest.strip(b" ()")).split()
        elif response.name == "VANISHED":
            for vanished in self.read_each(expunged_resp, [response]):
                mailbox.on_vanished(vanished)
        elif response.number is None or response.number > LARGEST:
            self.keep_unparsed(response.fragments, "a number before its name")
        else:
            _COUNTERS[response.name](mailbox, response.number)

    def _update_from_line(self, line: bytes) -> None:
        """Update the capabilities from a line of the handshake, untagged data or response code."""
        status = responses.status(line)
        if status is not None:
            self._update_from_code(status)
        elif (response := responses.data([line])) is not None and response.name in _UPDATES:
            self._update_from_data(response)

    def keep_unparsed(self, fragments: Fragments, reason: str) -> None:
        """Keep a response that was not understood; `reason` says what was expected.

        Raises:
            ProtocolError: If the session is strict.
        """
        quirks.tolerate(quirks.NOT_UNDERSTOOD, fragments[0], strict=self.strict)
        kept = responses.raw(fragments, reason)
        self.unparsed = [*self.unparsed[-MAX_KEPT + 1 :], kept]


_ADVICE: Final = {
    ImapState.SELECTED: ": select() a mailbox first",
    ImapState.AUTHENTICATED: ": pass username and password",
}
_STATUSES: Final = frozenset({"OK", "NO", "BAD", "BYE", "PREAUTH"})
_COUNTERS: Final[Mapping[str, Callable[[OpenMailbox, int], None]]] = {
    "EXISTS": OpenMailbox.on_exists,
    "RECENT": OpenMailbox.on_recent,
    "EXPUNGE": OpenMailbox.on_expunge,
}
_UPDATES: Final = frozenset({"CAPABILITY", "ENABLED", "FLAGS", "VANISHED", *_COUNTERS})
