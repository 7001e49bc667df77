"""The errors of delivery, and what each means for the message and for the transport.

This file must not know which manager or transport raises them.

    DeliveryError(NetmailError)
      DeliveryFailed       what `Mailer.send()` ends with: .message was not delivered, for .reason
      MessageFailed        the message is defective and not tried again; the transport can be used
      TransportFailed      the transport is broken: a new one may deliver the message (.transient)
      TransportExhausted   the message was delivered (.result); the next one needs a new transport
      MailerNotRunning     the mailer was not started, or was stopped
"""

from typing import TYPE_CHECKING

from netmail import NetmailError, ReplyError, TlsError, UsageError

if TYPE_CHECKING:
    from netmail import MessageResult


class DeliveryError(NetmailError):
    """A message could not be handed over as it was configured."""


class DeliveryFailed(DeliveryError):
    """No server has decided about the message: it is not delivered.

    What a server has refused is in the `MessageResult`, and raises nothing.

    Attributes:
        message: The message; also `args[0]`.
        reason: Why it was not delivered; also `args[1]`.
    """

    def __init__(self, message: object, reason: str) -> None:
        super().__init__(reason)
        # The base class has made it printable: it may have a server's text.
        self.reason = str(self.args[0])
        self.args = (message, self.reason)
        self.message = self.msg = message

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the server wants the next try; `None` where it does not say."""
        cause = self.__cause__
        return cause.retry_after if isinstance(cause, NetmailError) else super().retry_after

    def __str__(self) -> str:
        return self.reason


class MessageFailed(DeliveryError):
    """The message cannot be delivered, however often it is tried; the transport can be used."""


class TransportFailed(DeliveryError):
    """The transport failed before it could have delivered the message: a new one may deliver it.

    Attributes:
        transient: Whether a later try may succeed; false where the configuration is wrong.
    """

    def __init__(
        self, message: str = "", *, transient: bool = True, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.transient = transient
        self._retry_after = retry_after

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the server wants the next try; `None` where it does not say."""
        return super().retry_after if self._retry_after is None else self._retry_after


class TransportExhausted(DeliveryError):
    """The message was delivered, and the transport can deliver no other.

    Attributes:
        result: What the transport has to say of the message; `None` for "it was accepted".
    """

    def __init__(self, message: str = "", *, result: "MessageResult | None" = None) -> None:
        super().__init__(message)
        self.result = result


class MailerNotRunning(DeliveryError):
    """The mailer was not started, or it was stopped."""


def transport_failure(error: NetmailError) -> TransportFailed:
    """Return what an error of a connection means: a later try may succeed, or not."""
    if isinstance(error, ReplyError):
        return TransportFailed(str(error), transient=error.transient)
    return TransportFailed(str(error), transient=not isinstance(error, UsageError | TlsError))


MailConfigurationException = UsageError
"""Marrow Mailer's name."""
DeliveryException = DeliveryError
"""Marrow Mailer's name."""
DeliveryFailedException = DeliveryFailed
"""Marrow Mailer's name."""
MessageFailedException = MessageFailed
"""Marrow Mailer's name."""
TransportFailedException = TransportFailed
"""Marrow Mailer's name."""
TransportExhaustedException = TransportExhausted
"""Marrow Mailer's name."""
