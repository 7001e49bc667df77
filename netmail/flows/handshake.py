"""The transcript of connecting: what libcurl and the server sent, from greeting to login.

This file must not know libcurl, nor what a reply means: only how commands look on the wire.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from netmail.secret import REDACTED_OCTETS

TranscriptLine: TypeAlias = tuple[Literal["C", "S"], bytes]
"""One line of the handshake: its sender, client or server, and its octets without line end."""

# status-line = HTTP-version SP status-code SP [ reason-phrase ]                RFC 9112 section 4
# Any 2xx to CONNECT means that the tunnel is open: RFC 9110 section 9.3.6.
_TUNNEL_OPEN: Final = re.compile(rb"HTTP/[0-9.]+ 2")
# The tag that libcurl puts before an IMAP command: a letter and a counter, such as A001.
_CURL_TAG: Final = re.compile(rb"[A-Z][0-9]{3,}")

# auth-command = "AUTH" SP sasl-mech [SP initial-response] ...                  RFC 4954 section 4
# authenticate = "AUTHENTICATE" SP auth-type, login = "LOGIN" SP ...            RFC 9051 section 9
# PASS after USER, and APOP                                                     RFC 1939 section 7
_LOGIN: Final = re.compile(
    rb"(?:[A-Z][0-9]{3,} )?"
    rb"(?:AUTH(?:ENTICATE)? (?P<mechanism>[^ ]+)|(?P<command>LOGIN|PASS|APOP)(?: |\Z))",
    re.IGNORECASE,
)


def verb(line: bytes) -> bytes:
    """Return the command of a client's line in upper case, without an IMAP tag."""
    # Only the first word is looked at, or the one after a tag: an argument may be named like a
    # command ("EHLO auth", "USER pass").
    tokens = line.upper().split(maxsplit=2)
    if len(tokens) > 1 and _CURL_TAG.fullmatch(tokens[0]):
        return tokens[1]
    return tokens[0] if tokens else b""


def after_proxy_connect(lines: Sequence[TranscriptLine]) -> Sequence[TranscriptLine]:
    """Return the lines after the proxy's positive reply to CONNECT; all lines without a proxy.

    RFC 9110 section 9.3.6.
    """
    if not any(sender == "C" and verb(line) == b"CONNECT" for sender, line in lines):
        return lines
    status = b""
    for position, (sender, line) in enumerate(lines):
        if sender == "C" or not (status or line):
            continue
        if line:
            status = status or line
        elif _TUNNEL_OPEN.match(status):  # an empty line ends the proxy's header
            return lines[position + 1 :]
        else:
            status = b""  # 407, after which libcurl sends CONNECT again with credentials
    return lines


class Handshake(NamedTuple):
    """What was sent and received while the connection was made, from the greeting to the login.

    Attributes:
        lines: Every line of both sides in order; the client's without their secrets.
        encrypted: Whether TLS is on.
        round_trip: Seconds that connecting took, without the name's lookup: one round trip to the
            server, or to the proxy.
        clock: Returns the seconds that the driver counts; without a driver always 0.
        end_point: The channel binding "tls-server-end-point"; empty if there is none, and where no
            login needs it.
    """

    lines: tuple[TranscriptLine, ...]
    encrypted: bool
    round_trip: float = 0.0
    clock: Callable[[], float] = float
    end_point: bytes = b""

    def responses_to(self, command: bytes) -> list[bytes]:
        """List the server's lines after the last time that the client sent `command`."""
        found: list[bytes] = []
        matches = False
        for sender, line in self.lines:
            if sender == "C" and line != REDACTED_OCTETS:  # a response to a challenge is no command
                matches = verb(line) == command
                found = [] if matches else found
            elif sender == "S" and matches:
                found.append(line)
        return found

    @property
    def mechanism(self) -> str | None:
        """The mechanism of the client's last login; `None` if it sent none.

        POP3's commands USER with PASS, and APOP, have those names here, IMAP's LOGIN its own.
        """
        logins = (_LOGIN.match(line) for sender, line in reversed(self.lines) if sender == "C")
        found = next(filter(None, logins), None)
        if found is None:
            return None
        name = (found["mechanism"] or found["command"]).decode("ascii", "replace").upper()
        return "USER" if name == "PASS" else name

    @property
    def greeting(self) -> bytes:
        """The mail server's first line, not the proxy's; empty if there is none."""
        return next((line for side, line in after_proxy_connect(self.lines) if side == "S"), b"")

    def client_sent(self, *commands: bytes) -> bool:
        """Return whether the client sent one of `commands`."""
        return any(sender == "C" and verb(line) in commands for sender, line in self.lines)
