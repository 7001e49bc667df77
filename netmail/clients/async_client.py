"""What every asyncio client has: a connection, its beginning and its end.

This file knows no protocol; `client` is its blocking counterpart, written by hand.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, Self, TypeVar, Unpack

from netmail.clients.async_result_iterator import AsyncResultIterator
from netmail.curl import calls
from netmail.curl.connection import Connection, CurlHandle, ProtocolSession, Resumption
from netmail.curl.drive_async import drive
from netmail.curl.errands import Reporting, complete
from netmail.curl.reconnecting.keeping import LoopKeeper
from netmail.curl.reconnecting.repeating import call_again, download, repeatable
from netmail.curl.sources import Following, ManyConversations, OneConversation
from netmail.errors import NetmailError
from netmail.flows.file_target import Target
from netmail.flows.flow import Flow, Piece, StreamingFlow
from netmail.limits import ServerLimits
from netmail.options.options import MailProtocol, OptionsDict, OptionsSource, parse_options
from netmail.options.retry import RetryPolicy

if TYPE_CHECKING:
    from netmail.results.diagnosis import Diagnosis
    from netmail.results.events import OnEvent

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class AsyncClient:
    """A client's connection: made by the first call, ended by `quit()` or `with`.

    Attributes:
        options: What the connection is made with.
        last_error: Why the last `test_connection()` returned False, or `None`.
    """

    _protocol: ClassVar[MailProtocol]
    _session_type: ClassVar[type[ProtocolSession]]
    _session: ProtocolSession
    _resumption_of: "ClassVar[staticmethod[[Any], Resumption | None]]"

    def __init__(
        self,
        options: OptionsSource = None,
        /,
        *,
        limits: ServerLimits | None = None,
        on_event: "OnEvent | None" = None,
        **keywords: Unpack[OptionsDict],
    ) -> None:
        """Check the options; nothing is sent before the first command.

        Args:
            options: A dictionary, a URL such as "imaps://user:password@host/INBOX", or `Options`,
                which describes each option.
            limits: How much the server may send; `None` for the defaults of `ServerLimits`.
            on_event: Called with each event on the connection, such as `ConnectionOpened`; `None`
                for no call. What it raises passes to the caller, and ends the connection.
            **keywords: The same options by name; they take precedence.

        Raises:
            UsageError: If an option is unknown, wrong, or contradicts another.
        """
        self.options = parse_options(self._protocol, options, **keywords)
        self.last_error: NetmailError | None = None
        self._session = self._session_type(self.options, limits)
        self._connection = Connection(
            self.options, self._session, on_event, resumption_of=self._resumption_of
        )
        if self.options.keep_alive is not None:
            self._connection.keeper = LoopKeeper(self._connection, self.options.keep_alive)

    async def connect(self) -> Self:
        """Connect now instead of at the first command; reconnect if the connection has ended.

        Returns:
            The client itself.

        Raises:
            TransportError: If the connection cannot be made.
            AuthenticationError: If the server refuses the credentials.
        """
        await drive(calls.connect(self._connection))
        return self

    async def quit(self) -> None:
        """Send QUIT or LOGOUT and close the connection; does nothing if it is closed already.

        Raises:
            NetmailError: If the command fails in POP3, where QUIT is what deletes messages.
        """
        await drive(calls.disconnect(self._connection, graceful=True))

    async def aclose(self) -> None:
        """Do as `quit()`; `contextlib.aclosing()` asks for this name, which no blocking twin needs.

        Raises:
            NetmailError: If the command fails in POP3, where QUIT is what deletes messages.
        """
        await drive(calls.disconnect(self._connection, graceful=True))

    async def abort(self) -> None:
        """Close the connection without QUIT or LOGOUT; POP3 then deletes nothing."""
        await drive(calls.disconnect(self._connection, graceful=False))

    async def test_connection(self) -> bool:
        """Make a connection of its own, log in, send NOOP and close it.

        Returns:
            Whether all of it succeeded; if not, `last_error` is the reason.
        """
        self.last_error = await drive(calls.probe(self._connection.clone()))
        return self.last_error is None

    async def diagnose(self) -> "Diagnosis":
        """Try the server over a connection of its own, and report what was found.

        It connects, logs in, asks what the server offers, sends NOOP and disconnects. To read a
        certificate that is not trusted it connects once more, without credentials.

        Returns:
            Times, TLS, certificate, capabilities, warnings, and the error if the try failed: a
            server's failure is not raised.

        Raises:
            UsageError: If an option cannot be used.
        """
        # Few programs ask, and it loads every protocol.
        from netmail.curl.diagnosing.diagnose import diagnose  # noqa: PLC0415

        return await drive(diagnose(self._connection.clone()))

    async def get_handle(self) -> CurlHandle:
        """Return the `pycurl.Curl` of the connection, connecting if there is none.

        It belongs to the client, and is for questions: `getinfo(pycurl.PRIMARY_IP)`,
        `APPCONNECT_TIME`, `SSL_VERIFYRESULT`, `ACTIVESOCKET` and the like. Never call `perform()`,
        `send()`, `recv()`, `reset()` or `close()`: replies would be lost, and the session with
        them. `setopt()` has no effect on a connection that is made. Ask between two calls, in the
        thread that makes them. The handle is closed with the connection, and after a reconnect
        there is another one: do not keep it.

        Returns:
            The handle of libcurl, which is the same until the connection ends.

        Raises:
            NetmailError: As `connect()`, and if an earlier failure ended the connection.
        """
        return await drive(calls.handle(self._connection))

    def deadline(self, seconds: float | timedelta) -> AbstractContextManager[None]:
        """Limit how long the calls of a `with` block may take together.

            with client.deadline(60):
                await client.noop()

        `timeout` is for one wait, and a server that sends a line now and then renews it; nothing
        renews a deadline. Connecting counts. Of blocks within each other, and of the option
        `deadline`, which is for each call, the one that ends first holds. A call whose reply is
        outstanding then loses its connection; a call that has sent nothing leaves it open.

        Args:
            seconds: Seconds, or a `timedelta`, from now on.

        Returns:
            A context manager for a plain `with`; the calls in it raise `MailTimeout`, whose
            `limit` is "deadline". Leaving the block late raises nothing by itself.

        Raises:
            UsageError: If it is not more than 0 and at most 24 days.
        """
        return self._connection.deadline.within(seconds)

    @property
    def is_connected(self) -> bool:
        """Whether a connection is open, as far as is known without asking the server."""
        return self._connection.is_open

    async def _run(self, flow: Flow[T]) -> T:
        return await drive(calls.call(self._connection, flow))

    async def _read(self, make: Callable[P, Flow[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a conversation that may be run again, for it changes nothing or the same each time.

        The option `reconnect` repeats it where the connection is lost; it repeats no `_run()`.
        """
        return await drive(call_again(self._connection, make, *args, **kwargs))

    def _stream(self, flow: StreamingFlow[T]) -> AsyncResultIterator[T]:
        return AsyncResultIterator(OneConversation(self._connection, flow))

    def _read_many(
        self, make: Callable[P, StreamingFlow[T]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncResultIterator[T]:
        """Do as `_stream()`; begin again where the connection is lost before the first values."""
        again = repeatable(self._connection, make, *args, **kwargs)
        return AsyncResultIterator(OneConversation(self._connection, again(), again))

    def _follow(self, following: Following[T], retry: RetryPolicy | None) -> AsyncResultIterator[T]:
        return AsyncResultIterator(
            ManyConversations(self._connection, following, retry or self.options.reconnect)
        )

    async def _download(
        self, make: Callable[[int], StreamingFlow[Piece]], target: Target, *, resumes: bool
    ) -> int:
        return await drive(download(self._connection, make, target, resumes=resumes))

    async def _read_or_download(
        self,
        make: Callable[[], Flow[T]],
        pieces: Callable[[], StreamingFlow[Piece]],
        target: Target | None,
    ) -> T | int:
        if target is None:
            return await self._read(make)
        return await self._download(lambda _: pieces(), target, resumes=False)

    async def _complete(self, sending: Reporting[T, R], name: str) -> R:
        return await drive(complete(self._connection, sending, name))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await drive(calls.disconnect(self._connection, graceful=kind is None))

    def __repr__(self) -> str:
        options = getattr(self, "options", None)  # refused options leave a client without any
        return f"<{type(self).__name__} {options.url if options else 'without options'}>"
