"""The embedded SMTP and LMTP servers: aiosmtpd's, on a socket and in a loop of netmail's.

This file must not know the mailboxes, nor what is accepted: that is `smtp_hooks.py`'s.
"""

import asyncio
import functools
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from ssl import SSLContext
from typing import AnyStr, NoReturn

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, LoginPassword, Session, syntax

from netmail.testing.connections import Connections, listen
from netmail.testing.oauth import ERROR, MECHANISMS, NotOauth, decoded
from netmail.testing.refusal import Refusal
from netmail.testing.smtp_hooks import (
    DeliveryHooks,
    SmtpEnvelope,
    SmtpSession,
    name_of,
    take_parameters,
)
from netmail.testing.store import MESSAGE_OCTETS
from netmail.testing.users import allowed

COMMAND_OCTETS = 4096
"""The longest command line: RFC 5321's 512, and room for SMTPUTF8, SIZE and long AUTH replies."""

Method = Callable[[str | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where an SMTP or LMTP server listens, and with which TLS.

    Attributes:
        host: The address to listen on.
        implicit: The context for TLS from the first octet on, or `None`.
        starttls: The context to offer STARTTLS with, or `None`.
    """

    host: str
    implicit: SSLContext | None = None
    starttls: SSLContext | None = None


async def start_smtp(stack: AsyncExitStack, hooks: DeliveryHooks, settings: SmtpSettings) -> int:
    """Accept mail over ESMTP, or over LMTP where the hooks are for that.

    Args:
        stack: Where the server is closed.
        hooks: What accepts and delivers, and for which protocol.
        settings: Address and TLS.

    Returns:
        The port.

    RFC 5321, RFC 2033 (LMTP).
    """
    # aiosmtpd warns of each command that it does not know, and Python prints warnings of a logger
    # without handlers. The handlers of a program that has set logging up get them all the same.
    log = logging.getLogger("mail.log")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    loop = asyncio.get_running_loop()
    connections = Connections()
    kind = LmtpConnection if hooks.protocol == "lmtp" else SmtpConnection

    def connect() -> SMTP:
        return kind(hooks, connections, loop, settings.starttls)

    server = await loop.create_server(connect, settings.host, 0, ssl=settings.implicit)
    return await listen(stack, server, connections)


class SmtpConnection(SMTP):
    """One client's connection; aiosmtpd has one class for server and connection."""

    session: SmtpSession
    envelope: SmtpEnvelope

    def __init__(
        self,
        hooks: DeliveryHooks,
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
        self._hooks = hooks
        self._smtp_methods = {
            verb: self._checked(verb, method) for verb, method in self._smtp_methods.items()
        }
        self._connections = connections
        self._transports: list[asyncio.BaseTransport] = []

    def _create_session(self) -> Session:
        return SmtpSession(self.loop)

    def _create_envelope(self) -> SmtpEnvelope:
        return SmtpEnvelope()

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

    async def close_now(self, refused: Refusal) -> NoReturn:
        """Close the connection, after the refusal's reply where it has one."""
        transport = self.transport
        if transport is not None and refused.code:
            transport.close()  # what was written is sent first
        elif isinstance(transport, asyncio.WriteTransport):
            transport.abort()
        # connection_lost() cancels this task, as it does with a client that disconnects.
        await asyncio.get_running_loop().create_future()
        raise AssertionError("a future without a result has returned")

    async def refuse(self, refused: Refusal) -> None:
        """Write the reply that a test has asked for, and close the connection if it says so."""
        if refused.code:
            await self.push(refused.smtp)
        if refused.drop:
            await self.close_now(refused)

    async def _handle_client(self) -> None:
        protocol = self._hooks.protocol
        refused = await self._hooks.failures.meet(protocol, "connect", protocol)
        if refused is None:
            await super()._handle_client()
            return
        await self.refuse(refused)
        await self.close_now(refused)

    def _checked(self, verb: str, method: Method) -> Method:
        """Wrap a command's method, so that a rule may refuse the command first."""

        @functools.wraps(method)
        async def run(argument: str | None) -> None:
            refused = await self._hooks.refused_command(verb, self.envelope)
            if refused is None:
                await method(argument)
            else:
                await self.refuse(refused)

        return run

    # The parameters of RFC 3461 are taken off first: aiosmtpd refuses what it does not know.

    @syntax("MAIL FROM:<address>", extended=" [SP <mail-parameters>]")  # type: ignore[untyped-decorator]  # aiosmtpd has no types here
    async def smtp_MAIL(self, argument: str | None) -> None:  # noqa: N802 aiosmtpd's name
        """Begin a transaction (RFC 5321 section 4.1.1.2)."""
        rest, self.session.dsn = take_parameters("MAIL", argument)
        await super().smtp_MAIL(rest)

    @syntax("RCPT TO:<address>", extended=" [SP <mail-parameters>]")  # type: ignore[untyped-decorator]  # aiosmtpd has no types here
    async def smtp_RCPT(self, argument: str | None) -> None:  # noqa: N802 aiosmtpd's name
        """Name a recipient (RFC 5321 section 4.1.1.3)."""
        rest, self.session.dsn = take_parameters("RCPT", argument)
        await super().smtp_RCPT(rest)

    # aiosmtpd's authenticator cannot wait, so its result is judged here.

    async def auth_PLAIN(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 aiosmtpd's name
        """Log in by RFC 4616."""
        return await self._judged(await super().auth_PLAIN(server, args))

    async def auth_LOGIN(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 aiosmtpd's name
        """Log in by name and password, one challenge each."""
        return await self._judged(await super().auth_LOGIN(server, args))

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 aiosmtpd's name
        """Log in by a bearer token, as Google and Microsoft define it."""
        return await self._bearer(args)

    async def auth_OAUTHBEARER(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 aiosmtpd's name
        """Log in by a bearer token (RFC 7628)."""
        return await self._bearer(args)

    async def _bearer(self, args: list[str]) -> AuthResult:
        if len(args) == 1:
            response = await self.challenge_auth("")
            if response is MISSING:
                return AuthResult(success=False, handled=True)
        else:
            response = decoded(args[1])
        try:
            name, token = MECHANISMS[args[0]](response)
        except NotOauth:
            await self.push("501 5.5.2 Not a bearer token")
            return AuthResult(success=False, handled=True)
        success = allowed(self._hooks.store.tokens, name, token)
        credentials = LoginPassword(name.encode(), token.encode())
        # RFC 7628 section 3.2.3: the client replies to the error before the exchange fails.
        if not success and await self.challenge_auth(ERROR) is MISSING:
            return AuthResult(success=False, handled=True)
        return await self._judged(AuthResult(success=success, handled=False, auth_data=credentials))

    async def _judged(self, result: AuthResult) -> AuthResult:
        if result.auth_data is None:
            return result
        name = name_of(result.auth_data)
        refused = await self._hooks.failures.meet(self._hooks.protocol, "login", name)
        if refused is not None:
            await self.refuse(refused)
            return AuthResult(success=False, handled=True)
        if result.success:
            self.session.user = name
        return result


class LmtpConnection(SmtpConnection):
    """One client's connection over LMTP, which has LHLO, and a final reply for each recipient."""

    show_smtp_greeting = False
    _final_replies = 0

    @syntax("LHLO hostname")  # type: ignore[untyped-decorator]  # aiosmtpd has no types here
    async def smtp_LHLO(self, hostname: str | None) -> None:  # noqa: N802 aiosmtpd's name
        """Begin the session (RFC 2033 section 4.1)."""
        await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, _: str | None) -> None:  # noqa: N802 aiosmtpd's name
        """Refuse SMTP's greeting: RFC 2033 section 4.1 says "MUST NOT"."""
        await self.push("500 5.5.1 This is LMTP: use LHLO")

    async def smtp_EHLO(self, _: str | None) -> None:  # noqa: N802 aiosmtpd's name
        """Refuse it too."""
        await self.push("500 5.5.1 This is LMTP: use LHLO")

    async def push(self, status: AnyStr) -> None:
        """Write a reply, and after the data one for each recipient (RFC 2033 section 4.2)."""
        line = as_octets(status)
        if line.startswith(b"354 "):
            self._final_replies = len(self.envelope.recipients)
        elif self._final_replies:
            count, self._final_replies = self._final_replies, 0
            # The hooks have a reply for each; a message that is too large has one for all.
            if b"\r\n" not in line:
                line = b"\r\n".join([line] * count)
        await super().push(line)


def as_octets(reply: str | bytes) -> bytes:
    """Return a reply as it is written; SMTPUTF8 is always offered."""
    return reply.encode() if isinstance(reply, str) else reply
