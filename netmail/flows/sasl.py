"""One SASL exchange, in any protocol.

This file must not know how a protocol frames challenges and responses, nor which mechanism comes
next: that is the business of `netmail.flows.login`.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from netmail.errors import (
    AuthenticationError,
    ConnectionLost,
    ImapError,
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
from netmail.wire.login_refusal import is_final
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


class Refusal(NamedTuple):
    """Why the server refused one mechanism.

    Attributes:
        text: Its text, without secrets.
        transient: Whether a later try may succeed.
        final: Whether it is about the account or the server, so that no other mechanism helps.
    """

    text: str
    transient: bool
    final: bool


def refused(error: ReplyError, secrets: Iterable[bytes], detail: str = "") -> Refusal:
    """Read a refusal; servers quote the refused line in it, and with it the password.

    Args:
        error: The refusal as the protocol reports it.
        secrets: What must not be shown of it.
        detail: What the server sent about it before.
    """
    text = error.text
    if isinstance(error, ImapError) and error.code:
        text = text.replace(error.status, f"{error.status} [{error.code}]", 1)
    return Refusal(redact(text + detail, secrets), error.transient, is_final(error))


def authenticate(
    name: str,
    credentials: sasl.Credentials,
    command: bytes,
    read_challenge: ReadChallenge,
    *,
    initial: bool,
    longest: int = LONGEST_LINE,
) -> Flow[Refusal | None]:
    """Log in with one mechanism.

    Args:
        name: The mechanism.
        credentials: What it proves an identity with.
        command: The command before the mechanism's name, such as b"AUTH".
        read_challenge: How to read the server's next line.
        initial: Whether the command may carry the initial response.
        longest: Octets of the command with the initial response, CRLF included, that the server
            accepts.

    Returns:
        The refusal, after which another mechanism may be tried; `None` after success.

    Raises:
        AuthenticationError: If the server does not follow the mechanism: it is not to be trusted
            with another one.

    RFC 4422 section 3.
    """
    exchange = _Exchange(name, credentials, read_challenge)
    yield from exchange.begin(command + b" " + name.encode(), longest if initial else 0)
    failure: NetmailError | None = None
    try:
        yield from exchange.respond_to_challenges()
    except AuthenticationError as error:
        failure = AuthenticationError("login", f"{name}: {exchange.redact(error.text)}")
    except ReplyError as refusal:
        return exchange.explain(refusal)
    except ConnectionLost as lost:
        failure = ConnectionLost(exchange.redact(str(lost)), phase=Phase.LOGIN)
    except ProtocolError as error:
        failure = ProtocolError(exchange.redact(str(error)))
    # Not within `except`: the new error's context would keep the server's text, and the secret
    # that it may repeat.
    if failure is not None:
        raise failure
    # RFC 5802 section 5: "the client then authenticates the server by computing the
    # ServerSignature"; a server that skips that step does not know the password.
    if name in sasl.MUTUAL and not exchange.server_proved:
        raise AuthenticationError("login", f"{name}: the server let us in without proving itself")
    return None


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

    def explain(self, error: ReplyError) -> Refusal:
        """Return why the server refused: its text without secrets, and its last challenge."""
        # RFC 7628 section 3.2.2: the reason is JSON in a challenge before the refusal; XOAUTH2 has
        # taken that over.
        detail = ""
        if self._name in OAUTH_MECHANISMS and self._challenge:
            detail = f" ({self._challenge.decode('utf-8', 'backslashreplace')[:400]})"
        return refused(error, self._secrets, detail)

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
        # The last part by itself too, such as CRAM-MD5's digest.
        self._secrets += [sasl.encode(response), response.rpartition(b" ")[2]]
        return Send(sasl.encode(response) + b"\r\n", REDACTED_OCTETS + b"\r\n")

    def _next_response(self, challenge: bytes) -> bytes:
        try:
            return self._responses.send(challenge) or b""
        except StopIteration:
            raise AuthenticationError("login", "the server asks for more than there is") from None
