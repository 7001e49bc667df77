"""Log in with SASL where netmail does it itself.

This file knows challenges and responses; each protocol's conversation frames them.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from netmail.errors import AuthenticationError, ReplyError
from netmail.flows.flow import Flow, Send
from netmail.options import Options
from netmail.wire import sasl

Answer: TypeAlias = Callable[[], Flow[bytes | None]]
"""Read the server's next move: a challenge, decoded, or `None` when it says that we are in."""

MAX_CHALLENGES = 8
"""The longest mechanism has three; a server that goes on is not logging us in."""


def authenticate(
    options: Options, offered: Iterable[str], command: bytes, answer: Answer, *, initial: bool
) -> Flow[None]:
    """Log in with the first mechanism of `options.auth` that the server offers.

    Args:
        options: Who logs in, and how.
        offered: The mechanisms that the server announced.
        command: What begins the exchange, such as b"AUTH", before the mechanism's name.
        answer: How to read the server's next move.
        initial: Whether the command may carry the initial response.

    Raises:
        AuthenticationError: If the server refuses, or offers none of them.
    """
    name = sasl.choose(options.auth, offered)
    exchange = sasl.responses(name, _credentials(options))
    first = next(exchange)  # runs to the first yield
    line = command + b" " + name.encode()
    if initial and first is not None:
        yield Send(line + b" " + (sasl.encode(first) or b"=") + b"\r\n", line + b" ***\r\n")
        first = None
    else:
        yield Send(line + b"\r\n")
    try:
        proved = yield from _answer_challenges(exchange, first, answer)
    except ReplyError as refusal:
        text = f"{name}: {refusal.text}"
        raise AuthenticationError("login", text, transient=refusal.transient) from refusal
    if name in sasl.MUTUAL and not proved:
        raise AuthenticationError("login", f"{name}: the server let us in without proving itself")


def _answer_challenges(exchange: sasl.Responses, first: bytes | None, answer: Answer) -> Flow[bool]:
    """Answer until the server lets us in; tell whether the last answer was a mere "go on"."""
    response = b"?" if first is None else b""
    for _ in range(MAX_CHALLENGES):
        challenge = yield from answer()
        if challenge is None:
            return response == b""
        if first is not None:
            response, first = first, None
        else:
            response = _next(exchange, challenge)
        yield Send(sasl.encode(response) + b"\r\n", b"***\r\n")
    raise AuthenticationError("login", "the server asks on without end")


def _next(exchange: sasl.Responses, challenge: bytes) -> bytes:
    try:
        return exchange.send(challenge) or b""
    except StopIteration:
        raise AuthenticationError("login", "the server asks for more than there is") from None


def _credentials(options: Options) -> sasl.Credentials:
    return sasl.Credentials(
        options.username or "",
        options.password,
        options.access_token(),
        options.authzid or "",
        options.host,
        options.port,
    )
