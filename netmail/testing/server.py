"""MailServer: SMTP, LMTP, IMAP and POP3 servers inside the process, for tests and demonstrations.

This file must not know asyncio, nor any protocol. It imports the extra `netmail[testing]` when a
server is made, and a client when one is made.
"""

import weakref
from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self, Unpack

from netmail.errors import UsageError
from netmail.testing.background import BackgroundLoop
from netmail.testing.failures import Failure, FailureDict, ProtocolName
from netmail.testing.sent import SentMail
from netmail.testing.settings import Settings, Tls
from netmail.testing.users import Users, generated_tokens, named, owner

if TYPE_CHECKING:
    from netmail.clients.imap import Imap
    from netmail.clients.pop3 import POP3
    from netmail.clients.transport import Transport
    from netmail.options.options import OptionsDict
    from netmail.testing.services import Services

EXTRA = frozenset(
    {"aiosmtpd", "pymap", "pysasl", "proxyprotocol", "trustme", "cryptography", "idna"}
)
"""What the extra installs, directly or through its packages, by import name."""


class HasBytes(Protocol):
    """A message object: netmail's `Message`, the standard library's `EmailMessage`."""

    def as_bytes(self) -> bytes:
        """Write the message as octets."""


class MailServer:
    """SMTP, LMTP, IMAP and POP3 on free loopback ports, over one store in memory.

    All of it runs in one background thread, from the construction to `close()`, the end of the
    `with` block, garbage collection or the interpreter's exit, whichever comes first. Any number
    can run at once. What SMTP accepts for a user appears in the INBOX unchanged: no header is
    added. An address is a user's if it, or the part before the "@", is the user's name.

    Args:
        users: Names and passwords, or names alone (passwords are then generated). Without it there
            is one user, "user@example.test".
        tls: `False` for none; "starttls" to offer it on the plain ports; "implicit" or `True` for
            TLS from the first octet. The certificate is a new one, for `host` and localhost.
        host: The address to listen on. Leave it on loopback: passwords go in clear without TLS.
        require_auth: Whether SMTP refuses mail before AUTH.
        accept_any: Whether SMTP and LMTP accept every recipient. What is for no user here is in
            `sent` alone.

    Raises:
        UsageError: If an argument is wrong, or the extra `netmail[testing]` is not installed.
        OSError: If the address cannot be listened on.
        MailTimeout: If the servers do not start within 10 seconds.
    """

    def __init__(
        self,
        users: Users = None,
        *,
        tls: bool | Literal["starttls", "implicit"] = False,
        host: str = "127.0.0.1",
        require_auth: bool = False,
        accept_any: bool = False,
    ) -> None:
        names = named(users)
        self._settings = Settings(
            names, Tls.of(tls), host, require_auth, accept_any, generated_tokens(names)
        )
        self._services, loop = _start(self._settings)
        self._loop = loop
        # The loop does not refer to this object, so a forgotten server stops as well.
        self._finalizer = weakref.finalize(self, loop.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        ports = " ".join(f"{name}:{port}" for name, port in self._services.ports.items())
        state = "" if self._loop.running else " closed"
        return f"<MailServer {self._settings.host} {ports}{state}>"

    def close(self) -> None:
        """Stop the servers and close all connections; a second call does nothing.

        It waits 5 seconds at most, and never raises because of a client that stays connected.
        """
        self._finalizer()

    @property
    def users(self) -> Mapping[str, str]:
        """User names with their passwords, in the order given."""
        return MappingProxyType(dict(self._settings.users))

    @property
    def tokens(self) -> Mapping[str, str]:
        """User names with the bearer tokens that XOAUTH2 and OAUTHBEARER take."""
        return MappingProxyType(dict(self._settings.tokens))

    @property
    def sent(self) -> list[SentMail]:
        """The messages that SMTP and LMTP have accepted, with their envelopes, oldest first."""
        return list(self._services.sent)

    @property
    def ca_file(self) -> str | None:
        """Path of the certificate authority to trust (PEM); `None` without TLS."""
        path = self._services.ca_file
        return None if path is None else str(path)

    @property
    def smtp_url(self) -> str:
        """The URL of the SMTP server, with the first user's credentials."""
        return self.url_for("smtp")

    @property
    def imap_url(self) -> str:
        """The URL of the IMAP server, with the first user's credentials."""
        return self.url_for("imap")

    @property
    def pop3_url(self) -> str:
        """The URL of the POP3 server, with the first user's credentials."""
        return self.url_for("pop3")

    @property
    def lmtp_url(self) -> str:
        """The URL of the LMTP server, with the first user's credentials."""
        return self.url_for("lmtp")

    def url_for(self, protocol: ProtocolName, user: str | None = None) -> str:
        """Write the URL of a server with a user's credentials in it, percent-encoded.

        Args:
            protocol: "smtp", "lmtp", "imap" or "pop3".
            user: A user's name; `None` for the first.

        Raises:
            UsageError: If there is no such protocol or user.
        """
        port = self._services.ports.get(protocol, 0)
        return self._settings.url(protocol, port, user or self._first)

    def fail(self, **rule: Unpack[FailureDict]) -> Failure:
        """Make the servers fail at one point, until `reset()` or the rule's `remove()`.

        Exactly one keyword says where. Its value is what the rule is for: an address or a name in
        any case, "*" for all, "*@example.test" for all with this end.

        Args:
            rule: The keys of `FailureDict`:
                connect: A protocol: at the greeting.
                login: A user's name: at each login.
                mail, data: A sender's address: at MAIL, at DATA; "" is the null sender.
                rcpt: A recipient's address: at RCPT.
                content: A recipient's address: after the message. LMTP refuses this one alone.
                full: A user's mailbox is full: at RCPT (452), at APPEND, COPY, MOVE (OVERQUOTA).
                greylist: A recipient's address: at the first RCPT from each sender.
                command: A verb, "STAT": each time the command is sent.
                protocol: "smtp", "lmtp", "imap" or "pop3" alone; all without it.
                code: SMTP's reply code, 400 to 599. IMAP and POP3 take from it whether the
                    refusal is temporary.
                text: The reply's text.
                drop: `True` closes the connection, in place of the reply unless `code` is given.
                    "after", for content: the message is accepted, and the reply is lost.
                delay: Seconds, or a `timedelta`, before the reply. Alone, it refuses nothing.
                times: How often the rule applies; `None`, the default, for always.
                after: How many times the event happens first without a failure.

        Returns:
            The rule: its `hits` count how often it applied.

        Raises:
            UsageError: If a keyword or a value is wrong.
        """
        return self._services.failures.add(**rule)

    def reset(self) -> None:
        """Remove all rules of `fail()`, and empty `sent`; mailboxes stay as they are."""
        self._services.failures.clear()
        self._services.sent.clear()

    def deliver(
        self, message: bytes | str | HasBytes, to: str | None = None, mailbox: str = "INBOX"
    ) -> int:
        """Put a message into a mailbox, without SMTP.

        Args:
            message: Octets, text, or anything with `as_bytes()`. Lines get CRLF ends.
            to: A user's name or address; `None` for the first user.
            mailbox: The mailbox; created if it does not exist.

        Returns:
            The message's UID.

        Raises:
            UsageError: If there is no such user, or the message is of another type.
            StateError: If the server is closed.
        """
        user = self._owner(to)
        content = _octets(message)
        store = self._services.store
        return self._loop.call(lambda: store.deliver(user, content, mailbox))

    def messages(self, user: str | None = None, mailbox: str = "INBOX") -> list[bytes]:
        """Read a mailbox's messages, oldest first; nothing is marked as seen.

        Args:
            user: A user's name or address; `None` for the first user.
            mailbox: The mailbox.

        Returns:
            Each message's octets, lines ended by CRLF.

        Raises:
            UsageError: If there is no such user or mailbox.
            StateError: If the server is closed.
        """
        name = self._owner(user)
        store = self._services.store
        stored = self._loop.call(lambda: store.messages(name, mailbox))
        return [message.content for message in stored]

    def smtp(self, user: str | None = None) -> "Transport":
        """Make a `netmail.Transport` for this server; it connects when it is first used.

        Args:
            user: Whose credentials to use; `None` for the first user's.
        """
        from netmail import Transport  # noqa: PLC0415 servers work without the clients

        return Transport(self.url_for("smtp", user), **self._client_options())

    def imap(self, user: str | None = None) -> "Imap":
        """Make a `netmail.Imap` for this server; it connects when it is first used.

        Args:
            user: Whose credentials to use; `None` for the first user's.
        """
        from netmail import Imap  # noqa: PLC0415 servers work without the clients

        return Imap(self.url_for("imap", user), **self._client_options())

    def pop3(self, user: str | None = None) -> "POP3":
        """Make a `netmail.POP3` for this server; it connects when it is first used.

        Args:
            user: Whose credentials to use; `None` for the first user's.
        """
        from netmail import POP3  # noqa: PLC0415 servers work without the clients

        return POP3(self.url_for("pop3", user), **self._client_options())

    @property
    def _first(self) -> str:
        return next(iter(self._settings.users))

    def _owner(self, address: str | None) -> str:
        users = self._settings.users
        name = self._first if address is None else owner(users, address)
        if name is None:
            raise UsageError(f"no user {address!r}; there are: {', '.join(users)}")
        return name

    def _client_options(self) -> "OptionsDict":
        from netmail.options.options import TLS_ALL  # noqa: PLC0415 servers work without the clients

        if self.ca_file is None:
            return {}
        return {"ca_file": self.ca_file, "tls": TLS_ALL}


def _start(settings: Settings) -> "tuple[Services, BackgroundLoop]":
    try:
        return _start_with_extra(settings)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRA:
            raise
        raise UsageError(
            f"the embedded servers need {missing}: install netmail[testing]"
        ) from error


def _start_with_extra(settings: Settings) -> "tuple[Services, BackgroundLoop]":
    from netmail.testing.services import start_services  # noqa: PLC0415 it imports the extra

    started: list[Services] = []

    async def start(stack: AsyncExitStack) -> None:
        started.append(await start_services(stack, settings))

    loop = BackgroundLoop(start)
    return started[0], loop


def _octets(message: bytes | str | HasBytes) -> bytes:
    if isinstance(message, str):
        return message.encode()
    if isinstance(message, bytes | bytearray | memoryview):
        return bytes(message)
    as_bytes = getattr(message, "as_bytes", None)
    if as_bytes is None:
        kind = type(message).__name__
        raise UsageError(f"a message is bytes, a str, or has as_bytes(); {kind} is none of these")
    return bytes(as_bytes())
