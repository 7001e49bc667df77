"""What managers and transports have in common, for netmail's own and for those of others.

This file must not know any of them. Nothing has to inherit from these: they are checked by their
methods.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from netmail import MessageResult, Sendable


class MessageTransport(Protocol):
    """How messages leave the program; used by one thread at a time.

    It does nothing before `startup()`, and may be started again after `shutdown()`.
    """

    def startup(self) -> None:
        """Prepare what `deliver()` needs."""

    def deliver(self, message: "Sendable") -> "MessageResult | None":
        """Deliver one message, and return what has become of it for each recipient.

        `None` means that it was accepted for all.

        Raises:
            MessageFailed: If the message cannot be delivered, however often it is tried.
            TransportFailed: If nothing was delivered, and another instance may deliver it.
            TransportExhausted: If it was delivered, and the next one needs another instance.
        """

    def shutdown(self) -> None:
        """Free what `startup()` has prepared."""


class AsyncMessageTransport(Protocol):
    """A `MessageTransport` whose methods are awaited, and block no event loop.

    A transport that has this form too returns it from a method `async_form()`.
    """

    async def startup(self) -> None:
        """Prepare what `deliver()` needs."""

    async def deliver(self, message: "Sendable") -> "MessageResult | None":
        """Deliver one message: as `MessageTransport.deliver()`.

        A transport whose call was cancelled is shut down, and not used again.
        """

    async def shutdown(self) -> None:
        """Free what `startup()` has prepared."""


TransportFactory: TypeAlias = Callable[[], MessageTransport]
"""Makes a transport as it is configured."""


class Manager(Protocol):
    """What takes messages from the program and hands them to transports."""

    def startup(self) -> None:
        """Prepare to accept messages."""

    def deliver(self, message: "Sendable") -> object:
        """Take a message; return a `Future` of its `MessageResult`, or something to be awaited."""

    def shutdown(self) -> None:
        """Deliver, or give back, what is pending, and free what `startup()` has prepared.

        A manager whose `deliver()` returns something to be awaited also has `ashutdown()`, which
        is awaited in place of it.
        """
