"""SMTP's small commands, RFC 5321 sections 4.1.1.5 to 4.1.1.10.

This file knows questions and answers; it sends no mail.
"""

from typing import Final

from netmail.errors import CapabilityError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.smtp.session import SmtpSession
from netmail.results.smtp import refusal
from netmail.results.smtp_reply import Reply, Verification
from netmail.text import check_text
from netmail.wire import smtp
from netmail.wire.smtp_path import string

_GOOD: Final = frozenset({250, 251, 252})
_NOT_GOOD: Final = frozenset({550, 551, 553})
_GREETINGS: Final = frozenset({"EHLO", "HELO"})
_INSTEAD: Final = {
    "DATA": "add_message() and send()",
    "BDAT": "add_message() and send()",
    "STARTTLS": "tls=TLS_ALL",
    "AUTH": "username=, password= and auth=",
    "QUIT": "quit()",
}
"""Commands after which the session is over, or no matter of lines any more, and what to use."""


class Commands(SmtpSession):
    """Questions to the server."""

    def noop(self) -> Flow[None]:
        """NOOP."""
        yield from self.command(b"NOOP")

    def rset(self) -> Flow[None]:
        """RSET."""
        yield from self.command(b"RSET")
        self._begun = False

    def verify(self, address: str) -> Flow[Verification]:
        """VRFY."""
        answer = yield from self.ask(self._question("VRFY", address, "the address"))
        if answer.code in _GOOD or answer.code in _NOT_GOOD:
            return Verification(answer.code, answer.enhanced, answer.text)
        raise refusal("VRFY", answer)

    def expn(self, name: str) -> Flow[list[str]]:
        """EXPN."""
        answer = yield from self.command(self._question("EXPN", name, "the list's name"))
        if answer.code != 250:
            # 252: the server would not say; an empty list would be a wrong answer.
            raise refusal("EXPN", answer)
        return answer.text.split("\n")

    def help(self, topic: str | None = None) -> Flow[str]:
        """HELP."""
        words = b"" if topic is None else b" " + check_text(topic, "the topic").encode()
        answer = yield from self.command(b"HELP" + words)
        return answer.text

    def exec(self, command: str) -> Flow[Reply]:
        """Send a command as it stands."""
        line = check_text(command, "the command").strip()
        verb = line.partition(" ")[0].upper()
        if not verb:
            raise UsageError("exec() needs a command")
        if verb in _INSTEAD:
            raise UsageError(f"exec() cannot say {verb}: use {_INSTEAD[verb]}")
        answer = yield from self.command(line.encode())
        if verb in {"EHLO", "HELO"}:
            self.capabilities = smtp.extensions(answer.text.split("\n"))
        self._begun = verb in {"MAIL", "RCPT"} or (
            self._begun and verb not in {"RSET", "EHLO", "HELO"}
        )
        return answer

    def _question(self, verb: str, name: str, what: str) -> bytes:
        line = verb.encode() + b" " + string(name, what)
        if line.isascii():
            return line
        # RFC 6531 section 3.7.4.2
        if "SMTPUTF8" not in self.capabilities:
            raise CapabilityError(f"{what} {name!r} needs SMTPUTF8", "SMTPUTF8")
        return line + b" SMTPUTF8"
