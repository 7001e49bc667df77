"""POP3's logins: AUTH, APOP, USER and PASS.

This file must not know the mechanisms of SASL, nor in which order they are tried: only how POP3
carries them.
"""

from typing import TYPE_CHECKING, Final

from netmail.errors import Pop3Error
from netmail.flows.flow import Flow, Send, receive
from netmail.flows.handshake import Handshake
from netmail.flows.login import APOP, COMMAND, log_in
from netmail.flows.sasl import Refusal, authenticate, refused
from netmail.secret import REDACTED_OCTETS
from netmail.wire import pop3, sasl
from netmail.wire.sasl import Credentials

if TYPE_CHECKING:
    from netmail.flows.pop3.session import Pop3Session

LONGEST_LINE: Final = 255
"""Octets of an AUTH command with CRLF, RFC 5034 section 4."""

_NAMES: Final = {COMMAND: "USER", APOP: "APOP"}


def login(session: "Pop3Session", handshake: Handshake) -> Flow[str]:
    """Log in with what the server offers.

    Returns:
        The method: a mechanism, "APOP" or "USER".

    Raises:
        AuthenticationError: If the server refuses, or offers none of the methods.

    RFC 1939 section 7, RFC 5034 section 4.
    """
    # The timestamp is in the greeting only, and libcurl has read that: it is in the handshake.
    timestamp = pop3.timestamp(handshake.greeting)

    def attempt(name: str, credentials: Credentials) -> Flow[Refusal | None]:
        if name in _NAMES and (text := _obstacle(session, name, credentials)):
            return Refusal(text, transient=False, final=False)
        if name == COMMAND:
            return (yield from _user(session, credentials))
        if name == APOP:
            return (yield from _apop(session, credentials, timestamp))
        return (yield from _authenticate(session, name, credentials))

    name = yield from log_in(
        session.options,
        _offered(session.capabilities, timestamp),
        attempt,
        session.reject_unsolicited,
        handshake,
    )
    return _NAMES.get(name, name)


def _obstacle(session: "Pop3Session", name: str, credentials: Credentials) -> str:
    """Return why a command cannot carry the credentials; else ""."""
    # "Clients MUST NOT use UTF-8 characters when authenticating if the server did not include the
    # USER argument in the UTF8 capability response", RFC 6856 section 2.2. A server without UTF8
    # says nothing, and most take them.
    capabilities = session.capabilities
    asked = name in session.options.auth or (name == COMMAND and "USER" in session.options.auth)
    if not capabilities.utf8 or capabilities.utf8_user or asked:
        return ""
    if credentials.username.isascii() and _password(credentials).isascii():
        return ""
    named = _NAMES[name]
    return f"not sent: the server's UTF8 lacks USER, so that {named} takes ASCII only"


def _offered(capabilities: dict[str, tuple[str, ...]], timestamp: bytes) -> set[str]:
    """List the methods that the server announced."""
    # RFC 2449 section 6.3: the arguments of the capability SASL are the mechanisms.
    offered = {name.upper() for name in capabilities.get("SASL", ())}
    # RFC 1939 section 7: "A POP3 server which implements the APOP command will include a timestamp
    # in its banner greeting"; GNU pop3d does without any APOP secrets.
    if timestamp:
        offered.add(APOP)
    # RFC 2449 section 6.2: the capability USER announces USER and PASS. Without CAPA nothing is
    # known, and USER is what every server of that age has.
    if not capabilities or "USER" in capabilities:
        offered.add(COMMAND)
    return offered


def _authenticate(
    session: "Pop3Session", name: str, credentials: Credentials
) -> Flow[Refusal | None]:
    """Send AUTH.

    RFC 5034 section 4, which replaces RFC 1734.
    """
    reader = session.reader

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
            name, credentials, b"AUTH", read_challenge, initial=True, longest=LONGEST_LINE
        )
    )


def _apop(
    session: "Pop3Session", credentials: Credentials, timestamp: bytes
) -> Flow[Refusal | None]:
    """Send APOP.

    RFC 1939 section 7.
    """
    command = _apop_command(credentials, timestamp, prepared=session.capabilities.utf8_user)
    return (yield from _exchange(session, command, credentials))


def _apop_command(credentials: Credentials, timestamp: bytes, *, prepared: bool) -> Send:
    """Make the command in a frame of its own, which is gone when an error is raised.

    RFC 1939 section 7: the digest is MD5 of the timestamp and the password.
    """
    # "A client or server that supports APOP and permits UTF-8 in usernames or passwords MUST apply
    # SASLprep or one of its Standards Track successors to the username and password used to
    # compute the APOP digest."                                           RFC 6856 section 2.2
    import hashlib  # noqa: PLC0415 -- OpenSSL's bindings; few logins need them

    # The RFC has MD5 and nothing else; usedforsecurity=False lets it run on systems in FIPS mode.
    # APOP name digest: 16 octets in lower-case hexadecimal
    whole = timestamp + _password(credentials, prepared=prepared)
    digest = hashlib.md5(whole, usedforsecurity=False).hexdigest()
    name = sasl.saslprep(credentials.username) if prepared else credentials.username
    line = b"APOP " + name.encode() + b" "
    return Send(line + digest.encode() + b"\r\n", line + REDACTED_OCTETS + b"\r\n")


def _user(session: "Pop3Session", credentials: Credentials) -> Flow[Refusal | None]:
    """Send USER and PASS.

    RFC 1939 section 7.
    """
    # USER name: "the server may return a positive response even though no such mailbox exists",
    # so +OK means nothing but that PASS may follow.
    command = Send(f"USER {credentials.username}\r\n".encode())
    refusal = yield from _exchange(session, command, credentials)
    if refusal is not None:
        return refusal
    # No variable holds the line: a trace with local variables would show it.
    command = Send(
        b"PASS " + _password(credentials) + b"\r\n", b"PASS " + REDACTED_OCTETS + b"\r\n"
    )
    return (yield from _exchange(session, command, credentials))


def _exchange(
    session: "Pop3Session", command: Send, credentials: Credentials
) -> Flow[Refusal | None]:
    yield command
    reply = yield from receive(session.reader, session.reader.line)
    try:
        pop3.status(reply, command.data.partition(b" ")[0])
    except Pop3Error as error:
        # APOP's digest is the last argument; with the timestamp it helps to guess the password.
        last = command.data.split()[-1:] if command.shown is not None else []
        return refused(error, [*sasl.secrets_of(credentials), *last])
    return None


def _password(credentials: Credentials, *, prepared: bool = False) -> bytes:
    if credentials.password is None:
        return b""
    password = credentials.password.reveal()
    return (sasl.saslprep(password) if prepared else password).encode()
