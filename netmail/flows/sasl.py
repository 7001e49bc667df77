"""The SASL login of every protocol, where netmail logs in and not libcurl.

This file must not know how a protocol frames challenges and responses.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from netmail.errors import (
    AuthenticationError,
    ConnectionLost,
    NetmailError,
    Phase,
    ProtocolError,
    ReplyError,
    TlsError,
)
from netmail.flows.flow import Flow, Send
from netmail.flows.handshake import Handshake
from netmail.options.options import TLS_CONTROL, Options
from netmail.options.rules import OAUTH_MECHANISMS
from netmail.secret import REDACTED_OCTETS
from netmail.wire import sasl
from netmail.wire.redact import redact

ReadChallenge: TypeAlias = Callable[[], Flow[bytes | None]]
"""Read the server's next line: a challenge, decoded, or `None` if the login succeeded."""

LONGEST_LINE = 12_288
"""Octets of a command with its initial response, RFC 4954 section 4; a longer one waits for the
server's challenge."""


def require_tls(options: Options, handshake: Handshake) -> None:
    """Check that TLS is on if the options demand it.

    Raises:
        TlsError: If it is not.
    """
    if not handshake.encrypted and options.tls >= TLS_CONTROL:
        text = "TLS was asked for, and the session is in clear; tls=TLS_TRY would allow that"
        raise TlsError(text, phase=Phase.TLS)


def reject_skipped_login(options: Options) -> None:
    """Check that the login is left to netmail, where libcurl has not logged in.

    Raises:
        AuthenticationError: If it was left to libcurl.
    """
    # libcurl connects without a login if it knows none of the server's mechanisms.
    if not options.auth and not options.authzid:
        text = (
            "credentials were given, but the server offers no login that libcurl knows; some offer "
            "one only within TLS, or on another port"
        )
        raise AuthenticationError("login", text)


def authenticate(
    options: Options,
    offered: Iterable[str],
    command: bytes,
    read_challenge: ReadChallenge,
    *,
    initial: bool,
    longest: int = LONGEST_LINE,
) -> Flow[str]:
    """Log in with the first mechanism of `options.auth` that the server offers.

    With `authzid` and without `auth`, the first mechanism that carries an authorization identity
    is used.

    Args:
        options: The credentials and the mechanisms to try.
        offered: The mechanisms that the server announced.
        command: The command before the mechanism's name, such as b"AUTH".
        read_challenge: How to read the server's next line.
        initial: Whether the command may carry the initial response.
        longest: Octets of the command with the initial response, CRLF included, that the server
            accepts.

    Returns:
        The mechanism.

    Raises:
        AuthenticationError: If the server refuses, or offers none of the mechanisms.

    RFC 4422 section 3.
    """
    credentials = _credentials(options)
    name = sasl.choose(options.auth or sasl.for_authzid(credentials), offered)
    exchange = _Exchange(name, credentials, read_challenge)
    yield from exchange.begin(command + b" " + name.encode(), longest if initial else 0)
    failure: NetmailError | None = None
    try:
        yield from exchange.respond_to_challenges()
    except ReplyError as refusal:
        text = exchange.explain(refusal.text)
        failure = AuthenticationError("login", text, transient=refusal.transient)
    except (ConnectionLost, ProtocolError) as error:
        failure = type(error)(exchange.redact(str(error)))
    # Not within `except`: the new error's context would keep the server's text, and the secret
    # that it may repeat.
    if failure is not None:
        raise failure
    # RFC 5802 section 5: "the client then authenticates the server by computing the
    # ServerSignature"; a server that skips that step does not know the password.
    if name in sasl.MUTUAL and not exchange.server_proved:
        raise AuthenticationError("login", f"{name}: the server let us in without proving itself")
    return name


class _Exchange:
    """One authentication exchange; no trace and no repr of it shows a secret.

    Attributes:
        server_proved: Whether the last response was the empty one that ends a mutual mechanism.
    """

    def __init__(
        self, name: str, credentials: sasl.Credentials, read_challenge: ReadChallenge
    ) -> None:
        self.server_proved = False
        self._name = name
        self._responses = sasl.responses(name, credentials)
        self._read_challenge = read_challenge
        self._initial = next(self._responses)  # runs to the first yield
        self._responded = False
        self._challenge = b""
        self._secrets = sasl.secrets_of(credentials)

    def begin(self, line: bytes, longest: int) -> Flow[None]:
        """Send the command, with the initial response if it fits."""
        yield self._command(line, longest)

    def _command(self, line: bytes, longest: int) -> Send:
        # Not in `begin()`, which waits while it sends: a trace with its variables shows no secret.
        initial = self._initial
        # RFC 4954 section 4: "If the client is transmitting an initial response of zero length,
        # it MUST instead transmit the response as a single equals sign".
        whole = b"" if initial is None else line + b" " + (sasl.encode(initial) or b"=") + b"\r\n"
        if initial is None or len(whole) > longest:
            return Send(line + b"\r\n")
        self._initial, self._responded = None, True
        self._secrets.append(sasl.encode(initial))
        return Send(whole, line + b" " + REDACTED_OCTETS + b"\r\n")

    def respond_to_challenges(self) -> Flow[None]:
        """Respond until the server accepts, or asks for more than the mechanism has."""
        while True:
            challenge = yield from self._read_challenge()
            if challenge is None and (self._responded or self._name in sasl.MUTUAL):
                return
            # No credentials were sent yet, so this is no success: some POP3 servers send "+OK"
            # where RFC 5034 section 4 asks for "+".
            challenge = challenge or b""
            yield self._respond(challenge)

    def explain(self, text: str) -> str:
        """Return why the server refused: its text without secrets, and its last challenge."""
        # RFC 7628 section 3.2.2: the reason is JSON in a challenge before the refusal.
        if self._name in OAUTH_MECHANISMS and self._challenge:
            text += f" ({self._challenge.decode('utf-8', 'backslashreplace')[:400]})"
        return f"{self._name}: {self.redact(text)}; look at username, password and auth"

    def redact(self, text: str) -> str:
        """Take the secrets of this login out of a text."""
        return redact(text, self._secrets)

    def _respond(self, challenge: bytes) -> Send:
        self._challenge, self._responded = challenge, True
        if self._initial is not None:
            response, self._initial = self._initial, None
        else:
            response = self._next_response(challenge)
        self.server_proved = response == b""
        self._secrets.append(sasl.encode(response))
        return Send(sasl.encode(response) + b"\r\n", REDACTED_OCTETS + b"\r\n")

    def _next_response(self, challenge: bytes) -> bytes:
        try:
            return self._responses.send(challenge) or b""
        except StopIteration:
            text = f"{self._name}: the server asks for more than there is"
            raise AuthenticationError("login", text) from None


def _credentials(options: Options) -> sasl.Credentials:
    return sasl.Credentials(
        options.username or "",
        options.password,
        options.access_token(),
        options.authzid or "",
        options.host,
        options.port,
    )
