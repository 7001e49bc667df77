"""One IMAP session: its beginning, its end, and how a command is sent and its responses are read.

This file knows tags, literals and status, and no command but those of any state; each family of
commands is a file of functions beside it.
"""

from collections.abc import Callable, Container
from contextlib import suppress
from typing import Literal, overload

from netmail.errors import ConnectionLost, ImapError, MailTimeout, ProtocolError
from netmail.flows.flow import PEEK, RECEIVE, Flow, Send, connection_lost
from netmail.flows.handshake import Handshake
from netmail.flows.imap.login import login
from netmail.flows.imap.open_mailbox import LostMailbox
from netmail.flows.imap.pipelining.ambiguity import read_by
from netmail.flows.imap.pipelining.command import Command, CommandQueue
from netmail.flows.imap.responses import Responses, raise_unless_ok, shown
from netmail.flows.imap.state import SessionState
from netmail.flows.sasl import require_tls
from netmail.results.imap import ImapState
from netmail.wire.imap import encode, quirks, responses
from netmail.wire.imap.data.identification import id_params_list
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import StatusResponse
from netmail.wire.imap.server_habits import habits_of


class ImapSession(SessionState):
    """What all IMAP conversations are functions of.

    Attributes:
        queue: What sends the commands of a pipeline together; `None` outside of one.
        lost_mailbox: The mailbox that was selected on a connection that was lost, and could not be
            selected again; `None` for none.
        keeps_results: Whether the server keeps results of searches in the selected mailbox.
    """

    queue: CommandQueue | None = None
    lost_mailbox: LostMailbox | None = None
    keeps_results = False

    # -- the beginning and the end -------------------------------------------------------------

    def open(self, handshake: Handshake) -> Flow[str | None]:
        """Begin the session: read what the handshake showed, log in where libcurl did not.

        Returns:
            The mechanism that the client has logged in with; `None` if it has not.

        Raises:
            TlsError: If TLS was asked for and is not on.
            AuthenticationError: If the server refuses the credentials, or offers no mechanism.

        RFC 9051 sections 3.1 and 7.1.4.
        """
        # greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF, which libcurl has read, and its
        # CAPABILITY and LOGIN or AUTHENTICATE with their responses:
        #
        # S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
        # C: A001 CAPABILITY
        # S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
        # S: A001 OK done
        self._reset()
        self.lost_mailbox, self.keeps_results = None, False
        self.handshake = handshake._replace(lines=())
        require_tls(self.options, handshake)
        logged_in = handshake.client_sent(b"AUTHENTICATE", b"LOGIN")
        for line in _capability_lines(handshake, logged_in=logged_in):
            self._update_from_line(line)
        if not self.capabilities:
            yield from self.capability()
        greeting = responses.status(handshake.greeting)
        # PREAUTH: "the connection has already been authenticated by external means", RFC 9051
        # section 7.1.4.
        mechanism = handshake.mechanism
        if logged_in or (greeting and greeting.status == "PREAUTH"):
            self.state = ImapState.AUTHENTICATED
        elif self.options.needs_login:
            mechanism = yield from login(self)
        yield from self._meet_habits(handshake.greeting)
        return mechanism

    def _meet_habits(self, greeting: bytes) -> Flow[None]:
        """Do what the server is known to need before anything else."""
        # C: T1 ID ("name" "netmail")
        # S: * ID NIL
        # S: T1 OK done
        if self.strict:
            return
        self.habits = habits_of(greeting, self.capabilities)
        # "The ID command MAY be sent in any state", RFC 2971 section 3.1; nothing depends on it.
        if self.habits.needs_id and self.is_authenticated and self.offers("ID"):
            with suppress(ImapError):
                yield from self.command("ID", id_params_list({"name": "netmail"}))

    def explained(self, error: ConnectionLost) -> ConnectionLost:
        """Return the error for a lost connection; nothing else is lost with it."""
        return error

    def quit(self) -> Flow[None]:
        """End the session: LOGOUT.

        Nothing depends on its responses: a server that closes at once, or refuses, has understood.

        RFC 9051 section 6.1.3.
        """
        # C: T1 LOGOUT
        # S: * BYE logging out
        # S: T1 OK done
        try:
            with suppress(ConnectionLost, ImapError):
                yield from self.command("LOGOUT")
        finally:
            self.state = ImapState.LOGOUT
            self.mailbox = None

    def noop(self) -> Flow[bool]:
        """Do nothing: NOOP; the server sends what has changed in the selected mailbox.

        RFC 9051 section 6.1.2.
        """
        yield from self.command("NOOP")
        return True

    def capability(self) -> Flow[list[str]]:
        """Ask what the server offers: CAPABILITY.

        RFC 9051 section 6.1.1.
        """
        yield from self.command("CAPABILITY")
        return sorted(self.capabilities)

    # -- one command ---------------------------------------------------------------------------

    def command(
        self,
        name: str,
        *arguments: Argument,
        fetches: bool = False,
        collected: Responses | None = None,
        about: str | None = None,
    ) -> Flow[Responses]:
        """Send a command and read everything up to its tagged response.

        Args:
            name: The command, such as "UID SEARCH".
            arguments: Its arguments.
            fetches: Whether it may fetch content, although it is not named so.
            collected: Where the responses go, for a caller that looks at them while they come;
                `None` for a place of its own.
            about: The mailbox that each of its untagged responses names, as that of STATUS does.

        Raises:
            UsageError: If it is longer than servers accept.
            ImapError: If the server responds NO or BAD.
            ConnectionLost: If it ends the connection.
            ProtocolError: If it breaks the grammar.

        RFC 9051 sections 2.2, 4.3 and 7.
        """
        # C: T1 UID SEARCH CHARSET UTF-8 SUBJECT {7}
        # S: + send it
        # C: Grüße UNSEEN
        # S: * 12 EXISTS
        # S: * SEARCH 7 12
        # S: T1 OK done
        parts = encode.parts_of(arguments)
        if collected is None:
            collected = Responses(
                nesting=self.reader.limits.nesting,
                utf8=self.is_utf8,
                fetches=fetches or name == "UID FETCH",
                kinds=read_by(name),
            )
        # In a pipeline others may be in flight; what must not be with any is sent as out of one.
        if self.queue is None or not (
            yield from self.queue.exchange(Command(name, parts, collected, about))
        ):
            yield from self._exchange(name, parts, collected)
        raise_unless_ok(collected.tagged, name)
        return collected

    def _exchange(
        self, name: str, parts: list[bytes | encode.Literal], collected: Responses
    ) -> Flow[None]:
        """Send a command while no other is in flight, and read up to its tagged response."""
        yield PEEK
        self.process_unsolicited()
        tag = self.next_tag()
        chunks = encode.command(tag, name.encode(), parts, self.capabilities)
        for octets in encode.octets_of(next(chunks)):
            yield Send(octets)
        for chunk in chunks:
            # "If the server detected an error in the command, it sends a BAD completion response
            # [...] to reject the command and prevent the client from sending any more of it".
            requested = yield from self.read_until_tagged(tag, collected, continuation=True)
            if isinstance(requested, StatusResponse):
                raise_unless_ok(requested, name)  # refused before the literal
                raise ProtocolError("the server accepts half a command", shown(requested), "+")
            for octets in encode.octets_of(chunk):
                yield Send(octets)
        collected.tagged = yield from self.read_until_tagged(tag, collected)

    def settle(self) -> Flow[None]:
        """Wait until no other command is in flight, and process unsolicited responses.

        For what changes the state of the session: the conversation has the connection to its end.
        """
        if self.queue is not None:
            yield from self.queue.alone()
        yield PEEK
        self.process_unsolicited()

    def process_unsolicited(self, tag: bytes | None = None) -> StatusResponse | None:
        """Process unsolicited responses (mailbox updates, BYE) before sending a command.

        Call it after `yield PEEK`. What has arrived by then is never taken for a response to the
        command that follows.

        Args:
            tag: That of a command in progress which the server may end by itself (IDLE), else
                `None`.

        Returns:
            The tagged response if it has.

        Raises:
            ConnectionLost: If the server has sent BYE or closed the connection.
            ProtocolError: If it has sent a tagged response.

        RFC 9051 section 5.3.
        """
        if not self.reader.available and not self.reader.eof and not self.reader.closing_text:
            return None
        # "Server implementations are permitted to send an untagged response (except for EXPUNGE)
        # while there is no command in progress", RFC 9051 section 5.3; some send EXPUNGE too.
        unsolicited = Responses()
        tagged = None
        while (fragments := self._fragmentizer.next()) is not None:
            if fragments[0].startswith(b"* "):
                self._handle_untagged(fragments, unsolicited)
            elif fragments[0].startswith(b"+"):
                quirks.tolerate(quirks.STRAY_CONTINUATION, fragments[0], strict=self.strict)
            elif tag and fragments[0].startswith(tag + b" ") and not tagged:
                tagged = responses.status(fragments[0])
            else:
                self._handle_unexpected(fragments)
            unsolicited.untagged.clear()
        if self.reader.eof or self.reader.closing_text:
            raise connection_lost(self.reader)
        return tagged

    def hold(self, tells: Callable[[Fragments], bool] | None) -> None:
        """Hand over in pieces the literals that `tells` names, as `Fragmentizer` describes."""
        self._fragmentizer.hold = tells

    def held_pieces(self) -> tuple[list[bytes], int]:
        """Take what has arrived of a literal that is handed over, and return its size too."""
        return self._fragmentizer.pieces(), self._fragmentizer.held_size

    @overload
    def read_until_tagged(
        self, tag: bytes, collected: Responses, *, continuation: Literal[False] = False
    ) -> Flow[StatusResponse]: ...

    @overload
    def read_until_tagged(
        self, tag: bytes, collected: Responses, *, continuation: Literal[True]
    ) -> Flow[StatusResponse | bytes]: ...

    def read_until_tagged(
        self, tag: bytes, collected: Responses, *, continuation: bool = False
    ) -> Flow[StatusResponse | bytes]:
        """Read responses up to the tagged one.

        Args:
            tag: The command's tag.
            collected: Where the untagged responses go.
            continuation: Whether a command continuation request may come instead; its text is
                returned.

        RFC 9051 sections 7 and 7.6.
        """
        # response = *(continue-req / response-data) response-done
        left = self.reader.limits.responses
        begun = self.reader.received
        while True:
            if collected.streams and (fetched := self._fragmentizer.fetches()):
                self._responses += len(fetched)
                collected.untagged += fetched
            fragments = self._fragmentizer.next()
            if fragments is None:
                if self.reader.eof:
                    raise connection_lost(self.reader)
                try:
                    yield RECEIVE
                except MailTimeout as late:
                    self.raise_if_closing(late)
                    raise
                # Each time that something arrives, so that a literal of this response counts, too.
                self.check_octets(self.reader.received - begun, collected)
                continue
            head = fragments[0]
            if head.startswith(b"* "):
                self._handle_untagged(fragments, collected)
            elif head.startswith(b"+"):
                if continuation:
                    return head[1:].strip()
                quirks.tolerate(quirks.STRAY_CONTINUATION, head, strict=self.strict)
            # response-tagged = tag SP resp-cond-state CRLF
            elif head.startswith(tag + b" ") and (tagged := responses.status(head)):
                self._update_from_tagged(tagged, head)
                return tagged
            else:
                self._handle_unexpected(fragments)
            left -= 1
            if left < 0:
                limit = self.reader.limits.responses
                message = f"over {limit} responses to one command; raise limits.responses"
                raise ProtocolError(message, head)

    def next_tagged(
        self, tags: Container[bytes], collected: Responses
    ) -> StatusResponse | bytes | None:
        """Process the responses that have arrived, up to a tagged one.

        Args:
            tags: The tags of the commands in flight.
            collected: Where the untagged responses go.

        Returns:
            The tagged response, or the text of a command continuation request; `None` where
            neither has arrived.

        RFC 9051 sections 7 and 7.6.
        """
        while (fragments := self._fragmentizer.next()) is not None:
            head = fragments[0]
            if head.startswith(b"* "):
                self._handle_untagged(fragments, collected)
            elif head.startswith(b"+"):
                return head[1:].strip()
            elif head.partition(b" ")[0] in tags and (tagged := responses.status(head)):
                self._update_from_tagged(tagged, head)
                return tagged
            else:
                self._handle_unexpected(fragments)
        return None

    def _update_from_tagged(self, tagged: StatusResponse, head: bytes) -> None:
        self._responses += 1
        self._update_from_code(tagged)
        if tagged.status == "BYE":
            # resp-cond-bye is untagged only; its meaning is the same.
            quirks.tolerate(quirks.TAGGED_BYE, head, strict=self.strict)
            self.reader.closing_text = tagged.text or "BYE"
            raise connection_lost(self.reader)

    def check_octets(self, count: int, collected: Responses) -> None:
        """Check how many octets came in response to one command.

        Raises:
            ProtocolError: If they are over the limit.
        """
        if collected.streams:
            return
        name = "fetch" if collected.fetches else "command"
        if self.state is ImapState.NOT_AUTHENTICATED:
            name = "handshake"
        limit: int = getattr(self.reader.limits, name)
        if count > limit:
            message = f"over {limit} octets of responses to one command; raise limits.{name}"
            raise ProtocolError(message, self.reader.peek())

    def raise_if_closing(self, late: MailTimeout) -> None:
        """Raise the server's reason in place of a timeout: after BYE it may not close by itself."""
        if self.reader.closing_text:
            raise connection_lost(self.reader) from late


def _capability_lines(handshake: Handshake, *, logged_in: bool) -> list[bytes]:
    """Find the lines of the handshake that may hold the capabilities of now.

    RFC 9051 section 6.2.2: those from before the login do not hold after it.
    """
    if logged_in:
        return handshake.responses_to(b"AUTHENTICATE") + handshake.responses_to(b"LOGIN")
    return handshake.responses_to(b"CAPABILITY") or [handshake.greeting]
