"""One transport that is kept, renewed where it fails, and tried again for what was refused for now.

This file must not know any transport or manager, nor where the messages come from.
"""

import contextlib
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


class MessageAttempts:
    """What has become of one message so far, and when it is tried again.

    Args:
        message: What is to be delivered.
        retry: When it is tried again, and how often if it does not say that itself.

    Attributes:
        left: What the next attempt delivers: the message, or what is left of it.
    """

    def __init__(self, message: Sendable, retry: RetryPolicy) -> None:
        self.left = message
        self._message = message
        self._delays = iter(policy_of(message, retry).delays())
        self._failure: DeliveryError | None = None
        self._outcome: object = None

    def returned(self, value: object) -> float | None:
        """Note what a transport has returned.

        Returns:
            Seconds until the next attempt; `None` if there is none.
        """
        # A refusal for now is a decision, and takes the place of an earlier failure.
        self._failure = None
        if isinstance(value, MessageResult) and isinstance(self._outcome, MessageResult):
            value = self._outcome.merged(value)
        self._outcome = value
        if not isinstance(value, MessageResult) or value.retryable is None:
            return None
        self.left = value.retryable
        return self._delay(value)

    def failed(self, error: DeliveryError) -> float | None:
        """Note an error of a transport, and return the same as `returned()`."""
        self._failure = error
        return self._delay(error) if may_pass(error) else None

    def _delay(self, cause: object) -> float | None:
        delay = next(self._delays, None)
        return None if delay is None else max(delay, asked_delay(cause))

    def outcome(self) -> object:
        """Return what is decided.

        Returns:
            The `MessageResult`: what was refused is in it, and what may be tried later is its
            `retryable`. Or whatever else another's transport has returned.

        Raises:
            DeliveryFailed: If nothing was delivered and no server has refused anything.
        """
        # What an earlier attempt has decided for some recipients is no failure as a whole.
        if self._outcome is None:
            raise DeliveryFailed(self._message, str(self._failure)) from self._failure
        return self._outcome


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
        """Deliver one message, with its retries: see `MessageAttempts.outcome()`."""
        attempts = MessageAttempts(message, self._retry)
        while True:
            try:
                value = self._attempt(attempts.left)
            except (MessageFailed, TransportFailed) as error:
                delay = attempts.failed(error)
            else:
                delay = attempts.returned(value)
            if delay is None or self._stopping.wait(delay):
                return attempts.outcome()

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


def may_pass(failure: DeliveryError) -> bool:
    """Tell whether another attempt may succeed."""
    return isinstance(failure, TransportFailed) and failure.transient


def asked_delay(cause: object) -> float:
    """Return the seconds that the server asks for before the next attempt."""
    error = cause.error if isinstance(cause, MessageResult) else cause
    return (error.retry_after or 0.0) if isinstance(error, NetmailError) else 0.0
