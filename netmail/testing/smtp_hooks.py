"""What the embedded SMTP and LMTP servers accept, and where it goes.

This file must not know sockets, nor the mailboxes, which are the store's: it has aiosmtpd's hooks.
"""

import logging
from dataclasses import dataclass
from typing import Protocol

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from netmail.testing.failures import Failures
from netmail.testing.refusal import Refusal
from netmail.testing.sent import SentMail
from netmail.testing.store import Store
from netmail.testing.users import allowed, owner

AUTHENTICATION_REQUIRED = "530 5.7.0 Authentication required"

DSN_PARAMETERS = {"MAIL": frozenset({"RET", "ENVID"}), "RCPT": frozenset({"NOTIFY", "ORCPT"})}
"""What RFC 3461 section 4 adds to each command; kept for the test, and not acted upon."""

NULL_SENDER = "<>"
"""How aiosmtpd gives the empty reverse-path (RFC 5321 section 4.5.5)."""

logger = logging.getLogger("netmail.testing")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient that was accepted.

    Attributes:
        address: As the client wrote it.
        user: The user whose it is, or `None` where any address is accepted.
        parameters: Those of RCPT.
    """

    address: str
    user: str | None
    parameters: tuple[str, ...]


class SmtpSession(Session):
    """A session without the attribute that aiosmtpd sets at each login and logs as deprecated.

    Its `dsn` holds the parameters of RFC 3461 of the command that is being executed; its `user` is
    the name with which the client has logged in.
    """

    login_data: bytes | None = None
    dsn: tuple[str, ...] = ()
    user: str | None = None


class SmtpEnvelope(Envelope):
    """An envelope that remembers each recipient's user and parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.recipients: list[Recipient] = []

    @property
    def sender(self) -> str:
        """The reverse-path; "" for the null one."""
        return "" if self.mail_from in {None, NULL_SENDER} else str(self.mail_from)


class Refuses(Protocol):
    """The connection, as the hooks see it."""

    async def refuse(self, refused: Refusal) -> None:
        """Write the reply that a test has asked for, and close the connection if it says so."""


