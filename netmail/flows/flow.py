"""What a conversation is: a generator that says what it wants sent and read.

This file knows no protocol, no connection and no clock; who runs a flow decides how to wait.
"""

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias, TypeVar

from netmail.errors import ConnectionLost, NetmailError
from netmail.secret import REDACTED_OCTETS
from netmail.wire.reader import Reader

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """Ask for octets to be written.

    Attributes:
        data: What goes over the wire.
        shown: What the wire log says instead, where `data` holds a secret.
    """

    data: bytes
    shown: bytes | None = None

    def __repr__(self) -> str:
        return f"Send({(self.data if self.shown is None else self.shown)!r})"


class Receive(Enum):
    """Ask for the reader's buffer to be filled."""

    WAIT = "wait until octets or the end arrive"
    PEEK = "take what has arrived, do not wait"


RECEIVE: Final = Receive.WAIT
PEEK: Final = Receive.PEEK


@dataclass(frozen=True, slots=True)
class Close:
    """Ask for the connection to be closed: the flow goes on to its return without it.

    Attributes:
        reason: What later calls are told.
    """

    reason: NetmailError


Request: TypeAlias = Send | Receive | Close
Flow: TypeAlias = Generator[Request, None, T]


def receive(reader: Reader, attempt: Callable[[], T | None]) -> Flow[T]:
    """Repeat `attempt` with ever more octets until it finds what it looks for.

    Raises:
        ConnectionLost: If the stream ends before that.
    """
    while (found := attempt()) is None:
        if reader.eof:
            raise connection_lost(reader)
        yield Receive.WAIT
    return found


def connection_lost(reader: Reader) -> ConnectionLost:
    """Say that the stream ended, with the server's last words where it had any."""
    words = f"; its last words: {reader.closing_text}" if reader.closing_text else ""
    return ConnectionLost(f"the server closed the connection{words}; connect() dials anew")


TranscriptLine: TypeAlias = tuple[Literal["C", "S"], bytes]
"""One line of the dial: who said it, and what, without line end."""


_THROUGH: Final = re.compile(rb"HTTP/[0-9.]+ 2")
# libcurl's own, such as A001: an IMAP command stands behind it.
_TAG: Final = re.compile(rb"[A-Z][0-9]{3,}")


def verb(line: bytes) -> bytes:
    """Find a line's command, in upper case; a word behind it may be a name, such as EHLO's."""
    words = line.upper().split(maxsplit=2)
    if len(words) > 1 and _TAG.fullmatch(words[0]):
        return words[1]
    return words[0] if words else b""


def after_proxy_connect(lines: Sequence[TranscriptLine]) -> Sequence[TranscriptLine]:
    """Leave out what was said with an HTTP proxy, if it has let us through."""
    if not any(who == "C" and verb(line) == b"CONNECT" for who, line in lines):
        return lines
    status = b""
    for place, (who, line) in enumerate(lines):
        if who == "C" or not (status or line):
            continue
        if line:
            status = status or line
        elif _THROUGH.match(status):  # an empty line ends the proxy's header
            return lines[place + 1 :]
        else:
            status = b""
    return lines


@dataclass(frozen=True, slots=True)
class Handshake:
    """What was said while the connection was made, from the greeting to the login.

    Attributes:
        lines: Every line of both sides in order; the client's without their secrets.
        encrypted: Whether TLS is on.
    """

    lines: tuple[TranscriptLine, ...]
    encrypted: bool

    def responses_to(self, command: bytes) -> list[bytes]:
        """List the server's lines after the last time that the client said `command`."""
        found: list[bytes] = []
        asking = False
        for who, line in self.lines:
            if who == "C" and line != REDACTED_OCTETS:  # a response to a challenge begins nothing
                asking = verb(line) == command
                found = [] if asking else found
            elif who == "S" and asking:
                found.append(line)
        return found

    @property
    def greeting(self) -> bytes:
        """The server's first line, not the proxy's; empty where none was heard."""
        return next((line for who, line in after_proxy_connect(self.lines) if who == "S"), b"")

    def client_sent(self, *commands: bytes) -> bool:
        """Tell whether the client said one of `commands`."""
        return any(who == "C" and verb(line) in commands for who, line in self.lines)
