"""A command whose FETCH responses are handed over while they come.

This file knows when a response is there and what is done with the rest of them, and not what one
holds.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from netmail.errors import ConnectionLost, ImapError, NetmailError
from netmail.flows.flow import Close, Flow, Left, Request, StreamingFlow, Values
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.encode import Argument
from netmail.wire.imap.fetched_message import Reading
from netmail.wire.imap.fragments import Fragments

T = TypeVar("T")

MAX_LEFT: Final = 16 * 1024 * 1024
"""Octets that are read and dropped after a caller has left; to connect again costs less than to
wait for more."""


def stream(
    session: ImapSession,
    name: str,
    *arguments: Argument,
    read: Callable[[list[Fragments]], list[T]],
    pieces: Callable[[], list[T]] = list,
    also: bytes = b"",
) -> StreamingFlow[T]:
    """Send a command, and hand over what its FETCH responses hold as they come, in their order.

    Args:
        session: The session.
        name: The command, such as "UID FETCH".
        arguments: Its arguments.
        read: Makes values of FETCH responses.
        pieces: Makes values of what has come of a response that is not whole.
        also: The name of other responses that `read` takes, such as "VANISHED".

    Raises:
        ImapError: If the server responds NO or BAD; what it has sent before is handed over first.
        Left: If the caller has left; the rest of the responses is read then.

    RFC 9051 section 7.5.2.
    """
    nesting = session.reader.limits.nesting
    collected = Responses(nesting=nesting, fetches=True, streams=True, also=also)
    command = session.command(name, *arguments, collected=collected)
    request: Request | None = None
    try:
        request = next(command)
        while request is not None:
            request = yield from _pass(command, request)
            # It waits for more, or is done: what is there is handed over first.
            if values := pieces():
                yield Values(values)
            if collected.untagged:
                yield Values(read(_taken(collected)))
    except ImapError:
        # Some servers send the messages that are there before NO for one that is not.
        if collected.untagged:
            yield Values(read(_taken(collected)))
        raise
    except Left:
        yield from _drop(session, command, request, lambda: (pieces(), _taken(collected)))
        raise


def _pass(command: Flow[Responses], request: Request) -> Flow[Request | None]:
    """Pass a command's request on, and return its next; `None` where there is no other."""
    try:
        yield request
    except NetmailError as failure:
        return command.throw(failure)
    return next(command, None)


def _drop(
    session: ImapSession,
    command: Flow[Responses],
    request: Request | None,
    drop: Callable[[], object],
) -> Flow[None]:
    """Read up to the tagged response, and keep nothing."""
    # "A client MUST be prepared to accept any server response at all times", RFC 9051 section
    # 2.2.2: what changes the session is taken from these as from all others.
    begun = session.reader.received
    try:
        while request is not None:
            if session.reader.received - begun > MAX_LEFT:
                message = f"the rest of a fetch was over {MAX_LEFT} octets"
                yield Close(ConnectionLost(f"{message}; call connect() to reconnect"))
                return
            request = yield from _pass(command, request)
            drop()
    except ImapError:
        return


def _taken(collected: Responses) -> list[Fragments]:
    taken, collected.untagged = collected.untagged, []
    return taken


def reading_of(session: ImapSession) -> Reading:
    """Return how the responses to one command are read."""
    # Only where messages are fetched: a client that fetches none never loads MIME.
    from netmail.flows.imap.header_decoding import HEADER_DECODING  # noqa: PLC0415 -- see above

    return Reading(HEADER_DECODING, session.reader.limits.nesting, session.strict)
