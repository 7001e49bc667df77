"""Several conversations over one connection: their commands are in flight together.

This file knows neither what a command means nor which may go together: `ambiguity` does.

RFC 9051 section 5.5.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Final

from netmail.errors import (
    MailTimeout,
    MessageError,
    NetmailError,
    ProtocolError,
    ReplyError,
    UsageError,
)
from netmail.flows.flow import PEEK, RECEIVE, Flow, Request, Send, connection_lost
from netmail.flows.hide_secrets import hide_secrets
from netmail.flows.imap.pipelining.ambiguity import is_known, may_join
from netmail.flows.imap.pipelining.call import Call
from netmail.flows.imap.pipelining.command import Command
from netmail.flows.imap.pipelining.in_flight import InFlight, folded
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap import encode
from netmail.wire.imap.encode import Pieces

MAX_COMMANDS: Final = 256
"""Commands in flight: what is uncertain if the connection is lost, and what a server must keep."""

MAX_OCTETS: Final = 1024 * 1024
"""Octets of the commands in flight: twenty round trips a second fill 160 Mbit/s with them."""

MAX_JOINED: Final = 64 * 1024
"""Octets of short commands that are written at once."""


class Scheduler:
    """Runs conversations, each up to where it waits for a response, in their order.

    Args:
        session: The session; while this runs, the commands of its conversations come here.
        calls: The conversations; the next is taken when there is room for its commands.
    """

    def __init__(self, session: ImapSession, calls: Iterable[Call[Any]]) -> None:
        self._session = session
        self._calls: Iterator[Call[Any]] = iter(calls)
        self._begun: set[Call[Any]] = set()
        self._ready: deque[Call[Any]] = deque()
        self._lonely: deque[Call[Any]] = deque()
        self._waiting: deque[Command] = deque()
        self._in_flight = InFlight(session)
        self._rest: list[list[bytes | Pieces]] = []
        self._current: Call[Any] | None = None
        self._is_alone = False
        self._failure: ProtocolError | None = None

    # -- the conversations' side -----------------------------------------------------------------

    def exchange(self, command: Command) -> Flow[bool]:
        """Send a command, others may be in flight with it, and wait for its tagged response.

        Returns:
            False if it must be alone; nothing was sent then, and nothing else is in flight.
        """
        if not is_known(command.name):
            yield from self.alone()
            return False
        if command.about is not None:
            command.about = folded(command.about)
        command.owner = self._current
        self._waiting.append(command)
        while not command.is_done:
            yield RECEIVE
        return True

    def alone(self) -> Flow[None]:
        """Wait until nothing else is in flight; the conversation has the connection to its end."""
        # What changes which mailbox is selected changes what later commands mean.
        if self._current is not None and (
            self._in_flight or self._waiting or self._ready or self._rest
        ):
            self._lonely.append(self._current)
            yield RECEIVE
        self._session.queue, self._is_alone = None, True

    # -- the scheduler ---------------------------------------------------------------------------

    def run(self) -> Flow[None]:
        """Run all conversations to their ends.

        Raises:
            NetmailError: If the connection fails; the conversations that have begun are lost then.
            ProtocolError: If a response could not be read; all the same each conversation has
                ended.
        """
        try:
            yield PEEK
            self._session.process_unsolicited()
            while True:
                yield from self._advance_all()
                yield from self._send()
                if not self._in_flight:
                    break
                yield from self._read()
        except BaseException as error:
            hide_secrets(error, self._session.redact)  # results keep it
            for call in self._begun:
                call.lose(error)
            raise
        finally:
            self._session.queue = None
        if self._failure is not None:
            raise self._failure

    def _advance_all(self) -> Flow[None]:
        """Continue the conversations whose responses have come, then begin others."""
        while (call := self._next()) is not None:
            yield from self._advance(call)

    def _next(self) -> Call[Any] | None:
        if self._ready:
            return self._ready.popleft()
        # Nothing else begins meanwhile: it would be sent before what is alone, and called after it.
        if self._lonely:
            return (
                None if self._in_flight or self._waiting or self._rest else self._lonely.popleft()
            )
        if len(self._waiting) + len(self._in_flight) >= MAX_COMMANDS:
            return None
        call = next(self._calls, None)
        if call is not None:
            self._begun.add(call)
        return call

    def _advance(self, call: Call[Any]) -> Flow[None]:
        """Run a conversation until it waits for a response, or ends."""
        session, flow = self._session, call.flow
        self._current, self._is_alone, session.queue = call, False, self
        try:
            request: Request = next(flow)
            # One that is alone has the connection: what it asks for is passed on.
            while request is not RECEIVE or self._is_alone:
                call.pending.is_sent = call.pending.is_sent or isinstance(request, Send)
                try:
                    yield request
                except NetmailError as failure:
                    request = flow.throw(failure)
                else:
                    request = next(flow)
        except StopIteration as end:
            self._begun.discard(call)
            call.pending.end(end.value)
        except (ReplyError, UsageError, MessageError) as error:
            self._end_by(call, error)
        except ProtocolError as error:
            if self._is_alone:
                raise
            # The responses are cut from the stream already: those to other commands are in step.
            self._failure = self._failure or error
            self._end_by(call, error)

    def _end_by(self, call: Call[Any], error: NetmailError) -> None:
        """Keep an error as the result of its call; it is not raised, and so it is redacted here."""
        hide_secrets(error, self._session.redact)
        self._begun.discard(call)
        call.pending.end(error=error)

    def _send(self) -> Flow[None]:
        """Send the commands that may be in flight together, in their order."""
        # "any command continuation request responses and command continuations MUST be negotiated
        # before any subsequent command is initiated", RFC 9051 section 5.5.
        joined = bytearray()
        while True:
            if self._rest:
                if not self._in_flight.may_continue:
                    break
                octets = self._rest.pop(0)
                partial = self._in_flight.partial
                if partial is not None and partial.is_done:
                    self._rest = []  # refused: no other literal of it is requested
                self._in_flight.continued(partial=bool(self._rest))
            elif self._may_send():
                octets = self._begin(self._waiting.popleft())
            else:
                break
            for some in encode.octets_of(octets):
                if len(joined) + len(some) > MAX_JOINED and joined:
                    yield Send(bytes(joined))
                    joined.clear()
                if len(some) > MAX_JOINED:
                    yield Send(some)
                else:
                    joined += some
        # One write for many short commands: each would be a packet of its own.
        if joined:
            yield Send(bytes(joined))

    def _may_send(self) -> bool:
        if not self._waiting:
            return False
        # Only the first may be sent: the order of the calls is the order of the commands.
        command, in_flight = self._waiting[0], self._in_flight
        fits = not in_flight or in_flight.octets + command.octets <= MAX_OCTETS
        return fits and may_join(command, in_flight.by_name, in_flight.by_kind)

    def _begin(self, command: Command) -> list[bytes | Pieces]:
        """Give a command its tag, and return what is sent of it at once."""
        session = self._session
        command.tag = session.next_tag()
        name = command.name.encode("ascii")
        octets, *self._rest = encode.command(command.tag, name, command.parts, session.capabilities)
        self._in_flight.add(command, partial=bool(self._rest))
        if isinstance(command.owner, Call):
            command.owner.pending.is_sent = True
        return octets

    def _read(self) -> Flow[None]:
        """Read until a command is done, or may continue, and nothing more has arrived."""
        session = self._session
        while True:
            done = self._in_flight.take_arrived()
            # Refused before its literals: none of them is sent.
            if self._in_flight.partial is None:
                self._rest = []
            for command in done:
                if isinstance(command.owner, Call):
                    self._ready.append(command.owner)
            if done or self._in_flight.may_continue:
                return
            if session.reader.eof:
                raise connection_lost(session.reader)
            try:
                yield RECEIVE
            except MailTimeout as late:
                session.raise_if_closing(late)
                raise
