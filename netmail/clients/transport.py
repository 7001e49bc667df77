# Written by scripts/twins from async_transport.py: edit that file, not this one.
"""The blocking SMTP client.

This file knows only which flow serves which method.
"""

from collections.abc import Iterable, Mapping
from typing import Self, Unpack

from netmail.clients.client import Client
from netmail.envelope import Envelope
from netmail.flows.smtp import batch, commands
from netmail.flows.smtp.queue import SendQueue
from netmail.flows.smtp.session import SmtpSession
from netmail.limits import ServerLimits
from netmail.mime.outgoing import Sendable
from netmail.options.options import MailProtocol, Options, OptionsDict, parse_options
from netmail.results.smtp import AddressVerification, SendReport, SmtpReply


class Transport(Client):
    """A way to send mail, RFC 5321.

    Dials at the first command, or by `connect()`. Messages are added first and sent together.

    Args:
        options: A dictionary as in Blade, a URL such as "smtp://user:password@host:587", or
            `Options`.
        limits: How much the server may send; `None` for the defaults of `ServerLimits`.
        **keywords: The same options by name; they win. `netmail.options` says what each means.

    Raises:
        UsageError: If an option is unknown, wrong, or contradicts another.
    """

    def __init__(
        self,
        options: Options | Mapping[str, object] | str | None = None,
        /,
        *,
        limits: ServerLimits | None = None,
        **keywords: Unpack[OptionsDict],
    ) -> None:
        checked = parse_options(MailProtocol.SMTP, options, **keywords)
        self._session = SmtpSession(checked, limits)
        self._queue = SendQueue()
        super().__init__(checked, self._session)

    @property
    def capabilities(self) -> dict[str, tuple[str, ...]]:
        """What the server offers: keyword to parameters; empty before the first command.

        Empty too where the server knows HELO only.

        RFC 5321 section 4.1.1.1.
        """
        return self._session.capabilities

    @property
    def queue(self) -> tuple[Envelope, ...]:
        """What `send()` would send now, each message to whom it has still to reach.

        What was accepted is not there any more; what was refused is.
        """
        return self._queue.pending

    @property
    def uncertain(self) -> tuple[Envelope, ...]:
        """What left as a whole and was never confirmed, because the connection ended first.

        It may have been delivered, so `send()` leaves it alone. To send it once more, knowing that
        it may arrive twice, give it to `add_message()` again.
        """
        return self._queue.uncertain

    def add_message(
        self,
        message: Sendable,
        sender: str | None = None,
        recipients: Iterable[str] | str | None = None,
        *,
        allow_long_lines: bool = False,
    ) -> Self:
        """Put a message behind those that wait to be sent; it is written down now.

        Args:
            message: A `Message`, an `EmailMessage`, or an `Envelope` with content. Line ends
                become CRLF; Bcc fields are taken out; all else stays as it is.
            sender: Who sends, instead of whom the message names; "" for none, as bounces have.
            recipients: Who receives, instead of whom the message names; bare addresses.
            allow_long_lines: Whether lines of more than 998 octets may go as they are; a server
                may break them, and signatures with them.

        Returns:
            The client itself.

        Raises:
            MessageError: If the message cannot be written, nobody receives it, or a line is too
                long.
            UsageError: If it is no message, or an address is none.

        RFC 5321 section 2.3.1.
        """
        self._queue.add(message, sender, recipients, allow_long_lines=allow_long_lines)
        return self

    def clear(self) -> None:
        """Forget what waits to be sent, and what is uncertain."""
        self._queue.clear()

    def send(self) -> SendReport:
        """Send what waits over one connection, and tell what became of each message.

        What was accepted leaves the queue and is never sent again; what was refused stays, to be
        seen, sent once more, or cleared. One refusal stops neither the other recipients nor the
        other messages. Where the connection ends, the rest stays in the queue; the message whose
        final reply was lost goes to `uncertain`. Where the server has closed the connection since
        the last call, as servers do with idle ones, it is dialled anew first. A server may take
        minutes to decide on a large message: `timeout` must allow for it.

        Returns:
            The report, true only if every recipient of every message was accepted; true for an
            empty queue.

        Raises:
            TransportError: If the connection cannot be made, or an earlier call failed and ended
                it; nothing was sent then. What happens later stands in the report.
            AuthenticationError: If the server refuses the credentials.

        RFC 5321 section 3.3.
        """
        return self._run(batch.send(self._session, self._queue), reconnect=True)

    def verify(self, address: str) -> AddressVerification:
        """Ask whether the server knows an address (VRFY).

        Args:
            address: A bare address, or a user's name.

        Returns:
            A value that is true for 250 and 251, true and `unknown` for 252, and false for 550,
            551 and 553.

        Raises:
            SmtpError: If the server answers anything else, such as that it does not say.
            UsageError: If it is neither address nor name.
            CapabilityError: If it is not ASCII and the server has no SMTPUTF8.

        RFC 5321 section 3.5.
        """
        return self._run(commands.verify(self._session, address))

    def expn(self, name: str) -> list[str]:
        """Ask who is on a mailing list (EXPN).

        Args:
            name: The list's name or address.

        Returns:
            Its members as the server writes them.

        Raises:
            SmtpError: If the server refuses, or would not say.
            UsageError: If it is neither address nor name.
            CapabilityError: If it is not ASCII and the server has no SMTPUTF8.

        RFC 5321 section 3.5.2.
        """
        return self._run(commands.expn(self._session, name))

    def help(self, topic: str | None = None) -> str:
        """Ask the server for help.

        Args:
            topic: What about; `None` for in general.

        Raises:
            SmtpError: If the server has none.
            UsageError: If the topic holds a line end.

        RFC 5321 section 4.1.1.8.
        """
        return self._run(commands.help(self._session, topic))

    def noop(self) -> None:
        """Do nothing, which keeps the connection alive.

        RFC 5321 section 4.1.1.9.
        """
        self._run(self._session.noop())

    def rset(self) -> None:
        """Drop a transaction that `exec()` began; the queue stays as it is.

        RFC 5321 section 4.1.1.5.
        """
        self._run(commands.rset(self._session))

    def exec(self, command: str) -> SmtpReply:
        """Send a command as it stands.

        Args:
            command: The command with its arguments.

        Returns:
            The server's positive reply.

        Raises:
            SmtpError: If the server refuses.
            UsageError: If the command is empty, holds a line end, or is DATA, BDAT, STARTTLS, AUTH
                or QUIT, after which lines are no commands any more; the sentence says what to use.
        """
        return self._run(commands.exec(self._session, command))
