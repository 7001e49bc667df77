"""POP3's ways to log in, where netmail does it itself.

This file knows APOP, USER and how POP3 frames SASL; what SASL says stands in `netmail.wire.sasl`.
"""

from collections.abc import Mapping

from netmail.errors import AuthenticationError, Pop3Error
from netmail.flows.flow import Flow, Send, receive
from netmail.flows.sasl import authenticate
from netmail.options.options import Options
from netmail.secret import REDACTED_OCTETS
from netmail.wire import pop3, sasl
from netmail.wire.reader import Reader
from netmail.wire.redact import redact

USER = frozenset({"USER", "+LOGIN"})
LONGEST_LINE = 255
"""Octets of an AUTH command with CRLF, RFC 5034 section 4."""


def log_in(
    options: Options,
    capabilities: Mapping[str, tuple[str, ...]],
    greeting: bytes,
    reader: Reader,
) -> Flow[None]:
    """Log in by the first way in `options.auth` that the server offers.

    Raises:
        AuthenticationError: If the server refuses, or offers none of them.

    RFC 1939 section 7, RFC 5034.
    """
    offers = [name.upper() for name in capabilities.get("SASL", ())]
    stamp = pop3.timestamp(greeting)
    for name in options.auth:
        if name in offers and name in sasl.OURS:
            break
        if name == "+APOP" and stamp:
            yield from _apop(options, stamp, reader)
            return
        if name in USER and (not capabilities or "USER" in capabilities):
            yield from _user(options, reader)
            return

    def answer() -> Flow[bytes | None]:
        line = yield from receive(reader, reader.line)
        if line == b"+" or line.startswith(b"+ "):
            return sasl.decode(line[2:])
        pop3.status(line, "AUTH")
        return None

    yield from authenticate(options, offers, b"AUTH", answer, initial=True, longest=LONGEST_LINE)


def _apop(options: Options, stamp: bytes, reader: Reader) -> Flow[None]:
    import hashlib  # noqa: PLC0415 -- OpenSSL's bindings; few logins need them

    seal = hashlib.md5(stamp + _password(options), usedforsecurity=False).hexdigest()
    line = b"APOP " + (options.username or "").encode() + b" "
    command = Send(line + seal.encode() + b"\r\n", line + REDACTED_OCTETS + b"\r\n")
    yield from _say(command, options, reader)


def _user(options: Options, reader: Reader) -> Flow[None]:
    yield from _say(Send(f"USER {options.username}\r\n".encode()), options, reader)
    # No variable holds the line: a trace with local variables would show it.
    command = Send(b"PASS " + _password(options) + b"\r\n", b"PASS " + REDACTED_OCTETS + b"\r\n")
    yield from _say(command, options, reader)


def _say(command: Send, options: Options, reader: Reader) -> Flow[None]:
    yield command
    reply = yield from receive(reader, reader.line)
    try:
        pop3.status(reply, command.data.split()[0].decode())
    except Pop3Error as refusal:
        said = redact(refusal.text, [_password(options)])
        words = f"{said}; look at username, password and auth"
        raise AuthenticationError("login", words, transient=refusal.transient) from None


def _password(options: Options) -> bytes:
    if options.password is None:
        raise AuthenticationError("login", "this login needs a password")
    return options.password.reveal().encode()
