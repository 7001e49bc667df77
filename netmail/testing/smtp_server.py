"""The embedded SMTP server: aiosmtpd, delivering to the store.

This file must not know the mailboxes, which are the store's: it has aiosmtpd's hooks.
"""

import asyncio
import logging
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from ssl import SSLContext

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from netmail.testing.connections import Connections, listen
from netmail.testing.store import MESSAGE_OCTETS, Store
from netmail.testing.users import allowed, owner

COMMAND_OCTETS = 4096
"""The longest command line: RFC 5321's 512, and room for SMTPUTF8, SIZE and long AUTH replies."""

AUTHENTICATION_REQUIRED = "530 5.7.0 Authentication required"

logger = logging.getLogger("netmail.testing")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How the SMTP server behaves.

    Attributes:
        host: The address to listen on.
        implicit: The context for TLS from the first octet on, or `None`.
        starttls: The context to offer STARTTLS with, or `None`.
        require_auth: Whether mail is refused before AUTH.
    """

    host: str
    implicit: SSLContext | None = None
    starttls: SSLContext | None = None
    require_auth: bool = False


async def start_smtp(stack: AsyncExitStack, store: Store, settings: SmtpSettings) -> int:
    """Accept mail for the store's users over ESMTP.

    Args:
        stack: Where the server is closed.
        store: The mailboxes.
        settings: Address, TLS and whether AUTH is required.

    Returns:
        The port.

    RFC 5321.
    """
    loop = asyncio.get_running_loop()
    connections = Connections()
    hooks = DeliveryHooks(store, require_auth=settings.require_auth)

    def connect() -> SMTP:
        return SmtpConnection(hooks, connections, loop, settings.starttls)

    server = await loop.create_server(connect, settings.host, 0, ssl=settings.implicit)
    return await listen(stack, server, connections)


class SmtpSession(Session):
    """A session without the attribute that aiosmtpd sets at each login and logs as deprecated."""

    login_data: bytes | None = None


class SmtpConnection(SMTP):
    """One client's connection; aiosmtpd has one class for server and connection."""

    def __init__(
        self,
        hooks: "DeliveryHooks",
        connections: Connections,
        loop: asyncio.AbstractEventLoop,
        starttls: SSLContext | None,
    ) -> None:
        # aiosmtpd keeps these on the class, where one client's EHLO changes every client's limit.
        self.command_size_limits = defaultdict(lambda: COMMAND_OCTETS)
        super().__init__(
            hooks,
            data_size_limit=MESSAGE_OCTETS,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="netmail embedded server",
            tls_context=starttls,
            auth_require_tls=False,
            authenticator=hooks.authenticate,
            loop=loop,
        )
        self._connections = connections
        self._transports: list[asyncio.BaseTransport] = []

    def _create_session(self) -> Session:
        return SmtpSession(self.loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the conversation, or begin again after STARTTLS."""
        self._transports.append(transport)
        self._connections.opened(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection, and the transport below its TLS."""
        for transport in self._transports:
            self._connections.closed(transport)
        super().connection_lost(error)


class DeliveryHooks:
    """What aiosmtpd calls during a session.

    The method names, their arguments and the replies as text are aiosmtpd's.
    """

    def __init__(self, store: Store, *, require_auth: bool) -> None:
        self._store = store
        self._require_auth = require_auth

    async def handle_EHLO(  # noqa: N802 aiosmtpd's name
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Offer PIPELINING too: aiosmtpd reads command by command."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(  # noqa: N802 aiosmtpd's name
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept any sender, once the client has authenticated where it must."""
        if self._require_auth and not session.authenticated:
            return AUTHENTICATION_REQUIRED
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept the store's users only."""
        user = owner(self._store.users, address)
        if user is None:
            return f"550 5.1.1 <{address}>: no such user here"
        envelope.rcpt_tos.append(user)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient ok"

    async def handle_VRFY(  # noqa: N802 aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, address: str
    ) -> str:
        """Verify that an address is a user's."""
        if self._require_auth and not session.authenticated:
            return AUTHENTICATION_REQUIRED
        user = owner(self._store.users, address)
        if user is None:
            return f"550 5.1.1 <{address}>: no such user here"
        return f"250 2.1.5 <{user}>"

    async def handle_DATA(  # noqa: N802 aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Deliver to each user once, exactly what was sent: no header is added."""
        content = envelope.original_content or b""
        for user in dict.fromkeys(envelope.rcpt_tos):
            await self._store.deliver(user, content)
        return "250 2.0.0 Delivered"

    async def handle_exception(self, error: Exception) -> str:
        """Reply to an internal error; its traceback goes to the log, not to the user's terminal."""
        logger.debug("the embedded SMTP server failed", exc_info=error)
        return f"451 4.3.0 {type(error).__name__}"

    def authenticate(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        credentials: LoginPassword,
    ) -> AuthResult:
        """Check the user's password."""
        name = credentials.login.decode("utf-8", "replace")
        password = credentials.password.decode("utf-8", "replace")
        if allowed(self._store.users, name, password):
            return AuthResult(success=True, auth_data=credentials)
        return AuthResult(success=False, handled=False)
