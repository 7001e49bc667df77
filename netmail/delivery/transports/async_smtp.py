"""The transport that speaks SMTP and LMTP in an event loop.

This file must not know any manager, nor how its directives are written.
"""

import contextlib
from typing import Any

import netmail
from netmail import MessageError, MessageResult, NetmailError, Sendable, UsageError
from netmail.delivery.errors import MessageFailed, transport_failure


class AsyncSmtpTransport:
    """Sends over one `AsyncTransport`, which is kept from message to message.

    Args:
        url: For `AsyncTransport`.
        options: Likewise.
    """

    def __init__(self, url: Any, options: dict[str, Any]) -> None:
        self._url = url
        self._options = options
        self._client: netmail.AsyncTransport | None = None

    async def startup(self) -> None:
        """Prepare; the first message connects."""
        self._client = netmail.AsyncTransport(self._url, **self._options)

    async def deliver(self, message: Sendable) -> MessageResult:
        """Send one message.

        Raises:
            MessageFailed: If it cannot be written.
            TransportFailed: If nothing was sent, since there is no connection.
        """
        client = self._client
        if client is None:
            raise UsageError("startup() comes before deliver()")
        try:
            client.add_message(message)
            (result,) = await client.send()
        except (MessageError, UsageError) as error:
            raise MessageFailed(str(error)) from error
        except NetmailError as error:
            raise transport_failure(error) from error
        finally:
            client.clear()  # what is left is the manager's to repeat
            # The next message would find out that the session has ended, and fail.
            if not client.is_connected and self._client is client:
                await self.startup()
        return result

    async def shutdown(self) -> None:
        """End the session."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(NetmailError):
                async with client:
                    pass
