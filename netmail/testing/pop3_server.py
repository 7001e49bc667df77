"""The embedded POP3 server: one connection's conversation, over the store.

This file must not know sockets, nor what is in the maildrop. It checks the arguments of commands.
"""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from ssl import SSLContext

from netmail.testing.connections import Connections, listen
from netmail.testing.failures import Failures
from netmail.testing.oauth import ERROR, MECHANISMS, NotOauth, decoded
from netmail.testing.pop3_lines import Pop3Lines
from netmail.testing.pop3_maildrop import Maildrop, NoSuchMessage
from netmail.testing.store import Store
from netmail.testing.users import allowed

MECHANISM_NAMES = (b"PLAIN", *(name.encode() for name in MECHANISMS))

CAPABILITIES = (
    b"TOP",
    b"UIDL",
    b"USER",
    b"SASL " + b" ".join(MECHANISM_NAMES),
    b"PIPELINING",
    b"RESP-CODES",
    b"AUTH-RESP-CODE",
    b"IMPLEMENTATION netmail",
)


class Refusal(Exception):
    """The reply to a command is -ERR and this text."""


async def start_pop3(
    stack: AsyncExitStack,
    store: Store,
    failures: Failures,
    host: str,
    *,
    implicit: SSLContext | None = None,
    starttls: SSLContext | None = None,
) -> int:
    """Serve the users' INBOX over POP3.

    Args:
        stack: Where the server is closed.
        store: The mailboxes.
        failures: The rules that may refuse a command.
        host: The address to listen on.
        implicit: The context for TLS from the first octet on, or `None`.
        starttls: The context to offer STLS with, or `None`.

    Returns:
        The port.

    RFC 1939, RFC 2449 (CAPA), RFC 2595 (STLS), RFC 5034 (AUTH).
    """
    connections = Connections()
    locked: set[str] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Pop3Connection(Pop3Lines(reader, writer), store, failures, locked, starttls)
        try:
            await connection.run()
        finally:
            connection.release()

    callback = connections.callback(converse)
    server = await asyncio.start_server(callback, host, 0, ssl=implicit)
    return await listen(stack, server, connections)


