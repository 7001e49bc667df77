"""Send messages one after another over one transport, and return the result of each.

This file must not know the outbox's tables. A netmail client, and a transport that has one as its
`client`, sends them as one batch; any other one delivers them singly.
"""

import contextlib
from collections.abc import Callable, Generator, Iterator
from typing import Protocol, TypeAlias, cast

import netmail
from netmail import Envelope, MessageError, MessageResult, NetmailError, UsageError
from netmail.delivery.errors import (
    DeliveryError,
    MessageFailed,
    TransportExhausted,
    TransportFailed,
    transport_failure,
)
from netmail.delivery.interfaces import MessageTransport, TransportFactory
from netmail.delivery.results import (
    accepted_result,
    refused_result,
    uncertain_result,
    unsent_result,
)

OutboxTransport: TypeAlias = "netmail.Transport | MessageTransport | TransportFactory"
"""What `Outbox.work()` sends with: a client, a transport of `netmail.delivery`, or its factory."""

Results: TypeAlias = Generator[MessageResult, None, None]
"""The result of each message; to be closed."""


class Sender(Protocol):
    """One transport, for one thread."""

    @property
    def window(self) -> int:
        """How many messages it reads ahead of the one whose result comes next."""

    def results(self, messages: Iterator[Envelope]) -> Results:
        """Yield the result of each message, in their order.

        Raises:
            MessageFailed: If the message that was read last cannot be sent, after the results of
                those before it.
            TransportFailed: If no more can be sent now, after the results of all that were read.
        """

    def rest(self) -> list[MessageResult]:
        """Return the results of messages that were read, where `results()` was left before."""

    def close(self) -> None:
        """End the session; the next message begins another."""


def sender_of(transport: OutboxTransport) -> Sender:
    """Return what sends with a transport.

    Raises:
        UsageError: If it is none.
    """
    if isinstance(transport, netmail.Transport):
        return ClientSender(transport)
    if hasattr(transport, "deliver"):
        given = cast("MessageTransport", transport)
        return TransportSender(lambda: given)
    if callable(transport):
        return TransportSender(transport)
    raise UsageError(f"{transport!r} is no transport: it has no deliver()")


class ClientSender:
    """Sends as a batch, by `netmail.Transport`.

    Args:
        client: The client. A session that is open already is left open.
    """

    def __init__(self, client: netmail.Transport) -> None:
        self._client = client
        self._is_given = client.is_connected
        self._rest: list[MessageResult] = []

    @property
    def window(self) -> int:
        """How many messages it reads ahead of the one whose result comes next."""
        return self._client.options.window + 1

    def results(self, messages: Iterator[Envelope]) -> Results:
        """Yield the result of each message, in their order."""
        results = self._client.stream(messages)
        try:
            # A session that has ended is not begun again without being asked for.
            self._client.connect()
            with results:
                yield from results
        except DeliveryError:
            raise  # from `messages`
        except MessageError as error:
            raise MessageFailed(str(error)) from error
        except NetmailError as error:
            raise transport_failure(error) from error
        finally:
            self._rest = list(results.rest)
            self._client.clear()  # what is left is in the outbox

    def rest(self) -> list[MessageResult]:
        """Return the results of messages that were read, where `results()` was left before."""
        left, self._rest = self._rest, []
        return left

    def close(self) -> None:
        """End the session."""
        if not self._is_given:
            with contextlib.suppress(NetmailError):
                self._client.quit()


class TransportSender:
    """Sends by a transport of `netmail.delivery`, which is made again where it fails.

    Args:
        make: Makes the transport.
    """

    def __init__(self, make: Callable[[], MessageTransport]) -> None:
        self._make = make
        self._transport: MessageTransport | None = None
        self._delivering: Envelope | None = None
        self._client: ClientSender | None = None

    @property
    def window(self) -> int:
        """How many messages it reads ahead; known once it is started."""
        return 1 if self._client is None else self._client.window

    def results(self, messages: Iterator[Envelope]) -> Results:
        """Yield the result of each message, in their order."""
        transport = self._started()
        client = getattr(transport, "client", None)
        if isinstance(client, netmail.Transport):
            yield from self._batch(client, messages)
            return
        for message in messages:
            self._delivering = message
            try:
                value: object = transport.deliver(message)
            except MessageFailed as error:
                value = refused_result(message, str(error))
            except TransportExhausted as error:
                self.close()
                yield self._decided(_result_of(message, error.result))
                transport = self._started()
                continue
            except TransportFailed as error:
                # Nothing was delivered, so the message may be sent again by the next transport.
                self.close()
                yield self._decided(unsent_result(message, error))
                raise
            except Exception as error:
                # It is not known whether it came before the delivery or after it.
                self.close()
                reason = f"{type(error).__name__}: {error}"
                yield self._decided(uncertain_result(message, reason))
                raise TransportFailed(reason) from error
            yield self._decided(_result_of(message, value))

    def _batch(self, client: netmail.Transport, messages: Iterator[Envelope]) -> Results:
        self._client = ClientSender(client)
        try:
            yield from self._client.results(messages)
        except TransportFailed:
            self.close()
            raise

    def _decided(self, result: MessageResult) -> MessageResult:
        self._delivering = None
        return result

    def rest(self) -> list[MessageResult]:
        """Return the result of a message whose delivery was interrupted: it is uncertain."""
        if self._client is not None:
            return self._client.rest()
        message, self._delivering = self._delivering, None
        return [] if message is None else [uncertain_result(message, "interrupted")]

    def _started(self) -> MessageTransport:
        if self._transport is None:
            transport = self._make()
            try:
                transport.startup()
            except TransportFailed:
                raise
            except Exception as error:
                raise TransportFailed(f"{type(error).__name__}: {error}") from error
            self._transport = transport
        return self._transport

    def close(self) -> None:
        """Shut the transport down; no error of it is raised, since its messages are decided."""
        transport, self._transport = self._transport, None
        if transport is not None:
            with contextlib.suppress(Exception):
                transport.shutdown()


def _result_of(message: Envelope, value: object) -> MessageResult:
    """Return a transport's result; any other value means that it has accepted the message."""
    return value if isinstance(value, MessageResult) else accepted_result(message)
