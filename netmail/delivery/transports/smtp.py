"""The transports that speak SMTP and LMTP.

This file must not know any manager.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import netmail
from netmail import MessageError, MessageResult, NetmailError, Sendable, UsageError
from netmail.delivery.attempts import DEFAULT_RETRY
from netmail.delivery.errors import MessageFailed, transport_failure
from netmail.delivery.transports.async_smtp import AsyncSmtpTransport
from netmail.delivery.transports.client_options import client_options


class SmtpTransport:
    """Sends over one connection, which is kept from message to message.

    Directives: `host`, or `url`; `port`, `username`, `password`, `timeout` (seconds), `tls`
    ("required", "optional", "ssl", or "none"), `certfile`, `keyfile`, `local_hostname`, `debug`,
    `pipeline` (messages a connection); and every other option of `netmail.Transport`.
    """

    _lmtp: ClassVar[bool] = False

    def __init__(self, config: dict[str, object]) -> None:
        self._url, self._options = smtp_options(config, lmtp=self._lmtp)
        self._client: netmail.Transport | None = None
        self._new_client()  # a wrong directive is found now, not with a message

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._client is not None and self._client.is_connected

    def async_form(self) -> AsyncSmtpTransport:
        """Return the transport for an event loop, with the same directives."""
        return AsyncSmtpTransport(self._url, self._options)

    @property
    def client(self) -> netmail.Transport | None:
        """What it sends with, for batches; `None` before `startup()`."""
        return self._client

    def startup(self) -> None:
        """Prepare; the first message connects."""
        self._client = self._new_client()

    def _new_client(self) -> netmail.Transport:
        return netmail.Transport(self._url, **self._options)

    def deliver(self, message: Sendable) -> MessageResult:
        """Send one message.

        Raises:
            MessageFailed: If it cannot be written.
            TransportFailed: If nothing was sent, since there is no connection.
        """
        client = self._started()
        try:
            client.add_message(message)
            (result,) = client.send()
        except (MessageError, UsageError) as error:
            raise MessageFailed(str(error)) from error
        except NetmailError as error:
            raise transport_failure(error) from error
        finally:
            client.clear()  # what is left is the manager's to repeat
            self._renew(client)
        return result

    def deliver_each(self, messages: Iterable[Sendable]) -> Iterator[MessageResult]:
        """Send many messages in one stream, read while they are sent.

        Raises:
            MessageError: If one cannot be written; after the results of those before it.
            TransportFailed: If the connection fails; likewise.
        """
        client = self._started()
        try:
            with client.stream(messages, retry=DEFAULT_RETRY) as results:
                yield from results
        except (MessageError, UsageError):
            raise
        except NetmailError as error:
            raise transport_failure(error) from error
        finally:
            self._renew(client)

    def _renew(self, client: netmail.Transport) -> None:
        """Leave a session that has ended: the next message would find that out, and fail."""
        if not client.is_connected and self._client is client:
            self._client = self._new_client()

    def _started(self) -> netmail.Transport:
        if self._client is None:
            raise UsageError("startup() comes before deliver()")
        return self._client

    def shutdown(self) -> None:
        """End the session."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(NetmailError), client:
                pass


class LmtpTransport(SmtpTransport):
    """Sends by LMTP, with each recipient's own final reply; the directives are the same.

    RFC 2033.
    """

    _lmtp = True


def smtp_options(config: Mapping[str, object], *, lmtp: bool = False) -> tuple[Any, dict[str, Any]]:
    """Return the URL, and netmail's options, for the directives of Marrow Mailer and its own.

    Raises:
        UsageError: If neither host nor URL is given, or a value is wrong.
    """
    url, options = client_options(config, "transport lmtp" if lmtp else "transport smtp")
    return url, {**options, "lmtp": True} if lmtp else options