class Pop3Connection:
    """One client's conversation.

    Args:
        lines: What the client sends, and where the replies go.
        store: The mailboxes.
        failures: The rules that may refuse a command.
        locked: Users whose maildrop some connection holds, shared by all connections.
        starttls: The context to offer STLS with, or `None`.
    """

    def __init__(
        self,
        lines: Pop3Lines,
        store: Store,
        failures: Failures,
        locked: set[str],
        starttls: SSLContext | None,
    ) -> None:
        self._lines = lines
        self._store = store
        self._failures = failures
        self._locked = locked
        self._starttls = starttls
        self._name = ""
        self._maildrop: Maildrop | None = None
        self._open = True

    async def run(self) -> None:
        """Execute commands until QUIT, the end of the stream, or ten minutes without a command."""
        await self._greet()
        while self._open:
            await self._lines.drain()
            line = await self._lines.receive()
            if line is None:
                return
            await self._execute(line)
        await self._lines.drain()

    def release(self) -> None:
        """Unlock the maildrop; messages marked deleted stay, unless QUIT has removed them."""
        if self._maildrop is not None:
            self._locked.discard(self._maildrop.user)
            self._maildrop = None

    async def _greet(self) -> None:
        try:
            await self._check("connect", "pop3")
        except Refusal as refusal:
            self._refuse(refusal)
            self._open = False
        else:
            self._lines.send(b"+OK netmail embedded server ready")

    async def _check(self, point: str, value: str) -> None:
        """Apply the rules to an event.

        Raises:
            Refusal: If one of them refuses.
            ConnectionResetError: If one of them closes the connection without a reply.
        """
        refused = await self._failures.meet("pop3", point, value)
        if refused is None:
            return
        if not refused.code:
            self._lines.abort()
            raise ConnectionResetError
        self._open = not refused.drop
        raise Refusal(refused.pop3)

    def _refuse(self, refusal: Exception) -> None:
        self._lines.send(b"-ERR " + str(refusal).encode("ascii", "backslashreplace"))

    async def _execute(self, line: bytes) -> None:
        keyword, _, argument = line.decode("utf-8", "surrogateescape").partition(" ")
        state = AUTHORIZATION if self._maildrop is None else TRANSACTION
        command = state.get(keyword.upper(), Pop3Connection.unknown)
        try:
            await self._check("command", keyword)
            await command(self, argument)
        except (Refusal, NoSuchMessage) as refusal:
            self._refuse(refusal)

    # Commands of any state.

    async def capa(self, _: str) -> None:
        """List the capabilities (RFC 2449 section 5)."""
        stls = [b"STLS"] if self._starttls and self._maildrop is None else []
        self._lines.send_all(b"+OK", [*CAPABILITIES, *stls])

    async def quit(self, _: str) -> None:
        """Remove what is marked deleted, and close (RFC 1939 section 6)."""
        if self._maildrop is not None:
            uids = self._maildrop.deleted_uids()
            await self._store.delete(self._maildrop.user, uids)
        self.release()  # before the reply: a client may log in again as soon as it has read it
        self._lines.send(b"+OK bye")
        self._open = False

    async def unknown(self, _: str) -> None:
        """Refuse a command that is unknown in this state (RFC 1939 section 3)."""
        raise Refusal("not a command, or not in this state")

    # AUTHORIZATION state.

    async def user(self, name: str) -> None:
        """Accept any name; the reply to PASS shows if it is a user's (RFC 1939 section 7)."""
        self._name = name
        self._lines.send(b"+OK")

    async def pass_(self, password: str) -> None:
        """Log in with the name that USER gave."""
        if not self._name:
            raise Refusal("USER comes first")
        name, self._name = self._name, ""
        await self._log_in(name, password)

    async def auth(self, argument: str) -> None:
        """Log in by SASL, or list the mechanisms (RFC 5034)."""
        mechanism, _, initial = argument.partition(" ")
        if not mechanism:
            self._lines.send_all(b"+OK", MECHANISM_NAMES)
            return
        mechanism = mechanism.upper()
        if mechanism.encode() not in MECHANISM_NAMES:
            raise Refusal("not a mechanism of this server")
        response = decoded(initial or await self._challenge(b""))
        if mechanism != "PLAIN":
            await self._bearer(mechanism, response)
            return
        try:
            # RFC 4616: authorization identity, authentication identity, password.
            _, name, password = response.decode().split("\0")
        except ValueError:
            raise Refusal("not base64 of three strings") from None
        await self._log_in(name, password)

    async def _bearer(self, mechanism: str, response: bytes) -> None:
        try:
            name, token = MECHANISMS[mechanism](response)
        except NotOauth as error:
            raise Refusal(str(error)) from None
        if not allowed(self._store.tokens, name, token):
            # RFC 7628 section 3.2.3: the client replies to the error before the exchange fails.
            await self._challenge(ERROR)
            raise Refusal("[AUTH] wrong token")
        await self._log_in(name, self._store.users[name])

    async def _challenge(self, data: bytes) -> str:
        self._lines.send(b"+ " + b64encode(data))
        await self._lines.drain()
        line = await self._lines.receive()
        if line is None or line == b"*":
            raise Refusal("AUTH cancelled")
        return line.decode("ascii", "replace")

    async def stls(self, _: str) -> None:
        """Continue in TLS (RFC 2595 section 4)."""
        if self._starttls is None:
            raise Refusal("no TLS here, or TLS already")
        self._lines.send(b"+OK begin TLS")
        self._name = ""  # RFC 2595 section 4: what was received in clear is discarded
        context, self._starttls = self._starttls, None
        await self._lines.start_tls(context)

    async def _log_in(self, name: str, password: str) -> None:
        if not allowed(self._store.users, name, password):
            raise Refusal("[AUTH] wrong user name or password")
        await self._check("login", name)
        if name in self._locked:
            raise Refusal("[IN-USE] another connection holds the maildrop")
        self._locked.add(name)
        validity = await self._store.uid_validity(name)
        self._maildrop = Maildrop(name, validity, await self._store.messages(name))
        self._lines.send(b"+OK logged in")

    # TRANSACTION state.

    async def stat(self, _: str) -> None:
        """Count the messages and their octets."""
        self._lines.send(b"+OK %d %d" % self._held.stat())

    async def list_(self, argument: str) -> None:
        """List the size of one message, or of all."""
        self._listing(argument, self._held.size)

    async def uidl(self, argument: str) -> None:
        """List the unique-id of one message, or of all."""
        self._listing(argument, self._held.unique_id)

    async def retr(self, argument: str) -> None:
        """Send a message."""
        content = self._held.content(argument)
        self._lines.send(b"+OK %d octets" % len(content))
        self._lines.send_body(content)

    async def top(self, argument: str) -> None:
        """Send a message's header and its first lines."""
        number, _, count = argument.partition(" ")
        if not (count.isascii() and count.isdigit()):
            raise Refusal("TOP message lines")
        content = self._held.top(number, int(count[:9]))
        self._lines.send(b"+OK")
        self._lines.send_body(content)

    async def dele(self, argument: str) -> None:
        """Mark a message deleted."""
        self._held.delete(argument)
        self._lines.send(b"+OK marked")

    async def rset(self, _: str) -> None:
        """Remove all marks."""
        self._held.unmark()
        self._lines.send(b"+OK")

    async def noop(self, _: str) -> None:
        """Do nothing."""
        self._lines.send(b"+OK")

    @property
    def _held(self) -> Maildrop:
        assert self._maildrop is not None, "these are commands of the TRANSACTION state"
        return self._maildrop

    def _listing(self, argument: str, value: Callable[[int], bytes]) -> None:
        if argument:
            number = self._held.number(argument)
            self._lines.send(b"+OK %d %s" % (number, value(number)))
            return
        lines = [b"%d %s" % (number, value(number)) for number in self._held.numbers()]
        self._lines.send_all(b"+OK %d messages" % len(lines), lines)


Command = Callable[[Pop3Connection, str], Awaitable[None]]

AUTHORIZATION: dict[str, Command] = {
    "CAPA": Pop3Connection.capa,
    "QUIT": Pop3Connection.quit,
    "USER": Pop3Connection.user,
    "PASS": Pop3Connection.pass_,
    "AUTH": Pop3Connection.auth,
    "STLS": Pop3Connection.stls,
}

TRANSACTION: dict[str, Command] = {
    "CAPA": Pop3Connection.capa,
    "QUIT": Pop3Connection.quit,
    "STAT": Pop3Connection.stat,
    "LIST": Pop3Connection.list_,
    "UIDL": Pop3Connection.uidl,
    "RETR": Pop3Connection.retr,
    "TOP": Pop3Connection.top,
    "DELE": Pop3Connection.dele,
    "RSET": Pop3Connection.rset,
    "NOOP": Pop3Connection.noop,
}
