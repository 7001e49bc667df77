"""Commands sent before the replies to earlier ones have come: PIPELINING.

This file knows how many may be in flight, and not what a command is for.

RFC 2449 section 6.6.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from netmail.errors import ConnectionLost, MailTimeout, Pop3Error
from netmail.flows.flow import PEEK, RECEIVE, Close, Flow, Send, connection_lost
from netmail.flows.pop3.body import MAX_LEFT
from netmail.flows.pop3.session import Pop3Session
from netmail.wire import dot, pop3

COMMANDS: Final = 4096
"""Octets of commands in flight. "If either the client or server uses blocking writes, it MUST not
exceed the window size of the underlying transport layer" (RFC 2449 section 6.6): so few fit into
every socket's buffer, and netmail reads before it sends more. No side ever waits for the other."""

REPLIES: Final = 1024 * 1024
"""Octets that the replies in flight may have, by the mean of those before: so much is read and
dropped for a caller that leaves."""

FIRST: Final = 16
"""Commands in flight as long as the size of no reply is known."""


class Exchange(NamedTuple):
    """One command about one message, and the reply to it.

    Attributes:
        uid: What the caller asked for.
        number: The message's number.
        line: The command, without CRLF; empty where nothing can be sent.
        deletes: Whether it is DELE; any other command has a reply with a body.
        body: The body of the reply, dot-stuffing undone.
        error: The refusal, or `None`.
    """

    uid: int | str
    number: int
    line: bytes
    deletes: bool = False
    body: bytes = b""
    error: Pop3Error | None = None


class Pipeline:
    """Commands in flight over one session, and the replies to them in the same order.

    Args:
        session: The session.
        exchanges: The commands, each taken when there is space for it.
        at_once: Whether to send more than one; else each waits for its reply.

    Attributes:
        is_blamed: Whether the connection was lost, and these commands are taken for the reason.
    """

    # C: RETR 1
    # C: RETR 2
    # S: +OK 120 octets
    # S: Subject: one
    # S: .
    # S: -ERR no such message
    #
    # "The PIPELINING capability indicates the server is capable of accepting multiple commands at a
    # time; the client does not have to wait for the response to a command before issuing a
    # subsequent command."                                                 RFC 2449 section 6.6

    def __init__(
        self, session: Pop3Session, exchanges: Iterable[Exchange], *, at_once: bool
    ) -> None:
        self._session = session
        self._exchanges: Iterator[Exchange] = iter(exchanges)
        self.is_blamed = False
        self._at_once = at_once
        self._in_flight: deque[Exchange] = deque()
        self._command_octets = 0
        self._bodies = self._body_octets = 0
        self._has_status = False
        self._together = False  # whether what is in flight was in flight with others
        self._done_together = 0
        self._marking = set[int]()  # what DELE of this pipeline is the first for

    def fill(self, first: Sequence[Exchange] = ()) -> Flow[bool]:
        """Send what there is space for; return whether anything is in flight.

        Args:
            first: Commands to send before the others, whether there is space or not.
        """
        is_idle = not self._in_flight
        lines = [*map(self._add, first)]
        while self._has_space() and (exchange := next(self._exchanges, None)) is not None:
            lines.append(self._add(exchange))
        if data := b"".join(lines):
            # With a command in flight, what arrives may be the reply to it.
            if is_idle:
                # Unsolicited data would pass as the first reply.
                yield PEEK
                self._session.reject_unsolicited()
            try:
                yield Send(data)
            except (ConnectionLost, MailTimeout):
                self._blame()
                raise
        return bool(self._in_flight)

    def read(self) -> Flow[list[Exchange]]:
        """Wait for a reply; return it, and those that have arrived with it.

        Raises:
            ConnectionLost: If the connection ends before.
            ProtocolError: If the server breaks the grammar.
        """
        try:
            while (exchange := self._attempt()) is None:
                if self._session.reader.eof:
                    raise connection_lost(self._session.reader)
                yield RECEIVE
        except (ConnectionLost, MailTimeout):
            self._blame()
            raise
        # What has arrived with it is handed over with it: one step of the driver for all of them.
        found = [exchange]
        while self._in_flight and (another := self._attempt()) is not None:
            found.append(another)
        return found

    def drop(self) -> Flow[None]:
        """Read the replies that are still to come, and keep nothing."""
        reader = self._session.reader
        begun = reader.received
        while self._in_flight:
            if self._attempt() is not None:
                continue
            if reader.received - begun > MAX_LEFT:
                message = f"the rest of the replies was over {MAX_LEFT} octets"
                yield Close(ConnectionLost(f"{message}; call connect() to reconnect"))
                return
            if reader.eof:
                raise connection_lost(reader)
            yield RECEIVE

    def _add(self, exchange: Exchange) -> bytes:
        """Put a command in flight; return what is to be sent."""
        self._together = bool(self._in_flight)
        self._in_flight.append(exchange)
        # From here on the server may have marked it: a connection that is lost loses that, too.
        messages = self._session.messages
        if exchange.deletes and exchange.number and exchange.number not in messages.marked:
            self._marking.add(exchange.number)
            messages.deleted(exchange.number)
        line = exchange.line + b"\r\n" if exchange.line else b""
        self._command_octets += len(line)
        return line

    def _has_space(self) -> bool:
        count = len(self._in_flight)
        if not count:
            return True
        if not self._at_once or self._command_octets > COMMANDS:
            return False
        # LIST would give the sizes, for one more round trip.
        if not self._bodies:
            return count < FIRST
        return count * self._body_octets < REPLIES * self._bodies

    def _attempt(self) -> Exchange | None:
        """Take the reply to the first command in flight, if it has come as a whole."""
        reader = self._session.reader
        exchange = self._in_flight[0]
        # Nothing was sent for it: there is no such message.
        if exchange.error is not None:
            return self._done(exchange)
        if not self._has_status:
            line = reader.line()
            if line is None:
                return None
            try:
                pop3.status(line, exchange.line)
            except Pop3Error as error:
                if exchange.number in self._marking:
                    self._session.messages.kept(exchange.number)
                return self._done(exchange._replace(error=error))
            # "+OK message deleted" has no body, RFC 1939 section 5; -ERR never has one.
            if exchange.deletes:
                return self._done(exchange)
            self._has_status = True
        # As in `Pop3Session.read_body()`: the +OK line shows how lines end.
        body = reader.dot_terminated(bare_lf=reader.bare_lf)
        if body is None:
            return None
        self._has_status = False
        self._bodies += 1
        self._body_octets += len(body)
        body = dot.unstuff(body, bare_lf=reader.bare_lf)
        return self._done(exchange._replace(body=body))

    def _done(self, exchange: Exchange) -> Exchange:
        self._in_flight.popleft()
        self._done_together += self._together
        self._command_octets -= len(exchange.line) + 2 if exchange.line else 0
        return exchange

    def _blame(self) -> None:
        # With a command that was sent alone it was something else.
        if self._together:
            self._session.note_pipelining_lost(proven=self._done_together > 1)
            self.is_blamed = self._session.breaks_pipelining


def pipeline(session: Pop3Session, exchanges: Iterable[Exchange]) -> Flow[Pipeline]:
    """Make a pipeline; one that sends a command at a time where the server can bear no more.

    RFC 2449 section 6.6.
    """
    wanted = session.options.pipelining != "off" and not session.breaks_pipelining
    at_once = wanted and (yield from session.offers("PIPELINING"))
    return Pipeline(session, exchanges, at_once=at_once)
