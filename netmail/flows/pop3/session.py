"""One POP3 session: its state, one command and its reply, the beginning and the end.

This file must not know a command but those of its own lifecycle, nor how a reply is written.
"""

from collections.abc import Callable
from typing import Final

from netmail.errors import CapabilityError, ConnectionLost, DeletionsNotCommitted, ProtocolError
from netmail.flows.flow import PEEK, RECEIVE, Flow, Send, connection_lost, receive
from netmail.flows.handshake import Handshake
from netmail.flows.pop3.login import login
from netmail.flows.pop3.messages import Messages
from netmail.flows.sasl import require_tls
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.results.pop3_capabilities import Pop3Capabilities
from netmail.wire import dot, pop3
from netmail.wire.reader import Reader
from netmail.wire.server_text import decode

CREDENTIALS: Final = (b"PASS", b"APOP", b"AUTH")
"""Commands that libcurl logs in with."""


class Pop3Session:
    """The state of one POP3 session, and how a command is sent and its reply read.

    Attributes:
        reader: The receive buffer.
        capabilities: The reply to CAPA, capability to arguments.
        messages: The messages by unique-id.
        language: The language that LANG has chosen; `None` for the server's own.
        breaks_pipelining: Whether a connection was lost with several commands in flight; the
            later ones of this client carry one at a time.
    """

    def __init__(self, options: Options, limits: ServerLimits | None = None) -> None:
        self.reader = Reader(limits)
        self.capabilities = Pop3Capabilities()
        self.messages = Messages()
        self.language: str | None = None
        self.breaks_pipelining = self._lost_pipelining = False
        self.options = options
        self.on_alert: Callable[[str], None] | None = None  # POP3 has no alerts
        self.on_progress: Callable[[int | None, int | None], None] | None = None  # nor progress
        self.redact: Callable[[str], str] = str
        self._capabilities_asked = False  # after the login
        self._quits = False

    # -- beginning and end -------------------------------------------------------------------

    def open(self, handshake: Handshake) -> Flow[str | None]:
        """Read the handshake; log in if libcurl did not.

        Returns:
            The mechanism that the client has logged in with; `None` if it has not.

        Raises:
            TlsError: If the options demand TLS and it is off.
            AuthenticationError: If the server refuses the credentials or offers no login.
            Pop3Error: If the options demand UTF-8 mode and the server refuses it.
            CapabilityError: If they do, and libcurl has logged in.

        RFC 1939 section 4, RFC 2449 section 5.
        """
        # RFC 2449 section 5: CAPA is valid before the login and after it; libcurl sends it before.
        self._capabilities_asked = self._quits = False
        self.messages, self.language = Messages(), None
        lines = handshake.responses_to(b"CAPA")
        # +OK, the capabilities, a line with a dot; or -ERR from a server without CAPA.
        offered = lines[1:-1] if lines[:1] and lines[0].upper().startswith(b"+OK") else []
        self.capabilities = pop3.capabilities(offered)
        require_tls(self.options, handshake)
        logged_in = handshake.client_sent(*CREDENTIALS)
        if self.options.utf8 and self.capabilities.utf8:
            yield from self._enter_utf8_mode(logged_in=logged_in)
        if not self.options.needs_login or logged_in:
            return handshake.mechanism
        return (yield from login(self, handshake))

    def settle(self) -> Flow[None]:
        """Process what has arrived unsolicited before a command is sent.

        Raises:
            ConnectionLost: If the server closes the connection, or has closed it.
            ProtocolError: If it has sent anything else.

        RFC 1939 section 3.
        """
        yield PEEK
        self.reject_unsolicited()

    def _enter_utf8_mode(self, *, logged_in: bool) -> Flow[None]:
        """Send UTF8: from here on both sides send UTF-8, in texts and in messages.

        RFC 6856 section 2.
        """
        # Section 2 has "AUTHORIZATION" alone as the state in which it is valid.
        if logged_in:
            text = (
                "UTF8 must come before the login, and auth leaves that to libcurl: leave utf8 out"
            )
            raise CapabilityError(text, "UTF8")
        yield from self.command(b"UTF8")

    def noop(self) -> Flow[str]:
        """Send NOOP.

        RFC 1939 section 5.
        """
        # NOOP: +OK, always
        return (yield from self.command(b"NOOP"))

    def quit(self) -> Flow[str]:
        """Send QUIT: the server deletes the marked messages; without it, it deletes none.

        RFC 1939 section 6.
        """
        # QUIT: +OK / -ERR some deleted messages not removed
        yield PEEK
        self.reject_unsolicited()
        # "If a session terminates for some reason other than a client-issued QUIT command, the POP3
        # session does NOT enter the UPDATE state and MUST not remove any messages from the
        # maildrop." From here on nothing is certain without the reply.
        self._quits = True
        text = yield from self.command(b"QUIT")
        self.messages.reset()
        return text

    def explained(self, error: ConnectionLost) -> ConnectionLost:
        """Return the error for a lost connection, which deletions may be lost with.

        RFC 1939 section 6.
        """
        marked = tuple(sorted(self.messages.marked))
        if isinstance(error, DeletionsNotCommitted) or not marked:
            return error
        return DeletionsNotCommitted(error, marked, uncertain=self._quits)

    # -- one command and its reply -----------------------------------------------------------

    def command(self, line: bytes) -> Flow[str]:
        """Send one line, without its CRLF, and return the text of the +OK.

        Raises:
            Pop3Error: If the server replies -ERR.
            ConnectionLost: If it closes the connection.
            ProtocolError: If it sends an unsolicited reply or breaks the grammar.

        RFC 1939 section 3.
        """
        # Unsolicited data would pass as the reply.
        yield PEEK
        self.reject_unsolicited()
        yield Send(line + b"\r\n")
        # One command alone waits for its reply; several may not: `pipelining`.
        reply = yield from receive(self.reader, self.reader.line)
        return pop3.status(reply, line)

    def multiline(self, line: bytes) -> Flow[bytes]:
        """Send one line, without its CRLF, and return the body after the +OK.

        RFC 1939 section 3: a line with a single dot ends the body.
        """
        # multi-line = single-line *dot-stuffed "." CRLF                  RFC 2449 section 3
        # The same as command() and read_body(), in one generator: messages come by the thousand.
        reader = self.reader
        yield PEEK
        self.reject_unsolicited()
        yield Send(line + b"\r\n")
        while (reply := reader.line()) is None:
            if reader.eof:
                raise connection_lost(reader)
            yield RECEIVE
        pop3.status(reply, line)
        while (body := self._body()) is None:
            if reader.eof:
                raise connection_lost(reader)
            yield RECEIVE
        return body

    def read_body(self) -> Flow[bytes]:
        """Read the body of a multi-line reply, dot-stuffing undone.

        RFC 1939 section 3.
        """
        return (yield from receive(self.reader, self._body))

    def _body(self) -> bytes | None:
        """Take a body, dot-stuffing undone, if it has come as a whole."""
        # "All responses are terminated by a CRLF pair." Some servers write LF everywhere. The +OK
        # line shows which kind this is, and no sender of mail can change that line: a bare LF
        # ends a line of the body only where it has ended the +OK. After CRLF it is an octet of
        # the message, so that LF "." LF in a message cannot end the body and begin a forged reply.
        bare_lf = self.reader.bare_lf
        body = self.reader.dot_terminated(bare_lf=bare_lf)
        return None if body is None else dot.unstuff(body, bare_lf=bare_lf)

    def require(self, capability: str) -> Flow[None]:
        """Check that the server offers `capability`.

        Raises:
            CapabilityError: If it does not.

        RFC 2449 section 5.
        """
        # Without CAPA nothing is known, and the command itself tells.
        if self.capabilities and not (yield from self.offers(capability)):
            raise CapabilityError(f"the server does not offer {capability}", capability)

    def offers(self, capability: str) -> Flow[bool]:
        """Return whether the server offers `capability`; false where it has no CAPA.

        RFC 2449 section 5.
        """
        # RFC 2449 section 5: "Capabilities available in the AUTHORIZATION state MUST be announced
        # in both states", but others may be announced after the login only.
        unknown = self.capabilities and capability not in self.capabilities
        if unknown and not self._capabilities_asked:
            self._capabilities_asked = True
            body = yield from self.multiline(b"CAPA")
            self.capabilities = pop3.capabilities(body.splitlines())
        return capability in self.capabilities

    def note_pipelining_lost(self, *, proven: bool) -> None:
        """Record that the connection was lost with several commands in flight.

        Args:
            proven: Whether the server had replied to several that were in flight together.
        """
        # Servers exist that offer PIPELINING and close at the second command, or take no more than
        # a few. A network fails too; so of a server that has shown that it can, the second loss
        # counts.
        self.breaks_pipelining = not proven or self._lost_pipelining
        self._lost_pipelining = True

    def reject_unsolicited(self) -> None:
        """Raise an error if data has been received that replies to no command.

        Raises:
            ConnectionLost: If it says why the server closes, or the server has closed.
            ProtocolError: If it is anything else.
        """
        if self.reader.available:
            # It may be a part of a line: the server was cut off, or is still sending.
            line = self.reader.line() or self.reader.peek()
            if not line.upper().startswith(b"-ERR"):
                raise ProtocolError("the server sent an unsolicited reply", line, "nothing")
            # Servers tell why they close, as in Dovecot's "-ERR Disconnected for inactivity."
            self.reader.closing_text, self.reader.eof = decode(line), True
        if self.reader.eof:
            raise connection_lost(self.reader)
