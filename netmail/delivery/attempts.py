"""One transport that is kept, renewed where it fails, and tried again for what was refused for now.

This file must not know any transport or manager, nor where the messages come from.
"""

import contextlib
import itertools
import threading
from dataclasses import replace
from typing import Final

from netmail import MessageResult, NetmailError, RetryPolicy, Sendable, envelope_of
from netmail.delivery.errors import (
    DeliveryError,
    DeliveryFailed,
    MessageFailed,
    TransportExhausted,
    TransportFailed,
)
from netmail.delivery.interfaces import MessageTransport, TransportFactory
from netmail.delivery.results import accepted_result

DEFAULT_RETRY: Final = RetryPolicy(attempts=3)
"""When a message is tried again; a `Message` says itself how often, by `retries`."""


class HeldTransport:
    """A transport for one thread: made when it is first needed, and kept for the next message.

    Args:
        make: Makes the transport.
        retry: When a message is tried again, and how often if it does not say that itself.
        stopping: Set, it ends every wait: what is left of a message then is in its result.
    """

    def __init__(
        self, make: TransportFactory, retry: RetryPolicy, stopping: threading.Event
    ) -> None:
        self._make = make
        self._retry = retry
        self._stopping = stopping
        self._transport: MessageTransport | None = None

    def deliver(self, message: Sendable) -> object:
        """Deliver one message, with its retries.

        Returns:
            The `MessageResult`: what was refused is in it, and what may be tried later is its
            `retryable`. Or whatever else another's transport has returned.

        Raises:
            DeliveryFailed: If nothing was delivered and no server has refused anything.
        """
        decided: MessageResult | None = None
        left = message
        for delay in itertools.chain(policy_of(message, self._retry).delays(), [None]):
            try:
                value = self._attempt(left)
            except (MessageFailed, TransportFailed) as error:
                failure: DeliveryError | None = error
            else:
                if not isinstance(value, MessageResult):
                    return value
                decided = value if decided is None else decided.merged(value)
                if decided.retryable is None:
                    return decided
                left, failure = decided.retryable, None
            if not (
                may_pass(failure) and self._waited(delay, decided if failure is None else failure)
            ):
                break
        if decided is None:
            raise DeliveryFailed(message, str(failure)) from failure
        return decided

    def _attempt(self, message: Sendable) -> object:
        """Deliver once; a transport that fails is not used again."""
        try:
            if self._transport is None:
                self._transport = self._make()
                self._transport.startup()
            value: object = self._transport.deliver(message)
        except TransportExhausted as error:
            self.close()
            value = error.result
        except MessageFailed:
            raise
        except BaseException:
            self.close()
            raise
        return accepted_result(envelope_of(message)) if value is None else value

    def _waited(self, delay: float | None, cause: object) -> bool:
        """Wait before another attempt; false where there is none."""
        if delay is None:
            return False
        return not self._stopping.wait(max(delay, asked_delay(cause)))

    def close(self) -> None:
        """Shut the transport down; the next message has another. No error of it is raised."""
        transport, self._transport = self._transport, None
        if transport is not None:
            # It has failed, or its messages are decided: nothing more is to be learnt from it.
            with contextlib.suppress(Exception):
                transport.shutdown()


def policy_of(message: object, policy: RetryPolicy) -> RetryPolicy:
    """Return the policy with the attempts that the message asks for."""
    attempts = getattr(message, "retries", None)
    return policy if attempts is None else replace(policy, attempts=attempts)


def may_pass(failure: DeliveryError | None) -> bool:
    """Tell whether another attempt may succeed; `None` is a refusal for now."""
    return failure is None or (isinstance(failure, TransportFailed) and failure.transient)


def asked_delay(cause: object) -> float:
    """Return the seconds that the server asks for before the next attempt."""
    error = cause.error if isinstance(cause, MessageResult) else cause
    return (error.retry_after or 0.0) if isinstance(error, NetmailError) else 0.0
