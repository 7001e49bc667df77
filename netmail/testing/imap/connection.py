"""One IMAP connection: pymap's, with bearer tokens and with failures on demand.

This file must not know the mailboxes, nor how a rule is matched.
"""

import sys
from base64 import b64encode

from pymap.config import IMAPConfig
from pymap.exceptions import InvalidAuth, ResponseError
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.interfaces.login import LoginInterface
from pymap.interfaces.session import SessionInterface
from pymap.parsing.command import Command
from pymap.parsing.command.select import CloseCommand, FetchCommand
from pymap.parsing.response import (
    CommandResponse,
    ResponseBye,
    ResponseCode,
    ResponseContinuation,
    ResponseNo,
    ResponseOk,
)
from pymap.parsing.response.code import Capability
from pymap.parsing.specials import FetchAttribute
from pymap.selected import SelectedMailbox
from pysasl.creds.plain import PlainCredentials
from pysasl.creds.server import ServerCredentials
from pysasl.exception import AuthenticationError

from netmail.testing.failures import Failures
from netmail.testing.oauth import ERROR, MECHANISMS, NotOauth, decoded
from netmail.testing.refusal import Refusal
from netmail.testing.users import allowed

FILLS = frozenset({"APPEND", "COPY", "MOVE"})
"""The commands that a full mailbox refuses."""


class Refused(ResponseError):
    """The response to a command is NO, or BYE, as a test has asked for."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.text)
        self._refused = refused

    def get_response(self, tag: bytes) -> CommandResponse:
        """Write it; where the connection is to be closed, BYE precedes it."""
        code, text = self._refused.imap
        response = ResponseNo(tag, text, ResponseCode.of(code))
        if self._refused.drop and tag != b"*":
            response.add_untagged(ResponseBye(text))
        return response


class Dropped(ConnectionResetError):
    """The connection is closed without a response."""


class ImapState(ConnectionState):
    """The state of a connection.

    Args:
        login: pymap's login.
        config: pymap's settings.
        failures: The rules that may refuse a command.
    """

    def __init__(self, login: LoginInterface, config: IMAPConfig, failures: Failures) -> None:
        super().__init__(login, config)
        self._failures = failures

    @property
    def capability(self) -> Capability:
        """The capabilities, with the mechanisms that are not pymap's."""
        offered = super().capability
        if self._session is not None or not self.auth.server_mechanisms:
            return offered
        bearers = [f"AUTH={name}".encode() for name in MECHANISMS]
        return Capability([*offered.capabilities, *bearers])

    async def check(self, point: str, *values: str) -> None:
        """Apply the rules.

        Raises:
            Refused: If one of them refuses.
            Dropped: If one of them closes the connection.
        """
        refused = await self._failures.meet("imap", point, *values)
        if refused is None:
            return
        if refused.code:
            raise Refused(refused)
        raise Dropped

    async def do_greeting(self) -> CommandResponse:
        """Greet, unless a rule refuses the connection."""
        await self.check("connect", "imap")
        return await super().do_greeting()

    async def do_command(self, cmd: Command) -> CommandResponse:
        """Execute a command, unless a rule refuses it."""
        verb = cmd.command.decode("ascii", "replace")
        plain = verb.removeprefix("UID ")
        await self.check("command", verb, plain)
        if self._session is not None and plain in FILLS:
            await self.check("full", self._session.owner)
        return await super().do_command(cmd)

    async def do_close(self, cmd: CloseCommand) -> tuple[CommandResponse, SelectedMailbox | None]:
        """Leave the mailbox; pymap refuses it for one that EXAMINE has opened."""
        # "No messages are removed, and no error is given, if the mailbox is selected by an EXAMINE
        # command", RFC 9051 section 6.4.1.
        if not self.selected.readonly:
            return await super().do_close(cmd)
        self._selected = None
        return ResponseOk(cmd.tag, cmd.command + b" completed."), None

    async def do_fetch(self, cmd: FetchCommand) -> tuple[CommandResponse, SelectedMailbox | None]:
        """Fetch; a response to BINARY.PEEK names BINARY, and pymap's does not."""
        # msg-att-static =/ "BINARY" section-binary SP (nstring / literal8)     RFC 3516 section 7
        for asked in cmd.attributes:
            if asked.value == b"BINARY.PEEK":
                named = FetchAttribute(b"BINARY", asked.section, asked.partial)
                asked._for_response = named.for_response  # noqa: SLF001 -- it has no other place
        return await super().do_fetch(cmd)

    async def _login(self, creds: ServerCredentials) -> SessionInterface:
        session = await super()._login(creds)
        await self.check("login", creds.authcid)
        return session


class ImapConnection(IMAPConnection):
    """One client's connection.

    Its `users` and `tokens` are set before it runs: names with passwords and with bearer tokens.
    """

    users: dict[str, str]
    tokens: dict[str, str]

    async def authenticate(
        self, state: ConnectionState, mech_name: bytes
    ) -> ServerCredentials | None:
        """Run a SASL exchange (RFC 9051 section 6.2.2).

        Raises:
            InvalidAuth: If the token is not the user's.
        """
        if isinstance(state, ImapState):
            await state.check("command", "AUTHENTICATE")
        read = MECHANISMS.get(mech_name.decode("ascii", "replace").upper())
        if read is None or not state.auth.server_mechanisms:
            return await super().authenticate(state, mech_name)
        try:
            name, token = read(await self._challenge(b""))
        except NotOauth as error:
            raise AuthenticationError(str(error)) from None
        if not allowed(self.tokens, name, token):
            # RFC 7628 section 3.2.3: the client replies to the error before the exchange fails.
            await self._challenge(ERROR)
            raise InvalidAuth
        # pymap checks passwords only: this is the user's own.
        return PlainCredentials(name, self.users[name])

    async def send_error_disconnect(self) -> None:
        """Say BYE after an error, but not where the connection is to be lost."""
        if isinstance(sys.exception(), Dropped):
            self.writer.transport.abort()
        else:
            await super().send_error_disconnect()

    async def _challenge(self, data: bytes) -> bytes:
        await self.write_response(ResponseContinuation(b64encode(data)))
        line = bytes(await self.read_continuation(0)).strip()
        if line == b"*":
            raise AuthenticationError("Authentication canceled.")
        return decoded(line.decode("ascii", "replace"))