class DeliveryHooks:
    """What aiosmtpd calls during a session.

    The method names, their arguments and the replies as text are aiosmtpd's.

    Args:
        store: The mailboxes.
        failures: The rules that may refuse a command.
        sent: Where accepted messages are kept.
        protocol: "smtp" or "lmtp".
        require_auth: Whether mail is refused before AUTH.
        accept_any: Whether addresses are accepted that are no user's.
    """

    def __init__(
        self,
        store: Store,
        failures: Failures,
        sent: list[SentMail],
        *,
        protocol: str = "smtp",
        require_auth: bool = False,
        accept_any: bool = False,
    ) -> None:
        self.failures = failures
        self.protocol = protocol
        self.store = store
        self._sent = sent
        self._require_auth = require_auth
        self._accept_any = accept_any

    async def refused_command(self, verb: str, envelope: SmtpEnvelope) -> Refusal | None:
        """Return what a rule says of a command, before its arguments are read."""
        refused = await self.failures.meet(self.protocol, "command", verb)
        if refused is None and verb == "DATA" and envelope.recipients:
            refused = await self.failures.meet(self.protocol, "data", envelope.sender)
        return refused

    async def handle_EHLO(  # noqa: N802 aiosmtpd's name
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Offer PIPELINING too: aiosmtpd reads command by command. DSN's parameters are kept."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-DSN", responses[-1]]

    async def handle_MAIL(  # noqa: N802 aiosmtpd's name
        self,
        server: Refuses,
        session: SmtpSession,
        envelope: SmtpEnvelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept any sender, once the client has authenticated where it must."""
        if self._require_auth and not session.authenticated:
            return AUTHENTICATION_REQUIRED
        sender = "" if address == NULL_SENDER else address
        refused = await self.failures.meet(self.protocol, "mail", sender)
        if refused is not None:
            return await closing_reply(server, refused)
        envelope.mail_from = address
        envelope.mail_options.extend([*options, *session.dsn])
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self,
        server: Refuses,
        session: SmtpSession,
        envelope: SmtpEnvelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept the store's users, and anybody else where the test says so."""
        user = owner(self.store.users, address)
        refused = await self._refused_recipient(envelope.sender, address, user)
        if refused is not None:
            return await closing_reply(server, refused)
        if user is None and not self._accept_any:
            return f"550 5.1.1 <{address}>: no such user here"
        envelope.rcpt_tos.append(address)
        envelope.recipients.append(Recipient(address, user, (*options, *session.dsn)))
        return "250 2.1.5 Recipient ok"

    async def handle_VRFY(  # noqa: N802 aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, address: str
    ) -> str:
        """Verify that an address is a user's."""
        if self._require_auth and not session.authenticated:
            return AUTHENTICATION_REQUIRED
        user = owner(self.store.users, address)
        if user is None:
            return f"550 5.1.1 <{address}>: no such user here"
        return f"250 2.1.5 <{user}>"

    async def handle_DATA(  # noqa: N802 aiosmtpd's name
        self, server: Refuses, session: SmtpSession, envelope: SmtpEnvelope
    ) -> str:
        """Deliver to each user once, exactly what was sent: no header is added."""
        if self.protocol == "lmtp":
            return await self._deliver_each(server, session, envelope)
        values = [value for to in envelope.recipients for value in (to.address, to.user or "")]
        refused = await self.failures.meet(self.protocol, "content", *values)
        if refused is None or refused.executed:
            await self._deliver(session, envelope, envelope.recipients)
        if refused is not None:
            return await closing_reply(server, refused)
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
        password = credentials.password.decode("utf-8", "replace")
        success = allowed(self.store.users, name_of(credentials), password)
        return AuthResult(success=success, handled=False, auth_data=credentials)

    async def _deliver_each(
        self, server: Refuses, session: SmtpSession, envelope: SmtpEnvelope
    ) -> str:
        """Decide for each recipient by itself, with a reply each (RFC 2033 section 4.2)."""
        accepted, replies = [], []
        for to in envelope.recipients:
            refused = await self.failures.meet("lmtp", "content", to.address, to.user or "")
            if refused is None or refused.executed:
                accepted.append(to)
            if refused is None:
                replies.append(f"250 2.1.5 <{to.address}> Delivered")
            elif refused.drop:
                await self._deliver(session, envelope, accepted)
                return await closing_reply(server, refused)
            else:
                replies.append(refused.smtp)
        await self._deliver(session, envelope, accepted)
        return "\r\n".join(replies)

    async def _deliver(
        self, session: SmtpSession, envelope: SmtpEnvelope, recipients: list[Recipient]
    ) -> None:
        if not recipients:
            return
        content = envelope.original_content or b""
        for user in dict.fromkeys(to.user for to in recipients if to.user is not None):
            await self.store.deliver(user, content)
        self._sent.append(
            SentMail(
                envelope.sender,
                tuple(to.address for to in recipients),
                content,
                tuple(envelope.mail_options),
                tuple(to.parameters for to in recipients),
                session.user,
                self.protocol,
            )
        )

    async def _refused_recipient(
        self, sender: str, address: str, user: str | None
    ) -> Refusal | None:
        for point in ("rcpt", "full"):
            refused = await self.failures.meet(self.protocol, point, address, user or "")
            if refused is not None:
                return refused
        return await self.failures.meet(self.protocol, "greylist", address, sender)


async def closing_reply(server: Refuses, refused: Refusal) -> str:
    """Return the reply that a rule asks for; where it closes the connection, do not return."""
    if refused.drop:
        await server.refuse(refused)
    return refused.smtp


def name_of(credentials: LoginPassword) -> str:
    """Return the name of a login."""
    return credentials.login.decode("utf-8", "replace")


def take_parameters(verb: str, argument: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Separate the parameters of RFC 3461 from the rest of a command's argument.

    Args:
        verb: "MAIL" or "RCPT".
        argument: What follows the verb.

    Returns:
        The argument without them, and the parameters.
    """
    if argument is None:
        return None, ()
    tokens = argument.split(" ")
    taken = [token for token in tokens if token.partition("=")[0].upper() in DSN_PARAMETERS[verb]]
    return " ".join(token for token in tokens if token not in taken), tuple(taken)
