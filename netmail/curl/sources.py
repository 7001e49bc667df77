"""Where the values of an iterator come from: one conversation, or one after another.

This file must not know a protocol, nor how to wait.
"""

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from netmail.curl import calls
from netmail.curl.calls import Sleep, Steps
from netmail.curl.connection import Connection
from netmail.curl.reconnecting.repeating import first_values
from netmail.errors import NetmailError
from netmail.flows.flow import StreamingFlow
from netmail.flows.streaming import Streaming
from netmail.options.retry import RetryPolicy

T = TypeVar("T")


class Source(Protocol[T]):
    """What an iterator of a client takes its values from."""

    def next(self) -> Steps[list[T]]:
        """Return the next values; none at the end."""

    def leave(self) -> Steps[None]:
        """End it; the connection can be used then."""

    def abandon(self) -> None:
        """Note that no more is wanted; the next call ends what is outstanding."""


class Following(Protocol[T]):
    """Conversations about one thing, each up to its next values, over one or more connections."""

    @property
    def is_up_to_date(self) -> bool:
        """Whether the last one knew what was there, before it waited for more."""

    def step(self) -> StreamingFlow[T]:
        """Converse up to the next values, and end."""

    def end(self) -> None:
        """Listen no more."""


class OneConversation(Generic[T]):
    """The values of one conversation, which has the connection from its begin to its end.

    Args:
        connection: The connection.
        flow: The conversation.
        make: Makes another one, where the connection is lost before the first values; `None` if it
            must not be run again.
    """

    def __init__(
        self,
        connection: Connection,
        flow: StreamingFlow[T],
        make: Callable[[], StreamingFlow[T]] | None = None,
    ) -> None:
        self._connection = connection
        self._streaming = Streaming(flow)
        self._make = make

    def next(self) -> Steps[list[T]]:
        """Return the next values; none at the end."""
        if self._make is None or self._streaming.has_begun:
            return calls.next_values(self._connection, self._streaming)
        return self._first(self._make)

    def _first(self, make: Callable[[], StreamingFlow[T]]) -> Steps[list[T]]:
        begun = first_values(self._connection, self._streaming, make)
        self._streaming, values = yield from begun
        return values

    def leave(self) -> Steps[None]:
        """End it; the connection can be used then."""
        return calls.leave(self._connection, self._streaming)

    def abandon(self) -> None:
        """Note that no more is wanted; the next call ends what is outstanding."""
        self._streaming.is_left = True


class ManyConversations(Generic[T]):
    """The values of conversations one after another, between which other calls may be made.

    Args:
        connection: The connection.
        following: What they are about.
        retry: How often to connect again after a lost connection; `None` for not at all.
    """

    def __init__(
        self, connection: Connection, following: Following[T], retry: RetryPolicy | None
    ) -> None:
        self._connection = connection
        self._following = following
        self._retry = retry
        self._streaming: Streaming[T] | None = None

    def next(self) -> Steps[list[T]]:
        """Return the next values; none at the end.

        Raises:
            NetmailError: What the conversation raises, after the last attempt.
        """
        delays: Iterator[float] = iter(())
        fresh = True
        while True:
            try:
                return (yield from calls.next_values(self._connection, self._present(), once=True))
            except NetmailError as error:
                if self._retry is None or not calls.may_pass(error):
                    raise
                # What was well once may fail as often again.
                if fresh or self._following.is_up_to_date:
                    delays, fresh = self._retry.delays(), False
                seconds = next(delays, None)
                if seconds is None:
                    raise
                # A server that gives a time refuses whatever comes before it.
                seconds = max(seconds, error.retry_after or 0.0)
            yield Sleep(seconds)
            self._connection.exclusively(self._connection.renew)

    def leave(self) -> Steps[None]:
        """End it; the connection can be used then."""
        self._following.end()
        if self._streaming is not None:
            yield from calls.leave(self._connection, self._streaming)

    def abandon(self) -> None:
        """Note that no more is wanted; the next call ends what is outstanding."""
        self._following.end()
        if self._streaming is not None:
            self._streaming.is_left = True

    def _present(self) -> Streaming[T]:
        """Return the conversation whose wait was broken off, else a new one."""
        streaming = self._streaming
        if streaming is None or streaming.is_left or self._connection.streaming is not streaming:
            streaming = self._streaming = Streaming(self._following.step())
        return streaming
