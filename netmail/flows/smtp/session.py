"""One SMTP session: a command, its reply, and what must not come unasked.

This file knows how a session begins and ends; the families of commands stand in the files beside
it, and how a reply is read in `netmail.wire.smtp`.
"""

from contextlib import suppress
from typing import Final

from netmail.errors import (
    ConnectionLost,
    NetmailError,
    ProtocolError,
    SmtpError,
)
from netmail.flows.flow import PEEK, RECEIVE, Flow, Handshake, Send, connection_lost
from netmail.flows.sasl import authenticate, require_ours, require_tls
from netmail.limits import ServerLimits
from netmail.options.options import Options
from netmail.results.smtp import refusal
from netmail.results.smtp_reply import Reply
from netmail.wire import sasl, smtp
from netmail.wire.reader import Reader

FAREWELL: Final = 421
"""The code by which a server says, at any time, that it closes: RFC 5321 section 3.8."""


class SmtpSession:
    """What all SMTP conversations share.

    Attributes:
        reader: What has arrived.
        options: What the session is made with.
        capabilities: What EHLO said, keyword in upper case to parameters; empty after HELO.
    """

    def __init__(self, options: Options, limits: ServerLimits | None = None) -> None:
        self.reader = Reader(limits)
        self.options = options
        self.capabilities: dict[str, tuple[str, ...]] = {}
        self._replies = smtp.Replies(self.reader)
        self._begun = False  # whether a transaction may be open that send() did not begin

    # -- beginning and end -------------------------------------------------------------------

    def open(self, handshake: Handshake) -> Flow[None]:
        """Take what the dial told; log in where libcurl did not."""
        self._replies = smtp.Replies(self.reader)
        self._begun = False
        # The last EHLO counts: what was said before STARTTLS may be anybody's.
        self.capabilities = smtp.handshake_extensions(handshake.responses_to(b"EHLO"))
        require_tls(self.options, handshake)
        if not self.options.needs_login or handshake.client_sent(b"AUTH"):
            return
        require_ours(self.options)
        offers = self.capabilities.get("AUTH", ())
        yield from authenticate(self.options, offers, b"AUTH", self._login_answer, initial=True)

    def quit(self) -> Flow[None]:
        """QUIT; nothing depends on its answer, so a server that hangs up has said enough."""
        with suppress(NetmailError):
            yield from self.command(b"QUIT")

    def _login_answer(self) -> Flow[bytes | None]:
        answer = yield from self.reply()
        if answer.code == 334:
            return sasl.decode(answer.text.encode())
        if answer.code == FAREWELL:
            raise self.farewell(answer)
        self._check("AUTH", answer)
        return None

    # -- one command and its reply -----------------------------------------------------------

    def command(self, line: bytes) -> Flow[Reply]:
        """Send one line, without CRLF here; return its positive reply.

        Raises:
            SmtpError: If the server refuses.
            ConnectionLost: If it says 421, or ends the connection.
            ProtocolError: If it asks for more, speaks unasked or breaks the grammar.
        """
        answer = yield from self.ask(line)
        return self._check(line.partition(b" ")[0].decode(), answer)

    def ask(self, line: bytes) -> Flow[Reply]:
        """Send one line, without CRLF here; return its reply, be it a refusal."""
        yield from self.check_silence()
        yield Send(line + b"\r\n")
        answer = yield from self.reply()
        if answer.code == FAREWELL:
            raise self.farewell(answer)
        return answer

    def reply(self) -> Flow[Reply]:
        """Read one reply, whatever it says."""
        while (answer := self._replies.take()) is None:
            if self.reader.eof:
                raise connection_lost(self.reader)
            yield RECEIVE
        return answer

    def check_silence(self) -> Flow[None]:
        """Refuse what came unasked: it could be taken for the next answer.

        Raises:
            ConnectionLost: If the server has said goodbye, or has closed without.
            ProtocolError: If it has said anything else.
        """
        yield PEEK
        self.refuse_unasked()
        if self.reader.eof:
            raise connection_lost(self.reader)

    def refuse_unasked(self) -> None:
        """Refuse what has arrived and was not asked for."""
        if not self.reader.available:
            return
        unasked = self.reader.peek()
        if unasked.startswith(b"421"):
            self.reader.line()
            raise self.farewell(Reply(FAREWELL, "", smtp.text(unasked[4:])))
        raise ProtocolError("the server spoke unasked", unasked, "silence")

    def farewell(self, answer: Reply) -> ConnectionLost:
        """Note the server's last words, and make the error that ends the session."""
        self.reader.closing_text = str(answer)
        return connection_lost(self.reader)

    def _check(self, verb: str, answer: Reply) -> Reply:
        if answer.positive:
            return answer
        if answer.code >= 400:
            raise refusal(verb, answer, SmtpError)
        # 3yz: the server waits for more, and would take the next command for it.
        raise ProtocolError(f"{verb}: the server asks for more", str(answer).encode(), "2yz")
