"""The beginning and the end of an IMAP session.

This file knows what the dial tells, the login, and the commands of any state. The families of
commands stand in the files beside it.
"""

from netmail.errors import ConnectionLost, ImapError
from netmail.flows.flow import Flow, Handshake
from netmail.flows.imap.command import ImapCommands, raise_unless_ok
from netmail.flows.imap.news import Answer, State
from netmail.flows.sasl import authenticate, require_ours, require_tls
from netmail.wire import sasl
from netmail.wire.imap import responses


class ImapSession(ImapCommands):
    """What all IMAP conversations share."""

    def open(self, handshake: Handshake) -> Flow[None]:
        """Take what the dial told; log in where libcurl did not."""
        self._forget()
        require_tls(self.options, handshake)
        logged_in = handshake.client_sent(b"AUTHENTICATE", b"LOGIN")
        told = handshake.responses_to(b"AUTHENTICATE") + handshake.responses_to(b"LOGIN")
        if not logged_in:
            told = handshake.responses_to(b"CAPABILITY") or [handshake.greeting]
        for line in told:
            self._note_line(line)
        if not self.capabilities:
            yield from self.capability()
        greeted = responses.status(handshake.greeting)
        if logged_in or (greeted and greeted.status == "PREAUTH"):
            self.state = State.AUTHENTICATED
        elif self.options.needs_login:
            yield from self._login()

    def quit(self) -> Flow[None]:
        """LOGOUT; a server that hangs up at once, or wants no goodbye, has said enough."""
        try:
            yield from self.command("LOGOUT")
        except (ConnectionLost, ImapError):
            pass
        finally:
            self.state = State.LOGOUT
            self.mailbox = None

    def noop(self) -> Flow[bool]:
        """NOOP."""
        yield from self.command("NOOP")
        return True

    def capability(self) -> Flow[list[str]]:
        """CAPABILITY."""
        yield from self.command("CAPABILITY")
        return sorted(self.capabilities)

    def _login(self) -> Flow[None]:
        require_ours(self.options)
        offers = [name[5:] for name in self.capabilities if name.startswith("AUTH=")]
        initial = "SASL-IR" in self.capabilities
        before = self.capabilities
        tag = self._next_tag()
        yield from authenticate(
            self.options,
            offers,
            tag + b" AUTHENTICATE",
            lambda: self._login_answer(tag),
            initial=initial,
        )
        self.state = State.AUTHENTICATED
        if self.capabilities is before:
            yield from self.capability()

    def _login_answer(self, tag: bytes) -> Flow[bytes | None]:
        answer = Answer()
        found = yield from self._until(tag, answer, asking=True)
        if isinstance(found, bytes):
            return sasl.decode(found)
        raise_unless_ok(found, "AUTHENTICATE")
        return None
