"""POP3's logins, where netmail logs in and not libcurl.

This file must not know the mechanisms of SASL: only APOP, USER and how POP3 frames SASL.
"""

from collections.abc import Mapping
from typing import Final

from netmail.errors import AuthenticationError, Pop3Error
from netmail.flows.flow import Flow, Send, receive
from netmail.flows.sasl import authenticate
from netmail.options.options import Options
from netmail.secret import REDACTED_OCTETS
from netmail.wire import pop3, sasl
from netmail.wire.reader import Reader
from netmail.wire.redact import redact

USER: Final = frozenset({"USER", "+LOGIN"})
"""The names of USER and PASS in the option `auth`; "+LOGIN" is libcurl's."""

LONGEST_LINE: Final = 255
"""Octets of an AUTH command with CRLF, RFC 5034 section 4."""


def log_in(
    options: Options,
    capabilities: Mapping[str, tuple[str, ...]],
    greeting: bytes,
    reader: Reader,
) -> Flow[str]:
    """Log in by the first method in `options.auth` that the server offers.

    Returns:
        The method: a mechanism, "APOP" or "USER".

    Raises:
        AuthenticationError: If the server refuses, or offers none of the methods.

    RFC 1939 section 7, RFC 5034 section 4.
    """
    # RFC 2449 section 6.3: the arguments of the capability SASL are the mechanisms.
    offered = [name.upper() for name in capabilities.get("SASL", ())]
    # The timestamp is in the greeting only, and libcurl has read that: it is in the handshake.
    timestamp = pop3.timestamp(greeting)
    for name in options.auth:
        if name in offered and name in sasl.MECHANISMS:
            break
        # RFC 1939 section 7: a server with APOP has a timestamp in its greeting.
        if name == "+APOP" and timestamp:
            yield from _apop(options, timestamp, reader)
            return "APOP"
        # Without CAPA nothing is known, and USER is what every server of that age has.
        if name in USER and (not capabilities or "USER" in capabilities):
            yield from _user(options, reader)
            return "USER"

    def read_challenge() -> Flow[bytes | None]:
        line = yield from receive(reader, reader.line)
        # continue-req = "+" SP [base64] CRLF                         RFC 5034 section 5
        # After an empty challenge some servers omit the space.
        if line == b"+" or line.startswith(b"+ "):
            return sasl.decode(line[2:])
        pop3.status(line, b"AUTH")
        return None

    return (
        yield from authenticate(
            options, offered, b"AUTH", read_challenge, initial=True, longest=LONGEST_LINE
        )
    )


def _apop(options: Options, timestamp: bytes, reader: Reader) -> Flow[None]:
    """Send APOP.

    RFC 1939 section 7: the digest is MD5 of the timestamp and the password.
    """
    import hashlib  # noqa: PLC0415 -- OpenSSL's bindings; few logins need them

    # The RFC has MD5 and nothing else; usedforsecurity=False lets it run on systems in FIPS mode.
    # APOP name digest: 16 octets in lower-case hexadecimal
    digest = hashlib.md5(timestamp + _password(options), usedforsecurity=False).hexdigest()
    line = b"APOP " + (options.username or "").encode() + b" "
    command = Send(line + digest.encode() + b"\r\n", line + REDACTED_OCTETS + b"\r\n")
    yield from _login_command(command, options, reader)


def _user(options: Options, reader: Reader) -> Flow[None]:
    """Send USER and PASS.

    RFC 1939 section 7.
    """
    # USER name: "the server may return a positive response even though no such mailbox exists",
    # so +OK means nothing but that PASS may follow.
    yield from _login_command(Send(f"USER {options.username}\r\n".encode()), options, reader)
    # No variable holds the line: a trace with local variables would show it.
    command = Send(b"PASS " + _password(options) + b"\r\n", b"PASS " + REDACTED_OCTETS + b"\r\n")
    yield from _login_command(command, options, reader)


def _login_command(command: Send, options: Options, reader: Reader) -> Flow[None]:
    yield command
    reply = yield from receive(reader, reader.line)
    # Some servers quote the refused line in their -ERR, and with it the password.
    try:
        pop3.status(reply, command.data.split(b" ")[0])
    except Pop3Error as refusal:
        shown = redact(refusal.text, [_password(options)])
        transient = refusal.transient
    else:
        return
    # Not within `except`: the new error's context would keep the server's text.
    text = f"{shown}; look at username, password and auth"
    raise AuthenticationError("login", text, transient=transient)


def _password(options: Options) -> bytes:
    # EXTERNAL or a token was meant, and the server offers neither.
    if options.password is None:
        raise AuthenticationError("login", "this login needs a password")
    return options.password.reveal().encode()
