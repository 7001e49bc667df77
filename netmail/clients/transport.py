# Written by scripts/twins from async_transport.py: edit that file, not this one.
"""The blocking SMTP client.

This file must not know anything but which conversation serves which method.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

from netmail.clients.client import Client
from netmail.clients.result_iterator import ResultStream
from netmail.delivery_options import DeliveryOptions
from netmail.envelope import Envelope
from netmail.flows.file_target import OnProgress
from netmail.flows.smtp import commands
from netmail.flows.smtp.batch import Batch
from netmail.flows.smtp.intake import MessageIntake
from netmail.flows.smtp.queue import mail_object
from netmail.flows.smtp.resuming import resumption
from netmail.flows.smtp.retries import retries_by
from netmail.flows.smtp.session import SmtpSession
from netmail.options.options import MailProtocol
from netmail.options.retry import RetryPolicy
from netmail.results.smtp import AddressVerification, OnResult, SendReport, SmtpReply

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable


class Transport(Client):
    """A connection to an SMTP or LMTP server, and the messages to send over it.

    Connects at the first command, or by `connect()`. Messages are added first and sent together.

    RFC 5321; RFC 2033 (LMTP).
    """

    _protocol = MailProtocol.SMTP
    _session_type = SmtpSession
    _resumption_of = staticmethod(resumption)
    _session: SmtpSession

    @property
    def capabilities(self) -> dict[str, tuple[str, ...]]:
        """The server's extensions: keyword to parameters; empty before the first command.

        Also empty if the server knows HELO only.

        RFC 5321 section 4.1.1.1.
        """
        return self._session.capabilities

    @property
    def queue(self) -> tuple[Envelope, ...]:
        """The messages that `send()` would send, each with the recipients that are left.

        These are the ones that it was not sent to yet, or that were temporarily refused.
        """
        return self._session.queue.pending

    @property
    def uncertain(self) -> tuple[Envelope, ...]:
        """The messages whose content was sent and whose final reply was lost.

        They may have been delivered, so `send()` does not send them. To send one again, which may
        deliver it twice, pass it to `add_message()`.
        """
        return self._session.queue.uncertain

    def add_message(
        self,
        message: "Sendable",
        sender: str | None = None,
        recipients: Iterable[str] | str | None = None,
        *,
        allow_long_lines: bool = False,
        options: DeliveryOptions | None = None,
    ) -> Self:
        """Append a message to the queue; later changes to it have no effect.

        Args:
            message: A `Message`, an `EmailMessage`, or an `Envelope` with content. Line ends
                become CRLF and Bcc fields are removed; all else stays as it is.
            sender: The bare address to send from, instead of the message's; "" for the null
                sender of bounces.
            recipients: The bare addresses to send to, instead of the message's.
            allow_long_lines: Whether lines of more than 998 octets are allowed; a server may
                break them, and signatures with them.
            options: What is asked of the servers that deliver it, such as reports, instead of the
                envelope's. What a server does not offer is refused before anything is sent.

        Returns:
            The client itself.

        Raises:
            MessageError: If the message cannot be written, has no recipient, or a line is too
                long.
            UsageError: If it is no message, an address is invalid, or `options` are for a
                recipient that it does not have.
            BusyError: If another thread or task uses the client, or from a callback of `send()`.

        RFC 5321 section 2.3.1.
        """
        self._connection.exclusively(
            self._session.queue.append,
            mail_object(
                message,
                sender,
                recipients,
                allow_long_lines=allow_long_lines,
                options=options,
                binary=self.options.binarymime,
            ),
        )
        return self

    def clear(self) -> None:
        """Drop all messages, those to be sent and the uncertain ones.

        Raises:
            BusyError: If another thread or task uses the client, or from a callback of `send()`.
        """
        self._connection.exclusively(self._session.queue.clear)

    def send(
        self,
        *messages: "Sendable",
        on_result: OnResult | None = None,
        retry: RetryPolicy | None = None,
        retry_uncertain: bool = False,
        progress: OnProgress | None = None,
    ) -> SendReport:
        """Send the queue, then these messages, and report the outcome of each message.

        Accepted recipients and those refused for good leave the queue, and are never sent to
        again; temporarily refused ones stay. A refusal stops neither the other recipients nor the
        other messages. If the server closes the connection after some messages, `send()`
        reconnects and continues with what was certainly not sent, until a new connection has
        decided no message. If no connection continues, the rest stays in the queue. A message
        whose final reply was lost goes to `uncertain`. More recipients than the server takes at
        once, or than its LIMITS allow, get the message in several transactions. An LMTP server
        decides for each recipient by itself. A server may take minutes to decide on a
        large message: `timeout` must allow for it.

        Args:
            *messages: What to send after the queue, as `add_message()` takes it. If `send()`
                raises before it has begun to send, they are not in the queue.
            on_result: Called with each `MessageResult` as soon as it is known, before the next
                wait; again with a longer one if a message takes several transactions. What it
                raises passes to the caller, and ends the connection.
            retry: How often, and after how long, to try again what was temporarily refused or not
                sent, each time for those recipients alone; `None` for not at all. The call waits
                that long. `on_result` gets the result of each attempt.
            retry_uncertain: Whether to send a message again whose final reply was lost, which may
                deliver it twice; only with `retry`.
            progress: Called after each message, and after each piece of one of more than 1 MiB,
                with the octets of content that are done, and those of all messages. What it raises
                passes to the caller, and ends the connection.

        Returns:
            The report, true if every recipient of every message was accepted, and for an empty
            queue.

        Raises:
            TransportError: If the connection cannot be made, or an earlier call failed and ended
                it; nothing was sent then. Later failures are in the report.
            AuthenticationError: If the server refuses the credentials.
            BusyError: If another thread or task uses the client; nothing is queued then.
            MessageError: If one of `messages` cannot be sent as it is; nothing is queued then.

        RFC 5321 section 3.3.
        """
        return self._complete(
            Batch(
                self._session,
                messages,
                on_result,
                retries=retries_by(retry, uncertain=retry_uncertain),
                progress=progress,
            ),
            "send",
        )

    def stream(
        self,
        messages: "Iterable[Sendable]",
        *,
        retry: RetryPolicy | None = None,
        retry_uncertain: bool = False,
    ) -> ResultStream:
        """Send messages as they come from an iterable, and yield the outcome of each.

            with transport.stream(newsletter(each) for each in readers) as results:
                for result in results:
                    log(result)

        A million messages need no more memory than a few: the iterable is read at most `window`
        messages ahead of the one whose result comes next. Where it takes long to yield a message,
        those before it are sent first. The rest is as in `send()`, but for what is left of a
        message: its result has that (`retryable`), and not the queue. What waits in the queue
        already stays there.

        Args:
            messages: What `add_message()` takes; any iterable, a generator or a query for example.
            retry: As in `send()`. A message that waits for another attempt holds back the results
                of those after it; at most `window` of them are sent meanwhile.
            retry_uncertain: As in `send()`.

        Returns:
            An iterator of one `MessageResult` for each message, in their order, as soon as it is
            final. When you leave it early, `rest` has the outcome of the messages that were read
            and whose result was not.

        Raises:
            UsageError: If `messages` is no iterable.
            TransportError: If the connection cannot be made; nothing is read then. If no other one
                continues, after the results of all messages that were read.
            AuthenticationError: If the server refuses the credentials.
            BusyError: If another thread or task uses the client.
            MessageError: If a message cannot be sent as it is, after the results of those before
                it. What the iterable raises is raised in its place, too.

        RFC 5321 section 3.3.
        """
        return ResultStream(
            self._connection,
            Batch(
                self._session,
                intake=MessageIntake(
                    messages, self.options.window + 1, binary=self.options.binarymime
                ),
                retries=retries_by(retry, uncertain=retry_uncertain),
            ),
        )

    def verify(self, address: str) -> AddressVerification:
        """Ask whether the server knows an address (VRFY).

        Args:
            address: A bare address, or a user's name.

        Returns:
            A value that is true for 250 and 251, true and `unknown` for 252, and false for 550,
            551 and 553.

        Raises:
            SmtpError: If the server replies anything else, such as that VRFY is disabled.
            UsageError: If it is neither address nor name.
            CapabilityError: If it is not ASCII and the server has no SMTPUTF8.

        RFC 5321 section 3.5.
        """
        return self._read(commands.verify, self._session, address)

    def expn(self, name: str) -> list[str]:
        """Ask for the members of a mailing list (EXPN).

        Args:
            name: The list's name or address.

        Returns:
            Its members as the server writes them.

        Raises:
            SmtpError: If the server refuses, or does not tell.
            UsageError: If it is neither address nor name.
            CapabilityError: If it is not ASCII and the server has no SMTPUTF8.

        RFC 5321 section 3.5.2.
        """
        return self._read(commands.expn, self._session, name)

    def help(self, topic: str | None = None) -> str:
        """Ask the server for help.

        Args:
            topic: A command, or what else the server has help on; `None` for general help.

        Returns:
            The text of the reply, its lines separated by line breaks.

        Raises:
            SmtpError: If the server has no help.
            UsageError: If the topic holds a line end.

        RFC 5321 section 4.1.1.8.
        """
        return self._read(commands.help, self._session, topic)

    def etrn(self, node: str) -> SmtpReply:
        """Ask the server to send what it has queued for a host (ETRN).

        Args:
            node: The host's domain, "@domain" for it and all domains below it, or "#queue".

        Returns:
            The reply: 250 or 251, the queue is being processed or empty; 252 or 253, messages are
            waiting.

        Raises:
            SmtpError: If the server refuses; with code 458 or 459 for this node.
            UsageError: If the node is none of these.
            CapabilityError: If the server does not offer ETRN.

        RFC 1985 section 5.
        """
        return self._run(commands.etrn(self._session, node))

    def xclient(self, attributes: Mapping[str, str | None]) -> SmtpReply:
        """Make the server take this client for another one (XCLIENT), to test its rules.

        The session begins again: the server forgets the login, and `capabilities` may change. A
        reconnect begins without it.

        Args:
            attributes: Values by name, such as `{"ADDR": "192.0.2.1", "NAME": "mx.example.org"}`;
                `None` for a value that is not known. `capabilities["XCLIENT"]` has the names.

        Returns:
            The server's new greeting.

        Raises:
            SmtpError: If the server refuses.
            CapabilityError: If the server does not offer XCLIENT, or one of the attributes.
            UsageError: If there is no attribute, or a value holds a line end.

        Postfix's XCLIENT; no RFC defines it.
        """
        return self._run(commands.xclient(self._session, attributes))

    def noop(self) -> None:
        """Keep the connection alive (NOOP); costs one round trip.

        Raises:
            SmtpError: If the server refuses.

        RFC 5321 section 4.1.1.9.
        """
        self._read(self._session.noop)

    def rset(self) -> None:
        """Drop a transaction that `exec()` began (RSET); the queue stays as it is.

        Raises:
            SmtpError: If the server refuses.

        RFC 5321 section 4.1.1.5.
        """
        self._read(commands.rset, self._session)

    def exec(self, command: str) -> SmtpReply:
        """Send a command as it is.

        Args:
            command: The command with its arguments.

        Returns:
            The server's positive reply.

        Raises:
            SmtpError: If the server refuses.
            UsageError: If the command is empty, holds a line end, or is DATA, BDAT, STARTTLS, AUTH
                or QUIT, after which a line is no command; the message names what to use instead.

        RFC 5321 section 4.1.1.
        """
        return self._run(commands.exec(self._session, command))
