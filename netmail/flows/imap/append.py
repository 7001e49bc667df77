"""Messages put into a mailbox: APPEND.

This file knows the order of the arguments.

RFC 9051 section 6.3.12; RFC 4315 section 3 (APPENDUID).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO, Protocol, TypeAlias, runtime_checkable

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import AppendResult, ImapState
from netmail.wire import dot
from netmail.wire.imap import encode, uidplus
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


def append(
    session: ImapSession,
    mailbox: str,
    message: Storable,
    flags: str | Iterable[str],
    date: datetime | None,
) -> Flow[AppendResult]:
    """Put a message into a mailbox: APPEND.

    RFC 9051 section 6.3.12.
    """
    arguments: list[Argument] = [session.mailbox_argument(mailbox)]
    if (flag_list := encode.flag_list(flags)) != b"()":
        arguments.append(flag_list)
    if date is not None:
        arguments.append(encode.date_time(date))
    arguments.append(Literal(_octets(message), synchronizing=True))
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    responses = yield from session.command("APPEND", *arguments)
    return uidplus.appenduid(responses.code("APPENDUID"))


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
