"""The transport that puts messages into a mailbox of an IMAP server.

This file must not know any manager.
"""

import contextlib
import tempfile
from dataclasses import dataclass, fields
from typing import Final

import netmail
from netmail import (
    CallFinished,
    Envelope,
    Event,
    ImapError,
    LargeContent,
    MessageError,
    MessageResult,
    NetmailError,
    Sendable,
    UsageError,
    envelope_of,
)
from netmail.delivery.directives import read_directives
from netmail.delivery.errors import MessageFailed, transport_failure
from netmail.delivery.results import accepted_result, refused_result, uncertain_result
from netmail.delivery.transports.client_options import client_options
from netmail.delivery.transports.disk import disk_failure

_WHERE: Final = "transport imap"


@dataclass(frozen=True)
class ImapDirectives:
    r"""The directives of `imap` beside netmail's options.

    Attributes:
        folder: The mailbox.
        flags: Flags that the messages get, such as "\Seen".
        ssl: Whether TLS begins with the connection, at port 993 where none is given.
    """

    folder: str = "INBOX"
    flags: str = ""
    ssl: bool = False


class ImapTransport:
    """Appends each message to one mailbox, over a connection that is kept.

    Directives: those of `ImapDirectives`; `host`, or `url`; `port`, `username`, `password`,
    `timeout` (seconds), `tls` ("required", "optional", "ssl", or "none"), and every other option of
    `netmail.Imap`.

    RFC 9051 section 6.3.12.
    """

    def __init__(self, config: dict[str, object]) -> None:
        own = {each.name for each in fields(ImapDirectives)}
        mine = {name: value for name, value in config.items() if name in own}
        self._directives = read_directives(ImapDirectives, mine, _WHERE)
        others = {name: value for name, value in config.items() if name not in own}
        self._url, self._options = client_options(others, _WHERE)
        if self._directives.ssl:
            self._options["tls_implicit"] = True
        self._client: netmail.Imap | None = None
        self._sent = 0
        self._new_client()  # a wrong directive is found now, not with a message

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._client is not None and self._client.is_connected

    def startup(self) -> None:
        """Prepare; the first message connects."""
        self._client = self._new_client()

    def _new_client(self) -> netmail.Imap:
        return netmail.Imap(self._url, on_event=self._note, **self._options)

    def _note(self, event: Event) -> None:
        if isinstance(event, CallFinished):
            self._sent = event.sent

    def deliver(self, message: Sendable) -> MessageResult:
        """Append one message.

        Raises:
            MessageFailed: If it cannot be written, or is larger than the server takes.
            TransportFailed: If there is no connection, or it was lost before the message had left.
        """
        client = self._client
        if client is None:
            raise UsageError("startup() comes before deliver()")
        envelope = envelope_of(message)
        try:
            _connect(client)
        except NetmailError as error:
            raise transport_failure(error) from error
        self._sent = 0
        try:
            result = self._append(client, envelope)
        except (MessageError, UsageError) as error:
            raise MessageFailed(str(error)) from error
        except ImapError as error:
            if error.transient:
                raise transport_failure(error) from error
            code = f" [{error.code}]" if error.code else ""
            return refused_result(envelope, f"{error}{code}")
        except NetmailError as error:
            # A server stores nothing before the whole literal, and may have stored it after that.
            if self._sent < len(envelope.content or b""):
                raise transport_failure(error) from error
            return uncertain_result(envelope, str(error))
        except OSError as error:
            raise disk_failure(error, tempfile.gettempdir()) from error
        uid = f" with UID {result.uid}" if result.uid else ""
        return accepted_result(envelope, f"appended to {self._directives.folder}{uid}")

    def _append(self, client: netmail.Imap, envelope: Envelope) -> netmail.AppendResult:
        folder, flags = self._directives.folder, self._directives.flags
        # Octets, and not the message that was given: they are without Bcc for each kind of message.
        content = envelope.content or b""
        if not isinstance(content, LargeContent):
            return client.append(folder, content, flags)
        # In a file, since it is read twice: its size comes before it.
        with tempfile.TemporaryFile() as file:
            for chunk in content.chunks():
                file.write(chunk)
            file.seek(0)
            return client.append(folder, file, flags)

    def shutdown(self) -> None:
        """End the session."""
        client, self._client = self._client, None
        if client is not None:
            # The messages are decided; a server that is gone changes nothing about them.
            with contextlib.suppress(NetmailError):
                client.quit()


def _connect(client: netmail.Imap) -> None:
    """Connect, again where the server has ended an idle connection.

    It is found out before APPEND: whether a connection that is lost there has stored the message
    cannot be known.
    """
    if client.is_connected:
        with contextlib.suppress(NetmailError):
            client.noop()
    client.connect()
