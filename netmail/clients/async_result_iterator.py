"""The values of a call that returns many, as an asyncio iterator.

This file knows no protocol, and not how the values come: only that they come in batches, and that
an SMTP client has something to tell about those that are left.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from netmail.curl.connection import Connection
from netmail.curl.drive_async import drive
from netmail.curl.errands import SeveralConnections
from netmail.curl.sources import Source
from netmail.flows.smtp.batch import Batch
from netmail.results.smtp import MessageResult, SendReport

T = TypeVar("T")


class AsyncResultIterator(Generic[T]):
    """Values in the order the server sends them, each as soon as it has come.

    Nothing is sent before the first value is asked for. From then to the end the connection belongs
    to this iterator: another call raises `BusyError`. Leave it whenever you like: after `break`, an
    exception, `aclose()` or the end of an `async with`, the connection can be used again. What the
    server still sends of the results is read and dropped, within 16 MiB and 5 seconds; if there is
    more, the connection is closed, and the next call raises `ConnectionLost`.
    """

    _source: Source[T]
    _values: Iterator[T]
    _is_closed: bool

    # Not __init__(): only clients make one, and callers never see the types of its arguments.
    def __new__(cls, source: Source[T]) -> Self:
        """Make the iterator of what a source yields."""
        self = super().__new__(cls)
        self._source = source
        self._values = iter(())
        self._is_closed = False
        return self

    async def aclose(self) -> None:
        """Leave the rest of the values; does nothing at their end.

        Raises:
            BusyError: If another thread or task uses the connection.
        """
        self._values = iter(())
        self._is_closed = True
        await drive(self._source.leave())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        for value in self._values:
            return value
        if self._is_closed:
            raise StopAsyncIteration
        self._values = iter(await drive(self._source.next()))
        for value in self._values:
            return value
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        """Leave; the next call reads the rest, since nothing can be waited for here."""
        source = getattr(self, "_source", None)
        if source is not None:
            source.abandon()


class AsyncResultStream(AsyncResultIterator[MessageResult]):
    """The result of each message, in the order of the messages, as soon as it is final.

    Nothing is sent before the first result is asked for. From then to the end the connection
    belongs to this iterator: another call raises `BusyError`. Leave it whenever you like, by
    `break`, an exception, `aclose()` or the end of an `async with`. The replies to what was sent
    already are read then, within 5 seconds; a message whose envelope alone was sent is not
    delivered, and the next call reconnects.
    """

    _batch: Batch

    def __new__(cls, connection: Connection, batch: Batch) -> Self:
        """Make the iterator of what a batch hands over."""
        self = super().__new__(cls, SeveralConnections(connection, batch, "stream"))
        self._batch = batch
        return self

    @property
    def rest(self) -> SendReport:
        """The outcome of the messages that were read and whose result was not.

        Ask after `aclose()`, or after the `async with`; it is empty after the last result. What
        was not sent is in `queue` too, and what may have been delivered in `uncertain`.
        """
        return self._batch.rest()
