"""Putting messages into a mailbox.

RFC 9051 section 6.3.12; RFC 4315 section 3 (APPENDUID).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol, TypeAlias, runtime_checkable

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.news import State
from netmail.flows.imap.session import ImapSession
from netmail.wire import dot
from netmail.wire.imap import encode, responses
from netmail.wire.imap.encode import Argument, Literal


@runtime_checkable
class HasBytes(Protocol):
    """A message that can be written: netmail's `Message`, the standard library's."""

    def as_bytes(self) -> bytes:
        """Write the message."""


@runtime_checkable
class HasRaw(Protocol):
    """A message that was read: its octets are kept as they came."""

    @property
    def raw(self) -> bytes:
        """The octets."""


Storable: TypeAlias = HasRaw | HasBytes | bytes | BinaryIO
"""What `append()` takes."""


@dataclass(frozen=True, slots=True)
class AppendResult:
    """Where an appended message is; true, whatever the server told.

    Attributes:
        uidvalidity: The mailbox's UIDVALIDITY; 0 if the server does not tell (no UIDPLUS).
        uid: The message's UID; 0 if the server does not tell.
    """

    uidvalidity: int = 0
    uid: int = 0

    def __bool__(self) -> bool:
        return True


class AppendFlows(ImapSession):
    """APPEND."""

    def append(
        self,
        folder: str,
        message: Storable,
        flags: str | Iterable[str],
        date: datetime | None,
    ) -> Flow[AppendResult]:
        """APPEND."""
        arguments: list[Argument] = [self.mailbox_argument(folder)]
        if (words := encode.flags(flags)) != b"()":
            arguments.append(words)
        if date is not None:
            arguments.append(encode.date_time(date))
        arguments.append(Literal(_octets(message), synchronizing=True))
        self.require_state(State.AUTHENTICATED, State.SELECTED)
        answer = yield from self.command("APPEND", *arguments)
        match [responses.number(word) for word in (answer.code("APPENDUID") or "").split()]:
            case [int() as validity, int() as uid]:
                return AppendResult(validity, uid)
        return AppendResult()


def _octets(message: Storable) -> bytes:
    """Bring a message to the octets that APPEND takes: CRLF line ends, no NUL."""
    octets: object = message
    if hasattr(message, "read"):  # first: a buffered file has a `raw` too, which is no octets
        octets = message.read()
    elif isinstance(message, HasBytes):
        octets = message.as_bytes()
    elif isinstance(message, HasRaw):
        octets = message.raw
    if isinstance(octets, bytearray | memoryview):
        octets = bytes(octets)
    if not isinstance(octets, bytes):
        kind = type(message).__name__
        raise UsageError(f"append() takes a Message, a Mail, bytes or a binary file, not {kind}")
    if not octets:
        raise UsageError("append() got an empty message, which a server would not keep")
    if b"\0" in octets:
        raise UsageError("the message holds NUL, which APPEND cannot carry without BINARY")
    return dot.crlf(octets)
