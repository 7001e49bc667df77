"""One SMTP session: its state, one command and its reply, the beginning and the end.

This file must not know a command but those of its own lifecycle, nor how a reply is written.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from netmail.errors import ConnectError, ConnectionLost, NetmailError, Phase, ProtocolError
from netmail.flows.flow import PEEK, RECEIVE, Flow, Send, connection_lost
from netmail.flows.handshake import Handshake
from netmail.flows.login import log_in
from netmail.flows.sasl import Refusal, authenticate, require_tls
from netmail.flows.smtp.queue import MailObject, SendQueue
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.results.smtp import SmtpReply, refusal
from netmail.wire import sasl, smtp, smtp_parameters
from netmail.wire.reader import Reader

SERVICE_CLOSING: Final = 421
"""The code by which a server says, in reply to any command or to none, that it closes the
connection: RFC 5321 section 3.8."""

WORTHWHILE: Final = 0.002
"""Seconds of a round trip from which on waiting costs more than anything else."""


class SmtpSession:
    """The state of one SMTP session, and how a command is sent and its reply read.

    Attributes:
        reader: The receive buffer.
        replies: The replies in it.
        options: What the session is made with.
        capabilities: The extensions in the reply to EHLO, keyword in upper case to parameters;
            empty after HELO.
        transaction_open: Whether a mail transaction may be open that `exec()` began.
        is_proxied: Whether `xclient()` has given the server another client's attributes.
        queue: The messages to send; they wait there while no connection is open.
        breaks_pipelining: Whether the server broke a connection at its first group of commands.
        round_trip: Seconds that a packet takes to the server and back, as far as is known.
        is_exchange: Whether the server is Microsoft Exchange.
        messages_sent: How many messages the server accepted at MAIL over the present connection.
        verified: Whether the session has TLS with a verified certificate.
        hostname: The client's name in EHLO or LHLO.
        clock: Returns the seconds that the driver counts, for the times in results.
        openings: How often the session was begun, once for each connection.
        on_sent: Called with the octets of each piece of a large content; `None` for no call.
    """

    def __init__(self, options: Options, limits: ServerLimits | None = None) -> None:
        self.reader = Reader(limits)
        self.replies = smtp.ReplyParser(self.reader)
        self.options = options
        self.capabilities: dict[str, tuple[str, ...]] = {}
        self.transaction_open = self.is_proxied = False
        self.queue = SendQueue()
        self.messages_sent = 0
        self.openings = 0
        self.clock: Callable[[], float] = float  # a session without a driver has no time
        self.breaks_pipelining = False
        self.verified = False
        self.hostname = ""
        self.round_trip = 0.0
        self.is_exchange = False
        self.on_alert: Callable[[str], None] | None = None  # SMTP has no alerts
        self.on_progress: Callable[[int | None, int | None], None] | None = None  # nor progress
        self.redact: Callable[[str], str] = str
        self.on_sent: Callable[[int], object] | None = None

    # -- beginning and end -------------------------------------------------------------------

    def open(self, handshake: Handshake) -> Flow[str | None]:
        """Read the handshake; log in if libcurl did not.

        Returns:
            The mechanism that the client has logged in with; `None` if it has not.

        Raises:
            TlsError: If the options demand TLS and it is off.
            AuthenticationError: If the server refuses the credentials or offers no login.

        RFC 5321 section 3.2, RFC 3207 section 4.2, RFC 4954, RFC 2033 section 4.1.
        """
        # A parser of its own for each connection: a reply that the last one cut off must not
        # continue in the greeting of the next.
        self.replies = smtp.ReplyParser(self.reader)
        self.transaction_open = self.is_proxied = False
        self.messages_sent = 0
        self.openings += 1
        self.clock = handshake.clock
        # REQUIRETLS asks for both, RFC 8689 section 4.2.1.
        self.verified = handshake.encrypted and self.options.verify_peer
        self.verified = self.verified and self.options.verify_host
        self.hostname = self.options.local_hostname or _hostname(handshake) or "localhost"
        self.round_trip = handshake.round_trip
        # "220 mx.example Microsoft ESMTP MAIL Service ready"
        self.is_exchange = b"Microsoft ESMTP" in handshake.greeting
        # Only the last EHLO counts, RFC 3207 section 4.2: "The client MUST discard any knowledge
        # obtained from the server, such as the list of SMTP service extensions, which was not
        # obtained from the TLS negotiation itself."
        self.capabilities = smtp.handshake_extensions(handshake.responses_to(b"EHLO"))
        require_tls(self.options, handshake)
        # libcurl has connected, and speaks no LMTP.
        if self.options.lmtp:
            yield from self._greet()
        # libcurl logs in only with a mechanism that netmail does not know.
        if not self.options.needs_login or handshake.client_sent(b"AUTH"):
            return handshake.mechanism
        # auth-command is one of the extension's keywords with the mechanisms, RFC 4954 section 3.
        offered = {name.upper() for name in self.capabilities.get("AUTH", ())}
        return (
            yield from log_in(
                self.options,
                offered,
                self._authenticate,
                self.reject_unsolicited,
                handshake,
            )
        )

    def settle(self) -> Flow[None]:
        """Process what has arrived unsolicited before a command is sent.

        Raises:
            ConnectionLost: If the server closes the connection, or has closed it.
            ProtocolError: If it has sent anything else.

        RFC 5321 section 3.8.
        """
        yield PEEK
        self.reject_unsolicited()

    def noop(self) -> Flow[SmtpReply]:
        """Send NOOP.

        RFC 5321 section 4.1.1.9.
        """
        # noop = "NOOP" [ SP String ] CRLF; the server replies 250 and does nothing
        return (yield from self.command(b"NOOP"))

    def explained(self, error: ConnectionLost) -> ConnectionLost:
        """Return the error for a lost connection; nothing else is lost with it."""
        return error

    def quit(self) -> Flow[None]:
        """Send QUIT; a failure is no error, since nothing depends on the reply.

        RFC 5321 section 4.1.1.10.
        """
        # Each message was decided by its own final reply, so a server that closes at once, or
        # replies 421 or nothing, takes nothing back.
        with suppress(NetmailError):
            yield from self.command(b"QUIT")

    @property
    def pipelining(self) -> str:
        """How much is sent at once over this connection: "full", "envelope" or "off".

        RFC 2920.
        """
        if self.breaks_pipelining or "PIPELINING" not in self.capabilities:
            return "off"
        # RFC 2033 section 4.2: the number of replies to a content depends on the replies to RCPT.
        if self.options.lmtp and self.options.pipelining == "full":
            return "envelope"
        return self.options.pipelining

    @property
    def most_messages(self) -> int | None:
        """How many messages this connection carries: `max_messages`, or the server's MAILMAX.

        RFC 9422 section 4.1.
        """
        # "MAILMAX specifies the maximum number of transactions (MAIL FROM commands) the server will
        # accept in a single session", RFC 9422 section 4.1.
        if "LIMITS" not in self.capabilities:
            return self.options.max_messages
        named = smtp_parameters.limit(self.capabilities["LIMITS"], "MAILMAX")
        limits = [each for each in (self.options.max_messages, named) if each is not None]
        return min(limits, default=None)

    @property
    def carries_binary(self) -> bool:
        """Whether attachments are sent as they are, where the caller has asked for it.

        RFC 3030 section 3.
        """
        return self.options.binarymime and self.takes_binary

    @property
    def takes_binary(self) -> bool:
        """Whether a content with NUL or with long lines can be sent as what it is.

        RFC 3030 section 3.
        """
        # BINARYMIME alone is of no use: it "cannot be used with the DATA command".
        offered = {"CHUNKING", "BINARYMIME"} <= self.capabilities.keys()
        return offered and self.pipelining == "full"

    def prepare(self, mail: MailObject) -> int:
        """Choose the form of a message that this connection carries; return its octets."""
        # Another connection may offer less than the one before.
        if mail.forms is not None:
            mail.choose_form(binary=self.carries_binary)
        return len(mail.content)

    def note_sent(self, octets: int) -> None:
        """Report that so many octets of a large content were sent."""
        if self.on_sent is not None:
            self.on_sent(octets)

    def greet_again(self) -> Flow[None]:
        """Send EHLO or LHLO, and keep what the server offers.

        Raises:
            SmtpError: If the server refuses.

        RFC 5321 section 4.1.1.1; RFC 2033 section 4.1.
        """
        # "The LHLO command has identical semantics to the EHLO command of SMTP"; LMTP has no HELO
        # and no EHLO.
        verb = b"LHLO " if self.options.lmtp else b"EHLO "
        reply = yield from self.command(verb + self.hostname.encode())
        self.capabilities = smtp.extensions(reply.text.split("\n"))
        # RFC 5321 section 4.1.4: it clears all buffers, as if RSET had been sent.
        self.transaction_open = False

    def _greet(self) -> Flow[None]:
        """Read the greeting, which libcurl leaves to netmail in LMTP, and send LHLO."""
        reply = yield from self.read_reply()
        # RFC 5321 section 4.3.2: 220, or 554 and 421 where there is no service.
        if not reply.positive:
            text = f"the server offers no service: {reply}"
            raise ConnectError(text, phase=Phase.GREETING)
        yield from self.greet_again()

    def uses_chunking(self, messages: int, *, binary: bool) -> bool:
        """Whether to send so many messages by BDAT, one of them `binary` or none.

        RFC 3030 section 2.
        """
        # Not by message: which of the two forms a connection carries is decided once.
        if self.carries_binary:
            return True
        # A message that needs BINARYMIME is a reason for BDAT, whatever is faster.
        if binary and self.takes_binary:
            return True
        offered = self.pipelining == "full" and "CHUNKING" in self.capabilities
        if not offered or self.options.chunking != "auto":
            return offered and self.options.chunking is True
        # One message takes two round trips, with or without it. Exchange has been seen to refuse
        # what it takes by DATA.
        return messages > 2 and self.round_trip >= WORTHWHILE and not self.is_exchange

    def _authenticate(self, name: str, credentials: sasl.Credentials) -> Flow[Refusal | None]:
        # "235 2.7.0 Authentication Succeeded" changes nothing that EHLO has announced, unless the
        # mechanism encrypts what follows, RFC 4954 section 4; none of netmail's does.
        challenge = self._read_challenge
        return (yield from authenticate(name, credentials, b"AUTH", challenge, initial=True))

    def _read_challenge(self) -> Flow[bytes | None]:
        """Read a challenge, or `None` for a login that succeeded.

        RFC 4954 section 4.
        """
        reply = yield from self.read_reply()
        # continue-req = "334" SP [base64] CRLF                       RFC 4954 section 8
        # 235 is success, 4yz and 5yz a refusal.
        if reply.code == 334:
            return sasl.decode(reply.text.encode())
        if reply.code == SERVICE_CLOSING:
            raise self.closing_error(reply)
        _require_positive("AUTH", reply)
        return None

    # -- one command and its reply -----------------------------------------------------------

    def command(self, line: bytes) -> Flow[SmtpReply]:
        """Send one line, without its CRLF, and return the positive reply to it.

        Raises:
            SmtpError: If the server refuses the command.
            ConnectionLost: If it replies 421, or closes the connection.
            ProtocolError: If it asks for more input, sends an unsolicited reply or breaks the
                grammar.

        RFC 5321 section 4.2.1.
        """
        # The first digit alone tells whether the reply is good, bad or incomplete.
        reply = yield from self.exchange(line)
        if not reply.positive:
            _require_positive(line.partition(b" ")[0].decode(), reply)
        return reply

    def exchange(self, line: bytes) -> Flow[SmtpReply]:
        """Send one line, without its CRLF, and return the reply to it, positive or not.

        Raises:
            ConnectionLost: If the server replies 421, or closes the connection.
            ProtocolError: If it sends an unsolicited reply or breaks the grammar.
        """
        # Unsolicited data would pass as the reply.
        yield PEEK
        self.reject_unsolicited()
        yield Send(line + b"\r\n")
        reply = yield from self.read_reply()
        if reply.code == SERVICE_CLOSING:
            raise self.closing_error(reply)
        return reply

    def read_reply(self) -> Flow[SmtpReply]:
        """Read one reply, whatever its code.

        RFC 5321 section 4.2.
        """
        reader = self.reader
        # The replies to a group of commands may arrive together: look before waiting.
        while not reader.available or (reply := self.take_reply()) is None:
            if reader.eof:
                raise connection_lost(reader)
            yield RECEIVE
        return reply

    def take_reply(self) -> SmtpReply | None:
        """Take a reply that is there; a refusal, which results keep, without secrets."""
        reply = self.replies.take()
        if reply is None or reply.code < 400:
            return reply
        return replace(reply, text=self.redact(reply.text))

    def reject_unsolicited(self) -> None:
        """Raise an error if data has been received that replies to no command.

        Raises:
            ConnectionLost: If it is 421, or the server has closed the connection.
            ProtocolError: If it is anything else.
        """
        if not self.reader.available:
            if self.reader.eof:
                raise connection_lost(self.reader)
            return
        unsolicited = self.reader.peek()
        # RFC 5321 section 3.8: a server that shuts down, or has waited too long for a command,
        # sends 421 without being asked.
        if unsolicited.startswith(b"421"):
            self.reader.line()
            text = smtp.text(unsolicited[4:])
            raise self.closing_error(SmtpReply(SERVICE_CLOSING, "", text))
        # An injected or a late reply: each reply after it would pass as that of the command before,
        # as in libcurl before the fix of CVE-2021-22947.
        raise ProtocolError("the server sent an unsolicited reply", unsolicited, "nothing")

    def closing_error(self, reply: SmtpReply) -> ConnectionLost:
        """Keep the reply as the server's closing text, and make the error that reports it."""
        self.reader.closing_text = str(reply)
        return connection_lost(self.reader)


def _hostname(handshake: Handshake) -> str:
    """Return the name with which libcurl has greeted the server; "" if it has not."""
    for sender, line in reversed(handshake.lines):
        greeting, _, name = line.partition(b" ")
        if sender == "C" and greeting.upper() in {b"EHLO", b"HELO"}:
            return smtp.text(name)
    return ""


def _require_positive(verb: str, reply: SmtpReply) -> None:
    if reply.positive:
        return
    if reply.code >= 400:
        raise refusal(verb, reply)
    # RFC 5321 section 4.2.1, 3yz: the server holds the command until it gets more information,
    # and would read the next command as that information.
    raise ProtocolError(f"{verb}: the server asks for more", str(reply).encode(), "2yz")


def require_final_reply(verb: str, reply: SmtpReply) -> SmtpReply:
    """Reject 3yz, which neither grants nor refuses.

    RFC 5321 section 4.3.2 lists none for MAIL and RCPT.
    """
    if 300 <= reply.code < 400:
        text = f"{verb}: neither accepted nor refused"
        raise ProtocolError(text, str(reply).encode(), "2yz, 4yz or 5yz")
    return reply
