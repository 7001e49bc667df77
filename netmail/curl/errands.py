"""Conversations over several connections, which wait for more than octets.

This file must not know a protocol, nor how to wait: it does what a conversation asks for between
its steps.
"""

from contextlib import suppress
from logging import DEBUG
from typing import Generic, Protocol, TypeVar

from netmail.curl.calls import (
    Pull,
    Sleep,
    Steps,
    finish,
    leave,
    measured,
    open_stream,
    refuse_late,
)
from netmail.curl.connection import Connection
from netmail.curl.pump import discard_if_closed, pump
from netmail.errors import NetmailError, ReplyError, TransportError
from netmail.flows.flow import Connect, Errand, More, StreamingFlow
from netmail.flows.streaming import Streaming

T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Sending(Protocol[T]):
    """What is sent over as many connections as it takes."""

    @property
    def failure(self) -> Exception | None:
        """What the call raises at its end."""

    def run(self) -> StreamingFlow[T]:
        """Converse; ask for each connection."""


class Reporting(Sending[T], Protocol[T, R_co]):
    """What is sent in one call, which returns what came of it."""

    def report(self) -> R_co:
        """Return what came of it."""


class SeveralConnections(Generic[T]):
    """The values of one conversation that asks for its connections itself."""

    def __init__(self, connection: Connection, sending: Sending[T], name: str) -> None:
        self._connection = connection
        self._sending = sending
        self._streaming = Streaming(sending.run(), name)
        self._has_raised = False

    def next(self) -> Steps[list[T]]:
        """Return the next values; none at the end.

        Raises:
            Exception: What the conversation has failed with, after its last values.
        """
        values = yield from next_values(self._connection, self._streaming)
        if not values and not self._has_raised and self._sending.failure is not None:
            self._has_raised = True
            raise self._sending.failure
        return values

    def leave(self) -> Steps[None]:
        """End it; the connection can be used then."""
        return leave(self._connection, self._streaming)

    def abandon(self) -> None:
        """Note that no more is wanted; the next call ends what is outstanding."""
        self._streaming.is_left = True


def complete(connection: Connection, sending: Reporting[T, R], name: str) -> Steps[R]:
    """Run a conversation that asks for its connections itself to its end; return its report.

    Raises:
        BusyError: If another thread or task uses the connection.
        Exception: What it has failed with.
    """
    streaming = Streaming(sending.run(), name)
    try:
        while (yield from next_values(connection, streaming)):
            pass
    finally:
        # An interrupted wait between two connections: nothing is outstanding.
        if connection.streaming is streaming:
            streaming.close()
            connection.streaming = None
    if sending.failure is not None:
        raise sending.failure
    return sending.report()


def next_values(connection: Connection, streaming: Streaming[T]) -> Steps[list[T]]:
    """Run a conversation up to its next values, and do what it asks for; none at its end.

    Raises:
        BusyError: If another thread or task uses the connection, or another conversation has it.
        StateError: If `quit()` or `abort()` has ended the conversation.
        NetmailError: What the conversation raises.
    """
    streaming.refuse_if_left()
    if streaming.has_ended:
        return []
    if connection.keeper is not None:
        yield from connection.keeper.finished()
    connection.acquire(streaming)
    try:
        refuse_late(connection)
        values: list[T] = []
        if not streaming.has_begun:
            if connection.streaming is not None:
                yield from finish(connection)
            connection.streaming = streaming
            # It begins by asking for a connection, and so sends nothing here.
            yield from pump(connection, streaming.next())
        elif streaming.asked is None:
            values = yield from _run(connection, streaming)
        # An errand that was interrupted in an earlier step is done now.
        while streaming.asked is not None:
            failure = yield from _serve(connection, streaming.asked)
            values = yield from _run(connection, streaming, failure)
        return values
    finally:
        connection.forget_ended()
        connection.release()


def _run(
    connection: Connection, streaming: Streaming[T], failure: NetmailError | None = None
) -> Steps[list[T]]:
    run = measured if connection.observer.reporter(DEBUG) else pump
    return run(connection, streaming.next(failure))


def _serve(connection: Connection, asked: Errand) -> Steps[NetmailError | None]:
    """Do what a conversation asks for; return why that cannot be had."""
    if isinstance(asked, More):
        yield Pull(asked.intake)
        # It waited for its caller, and not for the server.
        connection.deadline.restart()
        return None
    try:
        if isinstance(asked, Connect):
            yield from _connect(connection, asked)
            return None
        left = connection.deadline.left("the next attempt")
        yield Sleep(asked.seconds if left is None else min(asked.seconds, left))
        connection.deadline.left("the next attempt")
    except NetmailError as error:
        return error
    return None


def _connect(connection: Connection, asked: Connect) -> Steps[None]:
    """Have a connection open."""
    if asked is Connect.ANOTHER and connection.is_open:
        connection.discard()
    # Nothing has been sent that it depends on: a connection closed while idle is as good as none.
    discard_if_closed(connection)
    if asked is Connect.FIRST and connection.options.reconnect is not None and connection.is_idle:
        # A firewall may have forgotten it, and only a reply shows that it has not.
        with suppress(TransportError, ReplyError):
            yield from pump(connection, connection.session.noop())
        connection.renew()
    if asked is not Connect.FIRST:
        connection.renew()
    if (stream := connection.new_stream()) is not None:
        yield from open_stream(connection, stream)
