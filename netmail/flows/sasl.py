"""Log in with SASL where netmail does it itself.

This file knows challenges and responses; each protocol's conversation frames them.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from netmail.errors import AuthenticationError, Phase, ReplyError, TlsError
from netmail.flows.flow import Flow, Handshake, Send
from netmail.options.options import TLS_CONTROL, Options
from netmail.secret import REDACTED_OCTETS
from netmail.wire import sasl
from netmail.wire.redact import redact

Answer: TypeAlias = Callable[[], Flow[bytes | None]]
"""Read the server's next move: a challenge, decoded, or `None` when it says that we are in."""

LONGEST_LINE = 12_288
"""Octets of a command with its initial response, RFC 4954 section 4; a longer one waits for the
server's challenge."""


def require_tls(options: Options, handshake: Handshake) -> None:
    """Make sure that TLS is on where it was asked for.

    Raises:
        TlsError: If it is not.
    """
    if not handshake.encrypted and options.tls >= TLS_CONTROL:
        text = "TLS was asked for, and the session is in clear; tls=TLS_TRY would go on without"
        raise TlsError(text, phase=Phase.TLS)


def require_ours(options: Options) -> None:
    """Make sure that netmail is to log in, where libcurl has not done it.

    Raises:
        AuthenticationError: If libcurl was to: it goes on silently where nothing is offered.
    """
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
    answer: Answer,
    *,
    initial: bool,
    longest: int = LONGEST_LINE,
) -> Flow[None]:
    """Log in with the first mechanism of `options.auth` that the server offers.

    Where `authzid` is given and `auth` is not, with the first that can say it.

    Args:
        options: Who logs in, and how.
        offered: The mechanisms that the server announced.
        command: What begins the exchange, such as b"AUTH", before the mechanism's name.
        answer: How to read the server's next move.
        initial: Whether the command may carry the initial response.
        longest: Octets of the command with it, CRLF included, that the server takes.

    Raises:
        AuthenticationError: If the server refuses, or offers none of them.
    """
    credentials = _credentials(options)
    name = sasl.choose(options.auth or sasl.for_authzid(credentials), offered)
    exchange = _Exchange(name, credentials, answer)
    yield from exchange.begin(command + b" " + name.encode(), longest if initial else 0)
    try:
        yield from exchange.answer_challenges()
    except ReplyError as refusal:
        text = exchange.explain(refusal.text)
        raise AuthenticationError("login", text, transient=refusal.transient) from refusal
    if name in sasl.MUTUAL and not exchange.proved:
        raise AuthenticationError("login", f"{name}: the server let us in without proving itself")


class _Exchange:
    """One login: what was said so far, of which no trace and no repr shows anything.

    Attributes:
        proved: Whether the last response was the mere "go on" that ends a mutual mechanism.
    """

    def __init__(self, name: str, credentials: sasl.Credentials, answer: Answer) -> None:
        self.proved = False
        self._name = name
        self._responses = sasl.responses(name, credentials)
        self._answer = answer
        self._waiting = next(self._responses)  # runs to the first yield
        self._responded = False
        self._challenge = b""
        self._secrets = sasl.secrets_of(credentials)

    def begin(self, line: bytes, longest: int) -> Flow[None]:
        """Send the command, with the initial response where it fits."""
        first = self._waiting
        # An empty response is written "=", RFC 4954 section 4.
        whole = b"" if first is None else line + b" " + (sasl.encode(first) or b"=") + b"\r\n"
        if first is None or len(whole) > longest:
            yield Send(line + b"\r\n")
            return
        self._waiting, self._responded = None, True
        self._secrets.append(sasl.encode(first))
        yield Send(whole, line + b" " + REDACTED_OCTETS + b"\r\n")

    def answer_challenges(self) -> Flow[None]:
        """Answer until the server lets us in, or asks for more than the mechanism can say."""
        while True:
            challenge = yield from self._answer()
            if challenge is None and (self._responded or self._name in sasl.MUTUAL):
                return
            # Nobody is in who has said nothing: some POP3 servers say "+OK" and mean "+".
            challenge = challenge or b""
            yield self._respond(challenge)

    def explain(self, words: str) -> str:
        """Say why the server refused: its words without our secrets, and its last challenge."""
        if self._name in sasl.WITH_TOKEN and self._challenge:
            words += f" ({self._challenge.decode('utf-8', 'backslashreplace')[:400]})"
        said = redact(words, self._secrets)
        return f"{self._name}: {said}; look at username, password and auth"

    def _respond(self, challenge: bytes) -> Send:
        self._challenge, self._responded = challenge, True
        if self._waiting is not None:
            response, self._waiting = self._waiting, None
        else:
            response = self._next(challenge)
        self.proved = response == b""
        self._secrets.append(sasl.encode(response))
        return Send(sasl.encode(response) + b"\r\n", REDACTED_OCTETS + b"\r\n")

    def _next(self, challenge: bytes) -> bytes:
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
